#pragma once

#include <QImage>
#include <QRectF>
#include <cstdint>
#include <vector>

#include "plots/figure_data.h"
#include "plots/plot_style.h"

namespace lacuna::ui {

/// Points as an image for where there are too many to draw: each bin takes the most frequent tone of its points (Boyer–Moore majority vote),
/// its strength grows with the logarithm of their number; where something is selected, bins without a selected point are faint.
/// `view`: what the image shows, in axis coordinates, y upwards; `bins`: how many; a bin is `side` × `side` pixels of the image.
/// A million points take some milliseconds, bands of rows side by side; the same image at any thread count.
class DensityImage {
 public:
  const QImage& draw(const CloudFigure& figure, const PlotStyle& style, const QRectF& view, QSize bins, int side = 1);

 private:
  struct Bin { std::int32_t count = 0, votes = 0, tone = toneMuted, strong = 0; };
  std::int32_t countBand(const CloudFigure& figure, const QRectF& view, QSize bins, int from, int to);
  struct Ink { float least = 0, scale = 0; };   ///< opacity of a bin: least + scale · log(1 + points)
  void paintBand(const PlotStyle& style, QSize bins, int side, Ink strength, int from, int to);
  std::vector<Bin> m_bins;     ///< kept from drawing to drawing, as the image is: fresh memory costs more than the counting
  QImage m_image;
  uchar* m_pixels = nullptr;
};

/// The last image with what it was made of: drawing again costs nothing while neither points, selection, view nor colours change.
class DensityCache {
 public:
  const QImage& image(const CloudFigure& figure, const PlotStyle& style, const QRectF& view, QSize bins, int side);
  void forget() { m_drawn = nullptr; }

 private:
  DensityImage m_density;
  const QImage* m_drawn = nullptr;
  QRectF m_view;
  QSize m_bins;
  QColor m_ground;
};

}  // namespace lacuna::ui
