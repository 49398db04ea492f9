#pragma once

#include <QImage>
#include <QRectF>

#include "plots/figure_data.h"
#include "plots/plot_style.h"

namespace lacuna::ui {

/// Points as an image for where there are too many to draw: each bin takes the most frequent tone of its points (Boyer–Moore majority vote),
/// its strength grows with the logarithm of their number; where something is selected, bins without a selected point are faint.
/// `view`: what the image shows, in axis coordinates, y upwards. A million points take a few milliseconds.
QImage densityImage(const CloudFigure& figure, const PlotStyle& style, const QRectF& view, QSize size);

/// The last image with what it was made of: drawing again costs nothing while neither points, selection, view nor colours change.
class DensityCache {
 public:
  const QImage& image(const CloudFigure& figure, const PlotStyle& style, const QRectF& view, QSize size);
  void forget() { m_image = {}; }

 private:
  QImage m_image;
  QRectF m_view;
  QColor m_ground;
};

}  // namespace lacuna::ui
