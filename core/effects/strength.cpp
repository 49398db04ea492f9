#include "lacuna/effects/strength.h"

#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/statistics/descriptive.h"

namespace lacuna::effects {
namespace {

using statistics::Status;

/// A dip below the monotone fit that noise does not explain.
bool falls(const std::vector<StrengthSearch::Probe>& probes) {
  std::vector<double> means;
  for (const auto& probe : probes) means.push_back(probe.cost.mean);
  const std::vector<double> fit = statistics::isotonic(means);
  for (std::size_t i = 0; i < means.size(); ++i) {
    const double violation = means[i] - fit[i];
    if (violation > 2 * probes[i].cost.se && violation > 1e-12) return true;
  }
  return false;
}

void bisect(StrengthSearch& search, double budget, int steps, const std::function<StrengthCost(double)>& cost) {
  for (int step = 0; step < steps; ++step) {
    const double middle = (search.low + search.high) / 2;
    search.probes.push_back({middle, cost(middle)});
    (search.probes.back().cost.upper <= budget ? search.low : search.high) = middle;
  }
}

}  // namespace

StrengthSearch largestSafeStrength(std::span<const double> grid, double budget, int steps,
                                   const std::function<StrengthCost(double epsilon)>& cost) {
  LACUNA_CHECK(!grid.empty() && std::is_sorted(grid.begin(), grid.end()));
  StrengthSearch search;
  for (const double epsilon : grid) search.probes.push_back({epsilon, cost(epsilon)});
  search.nonMonotone = falls(search.probes);
  const auto broken = std::find_if(search.probes.begin(), search.probes.end(), [&](const auto& probe) { return probe.cost.upper > budget; });
  const auto kept = static_cast<std::size_t>(broken - search.probes.begin());
  if (kept == grid.size()) {
    search.status = Status::AtCeiling;
    search.low = search.high = search.epsilon = grid.back();
    return search;
  }
  search.low = kept == 0 ? 0 : grid[kept - 1];
  search.high = grid[kept];
  if (kept == 0) search.status = Status::NotIdentified;
  else if (!search.nonMonotone) bisect(search, budget, steps, cost);
  search.epsilon = search.low;
  return search;
}

double tolerance(std::span<const RetentionPoint> curve, double kept) {
  if (curve.empty() || curve.front().low < kept) return statistics::kMissing;
  for (std::size_t i = 1; i < curve.size(); ++i) {
    if (curve[i].low >= kept) continue;
    const double share = (curve[i - 1].low - kept) / (curve[i - 1].low - curve[i].low);
    return curve[i - 1].dose + share * (curve[i].dose - curve[i - 1].dose);
  }
  return curve.back().dose;
}

}  // namespace lacuna::effects
