#pragma once

#include <QPolygonF>
#include <QRectF>
#include <cstdint>
#include <vector>

namespace lacuna::ui {

/// The points of a map with a grid over them, made once a clustering and shared by everything that draws or searches them: up to millions.
class CloudPoints {
 public:
  CloudPoints() = default;
  /// x, y, tone: [n]; tone as Tone or a cluster's colour.
  CloudPoints(std::vector<float> x, std::vector<float> y, std::vector<std::int32_t> tone);

  std::size_t size() const { return m_x.size(); }
  bool empty() const { return m_x.empty(); }
  const std::vector<float>& x() const { return m_x; }
  const std::vector<float>& y() const { return m_y; }
  const std::vector<std::int32_t>& tone() const { return m_tone; }
  QPointF at(std::size_t i) const { return {m_x[i], m_y[i]}; }
  /// A fixed shuffle of 0 … n−1: in that order no cluster lies on top by its number.
  const std::vector<std::uint32_t>& order() const { return m_order; }
  const QRectF& bounds() const { return m_bounds; }

  /// A point as it lies in the grid: neighbours on the map are neighbours in memory, so that a walk over a million stays in the cache.
  struct Placed {
    float x, y;
    std::int32_t tone;
    std::uint32_t point;
  };
  /// Calls use(placed, count) for each row of the grid that a rectangle touches, with the cells of that row that it touches; they hold all its
  /// points and some beside it.
  template <class Use> void eachRun(const QRectF& rect, Use use) const {
    if (empty()) return;
    const Cell from = cellOf(rect.topLeft()), to = cellOf(rect.bottomRight());
    for (int row = from.row; row <= to.row; ++row)
      if (const std::size_t first = begin(from.column, row), last = end(to.column, row); last > first) use(m_placed.data() + first, last - first);
  }

  /// Points inside a rectangle in drawing order; nothing, and `many` set, when there are more than `atMost`.
  std::vector<std::uint32_t> inside(const QRectF& rect, std::size_t atMost, bool& many) const;
  /// Points inside a polygon (odd-even), ascending: exact, and only the cells that its outline crosses are looked at point by point.
  std::vector<int> inside(const QPolygonF& polygon) const;
  /// The point nearest to a place, distances weighted so that `reach` is an ellipse of one pixel radius; −1: none within it.
  int nearest(QPointF place, QSizeF reach) const;

 private:
  struct Cell { int column = 0, row = 0; };
  Cell cellOf(QPointF place) const;                  ///< clamped to the grid
  std::size_t begin(int column, int row) const { return m_first[static_cast<std::size_t>(row * m_side + column)]; }
  std::size_t end(int column, int row) const { return m_first[static_cast<std::size_t>(row * m_side + column) + 1]; }
  void shuffle();
  void buildGrid();
  std::vector<std::uint8_t> crossedCells(const QPolygonF& polygon) const;
  double rowTop(int row) const { return m_bounds.top() + m_bounds.height() * row / m_side; }

  std::vector<float> m_x, m_y;
  std::vector<std::int32_t> m_tone;
  std::vector<std::uint32_t> m_order, m_rank;        ///< rank: place of a point in the order
  QRectF m_bounds;
  int m_side = 1;                                    ///< cells a side
  std::vector<std::uint32_t> m_first;                ///< [side² + 1]: where the points of a cell begin
  std::vector<Placed> m_placed;                      ///< [n] cell by cell
};

}  // namespace lacuna::ui
