#include "plan_model.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "lacuna/base/numbers.h"
#include "lacuna/model/model.h"

namespace lacuna::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kDiskRate = 2e9;   // bytes a second of a good NVMe disk; said with the number

std::string sizeText(std::uint64_t bytes) {
  const double mebibytes = static_cast<double>(bytes) / (1u << 20);
  return mebibytes < 1024 ? formatFixed(mebibytes, 0) + " MiB" : formatFixed(mebibytes / 1024, 2) + " GiB";
}

/// What a budget comes to: everything held, layers in the files, tables too, or too small for any.
std::string residenceOf(const model::ModelEstimate& e, std::uint64_t budget) {
  if (budget >= e.allHeld) return "everything is held in memory";
  if (budget >= e.layersInFiles) return "layers are read from the files in every pass";
  if (budget >= e.tablesInFiles) return "layers, token table and head are read from the files in every pass";
  return "too small";
}

Json estimateJson(const model::ModelEstimate& e, const Shell& shell) {
  Json json = {{"architecture", e.info.architecture}, {"layers", e.info.layers}, {"width", e.info.width}, {"parameters", e.info.parameters}, {"dtype", e.info.dtype},
               {"stored_bytes", e.storedBytes}, {"held_bytes", e.info.bytesFp32()}, {"layer_bytes", e.layer}, {"tables_bytes", e.tables},
               {"key_value_bytes_per_token", e.keyValueBytes}, {"flops_per_token", e.flopsPerToken},
               {"memory_bytes", {{"all_held", e.allHeld}, {"layers_in_files", e.layersInFiles}, {"tables_in_files", e.tablesInFiles}}},
               {"pass_seconds_at_2_GB_per_s", static_cast<double>(e.storedBytes) / kDiskRate}};
  if (shell.context.memoryBudget) json["budget"] = {{"bytes", shell.context.memoryBudget}, {"residence", residenceOf(e, shell.context.memoryBudget)}};
  return json;
}

}  // namespace

bool isModel(const std::filesystem::path& path) {
  return path.filename() == "config.json" || std::filesystem::exists(path / "config.json");
}

void printModelPlan(const std::filesystem::path& path, const Shell& shell) {
  const model::ModelEstimate e = model::estimateModel(path, shell.context.threadCount());
  if (shell.json) {
    std::cout << estimateJson(e, shell).dump(2) << '\n';
    return;
  }
  std::cout << e.info.architecture << ": " << e.info.parameters << " parameters, " << e.info.layers << " layers of width " << e.info.width << '\n'
            << "files            " << sizeText(e.storedBytes) << " (" << e.info.dtype << ")\n"
            << "weights as held  " << sizeText(static_cast<std::uint64_t>(e.info.bytesFp32())) << " (float32): a layer " << sizeText(e.layer) << ", token table and head "
            << sizeText(e.tables) << '\n'
            << "memory           " << sizeText(e.allHeld) << " with everything held, " << sizeText(e.layersInFiles) << " with layers in the files, "
            << sizeText(e.tablesInFiles) << " at least\n"
            << "a pass           reads the files once where layers stay there: " << formatFixed(static_cast<double>(e.storedBytes) / kDiskRate, 0)
            << " s at 2 GB/s, for as many texts as fit beside\n"
            << "a token          " << formatFixed(e.flopsPerToken / 1e9, 2) << " GFLOP; " << formatFixed(static_cast<double>(e.keyValueBytes) / (1u << 20), 2)
            << " MiB of keys and values while generating\n";
  if (shell.context.memoryBudget) std::cout << "budget           " << sizeText(shell.context.memoryBudget) << ": " << residenceOf(e, shell.context.memoryBudget) << '\n';
}

}  // namespace lacuna::cli
