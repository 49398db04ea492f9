#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "lacuna/probes/probes.h"

/// Probes with other penalties and losses than solveLogistic's, on the same conventions (methods.md 4.2, 4.3): inputs are
/// standardised inside by mean and population sd over all rows, intercepts are never penalised, columns without two classes get
/// weights 0 and a certain intercept. λ(ρ‖w‖₁ + (1−ρ)/2‖w‖²), ρ = l1Ratio: 1 lasso, 0 ridge, between them elastic net.
/// A column is `converged` when the least subgradient of its objective is at most the tolerance in every entry.
/// Errors: LAC-3101 for inputs that are not finite, shapes that do not fit, λ < 0 or ρ outside [0, 1].
namespace lacuna::probes {

/// Logistic columns sharing X, all started at zero. ρ = 0 is solveLogistic itself.
LogisticSolution solveElasticNet(const MatrixF& x, const ColumnSet& columns, double l1Ratio, double tolerance, int maxIterations,
                                 const RunContext& context);

/// A regularisation path of every target: step l starts at the solution of step l − 1.
struct PathSet {
  MatrixD lambdas;                        ///< [targets, steps] ≥ 0; falling along a row makes the warm starts pay
  double l1Ratio = 1;
  /// Signed weights [N] of a target, as in ColumnSet. Called from one thread.
  std::function<void(std::int64_t target, std::span<float> signedWeights)> fill;
};
/// Column target·steps + step.
LogisticSolution solvePath(const MatrixF& x, const PathSet& paths, double tolerance, int maxIterations, const RunContext& context);

/// The least λ at which every weight of a target is 0: max_j |x̃_jᵀ s(y − ȳ)|/(ρΣs). [targets]; 0 for a target of one class.
/// ρ must be above 0.
VectorD lambdaMax(const MatrixF& x, std::int64_t targets, const std::function<void(std::int64_t, std::span<float>)>& fill,
                  double l1Ratio, const RunContext& context);
/// `steps` values from `largest` down to `ratio`·largest, even in the logarithm.
std::vector<double> lambdaPath(double largest, int steps, double ratio);

/// Softmax regression over K classes; one solution for every λ.
struct MultinomialProblem {
  MatrixF x;                              ///< [N, d]
  std::vector<std::int32_t> labels;       ///< [N] 0 … classes − 1; negative leaves the row out
  std::vector<float> weights;             ///< [N] ≥ 0; empty means equal
  int classes = 0;                        ///< every class must have a row of weight > 0
  std::vector<double> lambdas;            ///< solved in the order given, each started at the one before
  double l1Ratio = 0;
  double tolerance = 1e-4;
  int maxIterations = 500;                ///< for every λ
};
struct MultinomialSolution {
  std::vector<MatrixD> w;                 ///< one [d, K] a λ, on standardised inputs; with ρ = 0 its rows sum to 0
  MatrixD b;                              ///< [λ, K]; each row sums to 0
  VectorD mean, sd;                       ///< [d]; sd 0 marks a dropped constant input (weight 0)
  std::vector<std::uint8_t> converged;    ///< [λ]
  std::vector<int> iterations;            ///< [λ]
  MatrixD logits(const MatrixF& x, std::size_t lambda) const;   ///< [M, K], b included
};
MultinomialSolution solveMultinomial(const MultinomialProblem& problem, const RunContext& context);
/// The least λ at which every weight is 0 (ρ > 0); the problem's own λs are not read.
double lambdaMax(const MultinomialProblem& problem, const RunContext& context);

/// L2 logistic columns with q covariates that are never penalised, such as log length (methods.md 4.6). Exact: inputs are freed of
/// their linear part in the covariates, which leaves their weights as they are and makes the covariates a block of their own.
struct CovariateSolution {
  LogisticSolution inputs;                ///< w, b as always: z = x̃·w + c̃·covariates + b
  MatrixD covariates;                     ///< [q, C] on standardised covariates; 0 for one that others of them determine
  VectorD covariateMean, covariateSd;     ///< [q]; sd 0 marks a constant covariate
};
CovariateSolution solveWithCovariates(const MatrixF& x, const MatrixD& covariates, const ColumnSet& columns, double tolerance,
                                      int maxIterations, const RunContext& context);

}  // namespace lacuna::probes
