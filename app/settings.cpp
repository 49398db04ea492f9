#include "settings.h"

#include <QFileInfo>
#include <QSettings>

namespace lacuna::app {
namespace {

using namespace Qt::Literals::StringLiterals;

QSettings store() { return QSettings(QSettings::IniFormat, QSettings::UserScope, u"lacuna"_s, u"lacuna"_s); }

}  // namespace

QByteArray Settings::geometry() const { return store().value("window/geometry").toByteArray(); }
QByteArray Settings::windowState() const { return store().value("window/state").toByteArray(); }

void Settings::setWindow(const QByteArray& geometry, const QByteArray& state) {
  QSettings s(QSettings::IniFormat, QSettings::UserScope, u"lacuna"_s, u"lacuna"_s);
  s.setValue("window/geometry", geometry);
  s.setValue("window/state", state);
}

ui::ThemeChoice Settings::theme() const { return ui::themeChoice(store().value("theme").toString()); }
void Settings::setTheme(ui::ThemeChoice choice) { store().setValue("theme", ui::themeName(choice)); }
QStringList Settings::recent() const { return store().value("recent").toStringList(); }

void Settings::addRecent(const QString& file) {
  QStringList files = recent();
  const QString path = QFileInfo(file).absoluteFilePath();
  files.removeAll(path);
  files.prepend(path);
  store().setValue("recent", QStringList(files.mid(0, 8)));
}

}  // namespace lacuna::app
