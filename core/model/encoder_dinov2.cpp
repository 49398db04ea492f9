#include <cmath>

#include "encoder_families.h"

// DINOv2, with and without registers (formats.md 3.2): pre-norm over patches, scaled branches, a gated MLP in the giant model.

namespace lacuna::model {
namespace {

bool withRegisters(const Config& config) {
  const auto architectures = config.strings("architectures");
  return config.string("model_type", "") == "dinov2_with_registers" ||
         (!architectures.empty() && architectures.front().starts_with("Dinov2WithRegisters"));
}

/// A side: a number, or two equal ones.
std::int64_t side(const Config& config, const char* key, std::int64_t standard) {
  if (!config.has(key) || !config.json()[key].is_array()) return config.integer(key, standard);
  const auto sides = config.ids(key);
  if (sides.size() != 2 || sides[0] != sides[1]) config.refuse(std::string("\"") + key + "\" should be one number or two equal ones");
  return sides[0];
}

/// Hidden units of the MLP; the gated one rounds two thirds of them up to a multiple of 8.
std::int64_t mlpWidth(const Config& config, std::int64_t width) {
  const auto units = static_cast<std::int64_t>(static_cast<double>(width) * config.number("mlp_ratio", 4, 0, 1024));
  if (!config.boolean("use_swiglu_ffn", false)) return units;
  return (static_cast<std::int64_t>(static_cast<double>(units) * 2 / 3) + 7) / 8 * 8;
}

void configure(const Config& config, EncoderInfo& info, EncoderNetwork& network) {
  setEncoderSizes(config, {"hidden_size", "num_hidden_layers", "num_attention_heads", nullptr, "hidden_act"}, info, network);
  if (config.boolean("use_swiglu_ffn", false)) network.activation = Activation::Silu;
  network.mlpWidth = info.mlpWidth = mlpWidth(config, network.width);
  network.epsilon = static_cast<float>(config.number("layer_norm_eps", 1e-6));
  network.preNorm = true;
  PatchEmbedding& patches = network.patches;
  patches.channels = info.channels = config.integer("num_channels", 3);
  patches.size = info.patch = side(config, "patch_size", withRegisters(config) ? 16 : 14);
  patches.registers = info.registers = withRegisters(config) ? config.integer("num_register_tokens", 4) : 0;
  patches.antialias = withRegisters(config);
  if (patches.size <= 0 || patches.channels <= 0 || patches.registers < 0 || patches.size > 1024 || patches.channels > 64 || patches.registers > 4096)
    config.refuse("patch_size, num_channels and num_register_tokens do not make sense");
  const std::int64_t grid = side(config, "image_size", 224) / patches.size;
  if (grid <= 0 || grid > 4096) config.refuse("image_size does not hold a patch");
  network.positions = 1 + grid * grid;
  info.vision = true;
}

void mapOuter(const EncoderInfo&, EncoderNetwork& network, TensorMap& map) {
  PatchEmbedding& patches = network.patches;
  const std::int64_t d = network.width, inputs = patches.channels * patches.size * patches.size;
  map.tensor("embeddings.cls_token", {1, 1, d}, [d, &patches](const float* values) { patches.classToken.assign(values, values + d); });
  map.tensor("embeddings.position_embeddings", {1, network.positions, d}, [&network](const float* values) {
    network.positionTable.assign(values, values + network.positions * network.width);
  });
  if (patches.registers > 0)
    map.tensor("embeddings.register_tokens", {1, patches.registers, d},
               [d, &patches](const float* values) { patches.registerTokens.assign(values, values + patches.registers * d); });
  map.linear(patches.projection, inputs, d, true);
  map.tensor("embeddings.patch_embeddings.projection.weight", {d, patches.channels, patches.size, patches.size},
             [d, inputs, &patches](const float* values) { patches.projection.packRows(0, values, inputs, d); });
  map.vector("embeddings.patch_embeddings.projection.bias", d, patches.projection.bias);
  mapNorm("layernorm", network, network.finalNorm, map);
}

void mapLayer(const Config& config, const EncoderNetwork& network, std::int64_t index, EncoderLayer& layer, TensorMap& map) {
  const std::string name = "encoder.layer." + std::to_string(index) + ".", attention = name + "attention.attention.";
  const std::int64_t d = network.width, hidden = network.mlpWidth;
  mapQueryKeyValue(attention + "query", attention + "key", attention + "value", config.boolean("qkv_bias", true), network, layer, map);
  map.wholeLinear(name + "attention.output.dense", layer.attentionOut, d, d, true);
  mapNorm(name + "norm1", network, layer.attentionNorm, map);
  mapNorm(name + "norm2", network, layer.mlpNorm, map);
  map.vector(name + "layer_scale1.lambda1", d, layer.attentionScale);
  map.vector(name + "layer_scale2.lambda1", d, layer.mlpScale);
  if (config.boolean("use_swiglu_ffn", false)) {
    map.linear(layer.gate, d, hidden, true);
    map.linear(layer.up, d, hidden, true);
    map.tensor(name + "mlp.weights_in.weight", {2 * hidden, d}, [d, hidden, &layer](const float* values) {
      layer.gate.packRows(0, values, d, hidden);
      layer.up.packRows(0, values + hidden * d, d, hidden);
    });
    map.tensor(name + "mlp.weights_in.bias", {2 * hidden}, [hidden, &layer](const float* values) {
      layer.gate.bias.assign(values, values + hidden);
      layer.up.bias.assign(values + hidden, values + 2 * hidden);
    });
    map.wholeLinear(name + "mlp.weights_out", layer.down, hidden, d, true);
  } else {
    map.wholeLinear(name + "mlp.fc1", layer.up, d, hidden, true);
    map.wholeLinear(name + "mlp.fc2", layer.down, hidden, d, true);
  }
}

void mapHead(const Config&, EncoderHead, EncoderNetwork& network, TensorMap& map) {
  network.classifier.input = ClassHead::Input::FirstAndPatchMean;
  map.wholeLinear("classifier", network.classifier.out, 2 * network.width, network.labels, true);
}

}  // namespace

const EncoderFamily& dinov2Family() {
  static const EncoderFamily family{{"dinov2", "dinov2_with_registers"}, {"Dinov2WithRegisters", "Dinov2"}, {"dinov2.", "dinov2_with_registers."},
                                    {EncoderHead::Classifier}, configure, mapOuter, mapLayer, mapHead};
  return family;
}

}  // namespace lacuna::model
