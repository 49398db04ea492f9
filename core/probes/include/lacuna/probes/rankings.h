#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/probes/probes.h"

/// Other rankings of neurons than the probe's shares, and how far rankings agree (methods.md 4.4). A ranking is [d] values ≥ 0,
/// larger meaning more important; 0 means no part in the cluster.
namespace lacuna::probes {

/// |μ_cluster − μ_rest|/sd over all rows (Antverg and Belinkov 2022, on standardised inputs). [d]; constant inputs 0. With one
/// class only: all NaN.
VectorD probelessImportance(const MatrixF& x, std::span<const std::uint8_t> inCluster, const RunContext& context);

struct StabilityConfig {
  int halves = 50;
  double l1Ratio = 1;
  /// λ as shares of the half-sample's own λ_max; an input counts as selected when it is at any of them.
  std::vector<double> lambdas = {0.7, 0.5, 0.35, 0.25};
  double tolerance = 1e-4;
  int maxIterations = 2000;
};
struct StabilitySelection {
  VectorD frequency;                      ///< [d] share of usable half-samples that select the input; NaN without a usable one
  int usable = 0;                         ///< half-samples with both classes
  int notConverged = 0;                   ///< fits stopped early, of usable × |lambdas|
};
/// L1 stability selection (Meinshausen and Bühlmann 2010) on halves of the families, classes balanced within each half.
/// families [N]. Deterministic in context.seed; `stream` tells clusters apart. Errors: LAC-3101.
StabilitySelection stabilitySelection(const MatrixF& x, std::span<const std::uint8_t> inCluster, std::span<const std::int32_t> families,
                                      const StabilityConfig& config, std::uint64_t stream, const RunContext& context);
/// Inputs selected at least that often, most often first.
std::vector<NeuronIndex> stableNeurons(const VectorD& frequency, double least = 0.8);

struct RankingAgreement {
  MatrixD spearman;                       ///< [R, R]; NaN where a ranking is constant
  MatrixD jaccard;                        ///< [R, R] of the leading `top`; NaN where both sets are empty
  int top = 0;
  double leastJaccard = 0;                ///< over pairs; NaN without a pair
  bool robust = false;                    ///< leastJaccard ≥ 0.3; otherwise "ranking not method-robust"
};
/// Leading sets hold the `top` largest values above 0, ties by lower index. Rankings must be of one length (LAC-3101).
RankingAgreement compareRankings(std::span<const VectorD> rankings, int top);

}  // namespace lacuna::probes
