#include "lacuna/clusters/hdbscan.h"

#include <algorithm>
#include <cmath>

#include "condensed_tree.h"
#include "lacuna/base/error.h"
#include "spanning_tree.h"

namespace lacuna::clusters {

namespace {

constexpr Eigen::Index kTreeColumns = 16;

void check(const MatrixD& x, const HdbscanConfig& config) {
  if (config.minClusterSize < 2)
    throw Error("LAC-1601", "HDBSCAN: expected a smallest cluster of at least 2, found " + std::to_string(config.minClusterSize), "set clusters.min_cluster_size");
  if (config.minSamples < 1)
    throw Error("LAC-1601", "HDBSCAN: expected at least 1 neighbour for the core distance, found " + std::to_string(config.minSamples), "set clusters.min_samples");
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    if (!x.row(i).allFinite()) throw Error("LAC-1601", "HDBSCAN: row " + std::to_string(i) + " has a coordinate that is not finite", "leave such documents out");
}

std::unique_ptr<LinkSearch> searchFor(const MatrixD& x, const RunContext& context) {
  return x.cols() <= kTreeColumns ? treeSearch(x, context) : productSearch(x, context);
}

}  // namespace

HdbscanResult hdbscan(const MatrixD& x, const HdbscanConfig& config, const RunContext& context) {
  check(x, config);
  const auto n = static_cast<std::size_t>(x.rows());
  HdbscanResult result;
  result.labels.assign(n, -1);
  result.strengths.assign(n, 0);
  if (n < 2) return result;
  const std::unique_ptr<LinkSearch> search = searchFor(x, context);
  const std::vector<double> core = search->coreSquared(static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(config.minSamples), n - 1)));
  for (const double squared : core) result.coreDistances.push_back(std::sqrt(squared));
  for (const Link& link : spanningTree(*search, core, context)) result.spanningTree.push_back({link.a, link.b, std::sqrt(link.reach)});
  result.condensedTree = condense(result.spanningTree, config.minClusterSize);
  selectClusters(result, config);
  return result;
}

}  // namespace lacuna::clusters
