#pragma once

#include <QColor>
#include <QPalette>
#include <QString>

class QApplication;

namespace lacuna::ui {

enum class ThemeChoice { System, Light, Dark };
ThemeChoice themeChoice(const QString& name);  ///< "light", "dark"; anything else is System
QString themeName(ThemeChoice choice);

/// The colours of the window. Text reaches 4.5:1 and marks 3:1 on `ground` and `surface`; a test holds them to it.
struct Theme {
  bool dark = false;
  QColor ground, surface, raised, border, text, textSecondary, textDisabled;
  QColor accent, onAccent, selection, amber, red, green, link;

  static const Theme& lightTheme();
  static const Theme& darkTheme();
  /// Decided by the palette's luminance: Qt 6.4 has no colour scheme hint.
  static const Theme& of(const QPalette& palette);

  QPalette palette() const;
  QString styleSheet() const;
};

/// Fusion, the palette and one style sheet; System takes the darkness of the desktop's palette at the first call.
void applyTheme(QApplication& application, ThemeChoice choice);

/// The one spacing unit; paddings are multiples of it.
inline constexpr int unit = 8;

}  // namespace lacuna::ui
