#include <cmath>

#include "config.h"

namespace lacuna::model {
namespace {

/// rope_parameters (newer), else rope_scaling (older). Keyed by layer type only when all types agree.
Config ropeObject(const Config& config) {
  const char* const key = config.has("rope_parameters") && !config.isNull("rope_parameters") ? "rope_parameters" : "rope_scaling";
  const Config rope = config.object(key);
  if (rope.json().empty() || !rope.json().begin().value().is_object()) return rope;
  for (const auto& [layerType, value] : rope.json().items())
    if (value != rope.json().begin().value()) config.refuse(std::string("\"") + key + "\" differs between layer types, which is not supported");
  return {rope.json().begin().value(), config.where()};
}

constexpr double tiny = 1e-6, huge = 1e12;

double needed(const Config& rope, const char* key) {
  if (!rope.has(key) || rope.isNull(key)) rope.refuse(std::string("rope settings lack \"") + key + "\"");
  return rope.number(key, 0, tiny, huge);
}

void readLlama3(const Config& given, Rope& rope) {
  rope.factor = needed(given, "factor");
  rope.lowFrequency = needed(given, "low_freq_factor");
  rope.highFrequency = needed(given, "high_freq_factor");
  rope.originalPositions = needed(given, "original_max_position_embeddings");
}

void readYarn(const Config& given, Rope& rope) {
  for (const char* const key : {"mscale", "mscale_all_dim", "truncate"})
    if (given.has(key)) given.refuse(std::string("rope_type yarn with the key \"") + key + "\" is not supported");
  rope.factor = needed(given, "factor");
  rope.originalPositions = given.number("original_max_position_embeddings", rope.originalPositions, 1, huge);
  rope.betaFast = given.number("beta_fast", 32, tiny, huge);
  rope.betaSlow = given.number("beta_slow", 1, tiny, huge);
  rope.attentionFactor = given.number("attention_factor", rope.factor <= 1 ? 1 : 0.1 * std::log(rope.factor) + 1, tiny, huge);
}

}  // namespace

Rope ropeOf(const Config& config, std::int64_t headDim, double partial, std::int64_t maxPositions) {
  const Config given = ropeObject(config);
  Rope rope;
  rope.theta = given.number("rope_theta", config.number("rope_theta", config.number("rotary_emb_base", 10000, tiny, huge), tiny, huge), tiny, huge);
  const double share = given.number("partial_rotary_factor", config.number("partial_rotary_factor", config.number("rotary_pct", partial, 0, 1), 0, 1), 0, 1);
  rope.dims = static_cast<std::int64_t>(static_cast<double>(headDim) * share);
  rope.originalPositions = static_cast<double>(maxPositions);
  const std::string type = given.string("rope_type", given.string("type", "default"));
  if (type == "linear") {
    rope.scaling = Rope::Scaling::Linear;
    rope.factor = needed(given, "factor");
  } else if (type == "dynamic") {
    rope.scaling = Rope::Scaling::Dynamic;
    rope.factor = needed(given, "factor");
  } else if (type == "llama3") {
    rope.scaling = Rope::Scaling::Llama3;
    readLlama3(given, rope);
  } else if (type == "yarn") {
    rope.scaling = Rope::Scaling::Yarn;
    readYarn(given, rope);
  } else if (type != "default") {
    config.refuse("unsupported rope_type \"" + type + "\"", "supported: default, linear, dynamic, llama3, yarn");
  }
  if (rope.dims % 2 != 0) config.refuse("an odd number of rotary channels (" + std::to_string(rope.dims) + ")");
  return rope;
}

}  // namespace lacuna::model
