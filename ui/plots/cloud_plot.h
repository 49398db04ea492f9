#pragma once

#include <QPolygonF>
#include <functional>

#include "plots/figure_data.h"
#include "plots/plot_base.h"

namespace lacuna::ui {

enum class SelectionMode { Replace, Add, Toggle, Intersect };
/// Plain, Shift, Ctrl, Alt.
SelectionMode selectionMode(Qt::KeyboardModifiers modifiers);

/// The embedding map: sprites up to 20,000 points, a density image above; the lasso and the selection work on both.
class CloudPlot : public PlotBase {
  Q_OBJECT
 public:
  using PlotBase::PlotBase;
  void setFigure(CloudFigure figure);
  const CloudFigure& data() const { return m_data; }
  /// Points inside a polygon given in axis coordinates, ascending.
  std::vector<int> pointsInside(const QPolygonF& polygon) const;

  int itemCount() const override { return static_cast<int>(m_data.x.size()); }
  QPointF itemPosition(int item) const override;
  QString itemText(int item) const override { return m_describe ? m_describe(item) : QString(); }
  bool zoomable() const override { return true; }
  void setDescriber(std::function<QString(int point)> describe) { m_describe = std::move(describe); }

 Q_SIGNALS:
  void lassoed(const std::vector<int>& points, lacuna::ui::SelectionMode mode);

 protected:
  void compose(QCustomPlot& canvas, const PlotStyle& style) const override;
  bool gesture(QMouseEvent* event) override;

 private:
  CloudFigure m_data;
  QPolygonF m_lasso;                       ///< axis coordinates
  bool m_drawing = false;
  std::function<QString(int)> m_describe;
};

}  // namespace lacuna::ui
