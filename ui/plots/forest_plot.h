#pragma once

#include "plots/figure_data.h"
#include "plots/plot_base.h"

namespace lacuna::ui {

/// One row an estimate: dot and interval, the random-control interval as a grey band behind it, the zero line, numbers at the right.
/// Filled marks are significant after correction; the first row lies at the top. Where there is no room the numbers are left to the tooltips.
class ForestPlot : public PlotBase {
  Q_OBJECT
 public:
  static constexpr bool scrolls = true;            ///< grows with its rows; a view puts it into a scroll area
  using PlotBase::PlotBase;
  void setFigure(ForestFigure figure);
  const ForestFigure& data() const { return m_data; }

  int itemCount() const override { return static_cast<int>(m_data.rows.size()); }
  QPointF itemPosition(int item) const override;
  QString itemText(int item) const override { return m_data.rows[static_cast<std::size_t>(item)].tooltip; }
  int itemAt(QPointF pixel) const override;
  QSize minimumSizeHint() const override;

 protected:
  void compose(QCustomPlot& canvas, const PlotStyle& style) const override;

 private:
  double yOf(std::size_t row) const;
  int roomBeside(const QCustomPlot& canvas, const PlotStyle& style, bool numbers) const;   ///< for the axis, in characters
  bool showsNumbers(const QCustomPlot& canvas, const PlotStyle& style) const { return roomBeside(canvas, style, true) >= 12; }
  void composeRow(QCustomPlot& canvas, const PlotStyle& style, std::size_t row) const;
  void composeAxes(QCustomPlot& canvas, const PlotStyle& style) const;
  ForestFigure m_data;
};

}  // namespace lacuna::ui
