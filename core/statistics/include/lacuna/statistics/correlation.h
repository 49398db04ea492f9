#pragma once

#include <cstdint>
#include <span>

#include "lacuna/statistics/estimate.h"
#include "lacuna/statistics/tests.h"

/// Association of two vectors of one length; a constant vector gives NaN (NOT_IDENTIFIED in results).
namespace lacuna::statistics {

double pearson(std::span<const double> x, std::span<const double> y);
double spearman(std::span<const double> x, std::span<const double> y);   ///< Pearson of midranks
double kendall(std::span<const double> x, std::span<const double> y);    ///< τ-b
/// Share of pairs that both vectors order alike, ties in either left out.
double pairOrderAccuracy(std::span<const double> x, std::span<const double> y);

struct PermutationConfig {
  Alternative alternative = Alternative::Greater;
  int exactUpTo = 9;                       ///< all n! orders up to this n, ties included
  int permutations = 20000;
  std::uint64_t seed = 0;
};
/// Permutation test of Spearman's ρ; statistic and effect ρ. n < 3 → TOO_FEW.
TestResult spearmanTest(std::span<const double> x, std::span<const double> y, const PermutationConfig& config = {});
/// Fisher's z interval of a correlation from n pairs, variance 1/(n − 3); n < 4 → TOO_FEW.
Estimate fisherInterval(double pearson, std::int64_t n, double level = 0.95);
/// The same for Spearman's ρ, variance (1 + ρ²/2)/(n − 3) (Bonett & Wright 2000).
Estimate spearmanInterval(double rho, std::int64_t n, double level = 0.95);

/// Reliability of the whole from the correlation of its halves: 2r/(1 + r).
double spearmanBrown(double halfCorrelation);
/// correlation/√reliability; NaN when reliability ≤ 0. Never report without the raw value.
double disattenuated(double correlation, double reliability);

}  // namespace lacuna::statistics
