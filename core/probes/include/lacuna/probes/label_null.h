#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lacuna/probes/probes.h"
#include "lacuna/statistics/estimate.h"

/// What weights look like when labels mean nothing (methods.md 4.5, 5.5c): the same documents, the same λ, permuted labels.
namespace lacuna::probes {

struct LabelNullConfig {
  int permutations = 200;
  double level = 0.95;                    ///< quantile of the largest weight: one minus the family-wise error rate
  int draws = 0;                          ///< how many of the permuted probes to keep, from the first on
  double tolerance = 1e-4;
  int maxIterations = 500;
};

/// A probe fitted to permuted labels: a control that went through the whole pipeline.
struct NullProbe {
  VectorD betaStd, wRaw;                  ///< [d]
  double intercept = 0, bRaw = 0;         ///< for standardised and for raw inputs
};

struct LabelNull {
  ClusterId cluster;
  double lambda = 0;
  double tauBeta = statistics::kMissing;  ///< quantile over permutations of max_j |β_std,j|; NaN without a usable permutation
  std::vector<double> maxima;             ///< [usable permutations], in their order
  std::vector<NullProbe> draws;           ///< [≤ config.draws] those of the first permutations that are usable
  int notConverged = 0;                   ///< permutations stopped early; they count in the quantile
  int unusable = 0;                       ///< permutations that left the cluster or the rest empty
  std::string status;                     ///< "OK", "TOO_FEW" (no usable permutation, or a probe that was not fitted)
};

/// R permutations of the labels of the Fit documents, refitted at each probe's λ. One null a probe, in order.
///
/// Whole families move: family f takes the labels of family π(f), read off in proportion where sizes differ, so documents of one
/// family stay alike and the clusters keep their share of families. All clusters see the same π. `sources` [N] (empty: one source)
/// keeps π within sources, for clusters that are not nested in sources: with one source a cluster, nothing would move.
/// Needs memory for one slice of columns at a time, whatever R × clusters is. Deterministic in context.seed.
/// Errors: LAC-3101 for shapes that do not fit, permutations < 1 or a level outside (0, 1).
std::vector<LabelNull> labelNull(const ProbeInput& input, std::span<const Probe> probes, std::span<const std::int32_t> sources,
                                 const LabelNullConfig& config, const RunContext& context);

/// The labels of permutation number `permutation` as labelNull(…) draws them. [N]; rows that are not usable Fit rows get −2.
std::vector<std::int32_t> permutedLabels(const ProbeInput& input, std::span<const std::int32_t> sources, std::uint64_t seed, int permutation);

/// S_i under the rule perm-null: |β_std| > τ_β, largest first. Empty is a legal result: the cluster is not localised.
/// τ_β NaN → LAC-3103.
std::vector<NeuronIndex> selectAboveNull(const VectorD& betaStd, double tauBeta);

}  // namespace lacuna::probes
