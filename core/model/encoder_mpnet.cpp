#include "encoder_families.h"

// MPNet (formats.md 2.9): post-norm, no token types, positions from row 2, one bias by relative distance for all layers.

namespace lacuna::model {
namespace {

constexpr std::int32_t padding = 1;        // fixed in the reference, whatever the config says
constexpr std::int64_t bucketCount = 32;   // likewise; the stored table may have more rows

void configure(const Config& config, EncoderInfo& info, EncoderNetwork& network) {
  setEncoderSizes(config, {"hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act"}, info, network);
  network.vocabulary = info.vocabulary = config.size("vocab_size", 30527);
  network.positions = config.size("max_position_embeddings", 512);
  network.epsilon = static_cast<float>(config.number("layer_norm_eps", 1e-12));
  network.relativeRows = config.integer("relative_attention_num_buckets", bucketCount);
  if (network.relativeRows < bucketCount)
    config.refuse("relative_attention_num_buckets " + std::to_string(network.relativeRows) + " is not supported", "the reference always uses 32");
  countPositionsAfter(padding, info, network);
}

void mapOuter(const EncoderInfo& info, EncoderNetwork& network, TensorMap& map) {
  mapTextEmbeddings(info, network, map);
  map.table("encoder.relative_attention_bias.weight", network.relativeRows, network.heads, network.relativeTable);
}

void mapLayer(const Config&, const EncoderNetwork& network, std::int64_t index, EncoderLayer& layer, TensorMap& map) {
  const std::string name = "encoder.layer." + std::to_string(index) + ".", attention = name + "attention.attn.";
  mapQueryKeyValue(attention + "q", attention + "k", attention + "v", true, network, layer, map);
  map.wholeLinear(attention + "o", layer.attentionOut, network.width, network.width, true);
  mapNorm(name + "attention.LayerNorm", network, layer.attentionNorm, map);
  map.wholeLinear(name + "intermediate.dense", layer.up, network.width, network.mlpWidth, true);
  map.wholeLinear(name + "output.dense", layer.down, network.mlpWidth, network.width, true);
  mapNorm(name + "output.LayerNorm", network, layer.mlpNorm, map);
}

}  // namespace

const EncoderFamily& mpnetFamily() {
  using enum EncoderHead;
  static const EncoderFamily family{{"mpnet"}, {"MPNet"}, {"mpnet."}, {Pooler, MaskedLm, Classifier}, configure, mapOuter, mapLayer,
                                    robertaFamily().mapHead};
  return family;
}

}  // namespace lacuna::model
