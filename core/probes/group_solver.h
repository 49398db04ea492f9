#pragma once

#include <functional>
#include <span>
#include <vector>

#include "design.h"

namespace lacuna::probes {

/// Groups of `width` linear predictors, each group one convex problem over the same rows (methods.md 4.3): one predictor and the
/// logistic loss, or K predictors and the softmax loss. Group g minimises
/// (1/Σs) Σ s_n·loss_n + Σ_j penalised_j·(l1·|w_j| + l2/2·w_j²) over w and the unpenalised intercepts.
struct GroupLoss {
  std::int64_t width = 1;
  double curvature = 0.25;                  ///< bound of the loss's second derivative: ¼ logistic, ½ softmax
  std::span<const std::int32_t> classes;    ///< [N] for softmax, empty for logistic
  /// [N] weights of a group; signed as in ColumnSet for logistic, ≥ 0 for softmax. Called from one thread.
  std::function<void(std::int64_t group, std::span<float> weights)> fill;
};
struct GroupPenalty { double l1 = 0, l2 = 0; };

/// Rows in coordinates where the loss's Hessian is at most curvature·κ·diag(bound). Columns are centred over all rows.
template <class Scalar>
struct GroupInputs {
  RowMajor<Scalar> rows;                    ///< [N, r]
  VectorD bound;                            ///< [r]
  VectorD penalised;                        ///< [r] 1, or 0 for a free coordinate
  /// Rotated coordinates stop on the 2-norm of the subgradient (an upper bound of the largest unrotated entry), plain ones on
  /// its largest entry.
  bool rotated = false;
};

/// Start and result of a group. `w` without rows means a cold start.
struct GroupPoint {
  MatrixD w;                                ///< [width, r]
  VectorD b;                                ///< [width]
  MatrixD subgradient;                      ///< result: [width, r] the least one at w
  int iterations = 0;
  bool converged = false;
};

/// Accelerated proximal gradient with restart (Beck and Teboulle 2009; O'Donoghue and Candès 2015) for groups 0 … |points| − 1.
/// Stops when the least subgradient of the objective, intercepts included, is at most `tolerance`.
template <class Scalar>
void solveGroups(const GroupInputs<Scalar>& inputs, const GroupLoss& loss, const std::vector<GroupPenalty>& penalties, double tolerance,
                 int maxIterations, std::vector<GroupPoint>& points, const RunContext& context);

/// Intercepts of a group that knows the class shares alone: log odds, or centred log shares. [width]
VectorD priorIntercepts(const GroupLoss& loss, std::span<const float> weights);

}  // namespace lacuna::probes
