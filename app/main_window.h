#pragma once

#include <QMainWindow>
#include <filesystem>
#include <functional>
#include <memory>

#include "actions/action_registry.h"
#include "jobs/job_runner.h"
#include "lacuna/study/session.h"
#include "settings.h"

class QDockWidget;
class QLabel;
class QListWidget;
class QStackedWidget;

namespace lacuna::ui {
class CommandPalette;
class InfoBar;
class JobsBar;
class NewStudyView;
class NewStudyViewModel;
}  // namespace lacuna::ui

namespace lacuna::app {

class WelcomePage;
class Workspace;

/// How the window gets at studies; injected, so that tests open a fake one.
struct StudySource {
  std::function<std::shared_ptr<study::Session>(const std::filesystem::path&, const RunContext&)> open;
  std::function<std::filesystem::path(const RunContext&)> demo;                       ///< a copy the user may break
  std::function<void(const std::string& spec, const std::filesystem::path&)> create;  ///< a study file that holds a spec alone
};

/// Navigator, workspace, panel, status bar; owns the jobs and the actions. Knows no view by name.
class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  explicit MainWindow(StudySource source, QWidget* parent = nullptr);
  ~MainWindow() override;

  void openFile(const QString& file);
  void openDemo();
  void showSession(std::shared_ptr<study::Session> session);
  void showWelcome();
  void showNewStudy();
  void showNewStudyLike();                         ///< filled from the open study
  /// A path from outside: a study is opened, a task or a rater's answers go into the study at hand, anything else is an input of a new one.
  void take(const QString& path);
  void addTask(const QString& path);
  Workspace* workspace() const { return m_workspace; }
  ui::ActionRegistry& actions() { return m_actions; }
  ui::JobRunner& jobs() { return m_jobs; }
  void openPalette();

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  friend void registerActions(MainWindow& window);
  void buildDocks();
  QDockWidget* addDock(const QString& id, const QString& title, Qt::DockWidgetArea area, QWidget* content);
  void buildMenus();
  void fillNavigator();
  void updateActions();
  void updateStatus();
  void updatePanel();
  void updateStudy();
  void takeResults();
  void cycleTheme();
  void chooseFile();
  void createStudy(bool run);
  void showPage(QWidget* page);
  void nextPane(int step);
  void showError(const Error& error);

  StudySource m_source;
  Settings m_settings;
  ui::JobRunner m_jobs;
  ui::ActionRegistry m_actions;
  QStackedWidget* m_central;
  WelcomePage* m_welcome;
  std::unique_ptr<ui::NewStudyViewModel> m_newStudy;
  ui::NewStudyView* m_newStudyPage = nullptr;
  ui::InfoBar* m_info;
  QListWidget* m_navigator;
  QStackedWidget* m_panelHost;
  QDockWidget *m_navigatorDock = nullptr, *m_panelDock = nullptr;
  ui::JobsBar* m_jobsBar;
  QLabel* m_status;
  ui::CommandPalette* m_palette;
  QByteArray m_defaultLayout;
  Workspace* m_workspace = nullptr;
  bool m_blind = false, m_panelWanted = true;           ///< the panel is away for a blind stage, and is wanted back after it
};

}  // namespace lacuna::app
