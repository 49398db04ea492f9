#include "plots/cloud_plot.h"

#include <QMouseEvent>
#include <algorithm>
#include <cmath>

#include "plots/cloud_labels.h"
#include "plots/plot_parts.h"
#include "plots/point_cloud.h"

namespace lacuna::ui {

SelectionMode selectionMode(Qt::KeyboardModifiers modifiers) {
  if (modifiers & Qt::ShiftModifier) return SelectionMode::Add;
  if (modifiers & Qt::ControlModifier) return SelectionMode::Toggle;
  return modifiers & Qt::AltModifier ? SelectionMode::Intersect : SelectionMode::Replace;
}

void CloudPlot::setFigure(CloudFigure figure) {
  m_data = std::move(figure);
  m_density.forget();
  refresh();
}

int CloudPlot::itemAt(QPointF pixel) const {
  constexpr double reach = 12;
  const QPointF at = toCoordinates(pixel), beside = toCoordinates(pixel + QPointF(reach, reach));
  return m_data.points->nearest(at, QSizeF(std::abs(beside.x() - at.x()), std::abs(beside.y() - at.y())));
}

void CloudPlot::compose(QCustomPlot& canvas, const PlotStyle& style) const {
  QCPAxisRect* rect = freshAxes(canvas, style);
  rect->setMinimumMargins(QMargins(6, 6, 6, 6));
  for (auto* axis : {canvas.xAxis, canvas.yAxis}) {  // the axes of a projection have no unit and no meaning of their own
    axis->setTicks(false);
    axis->setTickLabels(false);
    axis->setBasePen(Qt::NoPen);
    axis->grid()->setVisible(false);
  }
  if (m_data.points->empty()) return;
  auto* cloud = new PointCloud(canvas.xAxis, canvas.yAxis, m_data, style, style.paper ? nullptr : &m_density);
  bool found = false;
  for (auto* axis : {canvas.xAxis, canvas.yAxis}) {
    QCPRange range = axis == canvas.xAxis ? cloud->getKeyRange(found, QCP::sdBoth) : cloud->getValueRange(found, QCP::sdBoth, {});
    const double margin = range.size() > 0 ? 0.05 * range.size() : 1;
    axis->setRange(range.lower - margin, range.upper + margin);
  }
  if (!m_data.labels.empty()) new CloudLabels(canvas, m_data.labels, style);
  if (m_data.primary >= 0) {
    auto* ring = new QCPGraph(canvas.xAxis, canvas.yAxis);
    const QPointF at = itemPosition(m_data.primary);
    ring->setData({at.x()}, {at.y()});
    ring->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, style.text, style.marker * 2));
  }
  composeLasso(canvas, style);
}

void CloudPlot::composeLasso(QCustomPlot& canvas, const PlotStyle& style) const {
  if (m_lasso.size() < 2) return;
  auto* outline = new QCPCurve(canvas.xAxis, canvas.yAxis);
  for (int i = 0; i <= m_lasso.size(); ++i) outline->addData(i, m_lasso[i % m_lasso.size()].x(), m_lasso[i % m_lasso.size()].y());
  outline->setPen(QPen(style.accent, 1.5));
  QColor fill = style.accent;
  fill.setAlphaF(0.1F);
  outline->setBrush(fill);
}

bool CloudPlot::gesture(QMouseEvent* event) {
  if (event->type() == QEvent::MouseButtonPress && event->button() == Qt::LeftButton) {
    m_drawing = true;
    m_lasso = {toCoordinates(event->position())};
    return false;
  }
  if (!m_drawing) return false;
  if (event->type() == QEvent::MouseMove) {
    m_lasso << toCoordinates(event->position());
    if (m_lasso.size() > 2) refresh();
    return m_lasso.size() > 2;
  }
  if (event->type() != QEvent::MouseButtonRelease) return false;
  m_drawing = false;
  const QPolygonF lasso = std::exchange(m_lasso, {});
  if (lasso.size() < 4) return false;  // a click
  refresh();
  Q_EMIT lassoed(pointsInside(lasso), selectionMode(event->modifiers()));
  return true;
}

}  // namespace lacuna::ui
