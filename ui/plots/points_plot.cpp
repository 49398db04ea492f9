#include "plots/points_plot.h"

#include <algorithm>
#include <cmath>

#include "plots/plot_parts.h"

namespace lacuna::ui {

void PointsPlot::setFigure(PointsFigure figure) {
  m_data = std::move(figure);
  refresh();
}

QPointF PointsPlot::itemPosition(int item) const {
  const auto& p = m_data.points[static_cast<std::size_t>(item)];
  return {p.x, p.y};
}

void PointsPlot::compose(QCustomPlot& canvas, const PlotStyle& style) const {
  freshAxes(canvas, style)->setMinimumMargins(QMargins(8, 8, 16, 4));
  double x0 = 0, x1 = 0, y0 = 0, y1 = 0;
  for (const auto& p : m_data.points) {
    x0 = std::min(x0, p.x), x1 = std::max(x1, p.x);
    y0 = std::min(y0, p.y), y1 = std::max(y1, p.y);
  }
  for (const ReferenceLine& line : m_data.lines)
    if (!line.vertical) y1 = std::max(y1, line.at);
  const double dx = x1 > x0 ? 0.08 * (x1 - x0) : 1, dy = y1 > y0 ? 0.08 * (y1 - y0) : 1;
  canvas.xAxis->setRange(x0 - dx, x1 + dx);
  canvas.yAxis->setRange(y0 - (y0 < 0 ? dy : 0.3 * dy), y1 + dy);
  canvas.xAxis->setLabel(m_data.hint.isEmpty() ? m_data.xLabel : m_data.xLabel + QLatin1Char('\n') + m_data.hint);
  canvas.yAxis->setLabel(m_data.yLabel);
  canvas.xAxis->grid()->setVisible(false);
  canvas.yAxis->setBasePen(Qt::NoPen);
  for (const ReferenceLine& line : m_data.lines) addLine(canvas, style, line);
  std::vector<QRectF> taken;   // label boxes in pixels, estimated before the layout is final
  const double width = std::max(100, canvas.viewport().width() - 90), height = std::max(80, canvas.viewport().height() - 80);
  const QFontMetricsF metrics(style.ticks);
  for (const auto& p : m_data.points) {
    auto* mark = new QCPGraph(canvas.xAxis, canvas.yAxis);
    mark->setName(p.label);
    mark->setData({p.x}, {p.y});
    const QColor colour = style.tone(p.tone);
    const double size = p.highlighted ? style.marker + 4 : style.marker + 1;
    mark->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(p.highlighted ? style.text : colour, style.line),
                                          QBrush(p.filled ? colour : style.ground), size));
    if (!p.labelled) continue;
    const QPointF at((p.x - x0 + dx) / (x1 - x0 + 2 * dx) * width, (y1 - p.y) / (y1 - y0 + dy) * height);
    const QSizeF extent(metrics.horizontalAdvance(p.label) + 14, metrics.height());
    const auto box = [&](bool toLeft) { return QRectF(QPointF(toLeft ? at.x() - extent.width() : at.x(), at.y() - extent.height() / 2), extent); };
    const auto isFree = [&](bool toLeft) {
      const QRectF b = box(toLeft);
      return b.left() >= 0 && b.right() <= width + 40 && std::none_of(taken.begin(), taken.end(), [&](const QRectF& other) { return other.intersects(b); });
    };
    if (!isFree(false) && !isFree(true)) continue;   // its tooltip still says it
    const bool left = !isFree(false);
    taken.push_back(box(left));
    auto* text = addText(canvas, style, p.label, {p.x, p.y}, (left ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    text->setPadding(left ? QMargins(0, 0, 8, 0) : QMargins(8, 0, 0, 0));
    text->setColor(style.text);
  }
}

}  // namespace lacuna::ui
