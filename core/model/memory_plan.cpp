#include "memory_plan.h"

#include <algorithm>
#include <set>

#include "lacuna/base/error.h"
#include "memory.h"

namespace lacuna::model {
namespace {

constexpr std::uint64_t programBytes = std::uint64_t{16} << 20;        // what the program will still load of itself
constexpr std::uint64_t defaultWorking = std::uint64_t{64} << 20;      // states and scores of a batch
constexpr std::uint64_t sliceBytes = std::uint64_t{6} << 20;           // a slice of a large tensor, read and converted

/// What the map's products take less than in float32.
std::uint64_t savedBytes(const TensorMap& map, Precision precision) {
  return precision == Precision::Bf16 ? static_cast<std::uint64_t>(map.productElements()) * 2 : 0;
}

std::uint64_t bytesOf(const TensorMap::Entry& entry) { return static_cast<std::uint64_t>(entry.elements()) * sizeof(float); }

std::uint64_t neededBytes(const Described& model, const WeightSizes& sizes, Residence residence, std::uint64_t working, int threads) {
  const std::uint64_t around = residentMemory() + programBytes + working, scratch = static_cast<std::uint64_t>(threads) * sizes.readScratch;
  const std::uint64_t headRows = 1024 * static_cast<std::uint64_t>(model.decoder->embeddingWidth) * sizeof(float);   // the least that is read at once
  const std::uint64_t headPart = std::max(headRows, std::uint64_t{16} << 20) + static_cast<std::uint64_t>(threads) * headRows;
  switch (residence) {
    case Residence::Everything: return around + sizes.all + scratch;
    case Residence::LayersInFiles: return around + sizes.rest + sizes.tables + sizes.layer + scratch;
    case Residence::TablesInFiles: return around + sizes.rest + sizes.layer + std::max(scratch, headPart);
  }
  return 0;
}

std::uint64_t dtypeBytes(const std::string& dtype) { return dtype == "F64" ? 8 : dtype == "F16" || dtype == "BF16" ? 2 : 4; }

}  // namespace

WeightSizes weightSizes(const Described& model) {
  WeightSizes sizes;
  const Precision precision = model.decoder->precision;
  sizes.all = static_cast<std::uint64_t>(model.info.bytesFp32()) - savedBytes(model.tensors, precision);
  TensorMap outer(TensorMap::Purpose::Describe), layer(TensorMap::Purpose::Describe);
  model.family->mapOuter(model.config, *model.decoder, outer);
  const std::set<std::string> tables{outer.tables().tokens, outer.tables().head};
  for (const TensorMap::Entry& entry : outer.entries()) (tables.contains(entry.name) ? sizes.tables : sizes.rest) += bytesOf(entry);
  sizes.tables -= std::min(sizes.tables, savedBytes(outer, precision));
  DecoderLayer any;
  model.family->mapLayer(model.config, *model.decoder, 0, any, layer);
  for (const TensorMap::Entry& entry : layer.entries()) {
    sizes.layer += bytesOf(entry);
    sizes.readScratch = std::max(sizes.readScratch, entry.placeRows ? std::min(bytesOf(entry), std::uint64_t{16} << 20) : bytesOf(entry));
  }
  sizes.layer -= savedBytes(layer, precision);
  sizes.readScratch = std::max(sizes.readScratch, sliceBytes);
  return sizes;
}

MemoryPlan planMemory(const Described& model, const LoadOptions& options, const RunContext& context, const std::string& name) {
  const WeightSizes sizes = weightSizes(model);
  const std::uint64_t available = availableMemory(), working = options.workingBytes ? options.workingBytes : defaultWorking;
  const std::uint64_t budget = context.memoryBudget ? context.memoryBudget : available ? available / 5 * 4 : ~std::uint64_t{0};
  const auto needed = [&](Residence residence) { return neededBytes(model, sizes, residence, working, context.threadCount()); };
  for (const Residence residence : {Residence::Everything, Residence::LayersInFiles, Residence::TablesInFiles}) {
    if (residence < options.residence) continue;
    const std::uint64_t needs = needed(residence);
    if (needs <= budget) return {residence, needs, budget - needs + working};
  }
  const std::uint64_t least = needed(Residence::TablesInFiles);
  throw Error("LAC-2001", name + " needs about " + sizeText(needed(Residence::Everything)) + " of memory (" +
                              std::to_string(model.info.parameters) + " parameters in " + (model.decoder->precision == Precision::Bf16 ? "bfloat16" : "float32") + "), and " + sizeText(least) +
                              " with one layer at a time; " + (context.memoryBudget ? "the memory budget is " : "80 % of what is free is ") + sizeText(budget),
              "give a memory budget of " + sizeText(least) + " or more, close other programs, or choose a smaller model");
}

ModelEstimate estimateModel(const std::filesystem::path& folder, int threads) {
  const Described model = describeFolder(folder.filename() == "config.json" ? folder.parent_path() : folder);
  const WeightSizes sizes = weightSizes(model);
  const auto needed = [&](Residence residence) { return neededBytes(model, sizes, residence, defaultWorking, threads); };
  const std::uint64_t products = sizes.layer * static_cast<std::uint64_t>(model.info.layers) / sizeof(float) +
                                 static_cast<std::uint64_t>(model.info.vocabulary * model.decoder->embeddingWidth);
  return {.info = model.info,
          .layer = sizes.layer,
          .tables = sizes.tables,
          .rest = sizes.rest,
          .storedBytes = static_cast<std::uint64_t>(model.info.parameters) * dtypeBytes(model.info.dtype),
          .keyValueBytes = static_cast<std::uint64_t>(model.info.layers * 2 * model.info.kvHeads * model.info.headDim) * sizeof(float),
          .allHeld = needed(Residence::Everything),
          .layersInFiles = needed(Residence::LayersInFiles),
          .tablesInFiles = needed(Residence::TablesInFiles),
          .flopsPerToken = 2.0 * static_cast<double>(products)};
}

}  // namespace lacuna::model
