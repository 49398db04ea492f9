#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"

/// What spherical and Euclidean k-means have in common.
namespace lacuna::clusters {

/// Gives each empty cluster the row that fits worst where it is, a different one each; rows within `least` of their centre stay, so with
/// fewer distinct rows than clusters some remain empty. labels, misfits [N]: larger is worse, of a moved row 0.
void fillEmptyClusters(std::vector<std::int32_t>& labels, std::vector<float>& misfits, int k, float least);

/// Moves the rows whose label changed from one sum [K, d] to the other, in row order within each column.
void moveSums(MatrixD& sums, const MatrixF& x, const std::vector<std::int32_t>& before, const std::vector<std::int32_t>& after, int threads);

/// Renames clusters by decreasing size, then by first row; empty ones go. Returns their number.
int sortBySize(std::vector<std::int32_t>& labels, int k);

}  // namespace lacuna::clusters
