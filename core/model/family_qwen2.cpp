#include "family_llama.h"

// Qwen2 (formats.md 2.4): LLaMA with biases on q, k and v; a window only where use_sliding_window is on.

namespace lacuna::model {
namespace {

void configure(const Config& config, ModelInfo& info, Decoder& decoder) {
  configureLlama(config, info, decoder, {32, 22016, 151936, 32768});
}

bool slides(const Config& config, std::int64_t index) {
  if (!config.boolean("use_sliding_window", false)) return false;
  const auto types = config.strings("layer_types");
  if (static_cast<std::size_t>(index) < types.size()) return types[static_cast<std::size_t>(index)] == "sliding_attention";
  return index >= config.integer("max_window_layers", 28);
}

void mapLayer(const Config& config, const Decoder& decoder, std::int64_t index, DecoderLayer& layer, TensorMap& map) {
  layer.window = slides(config, index) && !config.isNull("sliding_window") ? config.size("sliding_window", 4096, Config::mostPositions) : 0;
  mapLlamaLayer(decoder, index, layer, map, {true, false, false});
}

}  // namespace

const Family& qwen2Family() {
  static const Family family{"qwen2", {"Qwen2ForCausalLM", "Qwen2Model"}, {"model."}, configure, mapLlamaOuter, mapLayer};
  return family;
}

}  // namespace lacuna::model
