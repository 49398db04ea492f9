#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/tests.h"

namespace lacuna::statistics {
namespace {

double exactP(std::int64_t smaller, std::int64_t discordant) {
  return std::min(1.0, 2 * binomialCdf(smaller, discordant, 0.5));
}

double chiSquaredP(const PairedCounts& counts, double correction) {
  const double gap = std::abs(static_cast<double>(counts.broken - counts.fixed));
  const double z = std::max(0.0, gap - correction) / std::sqrt(static_cast<double>(counts.broken + counts.fixed));
  return chiSquaredUpper(z * z, 1);
}

// Newcombe's φ, with his correction when the outcomes agree more than by chance.
double phi(double a, double b, double c, double d) {
  const double margins = (a + b) * (c + d) * (a + c) * (b + d);
  if (margins <= 0) return 0;
  const double cross = a * d - b * c, n = a + b + c + d;
  return (cross > 0 ? std::max(0.0, cross - n / 2) : cross) / std::sqrt(margins);
}

}  // namespace

PairedCounts pairedCounts(std::span<const double> clean, std::span<const double> perturbed) {
  LACUNA_CHECK(clean.size() == perturbed.size());
  PairedCounts counts;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const bool before = clean[i] != 0, after = perturbed[i] != 0;
    ++(before ? (after ? counts.bothRight : counts.broken) : (after ? counts.fixed : counts.bothWrong));
  }
  return counts;
}

TestResult mcnemar(const PairedCounts& counts, McNemarMethod method) {
  TestResult result;
  const std::int64_t discordant = counts.broken + counts.fixed, smaller = std::min(counts.broken, counts.fixed);
  result.n = discordant;
  result.statistic = static_cast<double>(counts.broken);
  if (counts.n() > 0) result.effect = static_cast<double>(counts.broken - counts.fixed) / static_cast<double>(counts.n());
  switch (method) {
    case McNemarMethod::MidP: result.method = "mcnemar-mid-p"; break;
    case McNemarMethod::Exact: result.method = "mcnemar-exact"; break;
    case McNemarMethod::ChiSquared: result.method = "mcnemar-chi2"; break;
    case McNemarMethod::ChiSquaredCorrected: result.method = "mcnemar-chi2-corrected"; break;
  }
  if (discordant == 0) {
    result.p = 1;
    result.status = counts.n() == 0 ? Status::TooFew : Status::Degenerate;
    return result;
  }
  // The smallest p there is, 2^(1−n) exact and 2^−n mid-p, has to be able to reach .05.
  if (discordant < (method == McNemarMethod::MidP ? 5 : 6)) result.status = Status::TooFew;
  switch (method) {
    case McNemarMethod::MidP:
      result.p = std::min(1.0, 2 * binomialCdf(smaller, discordant, 0.5) - binomialPmf(smaller, discordant, 0.5));
      break;
    case McNemarMethod::Exact: result.p = exactP(smaller, discordant); break;
    case McNemarMethod::ChiSquared: result.p = chiSquaredP(counts, 0); break;
    case McNemarMethod::ChiSquaredCorrected: result.p = chiSquaredP(counts, 1); break;
  }
  return result;
}

Estimate newcombe(const PairedCounts& counts, double level) {
  Estimate result;
  result.level = level;
  result.n = result.groups = counts.n();
  result.method = "newcombe";
  if (result.n == 0) {
    result.status = Status::TooFew;
    return result;
  }
  const double n = static_cast<double>(result.n), a = static_cast<double>(counts.bothRight), b = static_cast<double>(counts.broken);
  const double c = static_cast<double>(counts.fixed), d = static_cast<double>(counts.bothWrong);
  const Estimate before = wilson(counts.bothRight + counts.broken, result.n, level);
  const Estimate after = wilson(counts.bothRight + counts.fixed, result.n, level);
  const double correlation = phi(a, b, c, d);
  const auto length = [&](double first, double second) {
    return std::sqrt(std::max(0.0, first * first - 2 * correlation * first * second + second * second));
  };
  result.value = (b - c) / n;
  result.low = result.value - length(before.value - before.low, after.high - after.value);
  result.high = result.value + length(before.high - before.value, after.value - after.low);
  result.se = std::sqrt(std::max(0.0, (b + c) / n - result.value * result.value) / n);
  return result;
}

Estimate discordantOddsRatio(const PairedCounts& counts, double level) {
  Estimate result = clopperPearson(counts.broken, counts.broken + counts.fixed, level);
  const auto odds = [](double share) { return std::isnan(share) ? kMissing : share < 1 ? share / (1 - share) : std::numeric_limits<double>::infinity(); };
  result.method = "odds-clopper-pearson";
  result.value = odds(result.value);
  result.low = odds(result.low);
  result.high = odds(result.high);
  result.se = kMissing;
  return result;
}

}  // namespace lacuna::statistics
