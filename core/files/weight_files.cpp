#include <algorithm>
#include <set>

#include "descriptor.h"
#include "foreign_weights.h"
#include "lacuna/files/files.h"
#include "lacuna/files/json.h"
#include "lacuna/files/safetensors.h"

namespace lacuna::files {
namespace {

namespace fs = std::filesystem;

Error badIndex(const fs::path& index, const std::string& what) {
  return Error("LAC-1010", "InvalidIndex: " + what + " in '" + index.string() + "'", "fetch the file again");
}

/// A shard's name is data: one path component of plain characters, never a way out of the folder.
bool isBareName(const std::string& name) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  return !name.empty() && name != "." && name.find("..") == std::string::npos && name.find_first_not_of(plain) == std::string::npos;
}

/// Where a link leads, when that is neither in the folder nor in the blobs of the hub's cache beside it; empty otherwise.
std::string linkedElsewhere(const fs::path& folder, const fs::path& file) {
  std::error_code failed;
  const fs::path target = fs::canonical(file, failed), home = fs::canonical(folder, failed);
  if (failed || target.parent_path() == home) return {};
  // …/models--x--y/snapshots/<revision>/<file> → …/models--x--y/blobs/<hash>
  if (home.parent_path().filename() == "snapshots" && target.parent_path() == home.parent_path().parent_path() / "blobs") return {};
  return target.string();
}

struct Index {
  std::map<std::string, std::string> shardOf;
  double totalSize = -1;
};

Index readIndex(const fs::path& path) {
  const auto json = readJson(path, "LAC-1010");
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) throw badIndex(path, "no weight_map object");
  Index index;
  for (const auto& [tensor, shard] : json["weight_map"].items()) {
    if (!shard.is_string() || !isBareName(shard.get<std::string>()))
      throw badIndex(path, "/weight_map/" + tensor + " must be the name of a file in the same folder (letters, digits, '.', '_', '-'), found " + shard.dump(-1, ' ', true));
    index.shardOf[tensor] = shard.get<std::string>();
  }
  const auto metadata = json.find("metadata");
  if (metadata != json.end() && metadata->is_object() && metadata->contains("total_size") && (*metadata)["total_size"].is_number())
    index.totalSize = (*metadata)["total_size"].get<double>();
  return index;
}

}  // namespace

WeightFiles::WeightFiles(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored))
    throw Error("LAC-1001", "there is no folder '" + folder.string() + "'", "choose a Hugging Face model folder");
  const fs::path single = folder / "model.safetensors", index = folder / "model.safetensors.index.json";
  if (fs::exists(single, ignored)) {
    m_files.emplace_back(single);
    for (const TensorInfo& tensor : m_files[0].tensors()) m_fileOf[tensor.name] = 0;
  } else if (fs::exists(index, ignored)) {
    addShards(index);
  } else {
    throw noSafetensors(folder);
  }
  for (const SafetensorsFile& file : m_files)
    if (const std::string target = linkedElsewhere(folder, file.path()); !target.empty())
      m_warnings.push_back("'" + file.path().filename().string() + "' is a link to '" + target + "', outside the model's folder");
}

void WeightFiles::addShards(const fs::path& path) {
  const Index index = readIndex(path);
  const fs::path folder = path.parent_path();
  std::set<std::string> shards;
  for (const auto& [tensor, shard] : index.shardOf) shards.insert(shard);
  std::vector<std::string> missing;
  for (const std::string& shard : shards)
    if (std::error_code ignored; !fs::exists(folder / shard, ignored)) missing.push_back(shard);
  if (!missing.empty())
    throw Error("LAC-1001", std::to_string(missing.size()) + " of " + std::to_string(shards.size()) + " weight files are missing in '" +
                                folder.string() + "': " + joined(missing), "download the missing files");

  std::map<std::string, std::size_t> numberOf;
  std::map<std::string, std::vector<std::string>> holders;
  for (const std::string& shard : shards) {
    numberOf[shard] = m_files.size();
    m_files.emplace_back(folder / shard);
    for (const TensorInfo& tensor : m_files.back().tensors()) holders[tensor.name].push_back(shard);
  }
  std::uint64_t sum = 0;
  for (const auto& [tensor, shard] : index.shardOf) {
    const std::size_t number = numberOf[shard];
    const TensorInfo* info = m_files[number].find(tensor);
    if (info == nullptr) {
      missing.push_back(tensor + " (in " + shard + ")");
      continue;
    }
    m_fileOf[tensor] = number;
    sum += info->end - info->begin;
  }
  if (!missing.empty())
    throw Error("LAC-1001", std::to_string(missing.size()) + " tensors named by '" + path.string() + "' are not in their files: " + joined(missing),
                "the files do not belong together: download them again");
  for (const auto& [tensor, where] : holders) {
    if (!m_fileOf.contains(tensor)) m_warnings.push_back("tensor '" + tensor + "' of " + joined(where) + " is not in the index and is ignored");
    if (where.size() > 1) m_warnings.push_back("tensor '" + tensor + "' is in " + joined(where) + "; the index decides");
  }
  if (index.totalSize >= 0 && index.totalSize != static_cast<double>(sum))
    m_warnings.push_back("the index says total_size " + std::to_string(static_cast<std::uint64_t>(index.totalSize)) + ", the tensors have " +
                         std::to_string(sum) + " bytes");
}

const SafetensorsFile* WeightFiles::fileOf(const std::string& name) const {
  const auto found = m_fileOf.find(name);
  if (found != m_fileOf.end()) return &m_files[found->second];
  for (const SafetensorsFile& file : m_files)
    if (file.metadata().contains(name) && file.find(name) != nullptr) return &file;
  return nullptr;
}

const TensorInfo* WeightFiles::find(const std::string& name) const {
  const SafetensorsFile* file = fileOf(name);
  return file == nullptr ? nullptr : file->find(name);
}

std::vector<const TensorInfo*> WeightFiles::tensors() const {
  std::vector<const TensorInfo*> all;
  for (const auto& [name, number] : m_fileOf) all.push_back(m_files[number].find(name));
  return all;
}

void WeightFiles::readFloat(const std::string& name, std::span<float> out) const {
  const SafetensorsFile* file = fileOf(name);
  if (file == nullptr) throw Error("LAC-1001", "TensorNotFound: there is no tensor '" + name + "'");
  file->readFloat(*file->find(name), out);
}

std::uint64_t WeightFiles::totalBytes() const {
  std::uint64_t sum = 0;
  for (const TensorInfo* tensor : tensors()) sum += tensor->end - tensor->begin;
  return sum;
}

}  // namespace lacuna::files
