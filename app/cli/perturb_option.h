#pragma once

#include <string>

#include "lacuna/perturbation/perturbation.h"

namespace lacuna::cli {

/// Reads a perturbation: one JSON object, or a list of them applied together.
perturbation::PerturbationSet readPerturbations(const std::string& file);
/// The engine's form of it.
model::Arm perturbationArm(const std::string& file);

}  // namespace lacuna::cli
