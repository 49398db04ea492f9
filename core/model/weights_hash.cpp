#include "weights_hash.h"

#include <fstream>
#include <set>
#include <vector>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/files/files.h"
#include "lacuna/files/json.h"

namespace lacuna::model {
namespace {

constexpr std::uint64_t wholeUpTo = std::uint64_t{2} << 30, headBytes = std::uint64_t{8} << 20, stretch = std::uint64_t{1} << 20;
constexpr std::uint64_t stretches = 64;

void addStretch(std::ifstream& file, std::uint64_t from, std::uint64_t bytes, Hasher& hasher) {
  std::string buffer(bytes, '\0');
  file.seekg(static_cast<std::streamoff>(from));
  file.read(buffer.data(), static_cast<std::streamsize>(bytes));
  buffer.resize(static_cast<std::size_t>(file.gcount()));
  hasher.add(buffer);
}

void addFile(const std::filesystem::path& path, Hasher& hasher) {
  const std::uint64_t size = std::filesystem::file_size(path);
  hasher.add(path.filename().string()).add(static_cast<std::int64_t>(size));
  if (size <= wholeUpTo) {
    hasher.add(contentHash(path));
    return;
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("LAC-1105", path.string() + " cannot be read");
  addStretch(file, 0, headBytes, hasher);
  for (std::uint64_t i = 0; i < stretches; ++i) addStretch(file, headBytes + (size - headBytes - stretch) / (stretches - 1) * i, stretch, hasher);
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
