#pragma once

#include <QSize>
#include <QString>
#include <QStringList>

namespace lacuna::app {

/// The window's command line (design.md, section 6).
struct Options {
  QString file, theme, screenshot, figure, preset = QStringLiteral("icml-1col"), output;
  QSize size{1440, 900};
  bool safeMode = false;
  QString problem;                 ///< bad usage; exit code 2
};
Options parseOptions(const QStringList& arguments);

/// What must be known before QApplication exists: the scale factor of pictures, and whether there is a screen at all.
void prepareEnvironment(int argc, char** argv);

}  // namespace lacuna::app
