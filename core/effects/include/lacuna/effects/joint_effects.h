#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/effects/effects.h"
#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/estimate.h"

/// Statements about several effects at once, from item-level differences d = clean − perturbed (methods.md 6.2, 6.4, 6.5).
namespace lacuna::effects {

/// One task's items: column j holds the effects of cell j (a cluster, a dose, a layer) on the same items.
struct TaskEffects {
  MatrixD d;                             ///< [items, cells]
  std::vector<std::int32_t> groups;      ///< [items], 0 … G − 1
};

/// Max-|t| intervals that cover all cells of all tasks together at config.level; tasks are resampled independently. [task][cell]
/// Cells without variance are points (ZERO_VARIANCE) and take no part in the maximum.
std::vector<std::vector<statistics::Estimate>> simultaneousBands(std::span<const TaskEffects> tasks, const statistics::BootstrapConfig& config);
/// A dose curve whose points carry a simultaneous band; doses [cells].
DoseResponse doseResponseBand(std::span<const double> doses, const TaskEffects& effects, const statistics::BootstrapConfig& config);

/// Two clusters disturbed together against each alone, on the same items: joint − first − second. Above 0: each covers for the other
/// (redundant); below 0: they hurt the same thing.
struct Interaction {
  statistics::Estimate first, second, joint, interaction;   ///< grouped BCa of the item-level numbers
};
Interaction interaction(std::span<const double> first, std::span<const double> second, std::span<const double> joint,
                        std::span<const std::int32_t> groups, const statistics::BootstrapConfig& config);

/// SI and DC of every cell (methods.md 6.5) with percentile intervals from draws that resample the tasks independently. The
/// standard deviations stay as given. One task alone: SI NOT_IDENTIFIED; a task of sd 0 leaves its cells, and all that average over them, NOT_IDENTIFIED.
struct SpecificityEstimates {
  std::vector<std::vector<statistics::Estimate>> index, doubleCentred;   ///< [cluster][task]
  statistics::Estimate pooledIndex, pooledDoubleCentred;                 ///< mean over `own`; NOT_IDENTIFIED when that is empty
};
/// tasks: columns are the clusters; cleanSd [tasks] of the clean item outcomes; own: the (cluster, task) pairs that belong together.
SpecificityEstimates specificityIntervals(std::span<const TaskEffects> tasks, const VectorD& cleanSd,
                                          std::span<const std::pair<int, int>> own, const statistics::BootstrapConfig& config);

}  // namespace lacuna::effects
