#include "plots/cloud_plot.h"

#include <QMouseEvent>
#include <algorithm>

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
  refresh();
}

QPointF CloudPlot::itemPosition(int item) const {
  const auto i = static_cast<std::size_t>(item);
  return {m_data.x[i], m_data.y[i]};
}

std::vector<int> CloudPlot::pointsInside(const QPolygonF& polygon) const {
  std::vector<int> inside;
  const QRectF box = polygon.boundingRect();
  for (std::size_t i = 0; i < m_data.x.size(); ++i) {
    const QPointF at(m_data.x[i], m_data.y[i]);
    if (box.contains(at) && polygon.containsPoint(at, Qt::OddEvenFill)) inside.push_back(static_cast<int>(i));
  }
  return inside;
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
  if (m_data.x.empty()) return;
  auto* cloud = new PointCloud(canvas.xAxis, canvas.yAxis, m_data, style);
  bool found = false;
  for (auto* axis : {canvas.xAxis, canvas.yAxis}) {
    QCPRange range = axis == canvas.xAxis ? cloud->getKeyRange(found, QCP::sdBoth) : cloud->getValueRange(found, QCP::sdBoth, {});
    const double margin = range.size() > 0 ? 0.05 * range.size() : 1;
    axis->setRange(range.lower - margin, range.upper + margin);
  }
  QColor halo = style.ground;
  halo.setAlphaF(0.82F);
  for (const CloudFigure::Label& label : m_data.labels) {
    auto* text = addText(canvas, style, label.text, label.at, Qt::AlignCenter);
    QFont bold = style.ticks;
    bold.setBold(true);
    text->setFont(bold);
    text->setColor(style.textTone(label.tone));
    text->setBrush(halo);
    text->setPadding(QMargins(4, 1, 4, 1));
  }
  if (m_data.primary >= 0) {
    auto* ring = new QCPGraph(canvas.xAxis, canvas.yAxis);
    const QPointF at = itemPosition(m_data.primary);
    ring->setData({at.x()}, {at.y()});
    ring->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssCircle, style.text, style.marker * 2));
  }
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
