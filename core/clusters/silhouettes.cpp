#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "cluster_sums.h"
#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"
#include "lacuna/clusters/clusters.h"

namespace lacuna::clusters {

namespace {

constexpr double kNotIdentified = std::numeric_limits<double>::quiet_NaN();
constexpr Eigen::Index kBlockRows = 256;

struct Grouping {
  std::vector<std::int32_t> labels;   // 0 … K−1 without gaps, −1 left out
  std::vector<double> sizes;          // [K]
};

Grouping withoutGaps(const std::vector<std::int32_t>& labels) {
  std::map<std::int32_t, std::int32_t> compact;
  for (const std::int32_t label : labels)
    if (label >= 0) compact.emplace(label, 0);
  std::int32_t next = 0;
  for (auto& [label, index] : compact) index = next++;
  Grouping result{std::vector<std::int32_t>(labels.size(), -1), std::vector<double>(compact.size(), 0)};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) continue;
    result.labels[i] = compact.at(labels[i]);
    result.sizes[static_cast<std::size_t>(result.labels[i])] += 1;
  }
  return result;
}

/// One row's value from its products g [K] with the cluster sums; `self` is ‖x‖², 1 or (a row without a direction) 0.
double silhouetteOf(const double* g, const std::vector<double>& sizes, std::int32_t own, double self) {
  const auto c = static_cast<std::size_t>(own);
  if (sizes[c] < 2) return 0;
  const double a = std::max(0.0, (sizes[c] - g[c] - (1 - self)) / (sizes[c] - 1));
  double b = std::numeric_limits<double>::infinity();
  for (std::size_t other = 0; other < sizes.size(); ++other)
    if (other != c) b = std::min(b, 1 - g[other] / sizes[other]);
  b = std::max(0.0, b);
  const double larger = std::max(a, b);
  return larger > 0 ? (b - a) / larger : 0;
}

}  // namespace

std::vector<double> cosineSilhouettes(const MatrixF& unitVectors, const std::vector<std::int32_t>& labels, const RunContext& context) {
  LACUNA_CHECK(static_cast<std::size_t>(unitVectors.rows()) == labels.size());
  const Grouping grouping = withoutGaps(labels);
  std::vector<double> values(labels.size(), kNotIdentified);
  const auto clusters = static_cast<Eigen::Index>(grouping.sizes.size());
  if (clusters < 2) return values;

  const int threads = context.threadCount();
  const Eigen::Index d = unitVectors.cols();
  const VectorD scale = inverseNorms(unitVectors, threads);
  const MatrixD sums = clusterSums(unitVectors, scale, grouping.labels, clusters, threads);
  const algebra::SerialBlas guard;
  const Eigen::Index blocks = (unitVectors.rows() + kBlockRows - 1) / kBlockRows;
  parallelFor(blocks, threads, 1, [&](std::int64_t begin, std::int64_t end) {
    MatrixD rows(kBlockRows, d), products(kBlockRows, clusters);
    for (Eigen::Index block = begin; block < end; ++block) {
      context.checkpoint();
      const Eigen::Index first = block * kBlockRows, count = std::min(kBlockRows, unitVectors.rows() - first);
      rows.topRows(count) = scale.segment(first, count).asDiagonal() * unitVectors.middleRows(first, count).cast<double>();
      algebra::multiplyTransposed(rows.data(), sums.data(), products.data(), count, clusters, d);
      for (Eigen::Index r = 0; r < count; ++r) {
        const auto i = static_cast<std::size_t>(first + r);
        if (grouping.labels[i] >= 0)
          values[i] = silhouetteOf(products.row(r).data(), grouping.sizes, grouping.labels[i], scale[first + r] > 0 ? 1 : 0);
      }
    }
  });
  return values;
}

}  // namespace lacuna::clusters
