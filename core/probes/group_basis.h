#pragma once

#include "group_solver.h"

namespace lacuna::probes {

/// What a group problem is solved in. Plain: the standardised inputs, one bound for all, for penalties that see single inputs.
/// Rotated: principal axes, a bound for each, for penalties that do not; free columns stand behind them.
class GroupBasis {
 public:
  static GroupBasis plain(const MatrixF& x, const RunContext& context);
  static GroupBasis rotated(const MatrixF& x, const RunContext& context);
  /// x may have other moments than those it is standardised by. freeColumns [N, q]: orthogonal to x and to each other, centred,
  /// of mean square 1.
  static GroupBasis rotatedWithFree(const MatrixF& x, Moments moments, const MatrixD& freeColumns, const RunContext& context);

  const Moments& moments() const { return m_design.moments; }
  /// [width, kept + q] of a point's [width, r].
  MatrixD weights(const MatrixD& point) const;
  /// Solves points to the tolerance, from where they stand. fp32 first where the data are large and the tolerance allows, then
  /// fp64, whose own stopping rule has the last word. Plain coordinates: on the inputs that have weight or break optimality, again
  /// until none of the others does. maxIterations counts from the start of the call.
  void solve(const GroupLoss& loss, const std::vector<GroupPenalty>& penalties, double tolerance, int maxIterations,
             std::vector<GroupPoint>& points, const RunContext& context) const;

 private:
  explicit GroupBasis(Design design) : m_design(std::move(design)) {}

  Design m_design;                ///< plain: moments alone
  GroupInputs<double> m_inputs;
  Eigen::Index m_free = 0;        ///< free columns behind the rotated ones
};

/// Throws LAC-3101 unless x has two rows and is finite, and ρ lies in [0, 1].
void requireInputs(const MatrixF& x, double l1Ratio);

void requireLambdas(std::span<const double> lambdas);

/// λ(ρ‖w‖₁ + (1−ρ)/2‖w‖²).
inline GroupPenalty split(double lambda, double l1Ratio) { return {lambda * l1Ratio, lambda * (1 - l1Ratio)}; }

/// Puts weights of kept inputs in their places among all.
void scatter(const VectorD& weights, const Moments& moments, Eigen::Index column, MatrixD& out);

/// Columns without two classes have no finite minimum. Returns the intercept that stands for it, or NaN for a column with two.
double degenerateIntercept(std::span<const float> signedWeights);

/// max_j |Σ_n residual_n·x̃_nj| of every row of residuals [C, N]. [C]
VectorD largestLoadings(const MatrixF& x, const Moments& moments, const MatrixD& residuals, const RunContext& context);

}  // namespace lacuna::probes
