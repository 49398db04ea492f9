#include <QDockWidget>
#include <QMenuBar>

#include "composition.h"
#include "main_window.h"
#include "widgets/jobs_bar.h"
#include "widgets/stage_page.h"
#include "widgets/view_frame.h"
#include "workspace.h"

namespace lacuna::app {

using namespace ui;
using namespace Qt::Literals::StringLiterals;

namespace {

struct Entry {
  QString id, text, category, icon, shortcut;
  bool needsStudy;
  std::function<void()> run;
};

}  // namespace

/// Every command of the window; the order is the order in the menus.
void registerActions(MainWindow& w) {
  const auto tr = [](const char* text) { return MainWindow::tr(text); };
  const auto withView = [&w](auto act) {
    return [&w, act] {
      if (ViewFrame* view = w.m_workspace ? w.m_workspace->focusedView() : nullptr) act(view);
    };
  };
  std::vector<Entry> entries{
      {u"file.new"_s, tr("New study…"), tr("File"), u"add"_s, u"Ctrl+N"_s, false, [&w] { w.showNewStudy(); }},
      {u"file.new-like"_s, tr("New study like this one…"), tr("File"), {}, {}, true, [&w] { w.showNewStudyLike(); }},
      {u"file.open"_s, tr("Open study…"), tr("File"), u"open"_s, u"Ctrl+O"_s, false, [&w] { w.chooseFile(); }},
      {u"file.demo"_s, tr("Open demo study"), tr("File"), u"demo"_s, {}, false, [&w] { w.openDemo(); }},
      {u"file.welcome"_s, tr("Welcome page"), tr("File"), u"home"_s, {}, false, [&w] { w.showWelcome(); }},
      {u"file.close"_s, tr("Close window"), tr("File"), {}, u"Ctrl+W"_s, false, [&w] { w.close(); }},
      {u"edit.undo"_s, tr("Undo"), tr("Edit"), {}, u"Ctrl+Z"_s, true, [&w] { w.m_workspace->clusterEditor().undo(); }},
      {u"edit.redo"_s, tr("Redo"), tr("Edit"), {}, u"Ctrl+Shift+Z"_s, true, [&w] { w.m_workspace->clusterEditor().redo(); }},
      {u"edit.rename"_s, tr("Rename cluster…"), tr("Edit"), {}, u"F2"_s, true, [&w] { w.m_workspace->clusterCommands().rename(); }},
      {u"edit.recolour"_s, tr("Colour of cluster…"), tr("Edit"), {}, {}, true, [&w] { w.m_workspace->clusterCommands().recolour(); }},
      {u"edit.merge"_s, tr("Merge cluster into…"), tr("Edit"), {}, {}, true, [&w] { w.m_workspace->clusterCommands().merge(); }},
      {u"edit.split"_s, tr("Split off selected documents…"), tr("Edit"), {}, {}, true, [&w] { w.m_workspace->clusterCommands().split(); }},
      {u"edit.exclude"_s, tr("Set cluster aside"), tr("Edit"), {}, {}, true, [&w] { w.m_workspace->clusterCommands().exclude(); }},
      {u"edit.go-back"_s, tr("Go back in refining…"), tr("Edit"), {}, {}, true, [&w] { w.m_workspace->clusterCommands().goBack(); }},
      {u"view.table"_s, tr("Table twin"), tr("View"), u"table"_s, u"Ctrl+T"_s, true, withView([](ViewFrame* v) { v->setShowsTable(!v->showsTable()); })},
      {u"view.export"_s, tr("Export view…"), tr("View"), u"export"_s, u"Ctrl+E"_s, true, withView([&w](ViewFrame* v) { w.m_workspace->exportView(v); })},
      {u"view.maximise"_s, tr("Maximise view"), tr("View"), u"maximise"_s, u"F11"_s, true, withView([&w](ViewFrame* v) { w.m_workspace->page()->toggleMaximised(v); })},
      {u"view.fit"_s, tr("Fit view"), tr("View"), {}, u"Ctrl+0"_s, true, withView([](ViewFrame* v) { if (v->plot()) v->plot()->setZoom(std::nullopt); })},
      {u"view.theme"_s, tr("Light or dark theme"), tr("View"), u"theme"_s, u"Ctrl+Shift+T"_s, false, [&w] { w.cycleTheme(); }},
      {u"view.layout"_s, tr("Restore default layout"), tr("View"), {}, {}, false, [&w] { w.restoreState(w.m_defaultLayout, Settings::layoutVersion); }},
      {u"view.next-pane"_s, tr("Next pane"), tr("View"), {}, u"F6"_s, true, [&w] { w.nextPane(1); }},
      {u"view.previous-pane"_s, tr("Previous pane"), tr("View"), {}, u"Shift+F6"_s, true, [&w] { w.nextPane(-1); }},
      {u"study.update"_s, tr("Run what is not up to date"), tr("Study"), u"play"_s, u"Ctrl+U"_s, true, [&w] { w.updateStudy(); }},
      {u"study.choose-k"_s, tr("Choose the number of clusters…"), tr("Study"), {}, {}, true, [&w] { w.m_workspace->chooseK(); }},
      {u"study.refine"_s, tr("Refine the clusters…"), tr("Study"), {}, {}, true, [&w] { w.m_workspace->refineClusters(); }},
      {u"annotate.show-results"_s, tr("Results of raters, or the sheet"), tr("Study"), {}, u"Ctrl+Shift+G"_s, true, [&w] { w.m_workspace->showResults(); }},
      {u"annotate.export-sheet"_s, tr("Export a sheet for a rater…"), tr("Study"), u"export"_s, u"Ctrl+Shift+X"_s, true, [&w] { w.m_workspace->sheetCommands().exportSheet(); }},
      {u"annotate.import-answers"_s, tr("Import answers of a rater…"), tr("Study"), u"open"_s, u"Ctrl+Shift+J"_s, true, [&w] { w.m_workspace->sheetCommands().importAnswers(); }},
      {u"selection.clear"_s, tr("Clear the selection"), tr("Study"), {}, u"Esc"_s, true, [&w] { w.m_workspace->study().selection().clear(); }},
      {u"run.start"_s, tr("Run the perturbation"), tr("Run"), u"play"_s, u"Ctrl+Return"_s, true, [&w] { w.m_workspace->panel().run(); }},
      {u"run.preview"_s, tr("Preview the perturbation"), tr("Run"), {}, u"Ctrl+Shift+Return"_s, true, [&w] { w.m_workspace->panel().preview(); }},
      {u"run.tune"_s, tr("Find the largest safe strength"), tr("Run"), {}, {}, true, [&w] { w.m_workspace->panel().tune(); }},
      {u"run.pairs"_s, tr("Perturb all pairs of clusters"), tr("Run"), {}, {}, true, [&w] { w.m_workspace->panel().runPairs(); }},
      {u"run.cancel"_s, tr("Stop the running job"), tr("Run"), u"stop"_s, u"Ctrl+."_s, true, [&w] { w.m_jobsBar->cancelCurrent(); }},
      {u"help.palette"_s, tr("Commands…"), tr("Help"), u"search"_s, u"Ctrl+Shift+P"_s, false, [&w] { w.openPalette(); }}};
  for (std::size_t i = 0; i < stages().size(); ++i)
    entries.push_back({u"stage."_s + stages()[i].id, stages()[i].title, tr("Go"), {}, stages()[i].shortcut, true,
                       [&w, id = stages()[i].id] {
                         w.m_workspace->showStage(id);
                         w.m_workspace->takeKeys();
                       }});
  for (Entry& e : entries) {
    const QString reason = e.id == "edit.undo"_L1 ? tr("there is nothing to undo") : e.id == "edit.redo"_L1 ? tr("there is nothing to do again") : tr("open a study first");
    QAction* action = w.m_actions.add({e.id, e.text, e.category, e.icon, e.shortcut, reason}, &w, std::move(e.run));
    action->setProperty("needsStudy", e.needsStudy);
  }
}

void MainWindow::buildMenus() {
  QHash<QString, QMenu*> menus;
  for (const QString& name : {tr("File"), tr("Edit"), tr("View"), tr("Go"), tr("Study"), tr("Run"), tr("Help")}) menus[name] = menuBar()->addMenu(name);
  for (QDockWidget* dock : {m_navigatorDock, m_panelDock}) {
    QAction* toggle = dock->toggleViewAction();
    toggle->setObjectName(dock->objectName() + u".toggle"_s);
    m_actions.adopt(toggle, tr("View"));
  }
  for (QAction* action : m_actions.actions()) menus[m_actions.category(action)]->addAction(action);
}

}  // namespace lacuna::app
