#pragma once

#include "plots/density_image.h"
#include "plots/figure_data.h"
#include "plots/plot_style.h"
#include "plots/qcp.h"

namespace lacuna::ui {

/// Points of a CloudFigure in their fixed shuffled order. Keeps row identity, which QCPGraph does not. On screen sprites while few enough are
/// in view and one density image above; in a figure vector marks up to 5,000 points and one 600 dpi image of marks above, of a
/// density beyond 200,000.
class PointCloud : public QCPAbstractPlottable {
 public:
  /// `cache`: keeps the screen's image between drawings; may be null.
  PointCloud(QCPAxis* key, QCPAxis* value, const CloudFigure& data, const PlotStyle& style, DensityCache* cache);
  bool drawsDensity() const { return m_density; }
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
  QCPRange getKeyRange(bool& found, QCP::SignDomain) const override;
  QCPRange getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const override;

 protected:
  void draw(QCPPainter* painter) override;
  void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

 private:
  bool strong(std::uint32_t i) const { return m_data.selected.empty() || m_data.selected[i]; }
  QPointF pixel(std::uint32_t i) const { return {mKeyAxis->coordToPixel(m_data.points->x()[i]), mValueAxis->coordToPixel(m_data.points->y()[i])}; }
  QRectF view() const;
  void drawSprites(QPainter& painter, const std::vector<std::uint32_t>& visible, double pixelRatio) const;
  void drawVector(QPainter& painter, const std::vector<std::uint32_t>& visible) const;
  void drawRaster(QPainter& painter, std::vector<std::uint32_t> visible) const;
  void drawDensity(QPainter& painter, double scale) const;
  void drawPixels(QPainter& painter, const QRectF& rect, double ratio) const;

  CloudFigure m_data;
  PlotStyle m_style;
  DensityCache* m_cache;
  bool m_density = false;
};

}  // namespace lacuna::ui
