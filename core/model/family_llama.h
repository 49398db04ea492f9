#pragma once

#include "families.h"

namespace lacuna::model {

/// What the classes of the LLaMA kind assume where a config is silent. kvHeads 0: as many as heads.
struct LlamaDefaults { std::int64_t kvHeads, mlpWidth, vocabulary, maxPositions; };
struct LlamaBiases { bool qkv = false, out = false, mlp = false; };

void configureLlama(const Config& config, ModelInfo& info, Decoder& decoder, const LlamaDefaults& standard);
void mapLlamaOuter(const Config& config, Decoder& decoder, TensorMap& map);
void mapLlamaLayer(const Decoder& decoder, std::int64_t index, DecoderLayer& layer, TensorMap& map, const LlamaBiases& bias);

}  // namespace lacuna::model
