#include "plots/cloud_points.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lacuna::ui {
namespace {

/// A bijective scramble of indices: cheap, and the same at every drawing.
std::uint32_t scrambled(std::uint32_t i) {
  i ^= i >> 16, i *= 0x7feb352dU, i ^= i >> 15, i *= 0x846ca68bU;
  return i ^ (i >> 16);
}

/// Sorts 0 … n−1 by their scramble, by 16 bits at a time: linear, also for millions.
std::vector<std::uint32_t> shuffledOrder(std::size_t n) {
  std::vector<std::uint32_t> order(n), next(n);
  std::iota(order.begin(), order.end(), 0U);
  for (const int shift : {0, 16}) {
    std::vector<std::uint32_t> place(65537, 0);
    for (const std::uint32_t i : order) ++place[((scrambled(i) >> shift) & 0xFFFFU) + 1];
    std::partial_sum(place.begin(), place.end(), place.begin());
    for (const std::uint32_t i : order) next[place[(scrambled(i) >> shift) & 0xFFFFU]++] = i;
    order.swap(next);
  }
  return order;
}

/// A side of a polygon that is not level, its lower end first: it counts for a point at its height on its right (odd-even rule).
struct Edge { double low, high, x, perHeight; };

/// Sides that reach into a band of heights: the only ones that a point in the band can be beside.
std::vector<Edge> edgesBetween(const QPolygonF& polygon, double low, double high) {
  std::vector<Edge> edges;
  for (qsizetype e = 0; e < polygon.size(); ++e) {
    QPointF a = polygon[e], b = polygon[(e + 1) % polygon.size()];
    if (b.y() < a.y()) std::swap(a, b);
    if (a.y() < b.y() && a.y() <= high && b.y() > low) edges.push_back({a.y(), b.y(), a.x(), (b.x() - a.x()) / (b.y() - a.y())});
  }
  return edges;
}

bool isInside(const std::vector<Edge>& edges, double x, double y) {
  bool odd = false;
  for (const Edge& e : edges) odd ^= y >= e.low && y < e.high && e.x + e.perHeight * (y - e.low) <= x;
  return odd;
}

}  // namespace

CloudPoints::CloudPoints(std::vector<float> x, std::vector<float> y, std::vector<std::int32_t> tone)
    : m_x(std::move(x)), m_y(std::move(y)), m_tone(std::move(tone)) {
  if (m_x.empty()) return;
  const auto [left, right] = std::minmax_element(m_x.begin(), m_x.end());
  const auto [top, bottom] = std::minmax_element(m_y.begin(), m_y.end());
  m_bounds = QRectF(QPointF(*left, *top), QPointF(*right, *bottom));
  shuffle();
  buildGrid();
}

void CloudPoints::shuffle() {
  m_order = shuffledOrder(size());
  m_rank.resize(size());
  for (std::uint32_t place = 0; place < m_order.size(); ++place) m_rank[m_order[place]] = place;
}

CloudPoints::Cell CloudPoints::cellOf(QPointF place) const {
  const auto along = [this](double value, double from, double length) {
    return length > 0 ? static_cast<int>(std::clamp(std::floor((value - from) / length * m_side), 0.0, m_side - 1.0)) : 0;
  };
  return {along(place.x(), m_bounds.left(), m_bounds.width()), along(place.y(), m_bounds.top(), m_bounds.height())};
}

void CloudPoints::buildGrid() {
  m_side = static_cast<int>(std::clamp(std::sqrt(static_cast<double>(size()) / 8), 4.0, 512.0));
  m_first.assign(static_cast<std::size_t>(m_side) * static_cast<std::size_t>(m_side) + 1, 0);
  std::vector<std::uint32_t> cells(size());
  for (std::size_t i = 0; i < size(); ++i) {
    const Cell cell = cellOf(at(i));
    cells[i] = static_cast<std::uint32_t>(cell.row * m_side + cell.column);
    ++m_first[cells[i] + 1];
  }
  std::partial_sum(m_first.begin(), m_first.end(), m_first.begin());
  m_placed.resize(size());
  std::vector<std::uint32_t> next(m_first.begin(), m_first.end() - 1);
  for (std::uint32_t i = 0; i < size(); ++i) m_placed[next[cells[i]]++] = {m_x[i], m_y[i], m_tone[i], i};
}

