#include <QApplication>
#include <QLibraryInfo>
#include <QStandardPaths>
#include <QTranslator>
#include <clocale>
#include <cstdio>

#include "lacuna/base/error.h"
#include "lacuna/study/looks.h"
#include "main_window.h"
#include "options.h"
#include "pictures.h"
#include "study_source.h"
#include "theme/theme.h"

namespace {

using namespace lacuna;

int runPictures(const app::Options& options, const app::StudySource& source) {
  try {
    if (!options.figure.isEmpty()) {
      app::writeFigure(source.open(options.file.toStdString(), {}), options.figure, options.preset, options.output);
      return 0;
    }
    QStandardPaths::setTestModeEnabled(true);   // pictures must not depend on the user's stored layout
    app::MainWindow window(source);
    if (study::guessInput(options.file.toStdString()) == "study") window.showSession(study::Session::open(options.file.toStdString(), true));
    else if (!options.file.isEmpty()) window.take(options.file);
    app::writeScreenshot(window, options.screenshot, options.size, options.output);
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}

}  // namespace

/// The window's own words and Qt's, in the language of the session; English where there are none.
void useTranslations(QApplication& application) {
  static QTranslator own, qt;
  const QLocale locale;
  const auto ours = QStringLiteral(":/translations");
  if (own.load(locale, QStringLiteral("lacuna"), QStringLiteral("_"), ours) || own.load(QStringLiteral("lacuna_en"), ours)) application.installTranslator(&own);
  if (qt.load(locale, QStringLiteral("qtbase"), QStringLiteral("_"), QLibraryInfo::path(QLibraryInfo::TranslationsPath))) application.installTranslator(&qt);
}

int main(int argc, char** argv) {
  app::prepareEnvironment(argc, argv);
  QApplication application(argc, argv);
  std::setlocale(LC_NUMERIC, "C");   // QApplication took the user's; numbers in files must not follow it
  useTranslations(application);
  QApplication::setApplicationName(QStringLiteral("lacuna"));
  QApplication::setApplicationVersion(QStringLiteral(LACUNA_VERSION));
  QGuiApplication::setDesktopFileName(QStringLiteral("io.github.lacuna.Lacuna"));
  const app::Options options = app::parseOptions(QApplication::arguments());
  if (!options.problem.isEmpty()) {
    std::fprintf(stderr, "lacuna: %s\n", qPrintable(options.problem));
    return 2;
  }
  if (options.safeMode) QStandardPaths::setTestModeEnabled(true);
  const bool picture = !options.screenshot.isEmpty() || !options.figure.isEmpty();
  const ui::ThemeChoice stored = picture ? ui::ThemeChoice::Light : app::Settings().theme();
  ui::applyTheme(application, options.theme.isEmpty() ? stored : ui::themeChoice(options.theme));
  const app::StudySource source = app::engineStudies(QApplication::applicationDirPath().toStdString());
  if (picture) return runPictures(options, source);
  app::MainWindow window(source);
  window.show();
  if (!options.file.isEmpty()) window.take(options.file);
  return QApplication::exec();
}
