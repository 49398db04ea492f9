#pragma once

#include "lacuna/clusters/umap.h"

namespace lacuna::clusters {

/// Eigenvectors 1 … count (by decreasing eigenvalue, 0 being the trivial one) of D^−½ W D^−½ of a connected graph, by subspace iteration with
/// Chebyshev filters: [N, count]. Good to a residual of about 1e-3, enough to start a map from. N > 2 · (count + 1).
MatrixF spectralVectors(const FuzzyGraph& graph, int count, const RunContext& context);

}  // namespace lacuna::clusters
