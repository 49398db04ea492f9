#include "inspect.h"

#include <map>

#include "lacuna/files/json.h"
#include "weights_hash.h"

namespace lacuna::model {
namespace {

std::string configDtype(const Config& config) {
  static const std::map<std::string, std::string> names{{"float32", "F32"}, {"float16", "F16"}, {"bfloat16", "BF16"}, {"float64", "F64"}};
  const auto name = names.find(config.string("dtype", config.string("torch_dtype", "float32")));
  return name == names.end() ? "F32" : name->second;
}

/// End and beginning tokens: generation_config.json has the last word.
void readSpecials(const std::filesystem::path& folder, const Config& config, ModelInfo& info) {
  const auto path = folder / "generation_config.json";
  const Config preferred(std::filesystem::exists(path) ? files::readJson(path, "LAC-1002") : nlohmann::json::object(), path.string());
  info.eos = preferred.ids("eos_token_id");
  if (info.eos.empty()) info.eos = config.ids("eos_token_id");
  auto bos = preferred.ids("bos_token_id");
  if (bos.empty()) bos = config.ids("bos_token_id");
  if (!bos.empty()) info.bos = bos.front();
}

}  // namespace

std::string inspectDtype(const files::WeightFiles& files) {
  std::map<std::string, std::int64_t> elements;
  for (const files::TensorInfo* const tensor : files.tensors()) elements[tensor->dtype] += tensor->elements();
  std::string most;
  for (const auto& [dtype, count] : elements)
    if (most.empty() || count > elements[most]) most = dtype;
  return most;
}

bool hasWeights(const std::filesystem::path& folder) {
  std::error_code failed;  // a link to nowhere counts: what is wrong with it is said by whoever opens it
  const auto has = [&](const char* name) { return std::filesystem::exists(std::filesystem::symlink_status(folder / name, failed)); };
  return has("model.safetensors") || has("model.safetensors.index.json");
}

Described describeFolder(const std::filesystem::path& folder, Precision precision) {
  Described out{Config::read(folder), nullptr, {}, std::make_unique<Decoder>()};
  out.family = &familyOf(out.config);
  out.tensors = describe(*out.family, out.config, out.info, *out.decoder);
  readSpecials(folder, out.config, out.info);
  out.info.dtype = configDtype(out.config);
  out.info.precision = out.decoder->precision = precision;
  return out;
}

ModelInfo describeModel(const std::filesystem::path& folder) { return describeFolder(folder).info; }

ModelInfo inspectModel(const std::filesystem::path& folder) {
  Described described = describeFolder(folder);
  if (hasWeights(folder)) {
    described.info.dtype = inspectDtype(files::WeightFiles(folder));
    described.info.hash = modelHash(folder);
  }
  return described.info;
}

}  // namespace lacuna::model
