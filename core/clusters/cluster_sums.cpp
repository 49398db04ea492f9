#include "cluster_sums.h"

#include <algorithm>
#include <cmath>

#include "lacuna/base/run_context.h"
#include "row_kernels.h"

namespace lacuna::clusters {

namespace {

constexpr std::int64_t kMostParts = 16, kMostNumbers = std::int64_t{1} << 22;   // of all parts' sums together

double inverseNorm(const float* row, std::int64_t d) {
  const double squared = squaredNorm(row, d);
  return squared > 0 ? 1 / std::sqrt(squared) : 0;
}

/// `scaleOf` gives the factor of a row.
template <class ScaleOf>
MatrixD sumsOf(const MatrixF& x, const std::vector<std::int32_t>& labels, std::int64_t clusters, int threads, const ScaleOf& scaleOf) {
  const std::int64_t parts = std::clamp<std::int64_t>(kMostNumbers / std::max<std::int64_t>(1, clusters * x.cols()), 1, kMostParts);
  std::vector<MatrixD> sums(static_cast<std::size_t>(parts));
  parallelFor(parts, threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t part = begin; part < end; ++part) {
      MatrixD& sum = sums[static_cast<std::size_t>(part)] = MatrixD::Zero(clusters, x.cols());
      for (std::int64_t i = x.rows() * part / parts; i < x.rows() * (part + 1) / parts; ++i) {
        const double scale = scaleOf(i);
        const std::int32_t label = labels[static_cast<std::size_t>(i)];
        if (label >= 0 && label < clusters) addScaled(scale, x.row(i).data(), sum.row(label).data(), x.cols());
      }
    }
  });
  for (std::size_t part = 1; part < sums.size(); ++part) addRow(sums[part].data(), sums[0].data(), sums[0].size());
  return std::move(sums[0]);
}

}  // namespace

MatrixD clusterSums(const MatrixF& x, const VectorD& scale, const std::vector<std::int32_t>& labels, std::int64_t clusters, int threads) {
  return sumsOf(x, labels, clusters, threads, [&](std::int64_t i) { return scale[i]; });
}

MatrixD unitSums(const MatrixF& x, const std::vector<std::int32_t>& labels, std::int64_t clusters, VectorD& inverse, int threads) {
  inverse.resize(x.rows());
  return sumsOf(x, labels, clusters, threads, [&](std::int64_t i) { return inverse[i] = inverseNorm(x.row(i).data(), x.cols()); });
}

VectorD inverseNorms(const MatrixF& x, int threads) {
  VectorD inverse(x.rows());
  parallelFor(x.rows(), threads, 512, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) inverse[i] = inverseNorm(x.row(i).data(), x.cols());
  });
  return inverse;
}

}  // namespace lacuna::clusters
