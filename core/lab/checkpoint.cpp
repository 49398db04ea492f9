#include "checkpoint.h"

#include "lacuna/base/error.h"
#include "lacuna/files/safetensors.h"

namespace lacuna::lab {

void writeCheckpoint(const std::filesystem::path& file, const std::string& run, const Checkpoint& at, Network& network, AdamW& optimiser) {
  const std::int64_t n = network.values().numel(), recent = static_cast<std::int64_t>(at.recentLosses.size());
  const std::span<const float> values(network.values().data_ptr<float>(), static_cast<std::size_t>(n));
  const files::TensorToWrite tensors[] = {{"first", "F32", {n}, optimiser.first(), {}},
                                          {"losses", "F32", {recent}, at.recentLosses, {}},
                                          {"second", "F32", {n}, optimiser.second(), {}},
                                          {"step", "I64", {1}, {}, {&at.step, 1}},
                                          {"values", "F32", {n}, values, {}}};
  files::writeSafetensors(file, tensors, {{"run", run}});
}

Checkpoint readCheckpoint(const std::filesystem::path& file, const std::string& run, Network& network, AdamW& optimiser) {
  Checkpoint at;
  if (!std::filesystem::exists(file)) return at;
  const files::SafetensorsFile saved(file);
  const auto owner = saved.metadata().find("run");
  if (owner == saved.metadata().end() || owner->second != run)
    throw Error("LAC-1201", file.string() + ": this checkpoint belongs to another recipe, corpus or thread count",
                "train into another folder, or delete " + file.parent_path().string() + " to start anew");
  const auto tensor = [&](const char* name, std::int64_t n) {
    const auto* const info = saved.find(name);
    if (!info || (n >= 0 && info->elements() != n)) throw Error("LAC-1201", file.string() + ": tensor " + name + " is missing or too short");
    return *info;
  };
  const std::int64_t n = network.values().numel();
  saved.readFloat(tensor("values", n), {network.values().data_ptr<float>(), static_cast<std::size_t>(n)});
  saved.readFloat(tensor("first", n), optimiser.first());
  saved.readFloat(tensor("second", n), optimiser.second());
  at.recentLosses.resize(static_cast<std::size_t>(tensor("losses", -1).elements()));
  saved.readFloat(tensor("losses", -1), at.recentLosses);
  at.step = saved.readInt64(tensor("step", 1)).at(0);
  return at;
}

}  // namespace lacuna::lab
