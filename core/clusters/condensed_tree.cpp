#include "condensed_tree.h"

#include <algorithm>
#include <limits>

#include "disjoint_sets.h"

namespace lacuna::clusters {

namespace {

/// Single linkage: node N + i joins `left` and `right`.
struct Merge { std::int32_t left = 0, right = 0; double distance = 0; std::int32_t size = 0; };

class Dendrogram {
 public:
  explicit Dendrogram(const std::vector<TreeEdge>& edges) : m_points(static_cast<std::int32_t>(edges.size()) + 1) {
    DisjointSets sets(edges.size() + 1);
    std::vector<std::int32_t> node(edges.size() + 1);
    for (std::int32_t i = 0; i < m_points; ++i) node[static_cast<std::size_t>(i)] = i;
    for (const TreeEdge& edge : edges) {
      const std::int32_t left = node[static_cast<std::size_t>(sets.find(edge.a))], right = node[static_cast<std::size_t>(sets.find(edge.b))];
      m_merges.push_back({left, right, edge.distance, size(left) + size(right)});
      sets.join(edge.a, edge.b);
      node[static_cast<std::size_t>(sets.find(edge.a))] = m_points + static_cast<std::int32_t>(m_merges.size()) - 1;
    }
  }

  std::int32_t points() const { return m_points; }
  std::int32_t root() const { return 2 * m_points - 2; }
  bool isPoint(std::int32_t node) const { return node < m_points; }
  const Merge& merge(std::int32_t node) const { return m_merges[static_cast<std::size_t>(node - m_points)]; }
  std::int32_t size(std::int32_t node) const { return isPoint(node) ? 1 : merge(node).size; }

  std::vector<std::int32_t> pointsBelow(std::int32_t node) const {
    std::vector<std::int32_t> open{node}, found;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (isPoint(open[i])) found.push_back(open[i]);
      else open.insert(open.end(), {merge(open[i]).left, merge(open[i]).right});
    }
    return found;
  }

 private:
  std::int32_t m_points;
  std::vector<Merge> m_merges;
};

struct Open { std::int32_t node, cluster; };   // a node of the dendrogram and the cluster that it still is

}  // namespace

double lambdaOf(double distance) {
  constexpr double most = 1 / std::numeric_limits<double>::epsilon();
  return distance > 0 ? std::min(most, 1 / distance) : most;
}

std::vector<CondensedRow> condense(const std::vector<TreeEdge>& edges, int minClusterSize) {
  std::vector<CondensedRow> rows;
  if (edges.empty()) return rows;
  const Dendrogram tree(edges);
  std::int32_t next = tree.points() + 1;
  std::vector<Open> open{{tree.root(), tree.points()}};
  for (std::size_t i = 0; i < open.size(); ++i) {
    const Open now = open[i];
    if (tree.isPoint(now.node)) continue;
    const Merge& merge = tree.merge(now.node);
    const double lambda = lambdaOf(merge.distance);
    const bool bothLive = tree.size(merge.left) >= minClusterSize && tree.size(merge.right) >= minClusterSize;
    for (const std::int32_t child : {merge.left, merge.right}) {
      if (bothLive) {
        rows.push_back({now.cluster, next, lambda, tree.size(child)});
        open.push_back({child, next++});
      } else if (tree.size(child) >= minClusterSize) {
        open.push_back({child, now.cluster});
      } else {
        for (const std::int32_t point : tree.pointsBelow(child)) rows.push_back({now.cluster, point, lambda, 1});
      }
    }
  }
  return rows;
}

std::vector<TreeNode> treeNodes(const std::vector<CondensedRow>& tree) {
  std::vector<TreeNode> nodes;
  if (tree.empty()) return nodes;
  const std::int32_t root = tree.front().parent;   // N: points have the numbers below
  std::vector<std::vector<std::pair<double, std::int32_t>>> leaving(1);
  nodes.push_back({root, -1, 0, 0, 0, 0, 0});
  for (const CondensedRow& row : tree) {
    if (row.child >= root) nodes.push_back({row.child, row.parent, row.size, row.lambda, 0, 0, 0});
    leaving.resize(nodes.size());
    leaving[static_cast<std::size_t>(row.parent - root)].emplace_back(row.lambda, row.size);
  }
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    TreeNode& node = nodes[n];
    std::stable_sort(leaving[n].begin(), leaving[n].end());
    std::int64_t all = 0, left = 0;
    for (const auto& [lambda, size] : leaving[n]) all += size;
    if (n == 0) node.size = static_cast<std::int32_t>(all);
    node.half = node.end = node.birth;
    for (auto at = leaving[n].rbegin(); at != leaving[n].rend(); ++at) {
      node.end = std::max(node.end, at->first);
      node.stability += (at->first - node.birth) * at->second;
      if (2 * left < all) node.half = at->first;   // as many leave after it as before
      left += at->second;
    }
  }
  return nodes;
}

}  // namespace lacuna::clusters
