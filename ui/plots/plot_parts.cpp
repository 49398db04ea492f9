#include "plots/plot_parts.h"

#include <QFontMetrics>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <numeric>

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

/// Vector strips of a colour table over [0, 1] × the value axis.
class GradientStrip : public QCPAbstractPlottable {
 public:
  GradientStrip(QCPAxis* key, QCPAxis* value, ColourMap map) : QCPAbstractPlottable(key, value), m_map(map) {}
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
  QCPRange getKeyRange(bool& found, QCP::SignDomain) const override { return found = false, QCPRange(); }
  QCPRange getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const override { return found = false, QCPRange(); }

 protected:
  void draw(QCPPainter* painter) override {
    const QRect rect = mKeyAxis->axisRect()->rect();
    constexpr int strips = 128;
    painter->setAntialiasing(false);
    painter->setPen(Qt::NoPen);
    for (int i = 0; i < strips; ++i) {
      const double top = rect.bottom() + 1 - (i + 1.0) * rect.height() / strips;
      const double bottom = rect.bottom() + 1 - i * static_cast<double>(rect.height()) / strips;
      painter->setBrush(QColor(colourAt(m_map, (i + 0.5) / strips)));
      // Half a pixel of overlap hides the seams that viewers draw between touching vector rectangles.
      painter->drawRect(QRectF(rect.left(), top, rect.width(), bottom - top + (i > 0 ? 0.5 : 0)));
    }
  }
  void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

 private:
  ColourMap m_map;
};

void styleText(QCPItemText* item, const PlotStyle& style, const QString& text, Qt::Alignment alignment) {
  item->setText(text);
  item->setFont(style.ticks);
  item->setColor(style.muted);
  item->setPositionAlignment(alignment);
  item->setTextAlignment(alignment & Qt::AlignRight ? Qt::AlignRight : Qt::AlignLeft);
  item->setClipToAxisRect(false);
  item->setSelectable(false);
}

}  // namespace

void styleAxis(QCPAxis* axis, const PlotStyle& style) {
  const QPen pen(style.axis, style.axisLine);
  axis->setBasePen(pen);
  axis->setTickPen(pen);
  axis->setSubTickPen(Qt::NoPen);
  axis->setSubTicks(false);
  axis->setTickLength(0, style.paper ? 2 : 4);
  axis->setTickLabelFont(style.ticks);
  axis->setLabelFont(style.base);
  axis->setTickLabelColor(style.muted);
  axis->setLabelColor(style.text);
  axis->setTickLabelPadding(style.paper ? 2 : 4);
  axis->setLabelPadding(style.paper ? 2 : 6);
  axis->setNumberFormat(u"gb"_s);
  axis->setNumberPrecision(6);   // 10000 stays a number of five digits
  axis->grid()->setPen(QPen(style.grid, style.axisLine));
  axis->grid()->setZeroLinePen(Qt::NoPen);
  axis->grid()->setSubGridVisible(false);
  axis->ticker()->setTickCount(5);
}

QCPAxisRect* freshAxes(QCustomPlot& canvas, const PlotStyle& style) {
  canvas.clearPlottables();
  canvas.clearItems();
  canvas.plotLayout()->clear();
  auto* rect = new QCPAxisRect(&canvas, true);
  canvas.plotLayout()->addElement(0, 0, rect);
  canvas.plotLayout()->setColumnSpacing(style.paper ? 4 : 8);
  canvas.xAxis = rect->axis(QCPAxis::atBottom);
  canvas.yAxis = rect->axis(QCPAxis::atLeft);
  canvas.xAxis2 = rect->axis(QCPAxis::atTop);
  canvas.yAxis2 = rect->axis(QCPAxis::atRight);
  canvas.xAxis2->setVisible(false);
  canvas.yAxis2->setVisible(false);
  styleAxis(canvas.xAxis, style);
  styleAxis(canvas.yAxis, style);
  rect->setMinimumMargins(style.paper ? QMargins(2, 2, 2, 2) : QMargins(8, 6, 10, 4));
  canvas.setBackground(QBrush(style.ground));
  return rect;
}

