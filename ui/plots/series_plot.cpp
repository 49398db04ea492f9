#include "plots/series_plot.h"

#include <QLocale>
#include <QMouseEvent>
#include <algorithm>
#include <cmath>
#include <limits>

#include "plots/plot_parts.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr double leastDrag = 3;   // pixels; less is a click

void extend(QCPRange& range, bool& any, double value, bool logarithmic) {
  if (!std::isfinite(value) || (logarithmic && value <= 0)) return;
  if (!any) range = QCPRange(value, value);
  any = true;
  range.expand(value);
}

/// Air around the data: 6 % of the range, or a factor on a logarithmic axis.
QCPRange padded(QCPRange range, bool any, bool logarithmic, double share) {
  if (!any) return logarithmic ? QCPRange(1, 10) : QCPRange(0, 1);
  if (logarithmic) return {range.lower / 1.25, range.upper * 1.25};
  const double size = range.size() > 0 ? range.size() : std::max(std::abs(range.lower), 1.0);
  return {range.lower - share * size, range.upper + share * size};
}

QCPRange rangeOfX(const SeriesFigure& data) {
  QCPRange range;
  bool any = false;
  for (const Series& s : data.series)
    for (const double x : s.x) extend(range, any, x, data.logX);
  for (const double x : data.xTicks) extend(range, any, x, data.logX);
  for (const ReferenceLine& line : data.lines)
    if (line.vertical) extend(range, any, line.at, data.logX);
  return padded(range, any, data.logX, 0.03);
}

QCPRange rangeOfY(const SeriesFigure& data) {
  QCPRange range;
  bool any = false;
  for (const Series& s : data.series)
    for (const auto* values : {&s.y, &s.low, &s.high})
      for (const double y : *values) extend(range, any, y, data.logY);
  for (const ReferenceLine& line : data.lines)
    if (!line.vertical) extend(range, any, line.at, data.logY);
  if (data.zeroLine) extend(range, any, 0, data.logY);
  QCPRange out = padded(range, any, data.logY, 0.06);
  if (data.yLow) out.lower = *data.yLow;
  if (data.yHigh) out.upper = *data.yHigh;
  return out;
}

void setLogarithmic(QCPAxis* axis) {
  axis->setScaleType(QCPAxis::stLogarithmic);
  axis->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog));
  axis->setNumberFormat(u"gb"_s);
  axis->setNumberPrecision(1);
}

/// As many numbers as there is room for.
void setTickCount(QCPAxis* axis, int pixels, int each) { axis->ticker()->setTickCount(std::clamp(pixels / std::max(1, each), 2, 5)); }

/// Labels that would run into the one before stay away; their ticks do not.
void addTicks(QCPAxis* axis, const SeriesFigure& data, const QFont& font, double pixels) {
  QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
  const double scale = pixels / axis->range().size();
  double free = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < data.xTicks.size(); ++i) {
    const QString label = i < data.xTickLabels.size() ? data.xTickLabels[i] : QLocale().toString(data.xTicks[i], 'g', 4);
    const double at = (data.xTicks[i] - axis->range().lower) * scale, half = textWidth(font, label) / 2.0;
    const bool fits = at - half >= free;
    ticker->addTick(data.xTicks[i], fits ? label : QString());
    if (fits) free = at + half + 4;
  }
  axis->setTicker(ticker);
}

/// Above the y axis, whose sign it explains.
void addHint(QCustomPlot& canvas, const PlotStyle& style, const QString& hint) {
  auto* text = addTextAtRatioX(canvas, style, hint, 0, 0, Qt::AlignLeft | Qt::AlignBottom);
  text->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
  text->position->setCoords(0, 0);
  text->setPadding(QMargins(0, 0, 0, style.paper ? 2 : 4));
}

/// From edge to edge, behind everything.
void addBand(QCustomPlot& canvas, const PlotStyle& style, std::pair<double, double> band) {
  auto* item = new QCPItemRect(&canvas);
  for (auto* corner : {item->topLeft, item->bottomRight}) corner->setTypeX(QCPItemPosition::ptAxisRectRatio);
  item->topLeft->setCoords(0, band.second);
  item->bottomRight->setCoords(1, band.first);
  item->setPen(Qt::NoPen);
  item->setBrush(style.band);
  item->setSelectable(false);
  item->setLayer(u"background"_s);
}

}  // namespace

void SeriesPlot::setFigure(SeriesFigure figure) {
  m_data = std::move(figure);
  refresh();
}

int SeriesPlot::itemCount() const {
  int n = 0;
  for (const Series& s : m_data.series) n += static_cast<int>(s.x.size());
  return n;
}

std::pair<int, int> SeriesPlot::seriesOf(int item) const {
  for (std::size_t s = 0; s < m_data.series.size(); ++s) {
    const int n = static_cast<int>(m_data.series[s].x.size());
    if (item < n) return {static_cast<int>(s), item};
    item -= n;
  }
  return {-1, -1};
}

