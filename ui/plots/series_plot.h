#pragma once

#include <optional>

#include "plots/figure_data.h"
#include "plots/plot_base.h"

namespace lacuna::ui {

/// Lines with intervals as ribbons and a label at the end of each line instead of a legend. A single point is a mark, no line.
class SeriesPlot : public PlotBase {
  Q_OBJECT
 public:
  using PlotBase::PlotBase;
  void setFigure(SeriesFigure figure);
  const SeriesFigure& data() const { return m_data; }

  int itemCount() const override;
  QPointF itemPosition(int item) const override;
  QString itemText(int item) const override;
  bool zoomable() const override { return true; }
  /// Which series and which of its points an item is.
  std::pair<int, int> seriesOf(int item) const;

 Q_SIGNALS:
  void lineMoved(int line, double at);      ///< a movable reference line is being dragged; figures show no such line

 protected:
  void compose(QCustomPlot& canvas, const PlotStyle& style) const override;
  bool gesture(QMouseEvent* event) override;

 private:
  void composeAxes(QCustomPlot& canvas, const PlotStyle& style) const;
  void composeSeries(QCustomPlot& canvas, const PlotStyle& style, const Series& series) const;
  void composeLabels(QCustomPlot& canvas, const PlotStyle& style) const;
  int movableLineAt(QPointF pixel) const;
  SeriesFigure m_data;
  int m_dragged = -1;
  bool m_overLine = false, m_moving = false;
  QPointF m_pressed;
  std::optional<std::pair<double, double>> m_heldX, m_heldY;   ///< the ranges stand still while a line is dragged
};

}  // namespace lacuna::ui
