#include "lacuna/clusters/nearest.h"

#include <algorithm>

#include "cluster_sums.h"
#include "lacuna/base/error.h"

namespace lacuna::clusters {
namespace {

constexpr double kNoDirection = 1e-12;

Nearest nearest(const MatrixD& directions, const Eigen::RowVectorXd& row) {
  const double length = row.norm();
  Nearest best;
  if (!(length > kNoDirection)) return best;
  double next = -2;   // no cosine
  for (Eigen::Index c = 0; c < directions.rows(); ++c) {
    if (directions.row(c).isZero(0)) continue;
    const double cosine = directions.row(c).dot(row) / length;
    if (best.cluster >= 0 && cosine <= best.cosine) {
      next = std::max(next, cosine);
      continue;
    }
    if (best.cluster >= 0) next = best.cosine;
    best = {static_cast<std::int32_t>(c), cosine, 0};
  }
  if (best.cluster >= 0) best.strength = next < -1 ? 1 : next < 1 ? std::clamp(1 - (1 - best.cosine) / (1 - next), 0.0, 1.0) : 0;
  return best;
}

}  // namespace

std::vector<Nearest> nearestWithStrength(const MatrixF& x, const std::vector<std::int32_t>& labels, std::int64_t clusters, const MatrixF& others,
                                         const RunContext& context) {
  LACUNA_CHECK(x.rows() == std::ssize(labels) && (others.rows() == 0 || others.cols() == x.cols()));
  VectorD inverse;
  MatrixD directions = unitSums(x, labels, clusters, inverse, context.threadCount());
  for (Eigen::Index c = 0; c < directions.rows(); ++c) {
    const double norm = directions.row(c).norm();
    if (norm > kNoDirection) directions.row(c) /= norm;
    else directions.row(c).setZero();
  }
  std::vector<Nearest> out(static_cast<std::size_t>(others.rows()));
  parallelFor(others.rows(), context.threadCount(), 256, [&](std::int64_t begin, std::int64_t end) {
    context.checkpoint();
    for (std::int64_t i = begin; i < end; ++i) out[static_cast<std::size_t>(i)] = nearest(directions, others.row(i).cast<double>());
  });
  return out;
}

std::vector<std::int32_t> nearestClusters(const MatrixF& x, const std::vector<std::int32_t>& labels, std::int64_t clusters, const MatrixF& others,
                                          const RunContext& context) {
  std::vector<std::int32_t> out;
  for (const Nearest& one : nearestWithStrength(x, labels, clusters, others, context)) out.push_back(one.cluster);
  return out;
}

}  // namespace lacuna::clusters
