#include "plots/bar_plot.h"

#include <algorithm>
#include <cmath>

#include "plots/plot_parts.h"

namespace lacuna::ui {
namespace {

constexpr double thickest = 42;   // pixels a row

double farthest(const BarFigure::Bar& bar) { return std::max(bar.value, bar.mark.value_or(0)); }

double largest(const BarFigure& data) {
  double most = 0;
  for (const auto& bar : data.bars) most = std::max(most, farthest(bar));
  return most > 0 ? most : 1;
}

QCPBars* addBar(QCustomPlot& canvas, QCPAxis* key, QCPAxis* value, const PlotStyle& style, const BarFigure::Bar& bar, double at, double width) {
  Q_UNUSED(canvas);
  auto* bars = new QCPBars(key, value);
  bars->setName(bar.label);
  bars->setData({at}, {bar.value});
  bars->setWidth(width);
  const QColor colour = style.tone(bar.tone);
  bars->setBrush(bar.highlighted ? colour : mixed(colour, style.ground, 0.25));
  bars->setPen(Qt::NoPen);
  return bars;
}

void addMark(QCustomPlot& canvas, const PlotStyle& style, double at, double y) {
  auto* line = new QCPItemLine(&canvas);
  line->start->setCoords(at, y - 0.42);
  line->end->setCoords(at, y + 0.42);
  line->setPen(QPen(style.text, 1.5 * style.line));
  line->setClipToAxisRect(false);
  line->setSelectable(false);
}

}  // namespace

void BarPlot::setFigure(BarFigure figure) {
  m_data = std::move(figure);
  updateGeometry();
  refresh();
}

QSize BarPlot::minimumSizeHint() const {
  const int rows = m_data.upright ? 0 : static_cast<int>(m_data.bars.size());
  return {180, std::max(120, rows * (fontMetrics().height() + 2) + 30)};
}

QPointF BarPlot::itemPosition(int item) const {
  const double value = m_data.bars[static_cast<std::size_t>(item)].value;
  return m_data.upright ? QPointF(item, value) : QPointF(value, item);
}

QString BarPlot::itemText(int item) const {
  const auto& bar = m_data.bars[static_cast<std::size_t>(item)];
  return bar.tooltip.isEmpty() ? bar.label + QLatin1Char('\n') + bar.right : bar.tooltip;
}

int BarPlot::itemAt(QPointF pixel) const {
  const QPointF at = toCoordinates(pixel);
  const int item = static_cast<int>(std::floor((m_data.upright ? at.x() : at.y()) + 0.5));
  return item >= 0 && item < itemCount() ? item : -1;
}

void BarPlot::composeLying(QCustomPlot& canvas, const PlotStyle& style) const {
  QCPAxisRect* rect = canvas.xAxis->axisRect();
  int widest = 0;
  std::vector<QString> labels;
  for (const auto& bar : m_data.bars) {
    labels.push_back(bar.label);
    widest = std::max(widest, textWidth(style.ticks, bar.right));
  }
  setCategories(canvas.yAxis, labels);
  canvas.yAxis->setTickLabelColor(style.text);
  canvas.yAxis->setRangeReversed(true);
  const double rows = std::max({static_cast<double>(m_data.bars.size()), 7.0, canvas.viewport().height() / thickest});
  canvas.yAxis->setRange(-0.6, rows - 0.4);   // few bars stay thin
  canvas.yAxis->setBasePen(Qt::NoPen);
  canvas.xAxis->setRange(0, largest(m_data));
  canvas.xAxis->setBasePen(Qt::NoPen);
  canvas.xAxis->setTicks(false);
  canvas.xAxis->setTickLabels(false);
  canvas.xAxis->grid()->setVisible(false);
  canvas.xAxis->setLabel(m_data.axisLabel);
  rect->setMinimumMargins(QMargins(8, 6, widest + 16, 4));
  for (std::size_t i = 0; i < m_data.bars.size(); ++i) {
    const auto y = static_cast<double>(i);
    addBar(canvas, canvas.yAxis, canvas.xAxis, style, m_data.bars[i], y, 0.66);
    if (m_data.bars[i].mark) addMark(canvas, style, *m_data.bars[i].mark, y);
    auto* text = addText(canvas, style, m_data.bars[i].right, QPointF(farthest(m_data.bars[i]), y), Qt::AlignLeft | Qt::AlignVCenter);
    text->setPadding(QMargins(style.paper ? 3 : 6, 0, 0, 0));
  }
}

void BarPlot::composeUpright(QCustomPlot& canvas, const PlotStyle& style) const {
  QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
  for (std::size_t i = 0; i < m_data.bars.size(); ++i)
    if (!m_data.bars[i].label.isEmpty()) ticker->addTick(static_cast<double>(i) - 0.5, m_data.bars[i].label);
  canvas.xAxis->setTicker(ticker);
  canvas.xAxis->grid()->setVisible(false);
  canvas.xAxis->setRange(-0.6, static_cast<double>(m_data.bars.size()) - 0.4);
  canvas.xAxis->setLabel(m_data.axisLabel);
  canvas.yAxis->setBasePen(Qt::NoPen);
  canvas.yAxis->setRange(0, 1.05 * largest(m_data));
  for (std::size_t i = 0; i < m_data.bars.size(); ++i)
    addBar(canvas, canvas.xAxis, canvas.yAxis, style, m_data.bars[i], static_cast<double>(i), 0.92);
}

void BarPlot::compose(QCustomPlot& canvas, const PlotStyle& style) const {
  freshAxes(canvas, style);
  if (m_data.bars.empty()) return;
  m_data.upright ? composeUpright(canvas, style) : composeLying(canvas, style);
}

}  // namespace lacuna::ui
