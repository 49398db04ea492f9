#include "spanning_tree.h"

#include <algorithm>
#include <numeric>

#include "disjoint_sets.h"

namespace lacuna::clusters {

namespace {

/// Numbers the sets 0, 1, … by their first row; returns how many there are.
std::int32_t numberSets(DisjointSets& sets, std::vector<std::int32_t>& component) {
  std::vector<std::int32_t> number(component.size(), -1);
  std::int32_t next = 0;
  for (std::size_t i = 0; i < component.size(); ++i) {
    std::int32_t& n = number[static_cast<std::size_t>(sets.find(static_cast<std::int32_t>(i)))];
    if (n < 0) n = next++;
    component[i] = n;
  }
  return next;
}

}  // namespace

std::vector<Link> spanningTree(LinkSearch& search, const std::vector<double>& core, const RunContext& context) {
  std::vector<std::int32_t> component(core.size());
  std::iota(component.begin(), component.end(), 0);
  DisjointSets sets(component.size());
  std::vector<Link> tree;
  auto count = static_cast<std::int32_t>(component.size());
  while (count > 1) {
    context.checkpoint();
    context.report("Spanning tree", tree.size(), core.size() - 1);
    for (const Link& link : search.leastLinks(component, count, core))
      if (sets.join(link.a, link.b)) tree.push_back(link);
    count = numberSets(sets, component);
  }
  std::sort(tree.begin(), tree.end());
  return tree;
}

}  // namespace lacuna::clusters
