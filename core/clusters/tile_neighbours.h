#pragma once

#include <vector>

#include "kd_tree.h"
#include "lacuna/base/run_context.h"

namespace lacuna::clusters {

/// The k nearest other rows of every row, [N · k] ascending, by matrix products of tiles of the distance matrix; each pair of rows is
/// multiplied once. The candidates are those of |a|² + |b|² − 2ab in x's own precision, their distances and order exact in fp64.
/// x [N, d], k < N. The same result at any thread count: the best k by (value, row) do not depend on the order they come in.
std::vector<Neighbour> tileNeighbours(const MatrixF& x, int k, const RunContext& context);
std::vector<Neighbour> tileNeighbours(const MatrixD& x, int k, const RunContext& context);

}  // namespace lacuna::clusters
