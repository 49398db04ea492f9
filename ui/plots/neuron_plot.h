#pragma once

#include <functional>

#include "plots/figure_data.h"
#include "plots/plot_base.h"

namespace lacuna::ui {

/// Layers × neurons: pooled where neurons are narrower than pixels, so that a single hot one shows; the selected set S_i is a rug
/// above each row, and outlines once cells are wide enough. Layer 0 lies at the bottom, as in the network.
class NeuronPlot : public PlotBase {
  Q_OBJECT
 public:
  using PlotBase::PlotBase;
  void setFigure(NeuronFigure figure);
  const NeuronFigure& data() const { return m_data; }
  double neuronsPerPixel() const;

  int itemCount() const override { return static_cast<int>(m_data.grid.rows * m_data.grid.columns); }
  QPointF itemPosition(int item) const override;
  QString itemText(int item) const override;
  int itemStride() const override { return -static_cast<int>(m_data.grid.columns); }
  int itemAt(QPointF pixel) const override;
  bool zoomable() const override { return true; }
  /// Words of a cell for its tooltip; set by the view.
  void setDescriber(std::function<QString(int row, int column)> describe) { m_describe = std::move(describe); }

 protected:
  void compose(QCustomPlot& canvas, const PlotStyle& style) const override;

 private:
  NeuronFigure m_data;
  std::function<QString(int, int)> m_describe;
};

}  // namespace lacuna::ui
