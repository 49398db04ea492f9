#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/statistics/curves.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"

namespace lacuna::statistics {
namespace {

// Last dose before the first that fails.
template <class Fails>
Threshold firstFailure(std::span<const double> doses, Fails fails) {
  Threshold result;
  if (doses.empty()) {
    result.status = Status::TooFew;
    return result;
  }
  result.dose = 0;
  for (std::size_t k = 0; k < doses.size(); ++k) {
    if (fails(k)) {
      result.firstBeyond = doses[k];
      if (k == 0) result.status = Status::NotIdentified;
      return result;
    }
    result.dose = doses[k];
  }
  result.status = Status::AtCeiling;
  return result;
}

}  // namespace

Threshold toleranceThreshold(std::span<const double> doses, std::span<const double> lowerBounds, double retention) {
  LACUNA_CHECK(doses.size() == lowerBounds.size());
  return firstFailure(doses, [&](std::size_t k) { return !(lowerBounds[k] >= retention); });
}

Threshold budgetThreshold(std::span<const double> doses, std::span<const double> means, std::span<const double> standardErrors, double budget, double level) {
  LACUNA_CHECK(doses.size() == means.size() && means.size() == standardErrors.size());
  const double z = normalQuantile(level);
  Threshold result = firstFailure(doses, [&](std::size_t k) { return !(means[k] + z * standardErrors[k] <= budget); });
  const auto fit = isotonic(means);
  for (std::size_t k = 0; k < means.size(); ++k) result.nonMonotone |= means[k] - fit[k] > 2 * standardErrors[k];
  return result;
}

Bracket bisect(const std::function<bool(double)>& exceeds, Bracket bracket, int steps) {
  for (int step = 0; step < steps; ++step) {
    const double middle = 0.5 * (bracket.low + bracket.high);
    (exceeds(middle) ? bracket.high : bracket.low) = middle;
  }
  return bracket;
}

Kneedle kneedle(std::span<const double> doses, std::span<const double> y) {
  LACUNA_CHECK(doses.size() == y.size());
  Kneedle result;
  if (doses.size() < 3) return result;
  const auto [lowest, highest] = std::minmax_element(y.begin(), y.end());
  const double width = doses.back() - doses.front(), height = *highest - *lowest;
  if (!(width > 0) || !(height > 0)) return result;
  const bool rising = y.back() > y.front();
  for (std::size_t k = 0; k < doses.size(); ++k) {
    const double across = (doses[k] - doses.front()) / width, up = (y[k] - *lowest) / height;
    const double gap = std::abs(up - (rising ? across : 1 - across));
    if (std::isnan(result.value) || gap > result.value + 1e-12) result = {doses[k], gap};
  }
  return result;
}

}  // namespace lacuna::statistics
