#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"

namespace lacuna::clusters {

/// Sums [K, d] in fp64 of the rows of `x` [N, d] times `scale` [N], by label 0 … K−1; other labels are left out.
/// Parts of the rows that depend on the shape alone are summed in row order and added in order: the bits do not depend on threads.
MatrixD clusterSums(const MatrixF& x, const VectorD& scale, const std::vector<std::int32_t>& labels, std::int64_t clusters, int threads);
/// The same, each row divided by its norm; fills `inverse` [N] with 1/‖row‖ (0 for rows without a direction), reading x once.
MatrixD unitSums(const MatrixF& x, const std::vector<std::int32_t>& labels, std::int64_t clusters, VectorD& inverse, int threads);

/// 1/‖row‖ in fp64; 0 for rows without a direction.
VectorD inverseNorms(const MatrixF& x, int threads);

}  // namespace lacuna::clusters
