#include "plots/matrix_plot.h"

#include <cmath>

#include "plots/cell_grid.h"
#include "plots/plot_parts.h"

namespace lacuna::ui {
namespace {

void outline(QCustomPlot& canvas, const PlotStyle& style, int row, int column, const QColor& colour, double width, double inset = 0) {
  auto* item = new QCPItemRect(&canvas);
  const double half = 0.5 - inset;
  item->topLeft->setCoords(column - half, row - half);
  item->bottomRight->setCoords(column + half, row + half);
  item->setPen(QPen(colour, width));
  item->setBrush(Qt::NoBrush);
  item->setSelectable(false);
  item->setClipToAxisRect(false);
  item->setAntialiased(style.paper);
}

/// Where there is little room, names give way to the cells: never more than two fifths of the width.
std::vector<QString> besideCells(std::vector<QString> labels, const QCustomPlot& canvas, const PlotStyle& style) {
  for (QString& label : labels) label = QFontMetrics(style.ticks).elidedText(label, Qt::ElideMiddle, canvas.viewport().width() * 2 / 5);
  return labels;
}

}  // namespace

void MatrixPlot::setFigure(MatrixFigure figure) {
  m_data = std::move(figure);
  refresh();
}

QPointF MatrixPlot::itemPosition(int item) const {
  const auto columns = static_cast<int>(m_data.grid.columns);
  return {static_cast<double>(item % columns), static_cast<double>(item / columns)};
}

QString MatrixPlot::itemText(int item) const {
  return static_cast<std::size_t>(item) < m_data.tooltips.size() ? m_data.tooltips[static_cast<std::size_t>(item)] : QString();
}

int MatrixPlot::itemAt(QPointF pixel) const {
  const QPointF at = toCoordinates(pixel);
  const auto column = static_cast<std::int64_t>(std::floor(at.x() + 0.5)), row = static_cast<std::int64_t>(std::floor(at.y() + 0.5));
  if (row < 0 || column < 0 || row >= m_data.grid.rows || column >= m_data.grid.columns) return -1;
  return static_cast<int>(row * m_data.grid.columns + column);
}

void MatrixPlot::compose(QCustomPlot& canvas, const PlotStyle& style) const {
  freshAxes(canvas, style);
  if (m_data.grid.rows == 0) return;
  setCategories(canvas.xAxis, m_data.columnLabels);
  const std::vector<QString> rowLabels = besideCells(m_data.rowLabels, canvas, style);
  setCategories(canvas.yAxis, rowLabels);
  canvas.yAxis->setRangeReversed(true);
  canvas.xAxis->setRange(-0.5, static_cast<double>(m_data.grid.columns) - 0.5);
  canvas.yAxis->setRange(-0.5, static_cast<double>(m_data.grid.rows) - 0.5);
  canvas.xAxis->setLabel(m_data.xLabel);
  canvas.yAxis->setLabel(m_data.yLabel);
  canvas.xAxis->setBasePen(Qt::NoPen);
  canvas.yAxis->setBasePen(Qt::NoPen);
  const ColourMap map = style.themed(m_data.map);
  addColourBar(canvas, style, map, m_data.low, m_data.high, m_data.scaleLabel);

  const auto widestOf = [&](const std::vector<QString>& labels) {
    int widest = 0;
    for (const QString& label : labels) widest = std::max(widest, textWidth(style.ticks, label));
    return widest;
  };
  const int widest = widestOf(m_data.columnLabels), beside = widestOf(rowLabels) + 6 * QFontMetrics(style.ticks).height();   // names and colour scale
  const int available = (canvas.viewport().width() - beside) / std::max(1, static_cast<int>(m_data.grid.columns));
  if (widest + 8 > available && widest > textWidth(style.ticks, QStringLiteral("00"))) canvas.xAxis->setTickLabelRotation(-35);

  auto* cells = new CellGrid(canvas.xAxis, canvas.yAxis, m_data.grid, map, m_data.low, m_data.high);
  QFont small = style.ticks;
  small.pixelSize() > 0 ? small.setPixelSize(std::max(5, small.pixelSize() - 1)) : small.setPointSizeF(small.pointSizeF() * 0.92);
  cells->setTexts(m_data.texts, small);
  cells->setMarks(m_data.marked);
  cells->setGap(m_data.gaps ? (style.paper ? 1 : 3) : 0);
  cells->setGround(mixed(style.ground, style.muted, 0.08), mixed(style.ground, style.muted, 0.5));
  if (m_data.diagonal)
    for (int i = 0; i < std::min(m_data.grid.rows, m_data.grid.columns); ++i) outline(canvas, style, i, i, style.ground, style.paper ? 0.7 : 1.4, 0.03);
  for (const auto& [row, column] : m_data.highlighted) outline(canvas, style, row, column, style.text, style.paper ? 1 : 2);
}

}  // namespace lacuna::ui
