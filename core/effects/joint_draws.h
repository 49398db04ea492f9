#pragma once

#include <cstddef>

#include "lacuna/effects/joint_effects.h"

namespace lacuna::effects {

/// Means of every cell on resamples of one task's groups; tasks of different index do not share their resamples. [draws, cells]
MatrixD taskDraws(const TaskEffects& task, std::size_t index, const statistics::BootstrapConfig& config);

}  // namespace lacuna::effects
