#pragma once

#include "plots/figure_data.h"
#include "plots/plot_base.h"

namespace lacuna::ui {

/// Bars from 0: rows with the label at the left and the number at the end, or upright for histograms.
class BarPlot : public PlotBase {
  Q_OBJECT
 public:
  static constexpr bool scrolls = true;            ///< rows that lie take a line each; a view puts it into a scroll area
  using PlotBase::PlotBase;
  void setFigure(BarFigure figure);
  const BarFigure& data() const { return m_data; }

  int itemCount() const override { return static_cast<int>(m_data.bars.size()); }
  QPointF itemPosition(int item) const override;
  QString itemText(int item) const override;
  int itemAt(QPointF pixel) const override;
  QSize minimumSizeHint() const override;

 protected:
  void compose(QCustomPlot& canvas, const PlotStyle& style) const override;

 private:
  void composeLying(QCustomPlot& canvas, const PlotStyle& style) const;
  void composeUpright(QCustomPlot& canvas, const PlotStyle& style) const;
  BarFigure m_data;
};

}  // namespace lacuna::ui
