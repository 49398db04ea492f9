#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/effects/strength.h"
#include "words.h"

namespace lacuna::effects {
namespace {

using statistics::Status;

/// The set whose bound is largest at one ε, and how many groups it had.
struct Worst { StrengthCost cost; std::size_t set = 0; std::int64_t groups = 0; };

std::int64_t groupCount(const LossIncrease& increase) {
  std::vector<std::int32_t> groups = increase.groups;
  std::sort(groups.begin(), groups.end());
  return std::unique(groups.begin(), groups.end()) - groups.begin();
}

/// A bound that could not be computed is above every budget.
double boundOf(const StrengthCost& cost) { return std::isnan(cost.upper) ? INFINITY : cost.upper; }

Worst worstOf(std::size_t sets, double epsilon, Half half, const MeasureIncrease& measure, const TuningConfig& config) {
  Worst worst;
  for (std::size_t set = 0; set < sets; ++set) {
    const LossIncrease increase = measure(set, epsilon, half);
    const StrengthCost cost = costOf(increase, config.level, config.bootstrap);
    if (set == 0 || boundOf(cost) > boundOf(worst.cost)) worst = {cost, set, groupCount(increase)};
  }
  worst.cost.upper = boundOf(worst.cost);
  return worst;
}

/// Groups that bring the bound within the budget of its mean: its distance shrinks with their square root.
std::int64_t groupsFor(const Worst& worst, double budget) {
  const double width = worst.cost.upper - worst.cost.mean;
  if (!(width > budget) || !std::isfinite(width)) return 0;
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(worst.groups) * std::pow(width / budget, 2)));
}

/// The next smaller strength to try on the fresh half; 0 when there is none.
double stepDown(const std::vector<double>& grid, double epsilon) {
  const auto at = std::lower_bound(grid.begin(), grid.end(), epsilon);
  return at == grid.begin() ? 0 : *(at - 1);
}

void confirm(TunedStrength& result, std::size_t sets, const MeasureIncrease& measure, const TuningConfig& config) {
  while (result.epsilon > 0) {
    const Worst worst = worstOf(sets, result.epsilon, Half::Confirm, measure, config);
    result.confirmations.push_back({result.epsilon, worst.cost});
    result.confirmedBy.push_back(worst.set);
    if (worst.cost.upper <= config.budget) break;
    result.epsilon = stepDown(config.grid, result.epsilon);
    result.status = Status::Ok;
  }
}

std::string reasonOf(const TunedStrength& result, const TuningConfig& config) {
  std::string reason;
  if (result.status == Status::AtCeiling)
    reason = "the budget of " + number(config.budget) + " nats a token is never exceeded up to ε = " + number(result.epsilon);
  else if (result.epsilon == 0 && result.confirmations.empty()) reason = "no safe strength: the smallest ε, " + number(config.grid.front()) + ", exceeds the budget";
  else if (result.epsilon == 0) reason = "no safe strength: none was confirmed on the fresh half";
  if (result.groupsNeeded > 0)
    reason += (reason.empty() ? "" : "; ") + std::string("the bound is wider than the budget: about ") +
              std::to_string(result.groupsNeeded) + " groups of documents are needed";
  return reason;
}

}  // namespace

StrengthCost costOf(const LossIncrease& increase, double level, const statistics::BootstrapConfig& bootstrap) {
  LACUNA_CHECK(increase.perItem.size() == increase.groups.size() && level > 0.5);
  statistics::BootstrapConfig twoSided = bootstrap;
  twoSided.level = 2 * level - 1;
  const statistics::Estimate mean = statistics::bcaMean(increase.perItem, increase.groups, twoSided);
  return {mean.value, mean.high, mean.se};
}

TunedStrength tuneStrength(std::size_t sets, const MeasureIncrease& measure, const TuningConfig& config) {
  LACUNA_CHECK(sets > 0);
  TunedStrength result;
  result.search = largestSafeStrength(config.grid, config.budget, config.bisections, [&](double epsilon) {
    const Worst worst = worstOf(sets, epsilon, Half::Tune, measure, config);
    result.binding.push_back(worst.set);
    if (worst.cost.mean <= config.budget) result.groupsNeeded = std::max(result.groupsNeeded, groupsFor(worst, config.budget));
    return worst.cost;
  });
  result.epsilon = result.search.epsilon;
  result.status = result.search.status;
  confirm(result, sets, measure, config);
  if (result.epsilon == 0) result.status = Status::NotIdentified;
  result.reason = reasonOf(result, config);
  return result;
}

}  // namespace lacuna::effects
