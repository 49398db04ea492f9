#include "plots/cell_grid.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

namespace lacuna::ui {
namespace {

constexpr double vectorCells = 10000;

}  // namespace

CellGrid::CellGrid(QCPAxis* key, QCPAxis* value, const Grid& grid, ColourMap map, double low, double high)
    : QCPAbstractPlottable(key, value), m_grid(grid), m_map(map), m_low(low), m_high(high) {}

void CellGrid::setTexts(std::vector<QString> texts, QFont font) {
  m_texts = std::move(texts);
  m_font = std::move(font);
}

QCPRange CellGrid::getKeyRange(bool& found, QCP::SignDomain) const {
  found = m_grid.columns > 0;
  return {-0.5, static_cast<double>(m_grid.columns) - 0.5};
}

QCPRange CellGrid::getValueRange(bool& found, QCP::SignDomain, const QCPRange&) const {
  found = m_grid.rows > 0;
  return {-0.5, static_cast<double>(m_grid.rows) - 0.5};
}

double CellGrid::cellsPerPixel() const {
  const View v = view();
  return v.pixels.width() > 0 ? std::max(1.0, (v.window.lastColumn - v.window.firstColumn) / v.pixels.width()) : 1;
}

CellGrid::View CellGrid::view() const {
  const QRectF rect = mKeyAxis->axisRect()->rect();
  const auto columns = static_cast<double>(m_grid.columns), rows = static_cast<double>(m_grid.rows);
  View v;
  v.window.firstColumn = std::clamp(mKeyAxis->range().lower + 0.5, 0.0, columns);
  v.window.lastColumn = std::clamp(mKeyAxis->range().upper + 0.5, 0.0, columns);
  v.window.firstRow = std::clamp(mValueAxis->range().lower + 0.5, 0.0, rows);
  v.window.lastRow = std::clamp(mValueAxis->range().upper + 0.5, 0.0, rows);
  v.flipped = !mValueAxis->rangeReversed();
  const QPointF a(mKeyAxis->coordToPixel(v.window.firstColumn - 0.5), mValueAxis->coordToPixel(v.window.firstRow - 0.5));
  const QPointF b(mKeyAxis->coordToPixel(v.window.lastColumn - 0.5), mValueAxis->coordToPixel(v.window.lastRow - 0.5));
  v.pixels = QRectF(a, b).normalized().intersected(rect.adjusted(-1, -1, 1, 1));
  return v;
}

QColor CellGrid::colourOf(double value) const {
  return QColor(colourAt(m_map, m_high > m_low ? (value - m_low) / (m_high - m_low) : 0.5));
}

void CellGrid::draw(QCPPainter* painter) {
  if (m_grid.rows == 0 || m_grid.columns == 0) return;
  const View v = view();
  const double columns = v.window.lastColumn - v.window.firstColumn, rows = v.window.lastRow - v.window.firstRow;
  if (columns <= 0 || rows <= 0) return;
  const bool cellsShow = columns * rows <= vectorCells && v.pixels.width() >= 2 * columns && v.pixels.height() >= 2 * rows;
  cellsShow ? drawCells(painter, v) : drawImage(painter, v);
}

void CellGrid::drawImage(QCPPainter* painter, const View& v) const {
  const bool vector = painter->modes().testFlag(QCPPainter::pmVectorized);
  const double scale = vector ? 600.0 / 72 : painter->device() ? painter->device()->devicePixelRatioF() : 1;
  const int width = std::max(1, static_cast<int>(std::lround(v.pixels.width() * scale)));
  const int height = std::max(1, static_cast<int>(std::lround(v.pixels.height() * scale)));
  const Grid pooled = poolMaxAbs(m_grid, v.window, width, height);
  QImage image(width, height, QImage::Format_ARGB32);
  for (int y = 0; y < height; ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(v.flipped ? height - 1 - y : y));
    for (int x = 0; x < width; ++x) {
      const float value = pooled.at(y, x);
      line[x] = std::isnan(value) ? m_hatch.rgba() : colourOf(value).rgba();
    }
  }
  painter->setRenderHint(QPainter::SmoothPixmapTransform, false);
  painter->drawImage(v.pixels, image);
}

void CellGrid::drawCells(QCPPainter* painter, const View& v) const {
  for (auto row = static_cast<std::int64_t>(v.window.firstRow); row < std::min<std::int64_t>(m_grid.rows, static_cast<std::int64_t>(std::ceil(v.window.lastRow))); ++row)
    for (auto c = static_cast<std::int64_t>(v.window.firstColumn); c < std::min<std::int64_t>(m_grid.columns, static_cast<std::int64_t>(std::ceil(v.window.lastColumn))); ++c)
      drawCell(painter, row, c);
}

void CellGrid::drawCell(QCPPainter* painter, std::int64_t row, std::int64_t column) const {
  const auto x = static_cast<double>(column), y = static_cast<double>(row);
  QRectF cell = QRectF(QPointF(mKeyAxis->coordToPixel(x - 0.5), mValueAxis->coordToPixel(y - 0.5)),
                       QPointF(mKeyAxis->coordToPixel(x + 0.5), mValueAxis->coordToPixel(y + 0.5))).normalized();
  if (m_gap <= 0) {  // whole pixels, so that no seam shows between neighbours
    cell = QRectF(QPointF(std::round(cell.left()), std::round(cell.top())), QPointF(std::round(cell.right()), std::round(cell.bottom())));
  } else {
    cell.adjust(m_gap / 2, m_gap / 2, -m_gap / 2, -m_gap / 2);
  }
  const float value = m_grid.at(row, column);
  const auto index = static_cast<std::size_t>(row * m_grid.columns + column);
  const QColor fill = std::isnan(value) ? m_ground : colourOf(value);
  painter->setAntialiasing(m_gap > 0);
  painter->setPen(Qt::NoPen);
  painter->setBrush(fill);
  const double radius = m_gap > 0 ? std::min(3.0, cell.height() / 6) : 0;
  radius > 0 ? painter->drawRoundedRect(cell, radius, radius) : painter->drawRect(cell);
  if (std::isnan(value)) {
    painter->setBrush(QBrush(m_hatch, Qt::BDiagPattern));
    painter->drawRect(cell);
    return;
  }
  const QColor ink = contrast(fill, Qt::white) > contrast(fill, QColor(0x14171c)) ? QColor(Qt::white) : QColor(0x14171c);
  if (index < m_texts.size()) {
    const QFontMetricsF metrics(m_font);
    const QSizeF extent = metrics.size(0, m_texts[index]);   // of all its lines
    if (extent.width() + 1 <= cell.width() && extent.height() <= cell.height() + 2) {
      painter->setFont(m_font);
      painter->setPen(ink);
      painter->drawText(cell, Qt::AlignCenter, m_texts[index]);
    }
  }
  if (index < m_marks.size() && m_marks[index]) {
    const double d = std::clamp(cell.height() / 6, 2.0, 5.0), inset = std::clamp(cell.height() / 10, 1.0, 3.0);   // beside the number, not on it
    painter->setAntialiasing(true);
    painter->setPen(Qt::NoPen);
    painter->setBrush(ink);
    painter->drawEllipse(QRectF(cell.right() - d - inset, cell.top() + inset, d, d));
  }
}

}  // namespace lacuna::ui
