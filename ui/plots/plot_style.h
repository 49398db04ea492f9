#pragma once

#include <QColor>
#include <QFont>
#include <QPixmap>

#include "theme/colours.h"
#include "theme/theme.h"

namespace lacuna::ui {

/// Every colour, font and width of a plot. Screen styles follow the theme; figures always use paper().
struct PlotStyle {
  bool paper = false, dark = false;
  QColor ground, text, muted, axis, grid, accent, band, highlight, red;
  QFont base, ticks;
  double line = 1.6, axisLine = 1.0, marker = 7;

  static PlotStyle screen(const Theme& theme, const QFont& font);
  /// 1 px = 1 pt: fonts are set in pixels, so that 8 is 8 pt in the file.
  static PlotStyle forPaper(int basePx, int tickPx);

  /// A Tone or a cluster's index; marks reach 3:1 on the ground.
  QColor tone(int tone) const;
  QColor textTone(int tone) const;                 ///< the same hue at 4.5:1
  ColourMap diverging() const { return dark ? ColourMap::DivergingDark : ColourMap::Diverging; }
  ColourMap themed(ColourMap map) const { return map == ColourMap::Diverging ? diverging() : map; }
};

enum class Shape { Disc, Square, Triangle, Diamond };
/// Clusters beyond the palette repeat its colours with another shape.
Shape shapeOf(int tone);

}  // namespace lacuna::ui
