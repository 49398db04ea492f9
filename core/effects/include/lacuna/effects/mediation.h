#pragma once

#include <span>

#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/estimate.h"

/// Mediation with a matched input contrast (methods.md 6.3; Pearl 2001, Robins & Greenland 1992, VanderWeele 2014).
/// Y(x, M(x')): outcome of input x with the activations that input x' gives. 1 is the clean prompt, 0 its counterfactual.
/// An ablation's ACE is a controlled contrast and none of these.
namespace lacuna::effects {

struct MediationOutcomes { double y11 = 0, y10 = 0, y01 = 0, y00 = 0; };

struct MediationEffects {
  double total = 0;             ///< Y11 − Y00
  double pureDirect = 0;        ///< Y10 − Y00
  double totalIndirect = 0;     ///< Y11 − Y10
  double totalDirect = 0;       ///< Y11 − Y01
  double pureIndirect = 0;      ///< Y01 − Y00
  double interaction = 0;       ///< totalIndirect − pureIndirect
};
MediationEffects mediation(const MediationOutcomes& y);

struct MediationEstimates {
  statistics::Estimate total, pureDirect, totalIndirect, totalDirect, pureIndirect, interaction;
  double proportionMediated = statistics::kMissing;                          ///< totalIndirect / total
  statistics::Status proportionStatus = statistics::Status::NotIdentified;  ///< OK only if |total| > 2 SE
};
/// Means over items with grouped intervals; items and groups [n].
MediationEstimates mediation(std::span<const MediationOutcomes> items, std::span<const std::int32_t> groups,
                             const statistics::BootstrapConfig& config);

}  // namespace lacuna::effects
