#include "main_window.h"

#include <QApplication>
#include <QCloseEvent>
#include <QDockWidget>
#include <QFileDialog>
#include <QLabel>
#include <QListWidget>
#include <QMenuBar>
#include <QMimeData>
#include <QScrollArea>
#include <QStackedWidget>
#include <QStatusBar>
#include <QVBoxLayout>

#include "actions/command_palette.h"
#include "composition.h"
#include "theme/icons.h"
#include "views/format.h"
#include "views/new_study/new_study_view.h"
#include "views/perturbation/panel_view.h"
#include "welcome_page.h"
#include "widgets/info_bar.h"
#include "widgets/jobs_bar.h"
#include "workspace.h"

namespace lacuna::app {

using namespace ui;
using namespace Qt::Literals::StringLiterals;

void registerActions(MainWindow& window);

MainWindow::MainWindow(StudySource source, QWidget* parent)
    : QMainWindow(parent), m_source(std::move(source)), m_actions(this), m_central(new QStackedWidget(this)),
      m_welcome(new WelcomePage(m_settings.recent(), this)), m_info(new InfoBar(this)), m_navigator(new QListWidget(this)),
      m_panelHost(new QStackedWidget(this)), m_jobsBar(new JobsBar(m_jobs, this)), m_status(new QLabel(this)),
      m_palette(nullptr) {
  setWindowTitle(u"Lacuna"_s);
  setWindowIcon(applicationIcon());
  setAcceptDrops(true);
  setMinimumSize(1024, 700);
  resize(1440, 900);
  auto* centre = new QWidget(this);
  centre->setObjectName(u"page"_s);
  auto* layout = new QVBoxLayout(centre);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(m_info);
  layout->addWidget(m_central, 1);
  m_central->addWidget(m_welcome);
  setCentralWidget(centre);
  buildDocks();
  registerActions(*this);
  buildMenus();
  m_palette = new CommandPalette(m_actions, this);
  statusBar()->addWidget(m_status, 1);
  statusBar()->addPermanentWidget(m_jobsBar);
  statusBar()->setSizeGripEnabled(false);
  statusBar()->setContentsMargins(unit, 0, unit, 0);
  connect(m_welcome, &WelcomePage::demoRequested, this, &MainWindow::openDemo);
  connect(m_welcome, &WelcomePage::newRequested, this, &MainWindow::showNewStudy);
  connect(m_welcome, &WelcomePage::openRequested, this, &MainWindow::chooseFile);
  connect(m_welcome, &WelcomePage::fileRequested, this, &MainWindow::openFile);
  connect(&m_jobs, &JobRunner::jobChanged, this, &MainWindow::takeResults);
  m_defaultLayout = saveState(Settings::layoutVersion);
  restoreGeometry(m_settings.geometry());
  restoreState(m_settings.windowState(), Settings::layoutVersion);
  showWelcome();
}

MainWindow::~MainWindow() {
  m_jobs.cancelAll();
  if (m_workspace) m_workspace->saveState();
}

QDockWidget* MainWindow::addDock(const QString& id, const QString& title, Qt::DockWidgetArea area, QWidget* content) {
  auto* dock = new QDockWidget(title, this);
  dock->setObjectName(id);
  dock->setWidget(content);
  dock->setFeatures(QDockWidget::DockWidgetMovable | QDockWidget::DockWidgetClosable);   // floating docks break on Wayland
  addDockWidget(area, dock);
  return dock;
}

void MainWindow::buildDocks() {
  m_navigator->setObjectName(u"navigator"_s);
  m_navigator->setAccessibleName(tr("Stages"));
  m_navigator->setFrameShape(QFrame::NoFrame);
  m_navigator->setMinimumWidth(168);
  auto* holder = new QWidget(this);
  auto* layout = new QVBoxLayout(holder);
  layout->setContentsMargins(8, 0, 0, 8);
  layout->addWidget(m_navigator);
  m_navigatorDock = addDock(u"dock.navigator"_s, tr("Study"), Qt::LeftDockWidgetArea, holder);
  auto* scroll = new QScrollArea(this);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidget(m_panelHost);
  scroll->setMinimumWidth(300);
  m_panelDock = addDock(u"dock.panel"_s, tr("Perturbation"), Qt::RightDockWidgetArea, scroll);
  resizeDocks({m_navigatorDock, m_panelDock}, {180, 316}, Qt::Horizontal);
  connect(m_navigator, &QListWidget::currentRowChanged, this, [this](int row) {
    if (m_workspace && row >= 0) m_workspace->showStage(stages()[static_cast<std::size_t>(row)].id);
  });
}

void MainWindow::fillNavigator() {
  const QSignalBlocker blocker(m_navigator);
  m_navigator->clear();
  for (const Stage& stage : stages()) {
    QString words;
    const QString glyph = m_workspace ? m_workspace->stageGlyph(stage.id, &words) : QString();
    auto* item = new QListWidgetItem(u"%1   %2"_s.arg(glyph, stage.title), m_navigator);
    item->setToolTip(words);
    item->setData(Qt::AccessibleTextRole, u"%1, %2"_s.arg(stage.title, words));
    if (m_workspace && stage.id == m_workspace->stage()) m_navigator->setCurrentItem(item);
  }
}

void MainWindow::showError(const Error& error) {
  updateStatus();
  m_info->showMessage(InfoKind::Error, errorText(error));
}

void MainWindow::openFile(const QString& file) {
  using Opened = std::shared_ptr<study::Session>;
  m_jobs.start<Opened>(JobPolicy::LatestWins, u"open"_s, tr("Opening %1").arg(file), this,
                       [open = m_source.open, path = file.toStdString()](const RunContext& context) { return open(path, context); },
                       [this, file](const Opened& session) {
                         m_settings.addRecent(file);
                         showSession(session);
                       },
                       [this](const Error& error) { showError(error); });
}

void MainWindow::openDemo() {
  m_status->setText(tr("Opening the demo study…"));
  using Opened = std::shared_ptr<study::Session>;
  m_jobs.start<Opened>(JobPolicy::Exclusive, u"demo"_s, tr("Demo study"), this,
                       [source = m_source](const RunContext& context) { return source.open(source.demo(context), context); },
                       [this](const Opened& session) { showSession(session); }, [this](const Error& error) { showError(error); });
}

void MainWindow::chooseFile() {
  auto* dialog = new QFileDialog(this, tr("Open study"), QString(), tr("Lacuna studies (*.lacuna)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QFileDialog::fileSelected, this, &MainWindow::openFile);
  dialog->open();
}

void MainWindow::showSession(std::shared_ptr<study::Session> session) {
  if (m_workspace) {
    m_workspace->saveState();
    delete m_panelHost->currentWidget();
    delete m_workspace;
  }
  m_info->hide();
  m_workspace = new Workspace(std::move(session), m_jobs, m_central);
  m_central->addWidget(m_workspace);
  m_central->setCurrentWidget(m_workspace);
  auto* panel = new PanelView(m_workspace->panel(), m_panelHost);
  m_panelHost->addWidget(panel);
  m_panelHost->setCurrentWidget(panel);
  m_navigatorDock->show();
  m_panelDock->show();
  setWindowTitle(tr("%1 – Lacuna").arg(qs(m_workspace->study().results().name)));
  connect(m_workspace, &Workspace::stageChanged, this, &MainWindow::fillNavigator);
  connect(&m_workspace->study(), &StudyContext::resultsChanged, this, &MainWindow::fillNavigator);
  connect(&m_workspace->study(), &StudyContext::resultsChanged, this, &MainWindow::updateStatus);
  connect(&m_workspace->study(), &StudyContext::peopleChanged, this, &MainWindow::updateActions);
  connect(m_workspace, &Workspace::actionRequested, this, [this](const QString& id) {
    if (QAction* action = m_actions.find(id)) action->trigger();
  });
  connect(&m_workspace->panel(), &PanelViewModel::changed, this, &MainWindow::updateActions);
  fillNavigator();
  updateActions();
  updateStatus();
}

void MainWindow::showWelcome() {
  m_welcome->setRecent(m_settings.recent());
  showPage(m_welcome);
}

/// A page that belongs to no study.
void MainWindow::showPage(QWidget* page) {
  m_central->setCurrentWidget(page);
  m_navigatorDock->hide();
  m_panelDock->hide();
  updateActions();
  updateStatus();
}

void MainWindow::updateStudy() {
  if (!m_workspace) return;
  m_jobs.start<bool>(JobPolicy::Exclusive, u"engine"_s, tr("Updating the study"), m_workspace,
                     [session = m_workspace->study().sharedSession()](const RunContext& context) {
                       session->update(context);
                       return true;
                     },
                     [this](bool) { takeResults(); }, [this](const Error& error) {
                       takeResults();
                       showError(error);
                     });
}

/// What the session has stored since the views last looked: after a stage of an update, or when it ends, stopped or not.
void MainWindow::takeResults() {
  if (!m_workspace) return;
  StudyContext& study = m_workspace->study();
  if (auto results = study.session().results(); results.get() != &study.results()) study.setResults(std::move(results));
}

void MainWindow::updateActions() {
  const bool open = m_workspace && m_central->currentWidget() == m_workspace;
  for (QAction* action : m_actions.actions())
    if (action->property("needsStudy").toBool()) action->setEnabled(open);
  const auto history = [&](const QString& id, const QString& text, const QString& none) {
    QAction* action = m_actions.find(id);
    if (!action) return;
    action->setText(open && !text.isEmpty() ? text : none);
    action->setEnabled(open && !text.isEmpty());
  };
  history(u"edit.undo"_s, open ? m_workspace->clusterEditor().undoText() : QString(), tr("Undo"));
  history(u"edit.redo"_s, open ? m_workspace->clusterEditor().redoText() : QString(), tr("Redo"));
  if (QAction* run = m_actions.find(u"run.start"_s); run && open) run->setEnabled(m_workspace->panel().canRun());
}

void MainWindow::updateStatus() {
  if (!m_workspace || m_central->currentWidget() != m_workspace) return m_status->clear();
  const auto& results = m_workspace->study().results();
  m_status->setText(u"%1 · %2 · %3%4"_s.arg(qs(results.model.architecture), tr("%n cluster(s)", nullptr, static_cast<int>(results.clusters.size())),
                                            tr("%n run(s)", nullptr, static_cast<int>(results.runs.size())),
                        m_workspace->study().session().readOnly() ? tr(" · read-only") : tr(" · all changes saved ✓")));
}

void MainWindow::cycleTheme() {
  const bool dark = Theme::of(palette()).dark;
  const ThemeChoice next = dark ? ThemeChoice::Light : ThemeChoice::Dark;
  m_settings.setTheme(next);
  applyTheme(*qApp, next);
}

/// The pane itself or the first of its widgets that Tab would reach; null where there is none.
static QWidget* firstInFocusChain(QWidget* pane) {
  QWidget* widget = pane;
  do {
    const bool inside = widget == pane || pane->isAncestorOf(widget);
    if (inside && widget->isVisible() && widget->isEnabled() && (widget->focusPolicy() & Qt::TabFocus)) return widget;
    widget = widget->nextInFocusChain();
  } while (widget != pane);
  return nullptr;
}

void MainWindow::nextPane(int step) {
  const QList<QWidget*> panes{m_navigator, m_workspace, m_panelHost};
  int current = 0;
  for (qsizetype i = 0; i < panes.size(); ++i)
    if (panes[i] && (panes[i] == QApplication::focusWidget() || panes[i]->isAncestorOf(QApplication::focusWidget()))) current = static_cast<int>(i);
  if (QWidget* pane = panes[(current + step + panes.size()) % panes.size()])
    if (QWidget* target = firstInFocusChain(pane)) target->setFocus(Qt::TabFocusReason);
}

void MainWindow::openPalette() { m_palette->open(); }

void MainWindow::closeEvent(QCloseEvent* event) {
  m_settings.setWindow(saveGeometry(), saveState(Settings::layoutVersion));
  if (m_workspace) m_workspace->saveState();
  m_jobs.cancelAll();   // the engine stops within a batch and keeps what is done
  event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  for (const QUrl& url : event->mimeData()->urls())
    if (url.isLocalFile()) take(url.toLocalFile());
}

}  // namespace lacuna::app
