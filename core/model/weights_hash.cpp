#include "weights_hash.h"

#include <set>
#include <vector>

#include "lacuna/base/hash.h"
#include "lacuna/files/file_hash.h"
#include "lacuna/files/files.h"
#include "lacuna/files/json.h"

namespace lacuna::model {
namespace {

void addFile(const std::filesystem::path& path, Hasher& hasher) {
  const std::uint64_t size = std::filesystem::file_size(path);
  hasher.add(path.filename().string()).add(static_cast<std::int64_t>(size));
  if (size <= files::kHashedWhole) hasher.add(contentHash(path));
  else files::addStretches(path, size, hasher);
}

}  // namespace

std::vector<std::filesystem::path> weightPaths(const std::filesystem::path& folder) {
  if (std::filesystem::exists(folder / "model.safetensors")) return {folder / "model.safetensors"};
  std::set<std::filesystem::path> shards;
  const auto index = files::readJson(folder / "model.safetensors.index.json", "LAC-1010");
  if (index.is_object() && index.contains("weight_map"))
    for (const auto& shard : index["weight_map"])
      if (shard.is_string()) shards.insert(folder / shard.get<std::string>());
  return {shards.begin(), shards.end()};
}

std::string modelHash(const std::filesystem::path& folder) {
  Hasher hasher;
  hasher.add(files::readText(folder / "config.json"));
  for (const auto& path : weightPaths(folder)) addFile(path, hasher);
  return hasher.hex();
}

}  // namespace lacuna::model
