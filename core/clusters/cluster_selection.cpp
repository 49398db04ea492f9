#include <algorithm>

#include "condensed_tree.h"

namespace lacuna::clusters {

namespace {

/// The clusters of a condensed tree, numbered from 0 (the root); parents come before their children.
class ClusterTree {
 public:
  explicit ClusterTree(HdbscanResult& r) : m_points(static_cast<std::int32_t>(r.labels.size())) {
    std::int32_t clusters = 1;
    for (const CondensedRow& row : r.condensedTree) clusters = std::max(clusters, row.child - m_points + 1);
    m_parent.assign(static_cast<std::size_t>(clusters), -1);
    m_children.resize(m_parent.size());
    m_deepest.assign(m_parent.size(), 0);
    r.births.assign(m_parent.size(), 0);
    r.stabilities.assign(m_parent.size(), 0);
    for (const CondensedRow& row : r.condensedTree) {
      const std::size_t parent = index(row.parent);
      r.stabilities[parent] += (row.lambda - r.births[parent]) * row.size;
      m_deepest[parent] = std::max(m_deepest[parent], row.lambda);
      if (row.child < m_points) continue;
      m_parent[index(row.child)] = static_cast<std::int32_t>(parent);
      m_children[parent].push_back(index(row.child));
      r.births[index(row.child)] = row.lambda;
    }
  }

  std::size_t index(std::int32_t node) const { return static_cast<std::size_t>(node - m_points); }
  std::size_t size() const { return m_parent.size(); }
  std::int32_t parent(std::size_t c) const { return m_parent[c]; }
  const std::vector<std::size_t>& children(std::size_t c) const { return m_children[c]; }
  double deepest(std::size_t c) const { return m_deepest[c]; }   ///< λ at which the last of it leaves

 private:
  std::int32_t m_points;
  std::vector<std::int32_t> m_parent;
  std::vector<std::vector<std::size_t>> m_children;
  std::vector<double> m_deepest;
};

/// A cluster stays when it is at least as stable as what its children come to.
std::vector<bool> byExcessOfMass(const ClusterTree& tree, std::vector<double> stability, bool allowRoot) {
  std::vector<bool> chosen(tree.size(), false);
  for (std::size_t c = tree.size(); c-- > (allowRoot ? 0U : 1U);) {
    double below = 0;
    for (const std::size_t child : tree.children(c)) below += stability[child];
    chosen[c] = !(below > stability[c]);
    stability[c] = std::max(stability[c], below);
  }
  for (std::size_t c = 1; c < tree.size(); ++c) {   // nothing below a chosen cluster is one
    for (std::int32_t up = tree.parent(c); up >= 0; up = tree.parent(static_cast<std::size_t>(up)))
      if (chosen[static_cast<std::size_t>(up)]) chosen[c] = false;
  }
  return chosen;
}

std::vector<bool> leaves(const ClusterTree& tree, bool allowRoot) {
  std::vector<bool> chosen(tree.size(), false);
  for (std::size_t c = 0; c < tree.size(); ++c) chosen[c] = tree.children(c).empty() && (c > 0 || allowRoot);
  return chosen;
}

/// The chosen cluster at or above each cluster; −1 when there is none.
std::vector<std::int32_t> owners(const ClusterTree& tree, const std::vector<bool>& chosen) {
  std::vector<std::int32_t> owner(tree.size(), -1);
  for (std::size_t c = 0; c < tree.size(); ++c)
    owner[c] = chosen[c] ? static_cast<std::int32_t>(c) : tree.parent(c) < 0 ? -1 : owner[static_cast<std::size_t>(tree.parent(c))];
  return owner;
}

/// Clusters numbered by their first row, in the order of labels.
void number(HdbscanResult& r, std::size_t clusters, std::int32_t points) {
  std::vector<std::int32_t> numbers(clusters, -1);
  for (std::int32_t& label : r.labels) {
    if (label < 0) continue;
    std::int32_t& n = numbers[static_cast<std::size_t>(label)];
    if (n < 0) {
      n = static_cast<std::int32_t>(r.selected.size());
      r.selected.push_back(points + label);
    }
    label = n;
  }
}

void rate(HdbscanResult& r, const ClusterTree& tree) {
  std::vector<double> sizes(r.selected.size(), 0);
  for (const std::int32_t label : r.labels)
    if (label >= 0) sizes[static_cast<std::size_t>(label)] += 1;
  double most = 0;
  for (const CondensedRow& row : r.condensedTree) most = std::max(most, row.lambda);
  for (std::size_t c = 0; c < r.selected.size(); ++c) r.persistence.push_back(r.stabilities[tree.index(r.selected[c])] / (sizes[c] * most));
}

}  // namespace

void selectClusters(HdbscanResult& r, const HdbscanConfig& config) {
  if (r.condensedTree.empty()) return;
  const auto points = static_cast<std::int32_t>(r.labels.size());
  const ClusterTree tree(r);
  const std::vector<bool> chosen =
      config.selection == Selection::Leaf ? leaves(tree, config.allowSingleCluster) : byExcessOfMass(tree, r.stabilities, config.allowSingleCluster);
  const std::vector<std::int32_t> owner = owners(tree, chosen);
  for (const CondensedRow& row : r.condensedTree) {
    if (row.child >= points) continue;
    const std::int32_t own = owner[tree.index(row.parent)];
    // Of the root as the only cluster, its densest points alone are members.
    if (own < 0 || (own == 0 && row.lambda < tree.deepest(0))) continue;
    r.labels[static_cast<std::size_t>(row.child)] = own;
    const double deepest = tree.deepest(static_cast<std::size_t>(own));
    r.strengths[static_cast<std::size_t>(row.child)] = deepest > 0 ? std::min(row.lambda, deepest) / deepest : 1;
  }
  number(r, tree.size(), points);
  rate(r, tree);
}

}  // namespace lacuna::clusters
