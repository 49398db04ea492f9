#include "lacuna/clusters/nearest.h"

#include "cluster_sums.h"
#include "lacuna/base/error.h"

namespace lacuna::clusters {
namespace {

constexpr double kNoDirection = 1e-12;

std::int32_t nearest(const MatrixD& directions, const Eigen::RowVectorXd& row) {
  if (!(row.norm() > kNoDirection)) return -1;
  std::int32_t best = -1;
  double most = 0;
  for (Eigen::Index c = 0; c < directions.rows(); ++c) {
    if (directions.row(c).isZero(0)) continue;
    const double cosine = directions.row(c).dot(row);
    if (best >= 0 && cosine <= most) continue;
    best = static_cast<std::int32_t>(c);
    most = cosine;
  }
  return best;
}

}  // namespace

std::vector<std::int32_t> nearestClusters(const MatrixF& x, const std::vector<std::int32_t>& labels, std::int64_t clusters, const MatrixF& others,
                                          const RunContext& context) {
  LACUNA_CHECK(x.rows() == std::ssize(labels) && (others.rows() == 0 || others.cols() == x.cols()));
  VectorD inverse;
  MatrixD directions = unitSums(x, labels, clusters, inverse, context.threadCount());
  for (Eigen::Index c = 0; c < directions.rows(); ++c) {
    const double norm = directions.row(c).norm();
    if (norm > kNoDirection) directions.row(c) /= norm;
    else directions.row(c).setZero();
  }
  std::vector<std::int32_t> out(static_cast<std::size_t>(others.rows()));
  for (Eigen::Index i = 0; i < others.rows(); ++i) out[static_cast<std::size_t>(i)] = nearest(directions, others.row(i).cast<double>());
  return out;
}

}  // namespace lacuna::clusters
