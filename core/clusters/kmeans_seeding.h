#pragma once

#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

namespace lacuna::clusters {

/// Greedy k-means++ (Arthur & Vassilvitskii 2007): each seed is the best of 2 + ⌊ln k⌋ candidates drawn by D², here 2(1 − x·c).
/// When every row lies on a seed already, the next one is drawn uniformly. x [N, d] unit rows, k ≤ N; gives [k, d] for each
/// restart, drawn from a stream of its own. The restarts go side by side, so that x is read once a step for all of them.
std::vector<MatrixF> kMeansPlusPlus(const MatrixF& x, int k, int restarts, const RunContext& context);

}  // namespace lacuna::clusters
