#pragma once

#include <QPolygonF>
#include <functional>

#include "plots/density_image.h"
#include "plots/figure_data.h"
#include "plots/plot_base.h"

namespace lacuna::ui {

enum class SelectionMode { Replace, Add, Toggle, Intersect };
/// Plain, Shift, Ctrl, Alt.
SelectionMode selectionMode(Qt::KeyboardModifiers modifiers);

/// The embedding map: sprites while up to 50,000 points are in view (20,000 on dense screens), a density image above; lasso, selection and
/// hovering work on both.
class CloudPlot : public PlotBase {
  Q_OBJECT
 public:
  using PlotBase::PlotBase;
  void setFigure(CloudFigure figure);
  const CloudFigure& data() const { return m_data; }
  /// Points inside a polygon given in axis coordinates, ascending.
  std::vector<int> pointsInside(const QPolygonF& polygon) const { return m_data.points->inside(polygon); }

  int itemCount() const override { return static_cast<int>(m_data.points->size()); }
  QPointF itemPosition(int item) const override { return m_data.points->at(static_cast<std::size_t>(item)); }
  int itemAt(QPointF pixel) const override;
  QString itemText(int item) const override { return m_describe ? m_describe(item) : QString(); }
  bool zoomable() const override { return true; }
  void setDescriber(std::function<QString(int point)> describe) { m_describe = std::move(describe); }

 Q_SIGNALS:
  void lassoed(const std::vector<int>& points, lacuna::ui::SelectionMode mode);

 protected:
  void compose(QCustomPlot& canvas, const PlotStyle& style) const override;
  bool gesture(QMouseEvent* event) override;

 private:
  void composeLasso(QCustomPlot& canvas, const PlotStyle& style) const;
  CloudFigure m_data;
  mutable DensityCache m_density;          ///< of the screen
  QPolygonF m_lasso;                       ///< axis coordinates
  bool m_drawing = false;
  std::function<QString(int)> m_describe;
};

}  // namespace lacuna::ui
