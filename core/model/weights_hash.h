#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace lacuna::model {

/// model.safetensors, or the shards its index names.
std::vector<std::filesystem::path> weightPaths(const std::filesystem::path& folder);

/// Identifies a model folder by config.json and its weight files: all their bytes up to 2 GiB a file; of larger files the length,
/// the first 8 MiB (with the header) and 64 stretches of 1 MiB.
std::string modelHash(const std::filesystem::path& folder);

}  // namespace lacuna::model
