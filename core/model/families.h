#pragma once

#include <string>
#include <vector>

#include "config.h"
#include "lacuna/model/model.h"
#include "tensor_map.h"

namespace lacuna::model {

/// How one architecture reads its config and names its tensors. Everything else is common.
struct Family {
  std::string modelType;
  std::vector<std::string> architectures;   ///< with and without a head
  std::vector<std::string> prefixes;        ///< of the base model, the usual one first
  /// Sizes and options, from config.json alone.
  void (*configure)(const Config& config, ModelInfo& info, Decoder& decoder);
  /// Everything outside the layers.
  void (*mapOuter)(const Config& config, Decoder& decoder, TensorMap& map);
  /// One layer, its window and attention scale included.
  void (*mapLayer)(const Config& config, const Decoder& decoder, std::int64_t index, DecoderLayer& layer, TensorMap& map);
};

const Family& gpt2Family();
const Family& gptNeoXFamily();
const Family& gptJFamily();
const Family& llamaFamily();
const Family& mistralFamily();
const Family& qwen2Family();
const Family& optFamily();

/// By architectures[0] when known, else by model_type; throws LAC-1002 naming both and what is supported.
const Family& familyOf(const Config& config);

/// The parts that every family fills in alike.
void setSizes(ModelInfo& info, Decoder& decoder, std::int64_t layers);
float usualScale(const Decoder& decoder);
struct TokenNames {
  const char* table;
  const char* head;
  bool tied = false, headBias = false;   ///< where the config does not say whether they are tied
};
/// Token table and head; tied ones live in the head alone. A bare body ("LlamaModel") that is not tied has no head.
void mapTokens(const Config& config, TensorMap& map, Decoder& decoder, const TokenNames& names);

/// How many weights the config describes, without looking at any file of weights.
TensorMap describe(const Family& family, const Config& config, ModelInfo& info, Decoder& decoder);

}  // namespace lacuna::model
