#include "family_llama.h"

// Mistral (formats.md 2.4): LLaMA with a sliding window, 4096 when the key is absent, none when it is null.

namespace lacuna::model {
namespace {

void configure(const Config& config, ModelInfo& info, Decoder& decoder) {
  configureLlama(config, info, decoder, {8, 14336, 32000, 131072});
}

void mapLayer(const Config& config, const Decoder& decoder, std::int64_t index, DecoderLayer& layer, TensorMap& map) {
  const auto types = config.strings("layer_types");
  const bool slides = static_cast<std::size_t>(index) >= types.size() || types[static_cast<std::size_t>(index)] == "sliding_attention";
  layer.window = slides && !config.isNull("sliding_window") ? config.size("sliding_window", 4096, Config::mostPositions) : 0;
  mapLlamaLayer(decoder, index, layer, map, {});
}

}  // namespace

const Family& mistralFamily() {
  static const Family family{"mistral", {"MistralForCausalLM", "MistralModel"}, {"model."}, configure, mapLlamaOuter, mapLayer};
  return family;
}

}  // namespace lacuna::model
