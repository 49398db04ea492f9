#include "plots/knife_plot.h"

#include <QLocale>
#include <algorithm>
#include <cmath>

#include "plots/plot_parts.h"

namespace lacuna::ui {
namespace {

constexpr int kAround = 80;                           // pixels above and below the blades
constexpr double kShareLeft = 0.3, kShareRight = 0.36;   // of the width, at most, for names and numbers

}  // namespace

void KnifePlot::setFigure(KnifeFigure figure) {
  m_data = std::move(figure);
  updateGeometry();
  refresh();
}

QSize KnifePlot::minimumSizeHint() const {
  const int blades = static_cast<int>(m_data.blades.size());
  return {180, std::max(120, blades * (fontMetrics().height() + 1) + kAround)};
}

/// Blades take heights in proportion to their documents, small ones more than half of the mean height, with gaps.
std::vector<KnifePlot::Extent> KnifePlot::extents() const {
  double total = 0;
  for (const auto& blade : m_data.blades) total += static_cast<double>(blade.values.size());
  const double mean = total / static_cast<double>(std::max<std::size_t>(1, m_data.blades.size())), gap = 0.15 * mean, least = 0.6 * mean;
  std::vector<Extent> out;
  double y = 0;
  for (const auto& blade : m_data.blades) {
    const double height = std::max(static_cast<double>(blade.values.size()), least);
    out.push_back({y, y + height});
    y += height + gap;
  }
  return out;
}

QPointF KnifePlot::itemPosition(int item) const {
  const Extent e = extents()[static_cast<std::size_t>(item)];
  return {canvas()->xAxis->range().lower, (e.top + e.bottom) / 2};   // left of the bars: by its name
}

KnifePlot::Place KnifePlot::placeOf(int item) const {
  if (item < itemCount()) return {item, -1};
  item -= itemCount();
  for (int blade = 0; blade < itemCount(); ++blade) {
    const int size = static_cast<int>(m_data.blades[static_cast<std::size_t>(blade)].values.size());
    if (item < size) return {blade, item};
    item -= size;
  }
  return {};
}

QString KnifePlot::itemText(int item) const {
  const Place place = placeOf(item);
  if (place.blade < 0) return {};
  if (place.document >= 0 && m_describe) return m_describe(place.blade, place.document);
  const auto& blade = m_data.blades[static_cast<std::size_t>(place.blade)];
  return blade.label + QLatin1Char('\n') + blade.right;
}

int KnifePlot::itemAt(QPointF pixel) const {
  const QPointF at = toCoordinates(pixel);
  const std::vector<Extent> all = extents();
  int before = itemCount();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::vector<double>& values = m_data.blades[i].values;
    if (at.y() >= all[i].top && at.y() <= all[i].bottom) {
      const double share = (at.y() - all[i].top) / (all[i].bottom - all[i].top);
      const auto document = std::min(values.size() - std::min<std::size_t>(1, values.size()), static_cast<std::size_t>(share * static_cast<double>(values.size())));
      const bool onBar = !values.empty() && (values[document] < 0 ? at.x() <= 0 && at.x() >= values[document] : at.x() >= 0 && at.x() <= values[document]);
      return onBar && m_describe ? before + static_cast<int>(document) : static_cast<int>(i);
    }
    before += static_cast<int>(values.size());
  }
  return -1;
}

std::size_t KnifePlot::documentsPerPixel(const QCustomPlot& canvas, const PlotStyle& style, const KnifeFigure::Blade& blade, Extent extent) const {
  const double share = (extent.bottom - extent.top) / extents().back().bottom, dots = style.paper ? 4 : canvas.bufferDevicePixelRatio();
  const double rows = std::max(1.0, share * canvas.viewport().height() * dots);
  return std::max<std::size_t>(1, static_cast<std::size_t>(static_cast<double>(blade.values.size()) / rows));
}

/// Marked documents as bars from 0; those that share a pixel as one bar to the largest and one to the least of them.
void KnifePlot::composeMarked(QCustomPlot& canvas, const PlotStyle& style, const KnifeFigure::Blade& blade, Extent extent) const {
  if (blade.marked.empty()) return;
  const double step = (extent.bottom - extent.top) / static_cast<double>(blade.values.size());
  const auto stride = static_cast<int>(documentsPerPixel(canvas, style, blade, extent));
  QVector<double> places, values;
  for (auto from = blade.marked.begin(); from != blade.marked.end();) {
    const int nextPixel = (*from / stride + 1) * stride;
    const auto to = std::find_if(from, blade.marked.end(), [&](int i) { return i >= nextPixel; });
    const double high = blade.values[static_cast<std::size_t>(*from)], low = blade.values[static_cast<std::size_t>(*(to - 1))];
    places << extent.top + step * (*from + 0.5), values << high;
    if (low < 0 && low < high) places << extent.top + step * (*(to - 1) + 0.5), values << low;
    from = to;
  }
  auto* bars = new QCPGraph(canvas.yAxis, canvas.xAxis);
  bars->setData(places, values, true);
  bars->setLineStyle(QCPGraph::lsImpulse);
  bars->setPen(QPen(style.tone(blade.tone), style.paper ? 0.5 : stride > 1 ? 0 : 1.2));   // several a pixel: every row has a line of one
  bars->setAntialiased(style.paper);   // level lines, one a row of pixels: smoothing them costs most of the drawing and shows nothing
}

