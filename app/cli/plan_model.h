#pragma once

#include <filesystem>

#include "shell.h"

namespace lacuna::cli {

/// Is this a model folder, or its config.json?
bool isModel(const std::filesystem::path& path);
/// What running the model takes, from config.json alone: nothing else is read.
void printModelPlan(const std::filesystem::path& path, const Shell& shell);

}  // namespace lacuna::cli
