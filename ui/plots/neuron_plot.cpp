#include "plots/neuron_plot.h"

#include <algorithm>
#include <cmath>

#include "plots/cell_grid.h"
#include "plots/plot_parts.h"

namespace lacuna::ui {
namespace {

/// Marks of S_i: ticks on the upper edge of each row while neurons are thin, outlines once a cell is 6 px wide.
class SelectionRug : public QCPAbstractPlottable {
 public:
  SelectionRug(QCPAxis* key, QCPAxis* value, std::vector<std::vector<std::int32_t>> columns, const QColor& colour, const QColor& ground)
      : QCPAbstractPlottable(key, value), m_columns(std::move(columns)), m_colour(colour), m_ground(ground) {}
  double selectTest(const QPointF&, bool, QVariant*) const override { return -1; }
  QCPRange getKeyRange(bool& found, QCP::SignDomain) const override { return found = false, QCPRange(); }
  QCPRange getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const override { return found = false, QCPRange(); }

 protected:
  void draw(QCPPainter* painter) override {
    painter->setAntialiasing(false);
    const double width = std::abs(mKeyAxis->coordToPixel(1) - mKeyAxis->coordToPixel(0));
    const double height = std::abs(mValueAxis->coordToPixel(1) - mValueAxis->coordToPixel(0));
    const double tick = std::clamp(height * 0.16, 2.0, 9.0);
    for (std::size_t row = 0; row < m_columns.size(); ++row) {
      const double top = mValueAxis->coordToPixel(static_cast<double>(row) + 0.5);
      painter->setPen(Qt::NoPen);
      painter->setBrush(m_ground);
      if (width < 6) painter->drawRect(QRectF(mKeyAxis->axisRect()->left(), top, mKeyAxis->axisRect()->width() + 1, tick + 1));
      painter->setBrush(m_colour);
      for (const std::int32_t c : m_columns[row]) {
        if (c + 0.5 < mKeyAxis->range().lower || c - 0.5 > mKeyAxis->range().upper) continue;
        const double left = mKeyAxis->coordToPixel(c - 0.5);
        if (width < 6) painter->drawRect(QRectF(left, top, std::max(1.2, width), tick));
        else drawOutline(painter, QRectF(left, top, width, height));
      }
    }
  }
  void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

 private:
  void drawOutline(QCPPainter* painter, const QRectF& cell) const {
    painter->save();
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(m_colour, 1.5));
    painter->drawRect(cell.adjusted(1, 1, -1, -1));
    painter->restore();
  }

  std::vector<std::vector<std::int32_t>> m_columns;
  QColor m_colour, m_ground;
};

}  // namespace

void NeuronPlot::setFigure(NeuronFigure figure) {
  m_data = std::move(figure);
  refresh();
}

double NeuronPlot::neuronsPerPixel() const {
  for (int i = 0; i < canvas()->plottableCount(); ++i)
    if (const auto* cells = dynamic_cast<const CellGrid*>(canvas()->plottable(i))) return cells->cellsPerPixel();
  return 1;
}

QPointF NeuronPlot::itemPosition(int item) const {
  const auto columns = static_cast<int>(m_data.grid.columns);
  return {static_cast<double>(item % columns), static_cast<double>(item / columns)};
}

QString NeuronPlot::itemText(int item) const {
  const auto columns = static_cast<int>(m_data.grid.columns);
  return m_describe ? m_describe(item / columns, item % columns) : QString();
}

int NeuronPlot::itemAt(QPointF pixel) const {
  const QPointF at = toCoordinates(pixel);
  const auto row = static_cast<std::int64_t>(std::floor(at.y() + 0.5));
  if (row < 0 || row >= m_data.grid.rows || at.x() < -0.5) return -1;
  // A pixel that stands for many neurons points at the one it shows: the farthest from 0.
  const double reach = std::max(0.0, (neuronsPerPixel() - 1) / 2);
  const auto clampColumn = [this](double x) {
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::floor(x + 0.5)), 0, m_data.grid.columns - 1);
  };
  std::int64_t best = clampColumn(at.x() - reach);
  for (std::int64_t c = best; c <= clampColumn(at.x() + reach); ++c)
    if (std::abs(m_data.grid.at(row, c)) > std::abs(m_data.grid.at(row, best))) best = c;
  return at.x() > static_cast<double>(m_data.grid.columns) - 0.5 ? -1 : static_cast<int>(row * m_data.grid.columns + best);
}

void NeuronPlot::compose(QCustomPlot& canvas, const PlotStyle& style) const {
  freshAxes(canvas, style);
  if (m_data.grid.rows == 0) return;
  setCategories(canvas.yAxis, m_data.rowLabels);
  canvas.xAxis->setLabel(m_data.xLabel);
  canvas.xAxis->setRange(-0.5, static_cast<double>(m_data.grid.columns) - 0.5);
  canvas.yAxis->setRange(-0.5, static_cast<double>(m_data.grid.rows) - 0.5);
  canvas.xAxis->grid()->setVisible(false);
  canvas.yAxis->setBasePen(Qt::NoPen);
  const ColourMap map = style.themed(m_data.map);
  addColourBar(canvas, style, map, m_data.low, m_data.high, m_data.scaleLabel);
  auto* cells = new CellGrid(canvas.xAxis, canvas.yAxis, m_data.grid, map, m_data.low, m_data.high);
  cells->setGround(style.ground, mixed(style.ground, style.muted, 0.5));
  new SelectionRug(canvas.xAxis, canvas.yAxis, m_data.selected, style.tone(5), style.ground);
  for (std::int64_t row = 1; row < m_data.grid.rows; ++row) {
    auto* gap = new QCPItemStraightLine(&canvas);
    gap->point1->setCoords(0, static_cast<double>(row) - 0.5);
    gap->point2->setCoords(1, static_cast<double>(row) - 0.5);
    gap->setPen(QPen(style.ground, style.paper ? 1 : 2));
  }
  if (!m_data.cursor) return;
  const auto [row, column] = *m_data.cursor;
  auto* text = addText(canvas, style, QString(QChar(0x25BC)), QPointF(column, row + 0.5), Qt::AlignHCenter | Qt::AlignBottom);
  text->setColor(style.text);
}

}  // namespace lacuna::ui
