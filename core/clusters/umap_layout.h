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

/// Stochastic gradient steps on `map` [N, m]. In an epoch every row starts from where it was, takes its own steps one after the other
/// (pulls of its due edges, of each `negatives` pushes from rows drawn from its own stream), and sees the others where they were before
/// the epoch. Rows therefore do not depend on each other's order, nor on threads.
void layOut(MatrixF& map, const LayoutPlan& plan, const RunContext& context);

}  // namespace lacuna::clusters
