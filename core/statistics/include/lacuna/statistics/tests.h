#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/statistics/estimate.h"

/// Tests of paired differences d (methods.md 8.1–8.3). Non-finite input → NAN_INPUT and no p. Aggregate items to group means
/// first: items of one group are not independent.
namespace lacuna::statistics {

enum class Alternative { TwoSided, Greater, Less };    ///< Greater: the effect is above 0

/// What becomes of d = 0: left out before ranking, or ranked and then left out (Pratt 1959).
enum class Zeros { Wilcox, Pratt };

/// Signed ranks: midranks of |d| (rounded to 1e-9·max|d|, so that noise in the last bits breaks no tie) of the non-zero d.
struct SignedRanks {
  double plus = 0, minus = 0;              ///< W+, W−
  double mean = 0, variance = 0;           ///< of W+ under the hypothesis, given the ranks
  std::vector<std::int64_t> doubled;       ///< 2 × midrank: an integer even with ties
};
SignedRanks signedRanks(std::span<const double> d, Zeros zeros = Zeros::Wilcox);

enum class WilcoxonMethod { Automatic, Exact, Asymptotic, AsymptoticCorrected };
struct WilcoxonConfig {
  Zeros zeros = Zeros::Wilcox;
  Alternative alternative = Alternative::TwoSided;
  WilcoxonMethod method = WilcoxonMethod::Automatic;   ///< exact up to exactUpTo non-zero d, else asymptotic with continuity correction
  int exactUpTo = 200;
};
/// Wilcoxon signed-rank; exact p by dynamic programming over the midranks, ties included. statistic W+, effect the matched-pairs
/// rank-biserial (W+ − W−)/(W+ + W−) (Kerby 2014). No non-zero d → p 1, DEGENERATE; fewer than 6 → TOO_FEW (p ≥ 2^(1−n)).
TestResult wilcoxon(std::span<const double> d, const WilcoxonConfig& config = {});
/// P(W+ ≥ observed) and P(W+ ≤ observed) given the ranks.
struct Tails { double upper = 1, lower = 1; };
Tails exactTails(const SignedRanks& ranks);

/// Median of the Walsh averages with the interval that inverts the exact test (asymptotic above n = 200); `level` is the level
/// achieved, at least the one asked for where n allows. Zeros count.
Estimate hodgesLehmann(std::span<const double> d, double level = 0.95);

struct SignFlipConfig {
  Alternative alternative = Alternative::TwoSided;
  int flips = 20000;                       ///< when sampled: p = (1 + hits)/(flips + 1)
  int exactUpTo = 20;                      ///< all 2^n flips up to this many non-zero d
  std::uint64_t seed = 0;
};
/// Sign-flip permutation test of the mean: the test that belongs to ACE. statistic mean d, effect Hedges-corrected d_z.
TestResult signFlip(std::span<const double> d, const SignFlipConfig& config = {});

/// Paired t test; statistic t, effect d_z.
TestResult pairedT(std::span<const double> d, Alternative alternative = Alternative::TwoSided);
/// Two one-sided t tests of |mean d| < margin (equivalence); statistic t of the nearer margin, p the larger of the two.
TestResult equivalence(std::span<const double> d, double margin);

/// 2×2 table of paired binary outcomes: first word the clean arm, second the perturbed one.
struct PairedCounts {
  std::int64_t bothRight = 0, broken = 0, fixed = 0, bothWrong = 0;
  std::int64_t n() const { return bothRight + broken + fixed + bothWrong; }
};
/// Values other than 0 are right.
PairedCounts pairedCounts(std::span<const double> clean, std::span<const double> perturbed);

enum class McNemarMethod { MidP, Exact, ChiSquared, ChiSquaredCorrected };
/// Two-sided McNemar test of broken = fixed; mid-p after Fagerland et al. 2013. statistic broken, effect (broken − fixed)/n,
/// n the discordant pairs.
TestResult mcnemar(const PairedCounts& counts, McNemarMethod method = McNemarMethod::MidP);
/// (broken − fixed)/n with Newcombe's (1998, method 10) score interval.
Estimate newcombe(const PairedCounts& counts, double level = 0.95);
/// broken/fixed with the Clopper–Pearson interval of broken/(broken + fixed), transformed.
Estimate discordantOddsRatio(const PairedCounts& counts, double level = 0.95);

}  // namespace lacuna::statistics
