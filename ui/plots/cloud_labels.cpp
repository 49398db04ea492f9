#include "plots/cloud_labels.h"

#include <QFontMetricsF>
#include <algorithm>

namespace lacuna::ui {

std::vector<QRectF> withoutOverlaps(std::vector<QRectF> boxes, const QRectF& frame) {
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const auto isFree = [&](const QRectF& box) {
      return std::none_of(boxes.begin(), boxes.begin() + static_cast<std::ptrdiff_t>(i), [&](const QRectF& other) { return other.intersects(box); });
    };
    for (const int heights : {0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5}) {
      const QRectF moved = boxes[i].translated(0, heights * boxes[i].height());
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
  for (const CloudFigure::Label& label : m_labels) {
    QRectF box(0, 0, metrics.horizontalAdvance(label.text) + 8, metrics.height() + 2);
    box.moveCenter({mParentPlot->xAxis->coordToPixel(label.at.x()), mParentPlot->yAxis->coordToPixel(label.at.y())});
    boxes.push_back(box);
  }
  boxes = withoutOverlaps(std::move(boxes), mParentPlot->xAxis->axisRect()->rect());
  QColor halo = m_style.ground;
  halo.setAlphaF(0.82F);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    painter->fillRect(boxes[i], halo);
    painter->setPen(m_style.textTone(m_labels[i].tone));
    painter->drawText(boxes[i], Qt::AlignCenter, m_labels[i].text);
  }
}

}  // namespace lacuna::ui