QCPItemText* addText(QCustomPlot& canvas, const PlotStyle& style, const QString& text, QPointF at, Qt::Alignment alignment) {
  auto* item = new QCPItemText(&canvas);
  item->position->setCoords(at);
  styleText(item, style, text, alignment);
  return item;
}

QCPItemText* addTextAtRatioX(QCustomPlot& canvas, const PlotStyle& style, const QString& text, double ratioX, double y,
                             Qt::Alignment alignment) {
  auto* item = new QCPItemText(&canvas);
  item->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
  item->position->setAxisRect(canvas.xAxis->axisRect());
  item->position->setCoords(ratioX, y);
  styleText(item, style, text, alignment);
  return item;
}

void addLine(QCustomPlot& canvas, const PlotStyle& style, const ReferenceLine& line) {
  auto* item = new QCPItemStraightLine(&canvas);
  item->point1->setCoords(line.vertical ? QPointF(line.at, 0) : QPointF(0, line.at));
  if (canvas.yAxis->scaleType() == QCPAxis::stLogarithmic && line.vertical) item->point1->setCoords(line.at, 1);
  item->point2->setCoords(line.vertical ? QPointF(line.at, 1) : QPointF(1, line.at));
  if (canvas.yAxis->scaleType() == QCPAxis::stLogarithmic && line.vertical) item->point2->setCoords(line.at, 10);
  item->setPen(QPen(line.movable ? style.accent : style.axis, line.movable ? style.line : style.axisLine,
                    line.dashed ? Qt::DashLine : Qt::SolidLine));
  item->setSelectable(false);
  if (line.label.isEmpty()) return;
  auto* text = new QCPItemText(&canvas);
  styleText(text, style, line.label, line.vertical ? Qt::AlignLeft | Qt::AlignTop : Qt::AlignRight | Qt::AlignBottom);
  text->setColor(line.movable ? style.accent : style.muted);
  if (line.vertical) {
    text->position->setTypeY(QCPItemPosition::ptAxisRectRatio);
    text->position->setCoords(line.at, 0);
    text->setPadding(QMargins(4, 0, 0, 0));
  } else {
    text->position->setTypeX(QCPItemPosition::ptAxisRectRatio);
    text->position->setCoords(1, line.at);
  }
}

void addBand(QCustomPlot& canvas, const QColor& colour, double low, double high, bool vertical) {
  auto* item = new QCPItemRect(&canvas);
  for (auto* corner : {item->topLeft, item->bottomRight})
    vertical ? corner->setTypeY(QCPItemPosition::ptAxisRectRatio) : corner->setTypeX(QCPItemPosition::ptAxisRectRatio);
  item->topLeft->setCoords(vertical ? QPointF(low, 0) : QPointF(0, high));
  item->bottomRight->setCoords(vertical ? QPointF(high, 1) : QPointF(1, low));
  item->setPen(Qt::NoPen);
  item->setBrush(colour);
  item->setSelectable(false);
  item->setLayer(u"grid"_s);
}

void setCategories(QCPAxis* axis, const std::vector<QString>& labels) {
  QSharedPointer<QCPAxisTickerText> ticker(new QCPAxisTickerText);
  for (std::size_t i = 0; i < labels.size(); ++i) ticker->addTick(static_cast<double>(i), labels[i]);
  axis->setTicker(ticker);
  axis->setTickPen(Qt::NoPen);
  axis->setTickLength(0, 0);
  axis->grid()->setVisible(false);
}

