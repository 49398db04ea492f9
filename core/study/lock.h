#pragma once

#include <optional>

#include "lacuna/store/store.h"
#include "lacuna/study/study.h"

namespace lacuna::study {

/// The lock a study file holds, if any.
std::optional<LockedPlan> lockedPlan(const store::Store& store);
/// Whether a locked plan's family holds this effect, and may call it confirmatory.
bool isConfirmatory(const std::optional<LockedPlan>& plan, const EffectRow& effect);

}  // namespace lacuna::study
