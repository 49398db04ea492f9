#include <cmath>

#include "differences.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/tests.h"

namespace lacuna::statistics {
namespace {

constexpr std::int64_t kMinPairs = 6;    // below, no two-sided p can reach .05

double asymptoticP(const SignedRanks& ranks, Alternative alternative, bool corrected) {
  double shift = 0;
  if (corrected) {
    if (alternative == Alternative::Greater) shift = 0.5;
    else if (alternative == Alternative::Less) shift = -0.5;
    else shift = 0.5 * ((ranks.plus > ranks.mean) - (ranks.plus < ranks.mean));
  }
  const double z = (ranks.plus - ranks.mean - shift) / std::sqrt(ranks.variance);
  return pOf(alternative, normalCdf(-z), normalCdf(z));
}

bool isExact(const WilcoxonConfig& config, std::int64_t n) {
  return config.method == WilcoxonMethod::Exact || (config.method == WilcoxonMethod::Automatic && n <= config.exactUpTo);
}

}  // namespace

SignedRanks signedRanks(std::span<const double> d, Zeros zeros) {
  const double unit = 1e-9 * largestMagnitude(d);
  std::vector<double> magnitudes;
  std::vector<bool> positive;
  for (const double value : d) {
    const double magnitude = unit > 0 ? std::round(std::abs(value) / unit) : 0.0;
    if (magnitude == 0 && zeros == Zeros::Wilcox) continue;
    magnitudes.push_back(magnitude);
    positive.push_back(value > 0);
  }
  const std::vector<double> ranks = midranks(magnitudes);
  SignedRanks result;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (magnitudes[i] == 0) continue;
    (positive[i] ? result.plus : result.minus) += ranks[i];
    result.mean += ranks[i] / 2;
    result.variance += ranks[i] * ranks[i] / 4;
    result.doubled.push_back(std::llround(2 * ranks[i]));
  }
  return result;
}

Tails exactTails(const SignedRanks& ranks) {
  std::int64_t total = 0;
  for (const std::int64_t rank : ranks.doubled) total += rank;
  std::vector<double> mass(static_cast<std::size_t>(total) + 1, 0.0);
  mass[0] = 1;
  std::int64_t reached = 0;
  for (const std::int64_t rank : ranks.doubled) {
    reached += rank;
    for (std::int64_t s = reached; s >= 0; --s) {
      double& here = mass[static_cast<std::size_t>(s)];
      here = 0.5 * (here + (s >= rank ? mass[static_cast<std::size_t>(s - rank)] : 0.0));
    }
  }
  const auto observed = std::llround(2 * ranks.plus);
  Tails tails{0, 0};
  for (std::int64_t s = 0; s <= total; ++s) {
    if (s >= observed) tails.upper += mass[static_cast<std::size_t>(s)];
    if (s <= observed) tails.lower += mass[static_cast<std::size_t>(s)];
  }
  return tails;
}

TestResult wilcoxon(std::span<const double> d, const WilcoxonConfig& config) {
  TestResult result;
  result.method = "wilcoxon";
  if (!allFinite(d)) {
    result.status = Status::NanInput;
    return result;
  }
  const SignedRanks ranks = signedRanks(d, config.zeros);
  result.n = static_cast<std::int64_t>(ranks.doubled.size());
  result.statistic = ranks.plus;
  if (result.n == 0) {
    result.p = 1;
    result.status = Status::Degenerate;
    return result;
  }
  result.effect = (ranks.plus - ranks.minus) / (ranks.plus + ranks.minus);
  if (result.n < kMinPairs) result.status = Status::TooFew;
  if (isExact(config, result.n)) {
    const Tails tails = exactTails(ranks);
    result.p = pOf(config.alternative, tails.upper, tails.lower);
    result.method = "wilcoxon-exact";
  } else {
    const bool corrected = config.method != WilcoxonMethod::Asymptotic;
    result.p = asymptoticP(ranks, config.alternative, corrected);
    result.method = corrected ? "wilcoxon-asymptotic-corrected" : "wilcoxon-asymptotic";
  }
  if (config.zeros == Zeros::Pratt) result.method += "-pratt";
  return result;
}

}  // namespace lacuna::statistics
