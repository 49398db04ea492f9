#pragma once

#include <string>

#include "lacuna/model/forward.h"

namespace lacuna::cli {

/// Reads a perturbation (one JSON object, or a list of them applied together) and gives the engine's form of it.
model::Arm perturbationArm(const std::string& file);

}  // namespace lacuna::cli