std::vector<std::uint32_t> CloudPoints::inside(const QRectF& rect, std::size_t atMost, bool& many) const {
  std::vector<std::uint32_t> found;
  many = false;
  eachRun(rect, [&](const Placed* run, std::size_t count) {
    for (const Placed* p = run; p < run + count && !many; ++p) {
      if (p->x < rect.left() || p->x > rect.right() || p->y < rect.top() || p->y > rect.bottom()) continue;
      many = found.size() == atMost;
      found.push_back(p->point);
    }
  });
  if (many) return {};
  std::sort(found.begin(), found.end(), [this](std::uint32_t a, std::uint32_t b) { return m_rank[a] < m_rank[b]; });
  return found;
}

/// Cells near the outline: it is walked in steps of half a cell, and the neighbours of every step are taken too.
std::vector<std::uint8_t> CloudPoints::crossedCells(const QPolygonF& polygon) const {
  std::vector<std::uint8_t> crossed(static_cast<std::size_t>(m_side) * static_cast<std::size_t>(m_side), 0);
  const double width = std::max(m_bounds.width(), 1e-12) / m_side, height = std::max(m_bounds.height(), 1e-12) / m_side;
  for (qsizetype e = 0; e < polygon.size(); ++e) {
    const QPointF a = polygon[e], b = polygon[(e + 1) % polygon.size()];
    const double cells = std::max(std::abs(b.x() - a.x()) / width, std::abs(b.y() - a.y()) / height);
    const int steps = static_cast<int>(std::clamp(2 * cells, 0.0, 1e6)) + 1;
    for (int s = 0; s <= steps; ++s) {
      const Cell cell = cellOf(a + (b - a) * (static_cast<double>(s) / steps));
      for (int row = std::max(0, cell.row - 1); row <= std::min(m_side - 1, cell.row + 1); ++row)
        for (int column = std::max(0, cell.column - 1); column <= std::min(m_side - 1, cell.column + 1); ++column)
          crossed[static_cast<std::size_t>(row * m_side + column)] = 1;
    }
  }
  return crossed;
}

std::vector<int> CloudPoints::inside(const QPolygonF& polygon) const {
  if (empty() || polygon.size() < 3) return {};
  const std::vector<std::uint8_t> crossed = crossedCells(polygon);
  std::vector<std::uint8_t> taken(size(), 0);
  const QRectF box = polygon.boundingRect();
  const Cell from = cellOf(box.topLeft()), to = cellOf(box.bottomRight());
  const double rounding = 1e-6 * std::max(m_bounds.height(), 1e-12) / m_side;
  for (int row = from.row; row <= to.row; ++row) {
    const std::vector<Edge> edges = edgesBetween(polygon, rowTop(row) - rounding, rowTop(row + 1) + rounding);
    bool known = false, whole = false;   // of the run of uncrossed cells at hand
    for (int column = from.column; column <= to.column; ++column) {
      const bool exact = crossed[static_cast<std::size_t>(row * m_side + column)] != 0;
      known = known && !exact;
      for (std::size_t k = begin(column, row); k < end(column, row); ++k) {
        const Placed& p = m_placed[k];
        if (exact || !known) whole = isInside(edges, p.x, p.y);
        known = !exact;
        taken[p.point] = whole;
      }
    }
  }
  std::vector<int> found;
  for (std::size_t i = 0; i < taken.size(); ++i)
    if (taken[i]) found.push_back(static_cast<int>(i));
  return found;
}

int CloudPoints::nearest(QPointF place, QSizeF reach) const {
  if (empty() || !(reach.width() > 0) || !(reach.height() > 0)) return -1;
  const QPointF half(reach.width(), reach.height());
  const Cell from = cellOf(place - half), to = cellOf(place + half);
  double least = 1;
  int found = -1;
  for (int row = from.row; row <= to.row; ++row)
    for (std::size_t k = begin(from.column, row); k < end(to.column, row); ++k) {
      const Placed& p = m_placed[k];
      const double dx = (p.x - place.x()) / reach.width(), dy = (p.y - place.y()) / reach.height();
      if (const double distance = dx * dx + dy * dy; distance < least) least = distance, found = static_cast<int>(p.point);
    }
  return found;
}

}  // namespace lacuna::ui
