#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "condensed_tree.h"
#include "kd_tree.h"
#include "lacuna/base/error.h"

namespace lacuna::clusters {

namespace {

/// Of a fitted clustering: where each training row left the tree, and above every node the cluster that was selected.
class Fitted {
 public:
  explicit Fitted(const HdbscanResult& r) : m_result(r), m_points(static_cast<std::int32_t>(r.labels.size())), m_row(r.labels.size(), nullptr) {
    m_parent.assign(r.births.size(), -1);
    m_label.assign(r.births.size(), -1);
    m_deepest.assign(r.births.size(), 0);
    for (std::size_t c = 0; c < r.selected.size(); ++c) m_label[index(r.selected[c])] = static_cast<std::int32_t>(c);
    for (const CondensedRow& row : r.condensedTree) {
      m_deepest[index(row.parent)] = std::max(m_deepest[index(row.parent)], row.lambda);
      if (row.child < m_points) m_row[static_cast<std::size_t>(row.child)] = &row;
      else m_parent[index(row.child)] = row.parent;
    }
  }

  /// Label and strength of a point that is `lambda` near to training row `nearest`.
  std::pair<std::int32_t, double> place(std::int32_t nearest, double lambda) const {
    const CondensedRow* row = m_row[static_cast<std::size_t>(nearest)];
    if (!row) return {-1, 0};
    std::int32_t node = row->parent;
    while (node > m_points && m_result.births[index(node)] >= lambda) node = m_parent[index(node)];
    while (node > m_points && m_label[index(node)] < 0) node = m_parent[index(node)];
    const std::int32_t label = m_label[index(node)];
    if (label < 0) return {-1, 0};
    const double deepest = m_deepest[index(node)];
    return {label, deepest > 0 ? std::min(lambda, deepest) / deepest : 1};
  }

 private:
  std::size_t index(std::int32_t node) const { return static_cast<std::size_t>(node - m_points); }
  const HdbscanResult& m_result;
  std::int32_t m_points;
  std::vector<const CondensedRow*> m_row;
  std::vector<std::int32_t> m_parent, m_label;
  std::vector<double> m_deepest;
};

/// The training row that a new point reaches first, and λ of that.
std::pair<std::int32_t, double> firstReached(const KdTree& tree, const double* point, const std::vector<double>& core, int minSamples) {
  const std::vector<Neighbour> near = tree.nearest(point, 2 * minSamples, -1);
  const double own = std::sqrt(near[static_cast<std::size_t>(std::min<std::ptrdiff_t>(minSamples, std::ssize(near)) - 1)].squared);
  std::pair<std::int32_t, double> best{-1, std::numeric_limits<double>::infinity()};
  for (const Neighbour& n : near) {
    const double reach = std::max({std::sqrt(n.squared), own, core[static_cast<std::size_t>(n.row)]});
    if (reach < best.second) best = {n.row, reach};
  }
  return {best.first, lambdaOf(best.second)};
}

}  // namespace

MembershipResult assignByDensity(const HdbscanResult& fitted, const MatrixD& x, const MatrixD& added, const HdbscanConfig& config,
                                 const RunContext& context) {
  LACUNA_CHECK(static_cast<std::size_t>(x.rows()) == fitted.labels.size() && (added.rows() == 0 || added.cols() == x.cols()));
  MembershipResult result{std::vector<std::int32_t>(static_cast<std::size_t>(added.rows()), -1), std::vector<double>(static_cast<std::size_t>(added.rows()), 0)};
  if (fitted.selected.empty()) return result;
  const KdTree tree(x);
  const Fitted places(fitted);
  parallelFor(added.rows(), context.threadCount(), 64, [&](std::int64_t begin, std::int64_t end) {
    context.checkpoint();
    for (std::int64_t i = begin; i < end; ++i) {
      if (!added.row(i).allFinite()) continue;
      const auto [row, lambda] = firstReached(tree, added.row(i).data(), fitted.coreDistances, config.minSamples);
      std::tie(result.labels[static_cast<std::size_t>(i)], result.strengths[static_cast<std::size_t>(i)]) = places.place(row, lambda);
    }
  });
  return result;
}

}  // namespace lacuna::clusters
