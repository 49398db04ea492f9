#pragma once

#include "plots/figure_data.h"
#include "plots/plot_base.h"

namespace lacuna::ui {

/// A labelled matrix: cells with numbers, significance marks, a colour bar. Rows grow downwards.
class MatrixPlot : public PlotBase {
  Q_OBJECT
 public:
  using PlotBase::PlotBase;
  void setFigure(MatrixFigure figure);
  const MatrixFigure& data() const { return m_data; }

  int itemCount() const override { return static_cast<int>(m_data.grid.rows * m_data.grid.columns); }
  QPointF itemPosition(int item) const override;
  QString itemText(int item) const override;
  int itemStride() const override { return static_cast<int>(m_data.grid.columns); }
  int itemAt(QPointF pixel) const override;

 protected:
  void compose(QCustomPlot& canvas, const PlotStyle& style) const override;

 private:
  MatrixFigure m_data;
};

}  // namespace lacuna::ui
