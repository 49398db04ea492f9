#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"

namespace lacuna::clusters {

/// Sums [K, d] in fp64 of the rows of `x` [N, d] times `scale` [N], by label 0 … K−1; other labels are left out.
/// Every column is summed in row order, so the bits do not depend on the thread count.
MatrixD clusterSums(const MatrixF& x, const VectorD& scale, const std::vector<std::int32_t>& labels, std::int64_t clusters, int threads);

/// 1/‖row‖ in fp64; 0 for rows without a direction.
VectorD inverseNorms(const MatrixF& x, int threads);

}  // namespace lacuna::clusters
