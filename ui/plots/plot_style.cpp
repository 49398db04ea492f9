#include "plots/plot_style.h"

#include "plots/figure_data.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

PlotStyle PlotStyle::screen(const Theme& theme, const QFont& font) {
  PlotStyle s;
  s.dark = theme.dark;
  s.ground = theme.surface;
  s.text = theme.text;
  s.muted = theme.textSecondary;
  s.axis = mixed(theme.textSecondary, theme.surface, 0.45);
  s.grid = mixed(theme.border, theme.surface, 0.35);
  s.accent = theme.accent;
  s.band = mixed(theme.surface, theme.textSecondary, 0.22);
  s.highlight = theme.selection;
  s.red = theme.red;
  s.base = s.ticks = font;
  s.base.setPointSizeF(font.pointSizeF() > 0 ? font.pointSizeF() : 9);
  s.ticks.setPointSizeF(s.base.pointSizeF() * 0.92);
  return s;
}

PlotStyle PlotStyle::forPaper(int basePx, int tickPx) {
  PlotStyle s = screen(Theme::lightTheme(), QFont(u"DejaVu Sans"_s));
  s.paper = true;
  s.ground = Qt::white;
  s.text = s.axis = Qt::black;
  s.muted = QColor(0x444444);
  s.grid = QColor(0xe4e4e4);
  s.band = QColor(0xdcdcdc);
  s.base.setPixelSize(basePx);
  s.ticks.setPixelSize(tickPx);
  s.line = 0.8;
  s.axisLine = 0.5;
  s.marker = 4;
  return s;
}

QColor PlotStyle::tone(int tone) const {
  if (tone == toneAccent) return accent;
  if (tone == toneText) return text;
  if (tone < 0) return muted;
  return readable(QColor(okabeIto[static_cast<std::size_t>(tone) % okabeIto.size()]), ground, 3.0);
}

QColor PlotStyle::textTone(int tone) const {
  return tone < 0 ? this->tone(tone) : readable(QColor(okabeIto[static_cast<std::size_t>(tone) % okabeIto.size()]), ground, 4.5);
}

Shape shapeOf(int tone) {
  return tone < 0 ? Shape::Disc : static_cast<Shape>(tone / static_cast<int>(okabeIto.size()) % 4);
}

}  // namespace lacuna::ui
