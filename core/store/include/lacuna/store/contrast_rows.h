#pragma once

#include <cstdint>
#include <string>

#include "lacuna/base/ids.h"

/// What is told by comparing several arms on the same items: two clusters together and alone, two prompts with each other's states.
namespace lacuna::store {

/// A value with its interval; NaN where there is none.
struct Ranged { double value = 0, low = 0, high = 0; };

/// Two clusters perturbed together against each alone, on the same items (methods.md 6): joint − first − second.
struct InteractionRow {
  std::int64_t run = 0;                      ///< of the joint perturbation
  ClusterId first, second;
  std::string method, task, metric;
  double dose = 0;                           ///< ε of all three perturbations
  Ranged aceFirst, aceSecond, aceJoint;
  Ranged interaction;                        ///< above 0: each covers for the other; below 0: they hurt the same thing
  double se = 0, level = 0.95;               ///< of the interaction
  std::int64_t n = 0, groups = 0;
  std::string intervalMethod, status, reason;
};

/// What the neurons of a cluster carry of the difference between a task's prompts and their counterfactuals (methods.md 6.3), on the margin.
struct MediationRow {
  std::int64_t run = 0;
  ClusterId cluster;
  std::string task, site;
  LayerIndex layer;
  std::int64_t neurons = 0;
  double base = 0, counterfactual = 0;       ///< mean outcomes Y(1, M1) and Y(0, M0)
  Ranged total, pureDirect, totalIndirect;   ///< TE = PNDE + TNIE …
  Ranged totalDirect, pureIndirect;          ///< … = TNDE + PNIE
  Ranged interaction;                        ///< TNIE − PNIE
  Ranged proportion;                         ///< TNIE / TE; NaN unless |TE| > 2 SE
  double level = 0.95;
  std::int64_t n = 0, groups = 0, leftOut = 0;   ///< leftOut: reported items without a counterfactual that is aligned with the prompt
  std::string intervalMethod, status, reason;
};

}  // namespace lacuna::store