QPointF SeriesPlot::itemPosition(int item) const {
  const auto [s, i] = seriesOf(item);
  if (s < 0) return {};
  const Series& series = m_data.series[static_cast<std::size_t>(s)];
  return {series.x[static_cast<std::size_t>(i)], series.y[static_cast<std::size_t>(i)]};
}

QString SeriesPlot::itemText(int item) const {
  const auto [s, i] = seriesOf(item);
  if (s < 0) return {};
  const Series& series = m_data.series[static_cast<std::size_t>(s)];
  const auto k = static_cast<std::size_t>(i);
  const QLocale locale;
  QString text = u"%1\n%2 = %3\n%4 = %5"_s.arg(series.name, m_data.xLabel, locale.toString(series.x[k], 'g', 4),
                                               m_data.yLabel, locale.toString(series.y[k], 'g', 4));
  if (k < series.low.size()) text += u" [%1, %2]"_s.arg(locale.toString(series.low[k], 'g', 3), locale.toString(series.high[k], 'g', 3));
  return text;
}

void SeriesPlot::composeAxes(QCustomPlot& canvas, const PlotStyle& style) const {
  QCPAxisRect* rect = freshAxes(canvas, style);
  if (m_data.logX) setLogarithmic(canvas.xAxis);
  if (m_data.logY) setLogarithmic(canvas.yAxis);
  canvas.xAxis->grid()->setVisible(false);
  canvas.yAxis->setBasePen(Qt::NoPen);
  canvas.xAxis->setLabel(m_data.xLabel);
  canvas.yAxis->setLabel(m_data.yLabel);
  canvas.xAxis->setRange(m_heldX ? QCPRange(m_heldX->first, m_heldX->second) : rangeOfX(m_data));
  canvas.yAxis->setRange(m_heldY ? QCPRange(m_heldY->first, m_heldY->second) : rangeOfY(m_data));
  int widest = 0;
  for (const Series& s : m_data.series)
    if (s.labelled && !s.x.empty()) widest = std::max(widest, textWidth(style.ticks, s.name));
  // The layout is not final yet: what stands left of the axis is estimated.
  const int left = 5 * QFontMetrics(style.ticks).height(), right = widest > 0 ? widest + 16 : 10;
  const QString hint = broken(m_data.hint, style.ticks, canvas.viewport().width() - left);
  const int lines = hint.isEmpty() ? 0 : 1 + static_cast<int>(hint.count(u'\n'));
  rect->setMinimumMargins(QMargins(8, lines * QFontMetrics(style.ticks).height() + (style.paper ? 4 : 8), right, 4));
  if (lines > 0) addHint(canvas, style, hint);
  if (!m_data.xTicks.empty()) addTicks(canvas.xAxis, m_data, style.ticks, std::max(20, canvas.viewport().width() - left - right));
  if (m_data.xTicks.empty() && !m_data.logX) setTickCount(canvas.xAxis, canvas.viewport().width() - left - right, 6 * textWidth(style.ticks, u"0"_s));
  if (!m_data.logY) setTickCount(canvas.yAxis, canvas.viewport().height() - left, 2 * QFontMetrics(style.ticks).height());
  if (m_data.zeroLine) addLine(canvas, style, {.at = 0, .label = {}, .vertical = false, .dashed = false, .movable = false});
  for (const ReferenceLine& line : m_data.lines)
    if (!line.movable || !style.paper) addLine(canvas, style, line);
}

void SeriesPlot::composeSeries(QCustomPlot& canvas, const PlotStyle& style, const Series& series) const {
  QColor colour = style.tone(series.tone);
  if (series.faint) colour = mixed(colour, style.ground, 0.72);
  const auto toVector = [](const std::vector<double>& v) { return QVector<double>(v.begin(), v.end()); };
  if (series.ribbon && series.low.size() == series.x.size() && series.x.size() > 1 && !series.faint) {
    auto* upper = new QCPGraph(canvas.xAxis, canvas.yAxis);
    auto* lower = new QCPGraph(canvas.xAxis, canvas.yAxis);
    upper->setData(toVector(series.x), toVector(series.high), true);
    lower->setData(toVector(series.x), toVector(series.low), true);
    for (auto* edge : {upper, lower}) edge->setPen(Qt::NoPen), edge->setName(QString());
    upper->setChannelFillGraph(lower);
    QColor fill = colour;
    fill.setAlphaF(0.14F);
    upper->setBrush(fill);
  }
  auto* graph = new QCPGraph(canvas.xAxis, canvas.yAxis);
  graph->setName(series.name);
  graph->setData(toVector(series.x), toVector(series.y), true);
  graph->setPen(QPen(colour, series.faint ? style.line * 0.7 : style.line, series.dashed ? Qt::DashLine : Qt::SolidLine));
  if (m_data.markers && !series.faint)
    graph->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(colour, style.line), QBrush(series.dashed ? style.ground : colour), style.marker - 1));
  if (series.x.size() == 1 && series.low.size() == 1) {
    auto* bars = new QCPErrorBars(canvas.xAxis, canvas.yAxis);
    bars->setDataPlottable(graph);
    bars->setData({series.y[0] - series.low[0]}, {series.high[0] - series.y[0]});
    bars->setPen(QPen(colour, style.line));
    bars->setWhiskerWidth(0);
    bars->setSymbolGap(0);
  }
}

