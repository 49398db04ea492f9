#pragma once

#include <functional>
#include <vector>

#include "design.h"
#include "lacuna/probes/probes.h"

namespace lacuna::probes {

/// Sums over one column's signed weights (see residual.h).
struct ColumnWeights {
  double total = 0, positive = 0, largest = 0;
  bool oneClass() const { return positive <= 0 || positive >= total; }
};
ColumnWeights summarise(const float* signedWeights, std::int64_t n);

/// An intercept at which σ is 0 or 1 to fp64: the limit of a column whose rows all belong to one class.
inline constexpr double kCertain = 40;

/// A point of every asked column in coordinates of the design's rotated inputs.
template <class Scalar>
struct ColumnPoint {
  std::vector<Scalar> w;   ///< [r]
  double b = 0;
  int iterations = 0;
};

/// Minimises the listed columns to max |gradient| ≤ tolerance (in standardised, unrotated coordinates), or until
/// maxIterations. Points are read as the start when they have r entries, and replaced by the solution.
/// Columns take turns in a fixed number of slots: a finished column makes room for the next, so products stay large.
template <class Scalar>
void solveColumns(const RowMajor<Scalar>& rotated, const Design& design, const ColumnSet& columns,
                  const std::vector<std::int64_t>& which, double tolerance, int maxIterations,
                  std::vector<ColumnPoint<Scalar>>& points, const RunContext& context);

}  // namespace lacuna::probes
