#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lacuna/base/ids.h"
#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

namespace lacuna::probes {

/// Columns of one problem sharing X (methods.md 4.3): column c minimises
/// (1/Σs) Σ s_n log(1 + exp(−ỹ z)) + λ_c/2 ‖w‖², z = x̃·w + b, b not penalised.
struct LogisticProblem {
  MatrixF x;                              ///< [N, d] raw; standardised inside by mean and population sd over all rows
  MatrixF targets;                        ///< [N, C] 0 or 1
  MatrixF weights;                        ///< [N, C] ≥ 0; 0 leaves the row out of that column
  std::vector<double> lambdas;            ///< [C]
  double tolerance = 1e-4;                ///< on max |gradient|, intercept included
  int maxIterations = 500;
};
struct LogisticSolution {
  MatrixD w;                              ///< [d, C] on standardised inputs
  VectorD b;                              ///< [C]
  VectorD mean, sd;                       ///< [d]; sd 0 marks a dropped constant input (weight 0)
  std::vector<std::uint8_t> converged;    ///< [C]
  std::vector<int> iterations;            ///< [C]
  MatrixD logits(const MatrixF& x) const; ///< [M, C]
};
/// Preconditioned accelerated gradient with the Böhning–Lindsay bound; all columns at once; cancellable.
LogisticSolution solveLogistic(const LogisticProblem& problem, const RunContext& context);

/// The same problem with columns that are written when their turn comes, for many columns over many rows.
struct ColumnSet {
  std::vector<double> lambdas;            ///< [C] ≥ 0
  /// Fills [N] signed weights of a column: +s_n for target 1, −s_n for target 0, 0 leaves the row out. Called from one thread.
  std::function<void(std::int64_t column, std::span<float> signedWeights)> fill;
};
LogisticSolution solveLogistic(const MatrixF& x, const ColumnSet& columns, double tolerance, int maxIterations,
                               const RunContext& context);

/// Cross-validation in one problem: cluster k against the rest on the rows with folds ≠ f, balanced weights
/// s_n = n/(2·n_class) over those rows. Column (k·|lambdas| + l)·folds + f. Rows with fold −1 train in every fold.
struct FoldGrid {
  std::vector<std::int32_t> labels;       ///< [N] class 0 … classes − 1; anything else counts as "rest"
  std::vector<std::int32_t> foldOf;       ///< [N] 0 … folds − 1 or −1
  int classes = 0, folds = 0;
  std::vector<double> lambdas;
  std::int64_t column(int k, int lambda, int fold) const;
};
LogisticSolution solveFoldGrid(const MatrixF& x, const FoldGrid& grid, double tolerance, int maxIterations, const RunContext& context);

struct ProbeConfig {
  std::vector<double> lambdas = {1e-4, 1e-3, 1e-2, 1e-1, 1.0};
  int folds = 5;
  double tolerance = 1e-4;
  int maxIterations = 500;
  double minAuc = 0.75, minSelectivity = 0.1;   ///< gate
};

enum class SplitRole : std::uint8_t { Fit, Tune, Evaluate, Unused };
struct ProbeInput {
  MatrixF x;                              ///< [N, d] pooled states of one site
  std::vector<std::int32_t> labels;       ///< [N] cluster or −1
  std::vector<std::int32_t> families;     ///< [N]
  std::vector<SplitRole> roles;           ///< [N]
  int clusters = 0;
};

/// One cluster's probe at one site.
struct Probe {
  ClusterId cluster;
  double lambda = 0;
  VectorD betaStd;                        ///< [d] on standardised inputs
  double intercept = 0;
  VectorD wRaw;                           ///< [d] betaStd/sd: the direction in unscaled space
  double bRaw = 0;
  VectorD importance;                     ///< [d] w_ij, sums to 1
  double auc = 0, aucLow = 0, aucHigh = 0, accuracy = 0;   ///< held out (Evaluate), balanced accuracy
  double selectivity = 0;                 ///< accuracy − accuracy on family-shuffled labels
  std::int64_t positives = 0, n = 0;      ///< documents of the cluster and of all, in role Fit
  bool passed = false;
  std::string status;                     ///< "OK", "TOO_FEW", "NOT_CONVERGED"
  std::string reason;                     ///< the gate's reason in words when not passed
};
/// L2 logistic, one-vs-rest, class-balanced; λ by grouped CV log-loss with the 1-SE rule; gate of methods.md 4.6.
/// Trained and cross-validated on Fit, judged on Evaluate. One probe a cluster, in order. Documents labelled −1 (noise) belong to
/// the rest, −2 (ambiguous) to neither. TOO_FEW: under 30 documents or 2 families; its vectors are 0.
std::vector<Probe> fitProbes(const ProbeInput& input, const ProbeConfig& config, const RunContext& context);

/// τ rules (methods.md 4.5). Result: neuron indices, most important first; empty is legal.
/// PermNull compares sizes, not shares, which sum to 1 under the null too: give |betaStd| as importance and τ_β (label_null.h) as value.
enum class TauRule { Uniform, Mass, TopK, PermNull };
struct TauConfig { TauRule rule = TauRule::Mass; double value = 0.25; };   ///< m of m/d, q of mass, k of top-k, τ_β
std::vector<NeuronIndex> selectNeurons(const VectorD& importance, const TauConfig& tau);
/// Concentration of shares: 1/Σw², exp(entropy), Gini.
struct Concentration { double effectiveCount = 0, entropyCount = 0, gini = 0; };
Concentration concentration(const VectorD& shares);

/// Orthonormal rows V [r, d] (methods.md 5.2); directions below 1e-6 of the largest singular value are dropped.
MatrixD meanDifferenceSubspace(const MatrixF& x, const std::vector<std::uint8_t>& inCluster);
MatrixD probeSubspace(const VectorD& wRaw);
MatrixD orthonormalRows(const MatrixD& directions);

/// Midrank Mann–Whitney AUC of scores for labels 1 against 0; constant scores 0.5.
double auc(const std::vector<double>& scores, const std::vector<std::uint8_t>& labels);

}  // namespace lacuna::probes
