#include "plots/point_cloud.h"

#include <QHash>
#include <algorithm>
#include <cmath>

#include "plots/plot_parts.h"

namespace lacuna::ui {
namespace {

constexpr std::size_t spritesAtMost = 50000, denseSpritesAtMost = 20000, vectorAtMost = 5000, rasterAtMost = 200000;   // dense: on screens of 2 pixels a unit

}  // namespace

PointCloud::PointCloud(QCPAxis* key, QCPAxis* value, const CloudFigure& data, const PlotStyle& style, DensityCache* cache)
    : QCPAbstractPlottable(key, value), m_data(data), m_style(style), m_cache(cache) {}

QCPRange PointCloud::getKeyRange(bool& found, QCP::SignDomain) const {
  found = !m_data.points->empty();
  return {m_data.points->bounds().left(), m_data.points->bounds().right()};
}

QCPRange PointCloud::getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const {
  found = !m_data.points->empty();
  return {m_data.points->bounds().top(), m_data.points->bounds().bottom()};
}

QRectF PointCloud::view() const {
  const QCPRange x = mKeyAxis->range(), y = mValueAxis->range();
  return {QPointF(x.lower, y.lower), QPointF(x.upper, y.upper)};
}

void PointCloud::draw(QCPPainter* painter) {
  const bool vector = painter->modes().testFlag(QCPPainter::pmVectorized);
  const double ratio = painter->device()->devicePixelRatioF();
  std::vector<std::uint32_t> visible = m_data.points->inside(view(), vector ? vectorAtMost : ratio > 1.4 ? denseSpritesAtMost : spritesAtMost, m_density);
  if (m_density && vector) {
    bool more = false;
    visible = m_data.points->inside(view(), rasterAtMost, more);
    if (!more) return drawRaster(*painter, std::move(visible));
  }
  if (m_density) return drawDensity(*painter, vector ? 600.0 / 72 : ratio);
  std::stable_partition(visible.begin(), visible.end(), [this](std::uint32_t i) { return !strong(i); });
  vector ? drawVector(*painter, visible) : drawSprites(*painter, visible, ratio);
}

void PointCloud::drawSprites(QPainter& painter, const std::vector<std::uint32_t>& visible, double pixelRatio) const {
  QHash<int, QPixmap> strongSprites, weakSprites;
  const double diameter = std::clamp(m_style.marker - std::log10(1 + static_cast<double>(visible.size()) / 300.0) * 2, 3.5, m_style.marker);
  for (const std::uint32_t i : visible) {
    const int tone = m_data.points->tone()[i];
    auto& cache = strong(i) ? strongSprites : weakSprites;
    if (!cache.contains(tone)) {
      QColor colour = m_style.tone(tone);
      colour.setAlphaF(strong(i) ? 0.85F : 0.15F);
      cache.insert(tone, sprite(m_style, shapeOf(tone), colour, diameter, pixelRatio));
    }
    const QPixmap& mark = cache[tone];
    const double side = mark.width() / mark.devicePixelRatio();
    painter.drawPixmap(pixel(i) - QPointF(side, side) / 2, mark);
  }
}

void PointCloud::drawVector(QPainter& painter, const std::vector<std::uint32_t>& visible) const {
  for (const std::uint32_t i : visible) {
    QColor colour = m_style.tone(m_data.points->tone()[i]);
    if (!strong(i)) colour = mixed(m_style.ground, colour, 0.2);
    drawMark(painter, shapeOf(m_data.points->tone()[i]), pixel(i), 2.2, colour, true, m_style.ground);
  }
}

/// On paper: points that are too many for vectors as one picture of 600 dots an inch within vector axes.
void PointCloud::drawRaster(QPainter& painter, std::vector<std::uint32_t> visible) const {
  constexpr double dots = 600.0 / 72;
  const QRectF rect = mKeyAxis->axisRect()->rect();
  QImage image((rect.size() * dots).toSize(), QImage::Format_ARGB32_Premultiplied);
  image.fill(Qt::transparent);
  QPainter points(&image);
  points.setRenderHint(QPainter::Antialiasing);
  points.scale(dots, dots);
  points.translate(-rect.topLeft());
  std::stable_partition(visible.begin(), visible.end(), [this](std::uint32_t i) { return !strong(i); });
  drawVector(points, visible);
  points.end();
  painter.drawImage(rect, image);
}

void PointCloud::drawDensity(QPainter& painter, double scale) const {
  const QRectF rect = mKeyAxis->axisRect()->rect();
  if (m_cache) return drawPixels(painter, rect, scale);
  constexpr double cell = 2;  // logical pixels a bin
  const double ratio = std::min(scale, 4.0) / cell;
  const QSize size(std::max(1, static_cast<int>(rect.width() * ratio)), std::max(1, static_cast<int>(rect.height() * ratio)));
  DensityImage density;
  painter.drawImage(rect, density.draw(m_data, m_style, view(), size));
}

/// On screen a bin is a whole number of device pixels, two where that keeps a frame's time, so that the image is put down as it is; what it has
/// beyond the view's edge is clipped.
void PointCloud::drawPixels(QPainter& painter, const QRectF& rect, double ratio) const {
  const double binsAtMost = std::clamp(2.5 * static_cast<double>(m_data.points->size()), 60000.0, 260000.0);   // fewer points are larger ones
  const double pixels = rect.width() * ratio * rect.height() * ratio;
  const int side = std::max(2, static_cast<int>(std::ceil(std::sqrt(pixels / binsAtMost))));
  const QSize bins(std::max(1, static_cast<int>(std::ceil(rect.width() * ratio / side))), std::max(1, static_cast<int>(std::ceil(rect.height() * ratio / side))));
  const QRectF shown = view();
  const double width = shown.width() * bins.width() * side / (rect.width() * ratio), height = shown.height() * bins.height() * side / (rect.height() * ratio);
  painter.save();
  painter.translate(rect.topLeft());
  painter.scale(1 / ratio, 1 / ratio);
  painter.drawImage(QPoint(0, 0), m_cache->image(m_data, m_style, QRectF(shown.left(), shown.bottom() - height, width, height), bins, side));
  painter.restore();
}

}  // namespace lacuna::ui
