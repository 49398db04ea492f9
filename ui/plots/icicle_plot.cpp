#include "plots/icicle_plot.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

#include "plots/plot_parts.h"

namespace lacuna::ui {
namespace {

using Node = IcicleFigure::Node;

/// The lower part, of which half the documents have left.
Node narrowed(const Node& node) {
  Node out = node;
  const double quarter = (node.right - node.left) / 4;
  out.left += quarter;
  out.right -= quarter;
  out.top = node.half;
  return out;
}

class IcicleCells : public QCPAbstractPlottable {
 public:
  IcicleCells(QCPAxis* key, QCPAxis* value, const IcicleFigure& figure, PlotStyle style) : QCPAbstractPlottable(key, value), m_figure(figure), m_style(std::move(style)) {}
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
  QCPRange getKeyRange(bool& found, QCP::SignDomain) const override { return found = true, QCPRange(0, m_figure.width); }
  QCPRange getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const override { return found = true, QCPRange(m_figure.low, m_figure.high); }

 protected:
  void draw(QCPPainter* painter) override {
    painter->setAntialiasing(m_style.paper);
    for (const Node& node : m_figure.nodes) drawBody(*painter, node);
    for (const Node& node : m_figure.nodes)
      if (node.chosen) drawOutline(*painter, node);
    for (const Node& node : m_figure.nodes) drawLabel(*painter, node);
  }
  void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

 private:
  /// Of a part in pixels; on a logarithmic axis nothing begins at 0.
  QRectF rect(const Node& node) const {
    const auto y = [&](double value) { return mValueAxis->coordToPixel(std::clamp(value, m_figure.low, m_figure.high)); };
    const QPointF a(mKeyAxis->coordToPixel(node.left), y(node.top)), b(mKeyAxis->coordToPixel(node.right), y(node.bottom));
    return QRectF(a, b).normalized();
  }
  QRectF upper(const Node& node) const {
    Node part = node;
    part.bottom = node.half;
    return rect(part);
  }
  QColor fill(const Node& node) const {
    const QColor colour = m_style.tone(node.tone);
    return mixed(colour, m_style.ground, node.faint ? 0.9 : node.highlighted ? 0.35 : node.chosen ? 0.62 : node.tone == toneMuted ? 0.7 : 0.8);
  }
  void drawBody(QCPPainter& painter, const Node& node) const {
    painter.setPen(QPen(m_style.ground, m_style.paper ? 0.4 : 1));
    painter.setBrush(fill(node));
    painter.drawRect(upper(node));
    if (node.half < node.bottom) painter.drawRect(rect(narrowed(node)));
  }
  void drawOutline(QCPPainter& painter, const Node& node) const {
    const QColor colour = node.highlighted ? m_style.text : node.faint ? mixed(m_style.tone(node.tone), m_style.ground, 0.5) : m_style.tone(node.tone);
    const QRectF top = upper(node), low = node.half < node.bottom ? rect(narrowed(node)) : QRectF();
    const double width = std::clamp(top.width() / 5, m_style.axisLine * 0.7, (node.highlighted ? 1.6 : 1.2) * m_style.line);   // a narrow node keeps its inside
    painter.setPen(QPen(colour, width, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    painter.setBrush(Qt::NoBrush);
    if (low.isEmpty()) return painter.drawRect(top);
    painter.drawPolygon(QPolygonF{{top.topLeft(), top.topRight(), top.bottomRight(), QPointF(low.right(), top.bottom()), low.bottomRight(), low.bottomLeft(),
                                   QPointF(low.left(), top.bottom()), top.bottomLeft()}});
  }
  void drawLabel(QCPPainter& painter, const Node& node) const {
    if (node.label.isEmpty()) return;
    const QRectF room = upper(node).intersected(QRectF(mKeyAxis->axisRect()->rect())).adjusted(4, 1, -4, -1);
    const QFontMetricsF metrics(m_style.ticks);
    if (room.height() < metrics.height() || room.width() < metrics.horizontalAdvance(QStringLiteral("mmmm"))) return;   // its tooltip says it
    painter.setFont(m_style.ticks);
    painter.setPen(node.faint ? m_style.muted : m_style.text);
    painter.drawText(room, Qt::AlignHCenter | Qt::AlignTop, metrics.elidedText(node.label, Qt::ElideRight, room.width()));
  }

  const IcicleFigure m_figure;
  PlotStyle m_style;
};

}  // namespace

void IciclePlot::setFigure(IcicleFigure figure) {
  m_data = std::move(figure);
  refresh();
}

QPointF IciclePlot::itemPosition(int item) const {
  const Node& node = m_data.nodes[static_cast<std::size_t>(item)];
  const double top = std::max(node.top, m_data.low), half = std::clamp(node.half, m_data.low, m_data.high);
  return {(node.left + node.right) / 2, m_data.logarithmic ? std::sqrt(top * half) : (top + half) / 2};
}

int IciclePlot::itemAt(QPointF pixel) const {
  const QPointF at = toCoordinates(pixel);
  for (int i = itemCount() - 1; i >= 0; --i) {   // the later ones lie above
    const Node& node = m_data.nodes[static_cast<std::size_t>(i)];
    const Node part = at.y() < node.half ? node : narrowed(node);
    if (at.x() >= part.left && at.x() <= part.right && at.y() >= std::max(part.top, m_data.low) && at.y() <= node.bottom) return i;
  }
  return -1;
}

void IciclePlot::compose(QCustomPlot& canvas, const PlotStyle& style) const {
  freshAxes(canvas, style)->setMinimumMargins(style.paper ? QMargins(2, 4, 6, 2) : QMargins(8, 8, 14, 4));
  if (m_data.nodes.empty()) return;
  if (m_data.logarithmic) {
    canvas.yAxis->setScaleType(QCPAxis::stLogarithmic);
    canvas.yAxis->setTicker(QSharedPointer<QCPAxisTicker>(new QCPAxisTickerLog));
    canvas.yAxis->setNumberFormat(QStringLiteral("g"));
    canvas.yAxis->setNumberPrecision(4);
  }
  canvas.yAxis->setRangeReversed(true);
  canvas.yAxis->setRange(m_data.low, m_data.high);
  canvas.xAxis->setRange(0, m_data.width);
  canvas.xAxis->setLabel(m_data.xLabel);
  canvas.yAxis->setLabel(m_data.yLabel);
  canvas.xAxis->grid()->setVisible(false);
  canvas.yAxis->setBasePen(Qt::NoPen);
  canvas.xAxis->ticker()->setTickCount(std::clamp(canvas.viewport().width() / std::max(1, 12 * textWidth(style.ticks, QStringLiteral("0"))), 2, 6));
  new IcicleCells(canvas.xAxis, canvas.yAxis, m_data, style);
}

}  // namespace lacuna::ui
