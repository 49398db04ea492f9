#pragma once

#include "plots/figure_data.h"
#include "plots/plot_style.h"
#include "plots/qcp.h"

namespace lacuna::ui {

/// Points of a CloudFigure, drawn in a fixed shuffled order so that no cluster lies on top by its number. Keeps row identity, which
/// QCPGraph does not. On screen sprites; in a figure vector marks up to 5,000 points and one 600 dpi image above.
class PointCloud : public QCPAbstractPlottable {
 public:
  PointCloud(QCPAxis* key, QCPAxis* value, const CloudFigure& data, const PlotStyle& style);
  bool drawsDensity() const { return m_density; }
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
  QCPRange getKeyRange(bool& found, QCP::SignDomain) const override;
  QCPRange getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const override;

 protected:
  void draw(QCPPainter* painter) override;
  void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

 private:
  bool strong(std::size_t i) const { return m_data.selected.empty() || m_data.selected[i]; }
  QPointF pixel(std::size_t i) const { return {mKeyAxis->coordToPixel(m_data.x[i]), mValueAxis->coordToPixel(m_data.y[i])}; }
  void drawSprites(QPainter& painter, double pixelRatio) const;
  void drawVector(QPainter& painter) const;
  void drawDensity(QPainter& painter, double scale) const;

  const CloudFigure m_data;
  PlotStyle m_style;
  std::vector<std::uint32_t> m_order;
  mutable bool m_density = false;
};

}  // namespace lacuna::ui
