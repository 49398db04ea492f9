#pragma once

#include "plots/figure_data.h"
#include "plots/plot_base.h"

namespace lacuna::ui {

/// A tree as rectangles: the root at the top, every node as wide as it is large, as long as it lives. One object draws all of them, so that
/// thousands of nodes cost what their pixels cost.
class IciclePlot : public PlotBase {
  Q_OBJECT
 public:
  using PlotBase::PlotBase;
  void setFigure(IcicleFigure figure);
  const IcicleFigure& data() const { return m_data; }

  int itemCount() const override { return static_cast<int>(m_data.nodes.size()); }
  QPointF itemPosition(int item) const override;
  QString itemText(int item) const override { return m_data.nodes[static_cast<std::size_t>(item)].tooltip; }
  int itemAt(QPointF pixel) const override;
  bool zoomable() const override { return true; }

 protected:
  void compose(QCustomPlot& canvas, const PlotStyle& style) const override;

 private:
  IcicleFigure m_data;
};

}  // namespace lacuna::ui
