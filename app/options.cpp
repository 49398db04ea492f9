#include "options.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <cstdlib>
#include <string_view>

namespace lacuna::app {

using namespace Qt::Literals::StringLiterals;

void prepareEnvironment(int argc, char** argv) {
  bool picture = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    picture = picture || argument == "--screenshot" || argument == "figure";
    if (argument == "--scale" && i + 1 < argc) qputenv("QT_SCALE_FACTOR", argv[i + 1]);
  }
  if (!qEnvironmentVariableIsSet("XDG_RUNTIME_DIR")) qputenv("XDG_RUNTIME_DIR", QByteArray("/tmp/lacuna-") + QByteArray::number(::getuid()));   // Qt warns without one
  const bool screen = qEnvironmentVariableIsSet("DISPLAY") || qEnvironmentVariableIsSet("WAYLAND_DISPLAY");
  if (picture && !screen && !qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
}

Options parseOptions(const QStringList& arguments) {
  QCommandLineParser parser;
  parser.setApplicationDescription(
      u"Which part of the pre-training data does this ability lean on?\n\n"
      "  lacuna [FILE.lacuna]\n"
      "  lacuna figure VIEW --study F [--preset icml-1col] -o out.{pdf,svg,png,csv}\n"
      "  lacuna --screenshot stage:NAME --study F [--size 1440x900] [--theme dark] [--scale 2] -o x.png"_s);
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addOptions({{u"study"_s, u"The study to open."_s, u"file"_s},
                     {u"screenshot"_s, u"Write the window as a picture: stage:NAME, view:NAME, welcome, palette."_s, u"target"_s},
                     {u"size"_s, u"Size of the window, as 1440x900."_s, u"size"_s, u"1440x900"_s},
                     {u"theme"_s, u"light, dark or system."_s, u"theme"_s},
                     {u"scale"_s, u"Device pixels a logical pixel."_s, u"factor"_s, u"1"_s},
                     {u"preset"_s, u"Size and fonts of a figure."_s, u"name"_s, u"icml-1col"_s},
                     {{u"o"_s, u"out"_s}, u"The file to write."_s, u"file"_s},
                     {u"safe-mode"_s, u"Ignore stored settings."_s}});
  parser.addPositionalArgument(u"file"_s, u"A study; a model, corpus or task for a new one; or: figure VIEW."_s, u"[FILE | figure VIEW]"_s);
  parser.process(arguments);
  Options o;
  QStringList words = parser.positionalArguments();
  if (!words.isEmpty() && words.front() == "figure"_L1) {
    if (words.size() < 2) o.problem = u"figure: which view?"_s;
    else o.figure = words[1];
  } else if (!words.isEmpty()) {
    o.file = words.front();
  }
  if (parser.isSet(u"study"_s)) o.file = parser.value(u"study"_s);
  o.screenshot = parser.value(u"screenshot"_s);
  o.theme = parser.value(u"theme"_s);
  o.preset = parser.value(u"preset"_s);
  o.output = parser.value(u"out"_s);
  o.safeMode = parser.isSet(u"safe-mode"_s);
  const QStringList size = parser.value(u"size"_s).split(u'x');
  if (size.size() == 2) o.size = QSize(size[0].toInt(), size[1].toInt());
  if (o.size.isEmpty()) o.problem = u"--size wants WIDTHxHEIGHT"_s;
  if ((!o.figure.isEmpty() || !o.screenshot.isEmpty()) && o.output.isEmpty()) o.problem = u"-o FILE is missing"_s;
  if (!o.figure.isEmpty() && o.file.isEmpty()) o.problem = u"--study FILE is missing"_s;
  return o;
}

}  // namespace lacuna::app
