#pragma once

#include <memory>
#include <vector>

#include "kd_tree.h"
#include "lacuna/base/run_context.h"

namespace lacuna::clusters {

/// A pair of rows a < b: squared mutual reachability, squared distance. Ordered by them, then by rows, so that the minimum spanning
/// tree is one and no other.
struct Link {
  double reach = 0, squared = 0;
  std::int32_t a = -1, b = -1;
  bool found() const { return a >= 0; }
  friend bool operator<(const Link& x, const Link& y) {
    if (x.reach != y.reach) return x.reach < y.reach;
    if (x.squared != y.squared) return x.squared < y.squared;
    return x.a != y.a ? x.a < y.a : x.b < y.b;
  }
};

/// The two questions that Borůvka's rounds ask about the rows.
class LinkSearch {
 public:
  virtual ~LinkSearch() = default;
  /// [N] squared distances to the minSamples-th other row.
  virtual std::vector<double> coreSquared(int minSamples) = 0;
  /// For every component 0 … count − 1 the least link to a row of another one. component [N].
  virtual std::vector<Link> leastLinks(const std::vector<std::int32_t>& component, std::int32_t count, const std::vector<double>& core) = 0;
};

/// N − 1 links, ascending.
std::vector<Link> spanningTree(LinkSearch& search, const std::vector<double>& core, const RunContext& context);

/// Searches over few columns (a k-d tree) and over many (blocked products).
std::unique_ptr<LinkSearch> treeSearch(const MatrixD& x, const RunContext& context);
std::unique_ptr<LinkSearch> productSearch(const MatrixD& x, const RunContext& context);

}  // namespace lacuna::clusters
