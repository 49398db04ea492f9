#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "descriptor.h"
#include "lacuna/files/files.h"
#include "lacuna/files/safetensors.h"

namespace lacuna::files {
namespace {

namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  constexpr std::size_t shown = 50;
  for (std::size_t i = 0; i < std::min(names.size(), shown); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > shown) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

/// No weights we read: says which other weights lie there and how to convert them.
Error noWeights(const fs::path& folder) {
  std::vector<std::string> others;
  bool safetensors = false;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string extension = entry.path().extension().string();
    for (const char* known : {".bin", ".pt", ".pth", ".ckpt", ".h5", ".gguf", ".msgpack", ".onnx", ".safetensors"})
      if (extension == known && entry.path().filename() != "training_args.bin") {
        others.push_back(entry.path().filename().string());
        safetensors = safetensors || extension == ".safetensors";
      }
  }
  std::sort(others.begin(), others.end());
  std::string message = "no model.safetensors or model.safetensors.index.json in '" + folder.string() + "'";
  if (!others.empty()) message += "; found only " + joined(others);
  std::string hint = "choose a Hugging Face model folder";
  if (safetensors)
    hint = "name a single file model.safetensors, or add the index of the shards";
  else if (!others.empty())
    hint = "convert to safetensors first: python -c \"from transformers import AutoModelForCausalLM as M; "
           "M.from_pretrained('FOLDER').save_pretrained('NEW', safe_serialization=True)\"; pickled files are never opened";
  return Error("LAC-1001", message, hint);
}

Error badIndex(const fs::path& index, const std::string& what) {
  return Error("LAC-1010", "InvalidIndex: " + what + " in '" + index.string() + "'", "fetch the file again");
}

/// A shard's name is data: one path component, never a way out of the folder.
bool isBareName(const std::string& name) {
  return !name.empty() && name != "." && name.find("..") == std::string::npos && name.find_first_of(std::string("/\\\0", 3)) == std::string::npos;
}

struct Index {
  std::map<std::string, std::string> shardOf;
  double totalSize = -1;
};

Index readIndex(const fs::path& path) {
  const auto json = nlohmann::json::parse(readText(path), nullptr, false);
  if (json.is_discarded()) throw badIndex(path, "not valid JSON");
  if (!json.is_object() || !json.contains("weight_map") || !json["weight_map"].is_object()) throw badIndex(path, "no weight_map object");
  Index index;
  for (const auto& [tensor, shard] : json["weight_map"].items()) {
    if (!shard.is_string() || !isBareName(shard.get<std::string>()))
      throw badIndex(path, "/weight_map/" + tensor + " must be the name of a file in the same folder, found " + shard.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
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
    throw noWeights(folder);
  }
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
