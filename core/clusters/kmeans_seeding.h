#pragma once

#include <functional>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

namespace lacuna::clusters {

/// Distances [N, C] that seeds are drawn by: cosine distances, or squared Euclidean ones.
using SeedDistances = std::function<MatrixF(const MatrixF& x, const MatrixF& candidates, const RunContext& context)>;

/// Greedy k-means++ (Arthur & Vassilvitskii 2007): each seed is the best of 2 + ⌊ln k⌋ candidates drawn by `distances` (of unit rows 1 − x·c is
/// D²/2). When every row lies on a seed already, the next one is drawn uniformly. x [N, d], k ≤ N; gives [k, d] for each restart, drawn
/// from a stream of its own. The restarts go side by side, so that x is read once a step for all of them.
std::vector<MatrixF> kMeansPlusPlus(const MatrixF& x, int k, int restarts, const SeedDistances& distances, const RunContext& context);

}  // namespace lacuna::clusters
