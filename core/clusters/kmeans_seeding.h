#pragma once

#include "lacuna/base/matrix.h"
#include "lacuna/base/rng.h"
#include "lacuna/base/run_context.h"

namespace lacuna::clusters {

/// Greedy k-means++ (Arthur & Vassilvitskii 2007): each seed is the best of 2 + ⌊ln k⌋ candidates drawn by D², here 2(1 − x·c).
/// When every row lies on a seed already, the next one is drawn uniformly. x [N, d] unit rows, k ≤ N; gives [k, d].
MatrixF kMeansPlusPlus(const MatrixF& x, int k, Rng& rng, const RunContext& context);

}  // namespace lacuna::clusters
