#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "lacuna/base/matrix.h"

namespace lacuna::clusters {

/// A row and its squared distance; ordered by distance, then by row.
struct Neighbour {
  double squared = 0;
  std::int32_t row = -1;
  friend bool operator<(const Neighbour& a, const Neighbour& b) { return a.squared != b.squared ? a.squared < b.squared : a.row < b.row; }
};

/// Σ (a_i − b_i)², in the order of the columns.
inline double squaredDistance(const double* a, const double* b, Eigen::Index d) {
  double sum = 0;
  for (Eigen::Index i = 0; i < d; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

/// A k-d tree over few columns. Points are kept in the tree's order, so that a node is a range of positions.
class KdTree {
 public:
  struct Node { std::int32_t begin = 0, end = 0, left = -1, right = -1; };   ///< children −1: a leaf

  explicit KdTree(const MatrixD& x);

  /// The k nearest rows to `point` [d], ascending, `except` left out (−1: none); fewer when there are fewer.
  std::vector<Neighbour> nearest(const double* point, int k, std::int32_t except) const;

  Eigen::Index size() const { return m_points.rows(); }
  Eigen::Index columns() const { return m_points.cols(); }
  const std::vector<Node>& nodes() const { return m_nodes; }   ///< parents before children; node 0 holds all
  const double* point(std::int32_t position) const { return m_points.row(position).data(); }
  std::int32_t rowAt(std::int32_t position) const { return m_rows[static_cast<std::size_t>(position)]; }
  /// Squared distance of a point [d] to the box around a node; 0 inside.
  double squaredToBox(const double* point, std::int32_t node) const;

 private:
  std::int32_t build(const MatrixD& x, std::int32_t begin, std::int32_t end);
  void boxAround(const MatrixD& x, std::int32_t begin, std::int32_t end);
  void search(std::int32_t node, const double* point, std::int32_t except, std::size_t k, std::vector<Neighbour>& heap) const;

  MatrixD m_points;
  std::vector<std::int32_t> m_rows;
  std::vector<Node> m_nodes;
  std::vector<double> m_boxes;   // lowest and highest corner of every node, 2d numbers each
};

}  // namespace lacuna::clusters
