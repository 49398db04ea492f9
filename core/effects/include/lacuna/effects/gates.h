#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lacuna/effects/effects.h"
#include "lacuna/statistics/estimate.h"

/// Whether an ACE may be reported at all (methods.md 0.4, 6.1), with the reason in words.
namespace lacuna::effects {

/// What is known of a metric's scale. NaN: not known.
struct MetricScale {
  bool binary = false;                       ///< items are 0 or 1
  double chance = statistics::kMissing;      ///< of a binary metric: share of right answers by guessing
  double floor = statistics::kMissing;       ///< of a continuous one: e.g. the margin under the unigram prior
  double best = statistics::kMissing;        ///< largest value an item can have
};

/// OK: report. AT_FLOOR: the ability is not there to be lost (binary: the clean model does not beat chance, one-sided exact binomial
/// p ≥ 0.05, "not emergent in this model"; continuous: |clean − floor| < 2 SE). AT_CEILING: every item is at its best value under
/// both arms, so the metric is too easy to see a loss. NOT_IDENTIFIED: no item has both values, or the edits touched nothing.
struct Gate {
  statistics::Status status = statistics::Status::Ok;
  std::string reason;                        ///< empty when OK
  double pChance = statistics::kMissing;     ///< binary: the binomial p
};
/// perturbed [n]; editedRows < 0: not known. Items without both values are left out.
Gate gateOf(const Outcomes& outcomes, std::span<const double> perturbed, const MetricScale& scale, std::int64_t editedRows = -1);

/// What a result that shows nothing could have shown (methods.md 8.5).
struct Detectable {
  double mde = statistics::kMissing;         ///< smallest effect that n would have shown with 80 % power
  double effectiveItems = statistics::kMissing;   ///< n over the design effect of the groups
  bool null = false;                         ///< the interval holds 0
  bool inconclusive = false;                 ///< null, and the MDE exceeds the smallest effect of interest
  statistics::TestResult equivalence;        ///< two one-sided tests against the smallest effect of interest (group means)
  std::string verdict;                       ///< "effect", "inconclusive", "no effect above 0.1", "no effect shown"
};
struct DetectableConfig {
  double alpha = 0.05, power = 0.80;
  int family = 1;                            ///< hypotheses of the Holm family: alpha/family
  double smallestEffect = statistics::kMissing;
};
/// d [n] item effects. Binary outcomes (d in −1, 0, 1): McNemar's MDE at the discordant share seen, after Connor 1987.
Detectable detectable(std::span<const double> d, std::span<const std::int32_t> groups, const statistics::Estimate& ace, bool binary,
                      const DetectableConfig& config = {});

}  // namespace lacuna::effects
