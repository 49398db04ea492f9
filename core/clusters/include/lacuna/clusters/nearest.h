#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

namespace lacuna::clusters {

struct Nearest {
  std::int32_t cluster = -1;   ///< −1: none
  double cosine = 0;           ///< with its members' mean direction
  double strength = 0;         ///< 1 − d₁/d₂ of the cosine distances to the nearest and the next; 1 where there is one cluster alone
};
/// Of every row of `others`, as nearestClusters says.
std::vector<Nearest> nearestWithStrength(const MatrixF& x, const std::vector<std::int32_t>& labels, std::int64_t clusters, const MatrixF& others,
                                         const RunContext& context);

/// The cluster 0 … clusters−1 whose members' mean direction has the largest cosine with each row of `others` [m, d]; of equals the first. −1
/// where a row has no direction, or no cluster has one. `x` [n, d] are the members' vectors, `labels` [n] theirs, −1 noise.
std::vector<std::int32_t> nearestClusters(const MatrixF& x, const std::vector<std::int32_t>& labels, std::int64_t clusters, const MatrixF& others,
                                          const RunContext& context);

}  // namespace lacuna::clusters
