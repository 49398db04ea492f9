#include "plots/cloud_labels.h"

#include <QFontMetricsF>
#include <algorithm>

namespace lacuna::ui {

namespace {

/// The box moved by what it reaches over the frame's edges; one that is wider stands at the left edge.
QRectF movedInto(QRectF box, const QRectF& frame) {
  if (box.right() > frame.right()) box.moveRight(frame.right());
  if (box.bottom() > frame.bottom()) box.moveBottom(frame.bottom());
  if (box.left() < frame.left()) box.moveLeft(frame.left());
  if (box.top() < frame.top()) box.moveTop(frame.top());
  return box;
}

}  // namespace

std::vector<QRectF> withoutOverlaps(std::vector<QRectF> boxes, const QRectF& frame) {
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const auto isFree = [&](const QRectF& box) {
      return std::none_of(boxes.begin(), boxes.begin() + static_cast<std::ptrdiff_t>(i), [&](const QRectF& other) { return other.intersects(box); });
    };
    const QRectF wanted = movedInto(boxes[i], frame);
    boxes[i] = QRectF();
    for (const int heights : {0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5}) {
      const QRectF moved = wanted.translated(0, heights * wanted.height());
      if (!isFree(moved) || (heights != 0 && !frame.contains(moved))) continue;
      boxes[i] = moved;
      break;
    }
  }
  return boxes;
}

CloudLabels::CloudLabels(QCustomPlot& canvas, std::vector<CloudFigure::Label> labels, const PlotStyle& style)
    : QCPAbstractItem(&canvas), m_labels(std::move(labels)), m_style(style) {
  setClipToAxisRect(true);
  setSelectable(false);
}

void CloudLabels::draw(QCPPainter* painter) {
  QFont font = m_style.ticks;
  font.setBold(true);
  painter->setFont(font);
  const QFontMetricsF metrics(font, painter->device());
  std::vector<QRectF> boxes;
  std::vector<QPointF> places;
  for (const CloudFigure::Label& label : m_labels) {
    QRectF box(0, 0, metrics.horizontalAdvance(label.text) + 8, metrics.height() + 2);
    places.emplace_back(mParentPlot->xAxis->coordToPixel(label.at.x()), mParentPlot->yAxis->coordToPixel(label.at.y()));
    box.moveCenter(places.back());
    boxes.push_back(box);
  }
  const QRectF frame = mParentPlot->xAxis->axisRect()->rect();
  boxes = withoutOverlaps(std::move(boxes), frame);
  QColor halo = m_style.ground;
  halo.setAlphaF(0.82F);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (boxes[i].isEmpty() || boxes[i].contains(places[i]) || !frame.contains(places[i])) continue;
    painter->setPen(QPen(m_style.textTone(m_labels[i].tone), m_style.paper ? 0.5 : 1));
    painter->drawLine(QPointF(std::clamp(places[i].x(), boxes[i].left(), boxes[i].right()), places[i].y() < boxes[i].top() ? boxes[i].top() : boxes[i].bottom()), places[i]);
  }
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (boxes[i].isEmpty()) continue;
    painter->fillRect(boxes[i], halo);
    painter->setPen(m_style.textTone(m_labels[i].tone));
    painter->drawText(boxes[i], Qt::AlignCenter, m_labels[i].text);
  }
}

}  // namespace lacuna::ui
