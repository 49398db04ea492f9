#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

/// Can a clustering be trusted? (methods.md 3.6, 3.8, 3.9). Labels below 0 are left out.
namespace lacuna::clusters {

/// Counts of rows by two labellings; labels ascending.
struct ContingencyTable { std::vector<std::int32_t> rows, columns; MatrixD counts; };
ContingencyTable contingencyTable(const std::vector<std::int32_t>& predicted, const std::vector<std::int32_t>& truth);

/// Purity rises with k, so it stands beside what permuted labels reach: adjusted = (purity − expected)/(1 − expected); NaN when nothing can be
/// above what is expected.
struct AdjustedPurity { double purity = 0, expected = 0, adjusted = 0; };
AdjustedPurity adjustedPurity(const std::vector<std::int32_t>& predicted, const std::vector<std::int32_t>& truth, int permutations, const RunContext& context);

/// Bayesian information criterion of spherical Gaussians around the clusters' means (Pelleg & Moore 2000); larger is better.
double informationCriterion(const MatrixF& x, const std::vector<std::int32_t>& labels);

/// Labels of some rows; the context's seed is another one every time.
using Refit = std::function<std::vector<std::int32_t>(const MatrixF& rows, const RunContext& context)>;
/// ARI of two refits, each on its own share of the rows with its own seed, over the rows that both have.
struct Stability { double mean = 0, sd = 0; std::vector<double> values; };
Stability stability(const MatrixF& x, int pairs, double share, const Refit& refit, const RunContext& context);

/// One k of the curve. ami: against metadata, NaN without.
struct KPoint { int k = 0; double silhouette = 0, standardError = 0, stability = 0, stabilitySd = 0, ami = 0, objective = 0; };
struct KChoice { std::vector<KPoint> curve; int chosen = 0; bool stable = false; };   ///< stable: some k reached an ARI of 0.8
/// The largest k with a mean ARI of at least 0.8 whose macro silhouette is within one standard error (of the best k's clusters) of the best;
/// when none is stable, the most stable one.
KChoice choiceFrom(std::vector<KPoint> curve);
/// The curve of spherical k-means: macro silhouette with its error over clusters, stability over `pairs` pairs of 80 % subsamples.
KChoice chooseK(const MatrixF& unitVectors, const std::vector<int>& grid, const std::vector<std::int32_t>& metadata, int restarts, int pairs,
                const RunContext& context);

struct RefineConfig {
  int rounds = 5;
  double leastPurity = .7, leastSilhouette = .05, mergeCosine = .95;
  std::int64_t minSize = 100;
  double changed = .01, gain = .01;          ///< a round that changes fewer labels, or gains less macro purity, is the last
};
/// What was done to a cluster. Numbers of clusters are those of the labels before the step.
struct RefineStep {
  int round = 0;
  std::string action;                        ///< "split", "merge", "ambiguous", "drop"
  std::int32_t cluster = -1, other = -1;     ///< other: merged into; split: the new one
  std::int64_t documents = 0;                ///< moved
  double purity = 0, silhouette = 0;         ///< of the cluster before; NaN: not known
};
struct Refined {
  std::vector<std::int32_t> labels;          ///< −1 noise and dropped, −2 ambiguous
  std::vector<RefineStep> log;
  std::vector<std::vector<std::int32_t>> history;   ///< labels before round 0, 1, …: where undo goes back to
  std::vector<double> macroPurity;           ///< before each round and at the end
};
/// Rounds of: splitting in two what is impure or loose when BIC agrees, merging clusters of nearly one direction unless that lowers the ARI
/// with metadata, setting aside documents nearer to another cluster's mean, dropping clusters below the least size (methods.md 3.9).
/// metadata [N]: −1 where there is none. Never looks at effects.
Refined refine(const MatrixF& unitVectors, const std::vector<std::int32_t>& labels, const std::vector<std::int32_t>& metadata, const RefineConfig& config,
               const RunContext& context);

}  // namespace lacuna::clusters
