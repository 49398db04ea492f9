#pragma once

#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "composition.h"
#include "fake_session.h"
#include "main_window.h"
#include "widgets/stage_page.h"
#include "widgets/view_frame.h"
#include "workspace.h"

namespace lacuna::test {

/// Settings of this program alone, gone at its end.
inline void useTemporarySettings() {
  static const QTemporaryDir folder;
  QStandardPaths::setTestModeEnabled(true);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, folder.path());
}

/// Layouts, queued drawings and jobs at rest.
inline bool settled(app::MainWindow& window) {
  for (int i = 0; i < 5; ++i) QCoreApplication::processEvents();
  return QTest::qWaitFor([&] { return window.jobs().idle(); });
}

/// A window on a session, shown at a size.
struct WindowBench {
  app::MainWindow window;

  explicit WindowBench(const std::shared_ptr<study::Session>& session, QSize size = {1440, 900}, app::StudySource source = {}) : window(std::move(source)) {
    window.resize(size);
    window.show();
    if (session) window.showSession(session);
    settled(window);
  }
  app::Workspace& workspace() { return *window.workspace(); }
  ui::SelectionModel& selection() { return workspace().study().selection(); }
  void show(const QString& stage) {
    workspace().showStage(stage);
    settled(window);
  }
};

}  // namespace lacuna::test
