#include "families.h"

// GPT-2 (formats.md 2.2): pre-norm, learned positions, fused q|k|v; its products are stored [inputs, outputs].

namespace lacuna::model {
namespace {

void configure(const Config& config, ModelInfo& info, Decoder& decoder) {
  decoder.width = config.size("n_embd", 768);
  decoder.heads = decoder.kvHeads = config.size("n_head", 12);
  decoder.headDim = decoder.width / decoder.heads;
  if (decoder.headDim * decoder.heads != decoder.width) config.refuse("n_embd is not a multiple of n_head");
  decoder.mlpWidth = config.size("n_inner", 4 * decoder.width, 4 * Config::largestSize);
  decoder.vocabulary = config.size("vocab_size", 50257);
  decoder.activation = activationNamed(config, config.string("activation_function", "gelu_new"));
  decoder.finalNorm.kind = NormKind::LayerNorm;
  decoder.finalNorm.epsilon = static_cast<float>(config.number("layer_norm_epsilon", 1e-5, 0, 1));
  if (config.boolean("add_cross_attention", false)) config.refuse("add_cross_attention is not supported");
  info.maxPositions = config.size("n_positions", 1024);
  info.learnedPositions = true;
  setSizes(info, decoder, config.size("n_layer", 12, Config::mostLayers));
}

void mapOuter(const Config& config, Decoder& decoder, TensorMap& map) {
  map.table("wpe.weight", config.integer("n_positions", 1024), decoder.width, decoder.positionTable);
  map.norm("ln_f", decoder.width, true, decoder.finalNorm);
  mapTokens(config, map, decoder, {"wte", "lm_head", true, false});
}

/// A Conv1D: `name`.weight [inputs, outputs].
void conv(TensorMap& map, const std::string& name, Linear& target, std::int64_t inputs, std::int64_t outputs) {
  map.linear(target, inputs, outputs, true);
  map.tensor(name + ".weight", {inputs, outputs}, [=, &target](const float* values) { target.packColumns(0, values, outputs, outputs); });
  map.vector(name + ".bias", outputs, target.bias);
}

void mapLayer(const Config& config, const Decoder& decoder, std::int64_t index, DecoderLayer& layer, TensorMap& map) {
  const std::string name = "h." + std::to_string(index) + ".";
  const std::int64_t d = decoder.width;
  layer.attentionNorm.kind = layer.mlpNorm.kind = NormKind::LayerNorm;
  layer.attentionNorm.epsilon = layer.mlpNorm.epsilon = decoder.finalNorm.epsilon;
  layer.attentionScale = config.boolean("scale_attn_weights", true) ? usualScale(decoder) : 1.0F;
  if (config.boolean("scale_attn_by_inverse_layer_idx", false)) layer.attentionScale /= static_cast<float>(index + 1);
  map.norm(name + "ln_1", d, true, layer.attentionNorm);
  map.norm(name + "ln_2", d, true, layer.mlpNorm);
  map.linear(layer.query, d, d, true);
  map.linear(layer.keyValue, d, 2 * d, true);
  map.tensor(name + "attn.c_attn.weight", {d, 3 * d}, [d, &layer](const float* values) {
    layer.query.packColumns(0, values, 3 * d, d);
    layer.keyValue.packColumns(0, values + d, 3 * d, 2 * d);
  });
  map.tensor(name + "attn.c_attn.bias", {3 * d}, [d, &layer](const float* values) {
    layer.query.bias.assign(values, values + d);
    layer.keyValue.bias.assign(values + d, values + 3 * d);
  });
  conv(map, name + "attn.c_proj", layer.attentionOut, d, d);
  conv(map, name + "mlp.c_fc", layer.up, d, decoder.mlpWidth);
  conv(map, name + "mlp.c_proj", layer.down, decoder.mlpWidth, d);
}

}  // namespace

const Family& gpt2Family() {
  static const Family family{"gpt2", {"GPT2LMHeadModel", "GPT2Model"}, {"transformer."}, configure, mapOuter, mapLayer};
  return family;
}

}  // namespace lacuna::model
