#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

/// Can a clustering be trusted? (methods.md 3.6, 3.8). Labels below 0 are left out.
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

}  // namespace lacuna::clusters
