#pragma once

#include <filesystem>
#include <string>

#include "network.h"
#include "optimiser.h"

namespace lacuna::lab {

/// Where a training run stands. The order of batches follows from the step alone, so weights, moments and step are everything.
struct Checkpoint { std::int64_t step = 0; std::vector<float> recentLosses; };

void writeCheckpoint(const std::filesystem::path& file, const std::string& run, const Checkpoint& at, Network& network, AdamW& optimiser);
/// Loads `file` into network and optimiser; a checkpoint at step 0 when there is no file.
/// Throws LAC-1201 when it belongs to another run (`run`: hash of recipe, corpus and thread count).
Checkpoint readCheckpoint(const std::filesystem::path& file, const std::string& run, Network& network, AdamW& optimiser);

}  // namespace lacuna::lab
