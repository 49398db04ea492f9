#include "pictures.h"

#include <QCoreApplication>
#include <QFile>
#include <QImageWriter>
#include <QPixmap>

#include "composition.h"
#include "main_window.h"
#include "plots/exporter.h"
#include "widgets/stage_page.h"
#include "widgets/view_frame.h"
#include "workspace.h"

namespace lacuna::app {

using namespace ui;
using namespace Qt::Literals::StringLiterals;

namespace {

/// Lets layouts, queued drawings and jobs come to rest.
void settle(MainWindow& window) {
  for (int i = 0; i < 20 || !window.jobs().idle(); ++i) QCoreApplication::processEvents(QEventLoop::AllEvents, 20);
}

[[noreturn]] void unknown(const QString& target) {
  QStringList names;
  for (const Stage& stage : stages())
    for (const QString& view : stage.views) names << view;
  throw Error("LAC-4104", "There is no stage or view '" + target.toStdString() + "'", "Views: " + names.join(u", "_s).toStdString());
}

bool isStage(const QString& id) {
  return std::any_of(stages().begin(), stages().end(), [&](const Stage& s) { return s.id == id; });
}

}  // namespace

void writeScreenshot(MainWindow& window, const QString& target, QSize size, const QString& file) {
  window.resize(size);
  window.show();
  settle(window);
  const QString kind = target.section(u':', 0, 0), name = target.section(u':', 1);
  if (target == "welcome"_L1 || name == "welcome"_L1) {
    window.showWelcome();
  } else if (target == "new-study"_L1 || name == "new-study"_L1) {
    window.showNewStudy();
  } else if (target == "palette"_L1) {
    window.openPalette();
  } else if (!window.workspace()) {
    throw Error("LAC-4105", "A picture of '" + target.toStdString() + "' needs a study", "Add --study FILE");
  } else if (kind == "view"_L1) {
    ViewFrame* view = window.workspace()->view(name);
    if (!view) unknown(target);
    window.workspace()->page()->toggleMaximised(view);
  } else if (isStage(name)) {
    window.workspace()->showStage(name);
  } else {
    unknown(target);
  }
  settle(window);
  if (!window.grab().save(file, "PNG"))
    throw Error("LAC-4103", "Could not write " + file.toStdString(), "Choose another folder");
}

void writeFigure(std::shared_ptr<study::Session> session, const QString& name, const QString& preset, const QString& file) {
  StudyContext study(std::move(session));
  const std::unique_ptr<ViewFrame> view(makeView(name, study));
  if (!view) unknown(name);
  while (!study.jobs().idle()) QCoreApplication::processEvents(QEventLoop::AllEvents, 20);   // what a view asked for
  if (file.endsWith(".csv"_L1)) {
    QFile out(file);
    const QByteArray bytes = QByteArray::fromStdString(toCsv(view->model().table()));
    if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size())
      throw Error("LAC-4103", "Could not write " + file.toStdString(), "Choose another folder");
    return;
  }
  if (!view->plot()) throw Error("LAC-4106", "'" + name.toStdString() + "' is a table", "Write it as .csv");
  if (const EmptyState empty = view->model().emptyState(); empty.shown())
    throw Error("LAC-4107", "'" + name.toStdString() + "' is empty: " + empty.why.toStdString(), "Run the study first");
  exportFigure(*view->plot(), figurePreset(preset), file.toStdString(), view->model().title());
}

}  // namespace lacuna::app
