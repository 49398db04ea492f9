#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

namespace lacuna::clusters {

/// The cluster 0 … clusters−1 whose members' mean direction has the largest cosine with each row of `others` [m, d]; of equals the first. −1
/// where a row has no direction, or no cluster has one. `x` [n, d] are the members' vectors, `labels` [n] theirs, −1 noise.
std::vector<std::int32_t> nearestClusters(const MatrixF& x, const std::vector<std::int32_t>& labels, std::int64_t clusters, const MatrixF& others,
                                          const RunContext& context);

}  // namespace lacuna::clusters
