#include <algorithm>

#include "lacuna/base/error.h"
#include "lacuna/probes/subspaces.h"
#include "principal.h"

namespace lacuna::probes {
namespace {

/// Rows of one side, about the mean of all.
MatrixD side(const MatrixF& x, std::span<const std::uint8_t> inCluster, bool inside, const VectorD& mean) {
  MatrixD rows(std::count_if(inCluster.begin(), inCluster.end(), [&](std::uint8_t in) { return (in != 0) == inside; }), x.cols());
  Eigen::Index at = 0;
  for (Eigen::Index n = 0; n < x.rows(); ++n)
    if ((inCluster[static_cast<std::size_t>(n)] != 0) == inside) rows.row(at++) = x.row(n).cast<double>() - mean.transpose();
  return rows;
}

/// How many leading axes carry at least the share of all variance.
Eigen::Index leadingCount(const VectorD& variance, double share) {
  const double goal = share * variance.sum() * (1 - 1e-12);
  double sum = 0;
  Eigen::Index count = 0;
  while (count < variance.size() && sum < goal) sum += variance[count++];
  return count;
}

}  // namespace

MatrixD pcaSubspace(const MatrixF& x, std::span<const std::uint8_t> inCluster, const PcaSubspaceConfig& config, const RunContext& context) {
  if (static_cast<std::size_t>(x.rows()) != inCluster.size() || !x.allFinite() || config.directions < 1)
    throw Error("LAC-3101", "A PCA subspace needs finite rows, one label a row and at least one direction; found " +
                                std::to_string(x.rows()) + " rows and " + std::to_string(inCluster.size()) + " labels.");
  const algebra::SerialBlas serial;
  const VectorD mean = x.cast<double>().colwise().mean();
  const MatrixD rest = side(x, inCluster, false, mean);
  MatrixD cluster = side(x, inCluster, true, mean);
  if (rest.rows() == 0 || cluster.rows() == 0) return MatrixD(0, x.cols());
  const PrincipalAxes common = principalAxes(rest);
  context.checkpoint();
  const MatrixD removed = common.axes.topRows(leadingCount(common.variance, config.commonShare));
  const double before = cluster.squaredNorm();
  cluster -= (cluster * removed.transpose()).eval() * removed;
  if (cluster.squaredNorm() <= 1e-20 * before) return MatrixD(0, x.cols());
  const PrincipalAxes own = principalAxes(cluster);
  return orthonormalRows(own.axes.topRows(std::min<Eigen::Index>(config.directions, own.axes.rows())));
}

}  // namespace lacuna::probes
