#pragma once

#include "lacuna/clusters/umap.h"

namespace lacuna::clusters {

/// Leading eigenvectors, the first (trivial) left out, of the graph's D^−½ W D^−½: [N, dimensions]. A graph in several parts has
/// each part's own eigenvectors around a place of its own: the parts' mean rows of x on principal axes.
MatrixF spectralStart(const FuzzyGraph& graph, const MatrixF& x, int dimensions, const RunContext& context);
/// Principal components of x, [N, dimensions]; zeros beyond x's columns.
MatrixF principalStart(const MatrixF& x, int dimensions, const RunContext& context);

}  // namespace lacuna::clusters
