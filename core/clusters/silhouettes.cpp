#include "lacuna/clusters/silhouettes.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "cluster_sums.h"
#include "grouping.h"
#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"
#include "row_kernels.h"

namespace lacuna::clusters {

namespace {

constexpr double kNotIdentified = std::numeric_limits<double>::quiet_NaN();
constexpr Eigen::Index kBlockRows = 256;

/// For every row that has a label: `value` of the row, its label and its products [K] with the clusters' sums.
template <class Value>
std::vector<double> overProducts(const MatrixF& x, const VectorD& scale, const MatrixD& sums, const Grouping& grouping, const RunContext& context,
                                 const Value& value) {
  std::vector<double> values(grouping.labels.size(), kNotIdentified);
  const algebra::SerialBlas guard;
  const Eigen::Index blocks = (x.rows() + kBlockRows - 1) / kBlockRows, clusters = sums.rows(), d = x.cols();
  parallelFor(blocks, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    MatrixD rows(kBlockRows, d), products(kBlockRows, clusters);
    for (Eigen::Index block = begin; block < end; ++block) {
      context.checkpoint();
      const Eigen::Index first = block * kBlockRows, count = std::min(kBlockRows, x.rows() - first);
      for (Eigen::Index r = 0; r < count; ++r) scaleRow(scale[first + r], x.row(first + r).data(), rows.row(r).data(), d);
      algebra::multiplyTransposed(rows.data(), sums.data(), products.data(), count, clusters, d);
      for (Eigen::Index r = 0; r < count; ++r) {
        const auto i = static_cast<std::size_t>(first + r);
        if (grouping.labels[i] >= 0) values[i] = value(first + r, grouping.labels[i], products.row(r).data());
      }
    }
  });
  return values;
}

/// The least of `distanceTo(cluster)` over the other clusters.
template <class DistanceTo> double nearestOther(std::size_t clusters, std::int32_t own, const DistanceTo& distanceTo) {
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < clusters; ++c)
    if (c != static_cast<std::size_t>(own)) least = std::min(least, distanceTo(c));
  return least;
}

/// Rows minus the mean of all: what keeps differences of large numbers apart from each other.
MatrixF centred(const MatrixF& x) {
  const Eigen::RowVectorXd mean = x.cast<double>().colwise().mean();
  return (x.cast<double>().rowwise() - mean).cast<float>();
}

/// Rows without a direction are left out, as noise is (methods.md 2); nothing when there are none.
std::vector<std::int32_t> withoutZeros(const std::vector<std::int32_t>& labels, const VectorD& inverseNorms) {
  std::vector<std::int32_t> kept;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || inverseNorms[static_cast<Eigen::Index>(i)] > 0) continue;
    if (kept.empty()) kept = labels;
    kept[i] = -1;
  }
  return kept;
}

/// Σ ‖x‖² of every cluster.
std::vector<double> squaredSums(const MatrixF& x, const Grouping& grouping) {
  std::vector<double> sums(grouping.sizes.size(), 0);
  for (std::size_t i = 0; i < grouping.labels.size(); ++i)
    if (grouping.labels[i] >= 0) sums[static_cast<std::size_t>(grouping.labels[i])] += squaredNorm(x.row(static_cast<Eigen::Index>(i)).data(), x.cols());
  return sums;
}

}  // namespace

std::vector<double> cosineSilhouettes(const MatrixF& unitVectors, const std::vector<std::int32_t>& labels, const RunContext& context) {
  LACUNA_CHECK(static_cast<std::size_t>(unitVectors.rows()) == labels.size());
  const Grouping g = withoutGaps(labels);
  const std::vector<double>& n = g.sizes;
  if (n.size() < 2) return std::vector<double>(labels.size(), kNotIdentified);
  VectorD scale;
  const MatrixD sums = unitSums(unitVectors, g.labels, std::ssize(n), scale, context.threadCount());
  if (const auto directed = withoutZeros(labels, scale); !directed.empty()) return cosineSilhouettes(unitVectors, directed, context);
  return overProducts(unitVectors, scale, sums, g, context, [&](Eigen::Index, std::int32_t own, const double* p) {
    const auto c = static_cast<std::size_t>(own);
    if (n[c] < 2) return 0.0;
    const double a = std::max(0.0, (n[c] - p[c]) / (n[c] - 1));
    return silhouetteFrom(a, std::max(0.0, nearestOther(n.size(), own, [&](std::size_t o) { return 1 - p[o] / n[o]; })));
  });
}

