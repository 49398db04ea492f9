#pragma once

#include "lacuna/clusters/umap.h"

namespace lacuna::clusters {

inline constexpr int kMostMapDimensions = 64;

/// What pulls one row: rows `columns` of the map it moves in, each due every 1/weight-th part of an epoch.
struct LayoutPlan {
  const FuzzyGraph& graph;     ///< rows that move; columns: rows of `fixed` where given, else of the moving map itself
  const MatrixF* fixed = nullptr;
  int epochs = 200, negatives = 5;
  Curve curve;
  float rate = 1;              ///< of the first epoch; falls to 0
};

/// Stochastic gradient steps on `map` [N, m]. An epoch visits every row four times, each time for a quarter of its edges as their near end (a
/// pull, then `negatives` pushes from rows drawn from its own stream) and another quarter as their far end (a pull). Every fourth row is one
/// team; a team moves together, seeing itself where it was, and the teams follow each other. Rows of a team do not depend on each other's
/// order, nor on threads; and, as in the sequential method, a row rarely moves twice without its neighbours moving in between: one visit
/// an epoch keeps up to 3 % fewer neighbours of a smooth manifold.
void layOut(MatrixF& map, const LayoutPlan& plan, const RunContext& context);

}  // namespace lacuna::clusters
