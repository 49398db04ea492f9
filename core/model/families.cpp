#include "families.h"

#include <algorithm>
#include <cmath>

namespace lacuna::model {
namespace {

std::vector<const Family*> allFamilies() {
  return {&gpt2Family(), &gptNeoXFamily(), &llamaFamily(), &mistralFamily(), &qwen2Family(), &gptJFamily(), &optFamily()};
}

/// A body alone, or one with a head for other work (…ForSequenceClassification).
bool isBody(const Config& config) {
  const auto architectures = config.strings("architectures");
  if (architectures.empty()) return false;
  for (const char* const head : {"ForCausalLM", "LMHeadModel", "DoubleHeadsModel"})
    if (architectures.front().ends_with(head)) return false;
  return true;
}

}  // namespace

const Family& familyOf(const Config& config) {
  const auto architectures = config.strings("architectures");
  const std::string architecture = architectures.empty() ? "" : architectures.front(), type = config.string("model_type", "");
  for (const Family* const family : allFamilies())
    if (std::find(family->architectures.begin(), family->architectures.end(), architecture) != family->architectures.end()) return *family;
  for (const Family* const family : allFamilies())
    if (family->modelType == type) return *family;
  std::string supported;
  for (const Family* const family : allFamilies()) supported += (supported.empty() ? "" : ", ") + family->architectures.front();
  config.refuse("architecture \"" + architecture + "\" (model_type \"" + type + "\") is not supported as a language model",
                "supported: " + supported);
}

void setSizes(ModelInfo& info, Decoder& decoder, std::int64_t layers) {
  info.layers = layers;
  info.width = decoder.width;
  info.mlpWidth = decoder.mlpWidth;
  info.heads = decoder.heads;
  info.kvHeads = decoder.kvHeads;
  info.headDim = decoder.headDim;
  info.vocabulary = decoder.vocabulary;
  if (decoder.embeddingWidth == 0) decoder.embeddingWidth = decoder.width;
}

float usualScale(const Decoder& decoder) { return static_cast<float>(1.0 / std::sqrt(static_cast<double>(decoder.headDim))); }

namespace {

void mapHeadBias(TensorMap& map, Decoder& decoder, const TokenNames& names) {
  map.tensor(std::string(names.head) + ".bias", {decoder.vocabulary},
             [&decoder](const float* values) { decoder.head.bias.assign(values, values + decoder.vocabulary); });
}

}  // namespace

void mapTokens(const Config& config, TensorMap& map, Decoder& decoder, const TokenNames& names) {
  const bool tied = config.boolean("tie_word_embeddings", names.tied), hasHead = tied || !isBody(config);
  const std::string table = std::string(names.table) + ".weight";
  map.noteTables({table, tied ? table : hasHead ? std::string(names.head) + ".weight" : ""});
  if (map.leavesTables()) {
    if (hasHead) decoder.head = Linear::outline(decoder.embeddingWidth, decoder.vocabulary, decoder.precision);
    if (hasHead && !isBody(config) && names.headBias) mapHeadBias(map, decoder, names);
    return;
  }
  if (!tied) map.table(table, decoder.vocabulary, decoder.embeddingWidth, decoder.tokenTable);
  if (!hasHead) return;
  map.wholeLinear(tied ? names.table : names.head, decoder.head, decoder.embeddingWidth, decoder.vocabulary, names.headBias && !tied);
  if (tied && names.headBias && !isBody(config)) mapHeadBias(map, decoder, names);   // the weights are tied, the bias is the head's own
}

TensorMap describe(const Family& family, const Config& config, ModelInfo& info, Decoder& decoder) {
  const auto architectures = config.strings("architectures");
  info.architecture = architectures.empty() ? family.architectures.front() : architectures.front();
  info.family = family.modelType;
  refuseQuantised(config);
  family.configure(config, info, decoder);
  if (decoder.width <= 0 || decoder.heads <= 0 || decoder.kvHeads <= 0 || decoder.headDim <= 0 || decoder.mlpWidth <= 0 ||
      decoder.vocabulary <= 0 || info.layers <= 0 || decoder.heads % decoder.kvHeads != 0)
    config.refuse("sizes do not fit together (width " + std::to_string(decoder.width) + ", heads " + std::to_string(decoder.heads) + " over " +
                  std::to_string(decoder.kvHeads) + ", layers " + std::to_string(info.layers) + ")");
  TensorMap map(TensorMap::Purpose::Describe);
  family.mapOuter(config, decoder, map);
  DecoderLayer layer;
  for (std::int64_t i = 0; i < info.layers; ++i) family.mapLayer(config, decoder, i, layer, map);
  refuseAbsurdTotals(config, map);
  info.parameters = map.parameters();
  return map;
}

}  // namespace lacuna::model