std::vector<double> squaredEuclideanSilhouettes(const MatrixF& data, const std::vector<std::int32_t>& labels, const RunContext& context) {
  LACUNA_CHECK(static_cast<std::size_t>(data.rows()) == labels.size());
  const Grouping g = withoutGaps(labels);
  const std::vector<double>& n = g.sizes;
  if (n.size() < 2) return std::vector<double>(labels.size(), kNotIdentified);
  const MatrixF x = centred(data);
  const VectorD ones = VectorD::Ones(x.rows());
  const MatrixD sums = clusterSums(x, ones, g.labels, std::ssize(n), context.threadCount());
  const std::vector<double> q = squaredSums(x, g);
  return overProducts(x, ones, sums, g, context, [&](Eigen::Index i, std::int32_t own, const double* p) {
    const auto c = static_cast<std::size_t>(own);
    if (n[c] < 2) return 0.0;
    const double norm = squaredNorm(x.row(i).data(), x.cols());
    const auto mean = [&](std::size_t o) { return std::max(0.0, norm + (q[o] - 2 * p[o]) / n[o]); };
    return silhouetteFrom(mean(c) * n[c] / (n[c] - 1), nearestOther(n.size(), own, mean));
  });
}

std::vector<double> simplifiedSilhouettes(const MatrixF& data, const std::vector<std::int32_t>& labels, const RunContext& context) {
  LACUNA_CHECK(static_cast<std::size_t>(data.rows()) == labels.size());
  const Grouping g = withoutGaps(labels);
  if (g.sizes.size() < 2) return std::vector<double>(labels.size(), kNotIdentified);
  const MatrixF x = centred(data);
  const VectorD ones = VectorD::Ones(x.rows());
  MatrixD means = clusterSums(x, ones, g.labels, std::ssize(g.sizes), context.threadCount());
  for (Eigen::Index c = 0; c < means.rows(); ++c) means.row(c) /= g.sizes[static_cast<std::size_t>(c)];
  std::vector<double> values(labels.size(), kNotIdentified);
  parallelFor(x.rows(), context.threadCount(), kBlockRows, [&](std::int64_t begin, std::int64_t end) {
    context.checkpoint();
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int32_t own = g.labels[static_cast<std::size_t>(i)];
      if (own < 0) continue;
      const auto distance = [&](std::size_t c) { return (x.row(i).cast<double>() - means.row(static_cast<Eigen::Index>(c))).norm(); };
      const auto c = static_cast<std::size_t>(own);
      values[static_cast<std::size_t>(i)] = g.sizes[c] < 2 ? 0 : silhouetteFrom(distance(c), nearestOther(g.sizes.size(), own, distance));
    }
  });
  return values;
}

SilhouetteSummary summarise(const std::vector<double>& silhouettes, const std::vector<std::int32_t>& labels) {
  LACUNA_CHECK(silhouettes.size() == labels.size());
  struct Total { double sum = 0, count = 0; };
  std::map<std::int32_t, Total> byCluster;
  double sum = 0, negative = 0, count = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || std::isnan(silhouettes[i])) continue;
    sum += silhouettes[i];
    negative += silhouettes[i] < 0 ? 1 : 0;
    ++count;
    Total& own = byCluster[labels[i]];
    own.sum += silhouettes[i];
    ++own.count;
  }
  SilhouetteSummary out{sum / count, 0, std::isfinite(sum) ? negative / count : kNotIdentified, 0};
  for (const auto& [label, total] : byCluster) out.macro += total.sum / total.count;
  out.macro /= static_cast<double>(byCluster.size());
  return out;
}

}  // namespace lacuna::clusters
