// The window's way to a new study: the page, what is dropped on the window, and the file that comes of it.
#include <QLabel>
#include <QStackedWidget>

#include "lacuna/study/looks.h"
#include "main_window.h"
#include "views/new_study/new_study_view.h"
#include "widgets/info_bar.h"
#include "workspace.h"

namespace lacuna::app {

using namespace ui;
using namespace Qt::Literals::StringLiterals;

void MainWindow::showNewStudy() {
  if (!m_newStudyPage) {
    m_newStudy = std::make_unique<NewStudyViewModel>(m_jobs);
    m_newStudyPage = new NewStudyView(*m_newStudy, m_central);
    m_central->addWidget(m_newStudyPage);
    connect(m_newStudyPage, &NewStudyView::cancelled, this, &MainWindow::showWelcome);
    connect(m_newStudyPage, &NewStudyView::createRequested, this, &MainWindow::createStudy);
  }
  showPage(m_newStudyPage);
}

void MainWindow::showNewStudyLike() {
  const QString file = QString::fromStdString(m_workspace->study().results().path);
  showNewStudy();
  m_newStudy->startFrom(file);
}

void MainWindow::take(const QString& path) {
  const bool open = m_workspace && m_central->currentWidget() == m_workspace;
  if (open && study::isSheet(path.toStdString())) return m_workspace->sheetCommands().importAnswers(path);
  const std::string kind = study::guessInput(path.toStdString());
  if (kind == "study") return openFile(path);
  if (kind == "task" && open) return addTask(path);
  showNewStudy();
  if (kind == "spec") m_newStudy->startFrom(path);
  else m_newStudy->take(path);
}

/// A task dropped on an open study becomes one of its abilities; scoring it is another, longer matter.
void MainWindow::addTask(const QString& path) {
  m_jobs.start<std::string>(JobPolicy::Queue, u"engine"_s, tr("Reading %1").arg(path), m_workspace,
                            [session = m_workspace->study().sharedSession(), file = path.toStdString()](const RunContext&) { return session->addTask(file); },
                            [this](const std::string& name) {
                              takeResults();
                              m_info->showMessage(InfoKind::Success, tr("The study now has the task “%1”. It is scored when the study is run.").arg(QString::fromStdString(name)),
                                                  tr("Run now"), [this] { updateStudy(); });
                            },
                            [this](const Error& error) { showError(error); });
}

void MainWindow::createStudy(bool run) {
  const std::filesystem::path file = m_newStudy->file().toStdString();
  using Opened = std::shared_ptr<study::Session>;
  m_jobs.start<Opened>(JobPolicy::Exclusive, u"create"_s, tr("Making %1").arg(m_newStudy->file()), this,
                       [source = m_source, file, spec = m_newStudy->spec()](const RunContext& context) {
                         source.create(spec, file);
                         return source.open(file, context);
                       },
                       [this, run](const Opened& session) {
                         m_settings.addRecent(m_newStudy->file());
                         showSession(session);
                         m_newStudyPage->deleteLater();
                         m_newStudyPage = nullptr;
                         m_newStudy.release()->deleteLater();
                         if (run) updateStudy();
                       },
                       [this](const Error& error) { showError(error); });
}

}  // namespace lacuna::app
