#include "plots/forest_plot.h"

#include <algorithm>
#include <cmath>

#include "plots/plot_parts.h"

namespace lacuna::ui {
namespace {

QCPItemRect* addRowRect(QCustomPlot& canvas, double low, double high, double y, double halfHeight, const QColor& colour) {
  auto* item = new QCPItemRect(&canvas);
  item->topLeft->setCoords(low, y - halfHeight);
  item->bottomRight->setCoords(high, y + halfHeight);
  item->setPen(Qt::NoPen);
  item->setBrush(colour);
  item->setSelectable(false);
  item->setLayer(QStringLiteral("grid"));
  return item;
}

void highlightRow(QCustomPlot& canvas, double y, const QColor& colour) {
  auto* item = addRowRect(canvas, 0, 1, y, 0.5, colour);
  for (auto* corner : {item->topLeft, item->bottomRight}) corner->setTypeX(QCPItemPosition::ptViewportRatio);
  item->topLeft->setCoords(0, y - 0.5);
  item->bottomRight->setCoords(1, y + 0.5);
  item->setClipToAxisRect(false);
  item->setLayer(QStringLiteral("background"));
}

/// Parts of opposite sign lie over each other, so each has its own half of the row: the first above, the others below.
void addBars(QCustomPlot& canvas, const PlotStyle& style, const std::vector<RowBar>& bars, double y) {
  for (std::size_t i = 0; i < bars.size(); ++i) {
    const double centre = i == 0 ? y - 0.17 : y + 0.17;
    QCPItemRect* item = addRowRect(canvas, std::min(bars[i].from, bars[i].to), std::max(bars[i].from, bars[i].to), centre, 0.17,
                                   mixed(style.tone(bars[i].tone), style.ground, i == 0 ? 0.45 : 0.6));
    item->setClipToAxisRect(true);
  }
}

void addMark(QCustomPlot& canvas, const PlotStyle& style, double at, double y) {
  auto* line = new QCPItemLine(&canvas);
  line->start->setCoords(at, y - 0.5);
  line->end->setCoords(at, y + 0.5);
  line->setPen(QPen(style.red, 1.25 * style.line, Qt::SolidLine, Qt::FlatCap));
  line->setSelectable(false);
}

}  // namespace

void ForestPlot::setFigure(ForestFigure figure) {
  m_data = std::move(figure);
  updateGeometry();
  refresh();
}

QSize ForestPlot::minimumSizeHint() const {
  const int rowHeight = fontMetrics().height() + 4;
  int rows = 0;
  QString group;
  for (const ForestRow& row : m_data.rows) {
    rows += row.group != group ? 2 : 1;
    group = row.group;
  }
  return {180, std::max(120, rows * rowHeight + 80)};
}

/// Rows of one group follow each other; a new group leaves a line for its heading.
double ForestPlot::yOf(std::size_t row) const {
  double y = static_cast<double>(row);
  QString group = m_data.rows.empty() ? QString() : QString();
  for (std::size_t i = 0; i <= row; ++i) {
    if (m_data.rows[i].group != group && !m_data.rows[i].group.isEmpty()) y += 1;
    group = m_data.rows[i].group;
  }
  return y;
}

QPointF ForestPlot::itemPosition(int item) const {
  const auto row = static_cast<std::size_t>(item);
  return {m_data.rows[row].estimate, yOf(row)};
}

int ForestPlot::itemAt(QPointF pixel) const {
  const double y = toCoordinates(pixel).y();
  for (std::size_t i = 0; i < m_data.rows.size(); ++i)
    if (std::abs(yOf(i) - y) <= 0.5) return static_cast<int>(i);
  return -1;
}

int ForestPlot::roomBeside(const QCustomPlot& canvas, const PlotStyle& style, bool numbers) const {
  int label = 0, right = 0;
  for (const ForestRow& row : m_data.rows) {
    label = std::max(label, textWidth(style.ticks, row.label));
    if (numbers) right = std::max(right, textWidth(style.ticks, row.right));
  }
  return (canvas.viewport().width() - label - right - (style.paper ? 16 : 40)) / std::max(1, textWidth(style.ticks, QStringLiteral("0")));
}

void ForestPlot::composeAxes(QCustomPlot& canvas, const PlotStyle& style) const {
  QCPAxisRect* rect = freshAxes(canvas, style);
  double low = 0, high = 0;
  const bool numbers = showsNumbers(canvas, style);
  int widestRight = 0;
  QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
  for (std::size_t i = 0; i < m_data.rows.size(); ++i) {
    const ForestRow& row = m_data.rows[i];
    ticker->addTick(yOf(i), row.label);
    if (numbers) widestRight = std::max(widestRight, textWidth(style.ticks, row.right));
    for (const RowBar& bar : row.bars) low = std::min({low, bar.from, bar.to}), high = std::max({high, bar.from, bar.to});
    if (row.mark) low = std::min(low, *row.mark), high = std::max(high, *row.mark);
    if (!row.computed) continue;
    low = std::min({low, row.low, row.estimate, row.controlLow});
    high = std::max({high, row.high, row.estimate, row.controlHigh});
  }
  const double margin = high > low ? 0.06 * (high - low) : 1;
  canvas.xAxis->setRange(low - margin, high + margin);
  canvas.xAxis->ticker()->setTickCount(std::clamp(roomBeside(canvas, style, numbers) / 6, 2, 5));
  canvas.yAxis->setTicker(ticker);
  canvas.yAxis->setRangeReversed(true);
  canvas.yAxis->setRange(m_data.markLabel.isEmpty() ? -0.7 : -1.5, m_data.rows.empty() ? 1 : yOf(m_data.rows.size() - 1) + 0.7);
  canvas.yAxis->setBasePen(Qt::NoPen);
  canvas.yAxis->setTickPen(Qt::NoPen);
  canvas.yAxis->setTickLength(0, 0);
  canvas.yAxis->grid()->setVisible(false);
  canvas.yAxis->setTickLabelColor(style.text);
  const QString hint = broken(m_data.axisHint, style.base, canvas.viewport().width() * 3 / 4);
  canvas.xAxis->setLabel(hint.isEmpty() ? m_data.axisLabel : m_data.axisLabel + QLatin1Char('\n') + hint);
  rect->setMinimumMargins(QMargins(8, 6, widestRight + (style.paper ? 8 : 16), 4));
  auto* zero = new QCPItemStraightLine(&canvas);
  zero->point1->setCoords(0, 0);
  zero->point2->setCoords(0, 1);
  zero->setPen(QPen(style.muted, style.axisLine));
}

void ForestPlot::composeRow(QCustomPlot& canvas, const PlotStyle& style, std::size_t index) const {
  const ForestRow& row = m_data.rows[index];
  const double y = yOf(index);
  if (row.highlighted && !style.paper) highlightRow(canvas, y, style.highlight);
  if (!row.group.isEmpty() && (index == 0 || m_data.rows[index - 1].group != row.group)) {
    auto* heading = addText(canvas, style, row.group, {0, y - 1}, Qt::AlignLeft | Qt::AlignVCenter);
    heading->position->setTypeX(QCPItemPosition::ptViewportRatio);
    heading->position->setCoords(0, y - 1);
    QFont bold = style.ticks;
    bold.setBold(true);
    heading->setFont(bold);
    heading->setColor(style.text);
    heading->setBrush(style.ground);   // no line through the words
    heading->setPadding(QMargins(4, 0, 0, 0));
  }
  if (showsNumbers(canvas, style)) {
    auto* numbers = addTextAtRatioX(canvas, style, row.right, 1, y, Qt::AlignLeft | Qt::AlignVCenter);
    numbers->setPadding(QMargins(style.paper ? 4 : 8, 0, 0, 0));
    numbers->setColor(row.highlighted ? style.text : style.muted);
  }
  addBars(canvas, style, row.bars, y);
  if (row.mark) addMark(canvas, style, *row.mark, y);
  if (row.mark && index == 0 && !m_data.markLabel.isEmpty()) {
    const bool toLeft = *row.mark > canvas.xAxis->range().center();   // the words stay inside
    auto* name = addText(canvas, style, m_data.markLabel, {*row.mark, y - 0.5}, (toLeft ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignBottom);
    name->setColor(style.red);
  }
  if (!row.computed) return;
  if (row.controlHigh > row.controlLow) addRowRect(canvas, row.controlLow, row.controlHigh, y, 0.32, style.band);

  auto* graph = new QCPGraph(canvas.xAxis, canvas.yAxis);
  graph->setName(row.label);
  graph->setData({row.estimate}, {y});
  const QColor colour = style.tone(row.tone);
  graph->setLineStyle(QCPGraph::lsNone);
  graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(colour, style.line), QBrush(row.filled ? colour : style.ground), style.marker + 1));
  auto* bars = new QCPErrorBars(canvas.xAxis, canvas.yAxis);
  bars->setName(row.label);
  bars->setErrorType(QCPErrorBars::etKeyError);
  bars->setDataPlottable(graph);
  bars->setData({row.estimate - row.low}, {row.high - row.estimate});
  bars->setPen(QPen(colour, style.line));
  bars->setWhiskerWidth(0);
  bars->setSymbolGap(0);
  bars->setLayer(QStringLiteral("main"));
  graph->setLayer(QStringLiteral("legend"));  // dots above all intervals
}

void ForestPlot::compose(QCustomPlot& canvas, const PlotStyle& style) const {
  composeAxes(canvas, style);
  for (std::size_t i = 0; i < m_data.rows.size(); ++i) composeRow(canvas, style, i);
}

}  // namespace lacuna::ui
