#include "plots/point_cloud.h"

#include <QHash>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "plots/plot_parts.h"

namespace lacuna::ui {
namespace {

constexpr std::size_t spritesAtMost = 20000, vectorAtMost = 5000;

/// A bijective scramble of indices: cheap, and the same at every drawing.
std::uint32_t scrambled(std::uint32_t i) {
  i ^= i >> 16, i *= 0x7feb352dU, i ^= i >> 15, i *= 0x846ca68bU;
  return i ^ (i >> 16);
}

QCPRange rangeOf(const std::vector<double>& values, bool& found) {
  found = !values.empty();
  if (!found) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {*low, *high};
}

}  // namespace

PointCloud::PointCloud(QCPAxis* key, QCPAxis* value, const CloudFigure& data, const PlotStyle& style)
    : QCPAbstractPlottable(key, value), m_data(data), m_style(style), m_order(data.x.size()) {
  std::iota(m_order.begin(), m_order.end(), 0U);
  std::sort(m_order.begin(), m_order.end(), [](std::uint32_t a, std::uint32_t b) { return scrambled(a) < scrambled(b); });
  std::stable_partition(m_order.begin(), m_order.end(), [this](std::uint32_t i) { return !strong(i); });
}

QCPRange PointCloud::getKeyRange(bool& found, QCP::SignDomain) const { return rangeOf(m_data.x, found); }
QCPRange PointCloud::getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const { return rangeOf(m_data.y, found); }

void PointCloud::draw(QCPPainter* painter) {
  const auto visible = static_cast<std::size_t>(std::count_if(m_order.begin(), m_order.end(), [&](std::uint32_t i) {
    return mKeyAxis->range().contains(m_data.x[i]) && mValueAxis->range().contains(m_data.y[i]);
  }));
  const bool vector = painter->modes().testFlag(QCPPainter::pmVectorized);
  m_density = visible > (vector ? vectorAtMost : spritesAtMost);
  if (m_density) drawDensity(*painter, vector ? 600.0 / 72 : painter->device()->devicePixelRatioF());
  else if (vector) drawVector(*painter);
  else drawSprites(*painter, painter->device()->devicePixelRatioF());
}

void PointCloud::drawSprites(QPainter& painter, double pixelRatio) const {
  QHash<int, QPixmap> strongSprites, weakSprites;
  const double diameter = std::clamp(m_style.marker - std::log10(1 + m_data.x.size() / 300.0) * 2, 3.5, m_style.marker);
  const QRectF rect = QRectF(mKeyAxis->axisRect()->rect()).adjusted(-8, -8, 8, 8);
  for (const std::uint32_t i : m_order) {
    const QPointF at = pixel(i);
    if (!rect.contains(at)) continue;
    const int tone = m_data.tone[i];
    auto& cache = strong(i) ? strongSprites : weakSprites;
    if (!cache.contains(tone)) {
      QColor colour = m_style.tone(tone);
      colour.setAlphaF(strong(i) ? 0.85F : 0.15F);
      cache.insert(tone, sprite(m_style, shapeOf(tone), colour, diameter, pixelRatio));
    }
    const QPixmap& mark = cache[tone];
    const double side = mark.width() / mark.devicePixelRatio();
    painter.drawPixmap(at - QPointF(side, side) / 2, mark);
  }
}

void PointCloud::drawVector(QPainter& painter) const {
  for (const std::uint32_t i : m_order) {
    QColor colour = m_style.tone(m_data.tone[i]);
    if (!strong(i)) colour = mixed(m_style.ground, colour, 0.2);
    drawMark(painter, shapeOf(m_data.tone[i]), pixel(i), 2.2, colour, true, m_style.ground);
  }
}

/// Each image pixel takes the most frequent tone of its points; its strength grows with the logarithm of their number.
void PointCloud::drawDensity(QPainter& painter, double scale) const {
  const QRectF rect = mKeyAxis->axisRect()->rect();
  constexpr double cell = 2;  // logical pixels a bin
  const double ratio = std::min(scale, 4.0) / cell;
  const int width = std::max(1, static_cast<int>(rect.width() * ratio)), height = std::max(1, static_cast<int>(rect.height() * ratio));
  struct Bin { std::int32_t count = 0, votes = 0; int tone = toneMuted; bool strong = false; };
  std::vector<Bin> bins(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  for (const std::uint32_t i : m_order) {
    const QPointF at = (pixel(i) - rect.topLeft()) * ratio;
    const int x = static_cast<int>(at.x()), y = static_cast<int>(at.y());
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    Bin& bin = bins[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
    ++bin.count;
    bin.strong = bin.strong || strong(i);
    if (bin.votes == 0) bin.tone = m_data.tone[i];  // Boyer–Moore majority vote
    bin.votes += bin.tone == m_data.tone[i] ? 1 : -1;
  }
  std::int32_t most = 1;
  for (const Bin& bin : bins) most = std::max(most, bin.count);
  QImage image(width, height, QImage::Format_ARGB32);
  image.fill(Qt::transparent);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const Bin& bin = bins[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
      if (bin.count == 0) continue;
      QColor colour = m_style.tone(bin.tone);
      const double share = 0.35 + 0.65 * std::log1p(bin.count) / std::log1p(most);
      colour.setAlphaF(static_cast<float>(bin.strong ? share : 0.15 * share));
      image.setPixelColor(x, y, colour);
    }
  painter.drawImage(rect, image);
}

}  // namespace lacuna::ui
