#include "lacuna/effects/gates.h"

#include <algorithm>
#include <cmath>

#include "item_effects.h"
#include "lacuna/base/error.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/power.h"
#include "lacuna/statistics/tests.h"
#include "words.h"

namespace lacuna::effects {
namespace {

using statistics::Status;

struct Complete { std::vector<double> clean, perturbed; std::vector<std::int32_t> groups; };

Complete completeItems(const Outcomes& outcomes, std::span<const double> perturbed) {
  Complete items;
  for (std::size_t i = 0; i < perturbed.size(); ++i) {
    if (!std::isfinite(outcomes.clean[i]) || !std::isfinite(perturbed[i])) continue;
    items.clean.push_back(outcomes.clean[i]);
    items.perturbed.push_back(perturbed[i]);
    items.groups.push_back(outcomes.groups[i]);
  }
  return items;
}

Gate emergence(const std::vector<double>& clean, double chance) {
  const auto n = static_cast<std::int64_t>(clean.size());
  const auto right = static_cast<std::int64_t>(std::count_if(clean.begin(), clean.end(), [](double value) { return value != 0; }));
  Gate gate;
  gate.pChance = emergenceP(right, n, chance);
  if (gate.pChance < 0.05) return gate;
  gate.status = Status::AtFloor;
  gate.reason = "not emergent in this model: " + std::to_string(right) + " of " + std::to_string(n) + " right, " + number(chance) +
                " by guessing (one-sided exact binomial p = " + number(gate.pChance, 3) + "); read the continuous outcome";
  return gate;
}

Gate aboveFloor(const Complete& items, double floor) {
  const statistics::Estimate clean = statistics::tMean(items.clean, items.groups);
  const double room = clean.value - floor, se = std::isfinite(clean.se) ? clean.se : 0;
  if (room != 0 && std::abs(room) >= 2 * se) return {};
  return {Status::AtFloor, "the clean score " + number(clean.value) + " is not told apart from its floor " + number(floor) + " (2 standard errors: " +
                               number(2 * se) + ")", statistics::kMissing};
}

bool allBest(const std::vector<double>& values, double best) {
  return std::all_of(values.begin(), values.end(), [&](double value) { return value >= best; });
}

double mdeOf(std::span<const double> d, double effectiveItems, bool binary, const statistics::PowerConfig& power) {
  if (!binary) return statistics::mdePairedMean(statistics::standardDeviation(d), effectiveItems, power);
  const auto discordant = static_cast<double>(std::count_if(d.begin(), d.end(), [](double value) { return value != 0; }));
  return statistics::mdeMcNemar(discordant / static_cast<double>(d.size()), effectiveItems, power);
}

std::string verdictOf(const Detectable& found, const DetectableConfig& config) {
  if (!found.null) return "effect";
  if (!std::isfinite(config.smallestEffect)) return "no effect shown";
  if (found.inconclusive) return "inconclusive";
  return found.equivalence.p < config.alpha ? "no effect above " + number(config.smallestEffect) : "no effect shown";
}

}  // namespace

Gate gateOf(const Outcomes& outcomes, std::span<const double> perturbed, const MetricScale& scale, std::int64_t editedRows) {
  LACUNA_CHECK(outcomes.clean.size() == perturbed.size() && outcomes.groups.size() == perturbed.size());
  const Complete items = completeItems(outcomes, perturbed);
  if (items.clean.empty()) return {Status::NotIdentified, "no item has a value under both arms", statistics::kMissing};
  if (editedRows == 0) return {Status::NotIdentified, "the perturbation edited no position of any item", statistics::kMissing};
  Gate gate;
  if (scale.binary && std::isfinite(scale.chance)) gate = emergence(items.clean, scale.chance);
  else if (std::isfinite(scale.floor)) gate = aboveFloor(items, scale.floor);
  if (gate.status != Status::Ok || !std::isfinite(scale.best)) return gate;
  if (allBest(items.clean, scale.best) && allBest(items.perturbed, scale.best)) {
    gate.status = Status::AtCeiling;
    gate.reason = "all " + std::to_string(items.clean.size()) +
                  " items stay at the best value " + number(scale.best) + ": this metric is too easy to show a loss";
  }
  return gate;
}

Detectable detectable(std::span<const double> d, std::span<const std::int32_t> groups, const statistics::Estimate& ace, bool binary, const DetectableConfig& config) {
  LACUNA_CHECK(d.size() == groups.size() && config.family >= 1);
  Detectable found;
  found.null = !(ace.low > 0 || ace.high < 0);
  if (d.size() >= 2) {
    const double design = statistics::designEffect(d, groups), n = static_cast<double>(d.size());
    found.effectiveItems = std::isfinite(design) ? n / std::max(1.0, design) : n;
    found.mde = mdeOf(d, found.effectiveItems, binary, {config.alpha / config.family, config.power});
  }
  found.equivalence.status = Status::NotIdentified;
  if (std::isfinite(config.smallestEffect)) {
    found.equivalence = statistics::equivalence(groupMeans(d, groups), config.smallestEffect);
    found.inconclusive = found.null && !(found.mde <= config.smallestEffect);
  }
  found.verdict = verdictOf(found, config);
  return found;
}

}  // namespace lacuna::effects