void KnifePlot::composeBlade(QCustomPlot& canvas, const PlotStyle& style, const KnifeFigure::Blade& blade, Extent extent) const {
  if (blade.values.empty()) return;
  auto* area = new QCPCurve(canvas.xAxis, canvas.yAxis);
  area->setName(blade.label);
  QVector<double> t, x, y;
  const auto add = [&](double px, double py) { t << t.size(), x << px, y << py; };
  const double step = (extent.bottom - extent.top) / static_cast<double>(blade.values.size());
  add(0, extent.top);
  // A band a pixel: from its largest value to its least, values being sorted.
  const std::size_t n = blade.values.size(), stride = documentsPerPixel(canvas, style, blade, extent);
  for (std::size_t i = 0; i < n; i += stride) {
    add(blade.values[i], extent.top + step * static_cast<double>(i));
    const std::size_t last = std::min(n, i + stride);
    add(blade.values[last - 1], extent.top + step * static_cast<double>(last));
  }
  add(0, extent.bottom);
  area->setData(t, x, y, true);
  QColor colour = style.tone(blade.tone);
  if (blade.faint) colour = mixed(style.ground, colour, 0.2);
  area->setPen(stride > 1 && !style.paper ? QPen(Qt::NoPen) : QPen(colour, style.paper ? 0.3 : 0.8));   // an outline of a step a pixel adds nothing
  area->setBrush(colour);
  composeMarked(canvas, style, blade, extent);
}

KnifePlot::Lines KnifePlot::lines(const QCustomPlot& canvas, const PlotStyle& style, const std::vector<Extent>& extents) const {
  Lines out;
  const QFontMetrics metrics(style.ticks);
  const double width = canvas.viewport().width(), height = std::max(1.0, canvas.viewport().height() - (style.paper ? 0.6 : 1) * kAround);
  const double whole = extents.back().bottom;
  int widest = 0;
  for (const auto& blade : m_data.blades) widest = std::max(widest, metrics.horizontalAdvance(blade.right));
  const bool shorter = widest > kShareRight * width;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const auto& blade = m_data.blades[i];
    out.at.push_back((extents[i].top + extents[i].bottom) / 2);
    out.left.push_back(metrics.elidedText(blade.label, Qt::ElideRight, static_cast<int>(kShareLeft * width)));
    out.right.push_back(shorter ? blade.shorter : blade.right);
    out.rightWidth = std::max(out.rightWidth, metrics.horizontalAdvance(out.right.back()));
  }
  out.at = spreadLabels(std::move(out.at), metrics.height() * whole / height, 0, whole);
  return out;
}

void KnifePlot::composeMean(QCustomPlot& canvas, const PlotStyle& style) const {
  addLine(canvas, style, {.at = m_data.mean, .label = {}, .vertical = true, .dashed = true, .movable = false});
  auto* mean = new QCPItemText(&canvas);
  mean->setText(tr("mean %1").arg(QLocale().toString(m_data.mean, 'f', 2)));
  mean->setFont(style.ticks);
  mean->setColor(style.muted);
  mean->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
  mean->position->setCoords(m_data.mean, 0);
  mean->setPositionAlignment(Qt::AlignHCenter | Qt::AlignBottom);
  mean->setClipToAxisRect(false);
}

void KnifePlot::compose(QCustomPlot& canvas, const PlotStyle& style) const {
  QCPAxisRect* rect = freshAxes(canvas, style);
  if (m_data.blades.empty()) return;
  const std::vector<Extent> all = extents();
  const Lines text = lines(canvas, style, all);
  double low = 0, high = 0.1;
  QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& blade = m_data.blades[i];
    ticker->addTick(text.at[i], text.left[i]);
    auto* right = addTextAtRatioX(canvas, style, text.right[i], 1, text.at[i], Qt::AlignLeft | Qt::AlignVCenter);
    right->setPadding(QMargins(style.paper ? 4 : 8, 0, 0, 0));
    if (!blade.values.empty()) low = std::min(low, blade.values.back()), high = std::max(high, blade.values.front());
  }
  canvas.xAxis->setRange(std::max(-1.0, low - 0.03), std::min(1.0, high + 0.03));
  canvas.yAxis->setTicker(ticker);
  canvas.yAxis->setTickLabelColor(style.text);
  canvas.yAxis->setBasePen(Qt::NoPen);
  canvas.yAxis->setTickPen(Qt::NoPen);
  canvas.yAxis->setTickLength(0, 0);
  canvas.yAxis->grid()->setVisible(false);
  canvas.yAxis->setRangeReversed(true);
  canvas.yAxis->setRange(-0.01 * all.back().bottom, 1.01 * all.back().bottom);
  canvas.xAxis->setLabel(m_data.axisLabel);
  canvas.xAxis->ticker()->setTickCount(std::clamp(canvas.viewport().width() / 120, 2, 6));
  rect->setMinimumMargins(QMargins(8, 18, text.rightWidth + 16, 4));
  for (std::size_t i = 0; i < all.size(); ++i) composeBlade(canvas, style, m_data.blades[i], all[i]);
  addLine(canvas, style, {.at = 0, .label = {}, .vertical = true, .dashed = false, .movable = false});
  if (!std::isnan(m_data.mean)) composeMean(canvas, style);
}

}  // namespace lacuna::ui
