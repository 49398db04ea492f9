#include <algorithm>
#include <cmath>

#include "item_effects.h"
#include "lacuna/base/error.h"
#include "lacuna/effects/effects.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/tests.h"

namespace lacuna::effects {
namespace {

using statistics::Status;

std::vector<double> differences(const std::vector<double>& clean, std::span<const double> perturbed) {
  std::vector<double> d(clean.size());
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = clean[i] - perturbed[i];
  return d;
}

/// Mean over the items that have a value; NaN when none has.
double meanOfFinite(const std::vector<double>& clean, const std::vector<double>& control) {
  double sum = 0;
  std::int64_t n = 0;
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const double d = clean[i] - control[i];
    if (!std::isfinite(d)) continue;
    sum += d;
    ++n;
  }
  return n == 0 ? statistics::kMissing : sum / static_cast<double>(n);
}

bool isBinary(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double v) { return v == 0 || v == 1; });
}

void addTests(Effect& effect, const Outcomes& outcomes, std::span<const double> perturbed, std::uint64_t seed, bool binary) {
  const std::vector<double> means = groupMeans(differences(outcomes.clean, perturbed), outcomes.groups);
  effect.signFlip = statistics::signFlip(means, {.seed = seed});
  effect.wilcoxon.status = effect.mcnemar.status = Status::NotIdentified;
  if (!binary) effect.wilcoxon = statistics::wilcoxon(means);
  else if (isBinary(outcomes.clean) && isBinary(perturbed)) effect.mcnemar = statistics::mcnemar(statistics::pairedCounts(outcomes.clean, perturbed));
}

void addControls(Effect& effect, const Outcomes& outcomes, const std::vector<std::vector<double>>& controls) {
  std::vector<double> aces;
  for (const auto& control : controls) {
    LACUNA_CHECK(control.size() == outcomes.clean.size());
    const double ace = meanOfFinite(outcomes.clean, control);
    if (std::isfinite(ace)) aces.push_back(ace);
  }
  const ControlComparison c = compareWithControls(effect.ace.value, aces);
  effect.controls = c.controls;
  effect.controlMean = c.mean;
  effect.controlLow = c.low;
  effect.controlHigh = c.high;
  effect.pControl = c.p;
  effect.percentile = c.percentile;
  effect.aceAdjusted = effect.ace.value - c.mean;
}

void normalise(Effect& effect, double floor) {
  if (!std::isfinite(floor) || !std::isfinite(effect.cleanScore.value)) return;
  const double room = effect.cleanScore.value - floor;
  const double se = std::isfinite(effect.cleanScore.se) ? effect.cleanScore.se : 0;
  if (room == 0 || std::abs(room) < 2 * se) {
    effect.normalisedStatus = Status::AtFloor;
    return;
  }
  effect.normalised = effect.ace.value / room;
  effect.normalisedStatus = effect.ace.status;
}

}  // namespace

ControlComparison compareWithControls(double ace, std::span<const double> controlAces) {
  ControlComparison result;
  result.controls = static_cast<int>(controlAces.size());
  if (controlAces.empty() || !std::isfinite(ace)) return result;
  const auto n = static_cast<double>(controlAces.size());
  const auto reaching = static_cast<double>(std::count_if(controlAces.begin(), controlAces.end(), [&](double c) { return c >= ace; }));
  const auto equal = static_cast<double>(std::count(controlAces.begin(), controlAces.end(), ace));
  result.mean = statistics::mean(controlAces);
  result.low = statistics::quantile(controlAces, 0.025);
  result.high = statistics::quantile(controlAces, 0.975);
  result.p = (1 + reaching) / (n + 1);
  result.percentile = (n - reaching + equal / 2) / n;
  return result;
}

Effect measureEffect(const Outcomes& outcomes, std::span<const double> perturbed, const std::vector<std::vector<double>>& controls,
                     const statistics::BootstrapConfig& config, double floor, bool binary) {
  LACUNA_CHECK(perturbed.size() == outcomes.clean.size() && outcomes.groups.size() == outcomes.clean.size());
  Effect effect;
  effect.ace = statistics::bcaMean(differences(outcomes.clean, perturbed), outcomes.groups, config);
  effect.cleanScore = statistics::tMean(outcomes.clean, outcomes.groups, config.level);
  effect.perturbedScore = statistics::tMean(perturbed, outcomes.groups, config.level);
  addTests(effect, outcomes, perturbed, config.seed, binary);
  addControls(effect, outcomes, controls);
  normalise(effect, floor);
  return effect;
}

}  // namespace lacuna::effects
