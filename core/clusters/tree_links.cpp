#include <algorithm>
#include <atomic>
#include <limits>

#include "spanning_tree.h"

namespace lacuna::clusters {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::int32_t kMixed = -1;

/// Links over a k-d tree: nodes that lie in the asking component, or beyond the best link known, are passed over.
class TreeLinks final : public LinkSearch {
 public:
  TreeLinks(const MatrixD& x, const RunContext& context) : m_tree(x), m_context(context), m_known(static_cast<std::size_t>(x.rows())) {}

  std::vector<double> coreSquared(int minSamples) override {
    std::vector<double> core(m_known.size());
    forPositions([&](std::int32_t position) {
      const std::int32_t row = m_tree.rowAt(position);
      core[static_cast<std::size_t>(row)] = m_tree.nearest(m_tree.point(position), minSamples, row).back().squared;
    });
    return core;
  }

  std::vector<Link> leastLinks(const std::vector<std::int32_t>& component, std::int32_t count, const std::vector<double>& core) override {
    settle(component, core);
    std::vector<std::atomic<double>> best(static_cast<std::size_t>(count));
    for (auto& value : best) value = kInfinity;
    for (std::size_t position = 0; position < m_known.size(); ++position)   // what earlier rounds found and still holds
      if (const Link& link = m_known[position].link; holds(link)) lower(best[static_cast<std::size_t>(m_component[position])], link.reach);
    forPositions([&](std::int32_t position) { update(position, best[static_cast<std::size_t>(m_component[static_cast<std::size_t>(position)])]); });
    std::vector<Link> least(static_cast<std::size_t>(count));
    for (std::size_t position = 0; position < m_known.size(); ++position) {
      const Link& link = m_known[position].link;
      Link& own = least[static_cast<std::size_t>(m_component[position])];
      if (holds(link) && (!own.found() || link < own)) own = link;
    }
    return least;
  }

 private:
  /// Of a position: its least link outside, or, when the link is not one any more, a bound below which there is none.
  struct Known { Link link; double bound = 0; };

  template <class Body> void forPositions(const Body& body) {
    parallelFor(m_tree.size(), m_context.threadCount(), 128, [&](std::int64_t begin, std::int64_t end) {
      m_context.checkpoint();
      for (auto position = static_cast<std::int32_t>(begin); position < end; ++position) body(position);
    });
  }

  static void lower(std::atomic<double>& best, double value) {
    double now = best.load(std::memory_order_relaxed);
    while (value < now && !best.compare_exchange_weak(now, value, std::memory_order_relaxed)) {}
  }

  bool holds(const Link& link) const {
    return link.found() && (*m_byRow)[static_cast<std::size_t>(link.a)] != (*m_byRow)[static_cast<std::size_t>(link.b)];
  }

  /// Components and core distances in the tree's order, and of every node its component (or mixed) and its least core distance.
  void settle(const std::vector<std::int32_t>& component, const std::vector<double>& core) {
    m_byRow = &component;
    m_component.resize(component.size());
    m_core.resize(component.size());
    for (std::size_t i = 0; i < component.size(); ++i) {
      const auto row = static_cast<std::size_t>(m_tree.rowAt(static_cast<std::int32_t>(i)));
      m_component[i] = component[row];
      m_core[i] = core[row];
    }
    m_nodeComponent.resize(m_tree.nodes().size());
    m_nodeCore.resize(m_tree.nodes().size());
    for (std::size_t n = m_tree.nodes().size(); n-- > 0;) settleNode(n);
  }

  void settleNode(std::size_t n) {
    const KdTree::Node& node = m_tree.nodes()[n];
    if (node.left >= 0) {
      const auto left = static_cast<std::size_t>(node.left), right = static_cast<std::size_t>(node.right);
      m_nodeComponent[n] = m_nodeComponent[left] == m_nodeComponent[right] ? m_nodeComponent[left] : kMixed;
      m_nodeCore[n] = std::min(m_nodeCore[left], m_nodeCore[right]);
      return;
    }
    const auto begin = m_component.begin() + node.begin, end = m_component.begin() + node.end;
    m_nodeComponent[n] = std::all_of(begin, end, [&](std::int32_t c) { return c == *begin; }) ? *begin : kMixed;
    m_nodeCore[n] = *std::min_element(m_core.begin() + node.begin, m_core.begin() + node.end);
  }

  void update(std::int32_t position, std::atomic<double>& best) {
    Known& known = m_known[static_cast<std::size_t>(position)];
    if (holds(known.link)) return;
    if (known.link.found()) known = {{}, known.link.reach};
    const double limit = best.load(std::memory_order_relaxed);
    known.bound = std::max(known.bound, m_core[static_cast<std::size_t>(position)]);
    if (known.bound > limit) return;
    Link found{limit, kInfinity, -1, -1};
    search(0, position, m_tree.point(position), best, found);
    if (found.found()) {
      known = {found, found.reach};
      lower(best, found.reach);
    } else {
      known.bound = std::max(known.bound, best.load(std::memory_order_relaxed));
    }
  }

  void search(std::int32_t index, std::int32_t position, const double* point, const std::atomic<double>& best, Link& found) const {
    const KdTree::Node& node = m_tree.nodes()[static_cast<std::size_t>(index)];
    if (node.left < 0) return searchLeaf(node, position, point, found);
    const double left = m_tree.squaredToBox(point, node.left), right = m_tree.squaredToBox(point, node.right);
    const std::pair<double, std::int32_t> order[] = {{std::min(left, right), left <= right ? node.left : node.right},
                                                     {std::max(left, right), left <= right ? node.right : node.left}};
    for (const auto& [squared, child] : order) {
      const auto c = static_cast<std::size_t>(child);
      if (m_nodeComponent[c] == m_component[static_cast<std::size_t>(position)]) continue;
      const double reach = std::max({squared, m_core[static_cast<std::size_t>(position)], m_nodeCore[c]});
      if (reach <= std::min(found.reach, best.load(std::memory_order_relaxed))) search(child, position, point, best, found);
    }
  }

  void searchLeaf(const KdTree::Node& node, std::int32_t position, const double* point, Link& found) const {
    const auto own = static_cast<std::size_t>(position);
    for (std::int32_t i = node.begin; i < node.end; ++i) {
      const auto other = static_cast<std::size_t>(i);
      if (m_component[other] == m_component[own]) continue;
      const double squared = squaredDistance(point, m_tree.point(i), m_tree.columns()), reach = std::max({squared, m_core[own], m_core[other]});
      if (reach > found.reach) continue;
      const std::int32_t a = m_tree.rowAt(position), b = m_tree.rowAt(i);
      if (const Link link{reach, squared, std::min(a, b), std::max(a, b)}; !found.found() || link < found) found = link;
    }
  }

  KdTree m_tree;
  const RunContext& m_context;
  std::vector<Known> m_known;                    // by position
  const std::vector<std::int32_t>* m_byRow = nullptr;
  std::vector<std::int32_t> m_component, m_nodeComponent;
  std::vector<double> m_core, m_nodeCore;
};

}  // namespace

std::unique_ptr<LinkSearch> treeSearch(const MatrixD& x, const RunContext& context) { return std::make_unique<TreeLinks>(x, context); }

}  // namespace lacuna::clusters