void addColourBar(QCustomPlot& canvas, const PlotStyle& style, ColourMap map, double low, double high, const QString& label) {
  auto* bar = new QCPAxisRect(&canvas, true);
  canvas.plotLayout()->addElement(0, 1, bar);
  const int width = style.paper ? 6 : 12;
  bar->setMinimumSize(width, 10);
  bar->setMaximumSize(width, QWIDGETSIZE_MAX);
  bar->setMinimumMargins(QMargins(0, QFontMetrics(style.ticks).height(), 0, 0));   // the topmost number is wholly in the picture
  auto* group = new QCPMarginGroup(&canvas);
  bar->setMarginGroup(QCP::msTop | QCP::msBottom, group);
  canvas.xAxis->axisRect()->setMarginGroup(QCP::msTop | QCP::msBottom, group);
  for (const auto side : {QCPAxis::atLeft, QCPAxis::atBottom, QCPAxis::atTop}) bar->axis(side)->setVisible(false);
  QCPAxis* axis = bar->axis(QCPAxis::atRight);
  axis->setVisible(true);
  axis->setTickLabels(true);
  styleAxis(axis, style);
  axis->grid()->setVisible(false);
  axis->setBasePen(Qt::NoPen);
  axis->setRange(low, high);
  axis->setLabel(label);
  axis->setLabelFont(style.ticks);
  axis->setLabelColor(style.muted);
  axis->ticker()->setTickCount(4);
  bar->axis(QCPAxis::atBottom)->setRange(0, 1);
  new GradientStrip(bar->axis(QCPAxis::atBottom), axis, map);
}

void drawMark(QPainter& painter, Shape shape, QPointF at, double diameter, const QColor& colour, bool filled, const QColor& ground) {
  const double r = diameter / 2;
  painter.setPen(QPen(colour, filled ? std::max(0.5, diameter / 14) : std::max(0.8, diameter / 5)));
  painter.setBrush(filled ? colour : ground);
  switch (shape) {
    case Shape::Disc: painter.drawEllipse(at, r, r); break;
    case Shape::Square: painter.drawRect(QRectF(at.x() - 0.88 * r, at.y() - 0.88 * r, 1.76 * r, 1.76 * r)); break;
    case Shape::Triangle:
      painter.drawPolygon(QPolygonF({at + QPointF(0, -1.1 * r), at + QPointF(r, 0.8 * r), at + QPointF(-r, 0.8 * r)}));
      break;
    case Shape::Diamond:
      painter.drawPolygon(QPolygonF({at + QPointF(0, -1.2 * r), at + QPointF(1.2 * r, 0), at + QPointF(0, 1.2 * r), at + QPointF(-1.2 * r, 0)}));
      break;
  }
}

QPixmap sprite(const PlotStyle& style, Shape shape, const QColor& fill, double diameter, double pixelRatio) {
  const int side = static_cast<int>(std::ceil((diameter + 3) * pixelRatio));
  QPixmap pixmap(side, side);
  pixmap.setDevicePixelRatio(pixelRatio);
  pixmap.fill(Qt::transparent);
  QPainter painter(&pixmap);
  painter.setRenderHint(QPainter::Antialiasing);
  drawMark(painter, shape, QPointF(side, side) / (2 * pixelRatio), diameter, fill, true, style.ground);
  return pixmap;
}

std::vector<double> spreadLabels(std::vector<double> wanted, double gap, double low, double high) {
  std::vector<std::size_t> order(wanted.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
  // Least squares under "each at least a gap above the one before": take the gaps away, pool what falls, give the gaps back.
  struct Block { double sum = 0; std::size_t n = 0; double mean() const { return sum / static_cast<double>(n); } };
  std::vector<Block> blocks;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    blocks.push_back({wanted[order[rank]] - static_cast<double>(rank) * gap, 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() > blocks.back().mean()) {
      const Block last = blocks.back();
      blocks.pop_back();
      blocks.back().sum += last.sum;
      blocks.back().n += last.n;
    }
  }
  std::size_t rank = 0;
  const double room = static_cast<double>(order.empty() ? 0 : order.size() - 1) * gap;
  for (const Block& block : blocks)
    for (std::size_t i = 0; i < block.n; ++i, ++rank)
      wanted[order[rank]] = std::clamp(block.mean(), low, std::max(low, high - room)) + static_cast<double>(rank) * gap;
  return wanted;
}

int textWidth(const QFont& font, const QString& text) { return QFontMetrics(font).horizontalAdvance(text); }

QString broken(const QString& text, const QFont& font, int width) {
  if (textWidth(font, text) <= width) return text;
  const qsizetype gap = text.indexOf(u' ', text.size() / 2);
  return gap < 0 ? text : text.left(gap) + u'\n' + text.mid(gap + 1);
}

}  // namespace lacuna::ui
