#pragma once

#include "plots/figure_data.h"
#include "plots/plot_base.h"

namespace lacuna::ui {

/// Labelled points on two number axes (volcano, paired means); filled = significant.
class PointsPlot : public PlotBase {
  Q_OBJECT
 public:
  using PlotBase::PlotBase;
  void setFigure(PointsFigure figure);
  const PointsFigure& data() const { return m_data; }

  int itemCount() const override { return static_cast<int>(m_data.points.size()); }
  QPointF itemPosition(int item) const override;
  QString itemText(int item) const override { return m_data.points[static_cast<std::size_t>(item)].tooltip; }
  bool zoomable() const override { return true; }

 protected:
  void compose(QCustomPlot& canvas, const PlotStyle& style) const override;

 private:
  PointsFigure m_data;
};

}  // namespace lacuna::ui
