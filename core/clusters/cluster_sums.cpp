#include "cluster_sums.h"

#include <cmath>

#include "lacuna/base/run_context.h"

namespace lacuna::clusters {

MatrixD clusterSums(const MatrixF& x, const VectorD& scale, const std::vector<std::int32_t>& labels, std::int64_t clusters, int threads) {
  MatrixD sums = MatrixD::Zero(clusters, x.cols());
  parallelFor(x.cols(), threads, 64, [&](std::int64_t begin, std::int64_t end) {
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      const std::int32_t label = labels[static_cast<std::size_t>(i)];
      if (label < 0 || label >= clusters) continue;
      sums.row(label).segment(begin, end - begin) += scale[i] * x.row(i).segment(begin, end - begin).cast<double>();
    }
  });
  return sums;
}

VectorD inverseNorms(const MatrixF& x, int threads) {
  VectorD inverse(x.rows());
  parallelFor(x.rows(), threads, 512, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const double norm = x.row(i).cast<double>().norm();
      inverse[i] = norm > 0 ? 1 / norm : 0;
    }
  });
  return inverse;
}

}  // namespace lacuna::clusters
