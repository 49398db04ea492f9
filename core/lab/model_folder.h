#pragma once

#include <filesystem>
#include <string_view>

#include "network.h"

namespace lacuna::lab {

/// Writes config.json, model.safetensors (fp16), tokenizer.json, tokenizer_config.json and generation_config.json.
void writeModelFolder(const std::filesystem::path& folder, const Network& network, const TrainRecipe& recipe, std::string_view tokenizer);
/// The shape of a folder writeModelFolder wrote, and its network with the weights as they were rounded. Throws LAC-1001, LAC-1002.
TrainRecipe readModelShape(const std::filesystem::path& folder);
Network readModelFolder(const std::filesystem::path& folder, const TrainRecipe& shape);

}  // namespace lacuna::lab
