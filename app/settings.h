#pragma once

#include <QByteArray>
#include <QStringList>

#include "theme/theme.h"

class QSettings;

namespace lacuna::app {

/// What belongs to the user and not to a study: geometry, theme, recent files. An INI file under $XDG_CONFIG_HOME/lacuna.
class Settings {
 public:
  static constexpr int layoutVersion = 1;

  QByteArray geometry() const;
  QByteArray windowState() const;
  void setWindow(const QByteArray& geometry, const QByteArray& state);
  ui::ThemeChoice theme() const;
  void setTheme(ui::ThemeChoice choice);
  QStringList recent() const;
  void addRecent(const QString& file);
};

}  // namespace lacuna::app