void SeriesPlot::composeLabels(QCustomPlot& canvas, const PlotStyle& style) const {
  std::vector<double> wanted;
  std::vector<const Series*> labelled;
  const QCPRange range = canvas.yAxis->range();
  // Heights are counted in label lines: the layout is not final yet, so the axis height is estimated from the viewport.
  const double height = std::max(40.0, canvas.viewport().height() - 5.0 * QFontMetrics(style.ticks).height());
  const bool logarithmic = canvas.yAxis->scaleType() == QCPAxis::stLogarithmic;
  const double low = logarithmic ? std::log(range.lower) : range.lower, high = logarithmic ? std::log(range.upper) : range.upper;
  for (const Series& s : m_data.series) {
    if (!s.labelled || s.x.empty() || s.name.isEmpty()) continue;
    const double y = logarithmic ? std::log(std::max(s.y.back(), range.lower)) : s.y.back();
    wanted.push_back((y - low) / (high - low) * height);
    labelled.push_back(&s);
  }
  const double gap = QFontMetrics(style.ticks).height() * 0.95;
  const std::vector<double> placed = spreadLabels(wanted, gap, 0, height);
  for (std::size_t i = 0; i < labelled.size(); ++i) {
    const double y = low + placed[i] / height * (high - low);
    auto* text = addTextAtRatioX(canvas, style, labelled[i]->name, 1, logarithmic ? std::exp(y) : y, Qt::AlignLeft | Qt::AlignVCenter);
    text->setPadding(QMargins(8, 0, 0, 0));
    text->setColor(labelled[i]->faint ? mixed(style.muted, style.ground, 0.35) : style.textTone(labelled[i]->tone));
  }
}

void SeriesPlot::compose(QCustomPlot& canvas, const PlotStyle& style) const {
  composeAxes(canvas, style);
  if (m_data.band && !style.paper) addBand(canvas, style, *m_data.band);
  for (const Series& s : m_data.series)
    if (s.faint) composeSeries(canvas, style, s);
  for (const Series& s : m_data.series)
    if (!s.faint) composeSeries(canvas, style, s);
  composeLabels(canvas, style);
}

int SeriesPlot::movableLineAt(QPointF pixel) const {
  for (std::size_t i = 0; i < m_data.lines.size(); ++i) {
    const ReferenceLine& line = m_data.lines[i];
    const QPointF at = toPixel(line.vertical ? QPointF(line.at, 0) : QPointF(0, line.at));
    const double distance = line.vertical ? at.x() - pixel.x() : at.y() - pixel.y();
    if (line.movable && std::abs(distance) < 8) return static_cast<int>(i);
  }
  return -1;
}

bool SeriesPlot::gesture(QMouseEvent* event) {
  if (event->type() == QEvent::MouseButtonPress && event->button() == Qt::LeftButton) {
    m_dragged = movableLineAt(event->position());
    m_pressed = event->position();
    m_moving = false;
    if (m_dragged < 0) return false;
    const QCPRange x = canvas()->xAxis->range(), y = canvas()->yAxis->range();
    m_heldX = {x.lower, x.upper};
    m_heldY = {y.lower, y.upper};
    return true;
  }
  if (m_dragged < 0) {
    const int line = event->type() == QEvent::MouseMove ? movableLineAt(event->position()) : -1;
    if (std::exchange(m_overLine, line >= 0) != (line >= 0))
      canvas()->setCursor(line < 0 ? Qt::ArrowCursor : m_data.lines[static_cast<std::size_t>(line)].vertical ? Qt::SizeHorCursor : Qt::SizeVerCursor);
    return false;
  }
  m_moving = m_moving || (event->position() - m_pressed).manhattanLength() >= leastDrag;
  if (event->type() == QEvent::MouseMove && m_moving) {
    ReferenceLine& line = m_data.lines[static_cast<std::size_t>(m_dragged)];
    const QPointF at = toCoordinates(event->position());
    line.at = line.vertical ? at.x() : at.y();
    refresh();
    Q_EMIT lineMoved(m_dragged, line.at);
  } else if (event->type() == QEvent::MouseButtonRelease) {
    m_dragged = -1;
    m_heldX.reset();
    m_heldY.reset();
    refresh();
    return m_moving;   // a click belongs to the point under the line
  }
  return true;
}

}  // namespace lacuna::ui
