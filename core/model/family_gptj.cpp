#include "families.h"

// GPT-J (formats.md 2.6): one norm for both branches, interleaved rotary pairs, a head with bias.

namespace lacuna::model {
namespace {

void configure(const Config& config, ModelInfo& info, Decoder& decoder) {
  decoder.width = config.size("n_embd", 4096);
  decoder.heads = decoder.kvHeads = config.size("n_head", 16);
  decoder.headDim = decoder.width / decoder.heads;
  if (decoder.headDim * decoder.heads != decoder.width) config.refuse("n_embd is not a multiple of n_head");
  decoder.mlpWidth = config.size("n_inner", 4 * decoder.width, 4 * Config::largestSize);
  decoder.vocabulary = config.size("vocab_size", 50400);
  decoder.activation = activationNamed(config, config.string("activation_function", "gelu_new"));
  decoder.residual = Residual::ParallelOneNorm;
  decoder.finalNorm.kind = NormKind::LayerNorm;
  decoder.finalNorm.epsilon = static_cast<float>(config.number("layer_norm_epsilon", 1e-5, 0, 1));
  decoder.rope.dims = config.size("rotary_dim", 64);
  decoder.rope.interleaved = true;
  if (decoder.rope.dims > decoder.headDim || decoder.rope.dims % 2 != 0) config.refuse("rotary_dim does not fit the head");
  info.maxPositions = config.size("n_positions", 2048, Config::mostPositions);
  decoder.rope.originalPositions = static_cast<double>(info.maxPositions);
  setSizes(info, decoder, config.size("n_layer", 28, Config::mostLayers));
}

void mapOuter(const Config& config, Decoder& decoder, TensorMap& map) {
  map.norm("ln_f", decoder.width, true, decoder.finalNorm);
  mapTokens(config, map, decoder, {"wte", "lm_head", false, true});
}

void mapLayer(const Config&, const Decoder& decoder, std::int64_t index, DecoderLayer& layer, TensorMap& map) {
  const std::string name = "h." + std::to_string(index) + ".";
  const std::int64_t d = decoder.width;
  layer.attentionNorm.kind = NormKind::LayerNorm;
  layer.attentionNorm.epsilon = decoder.finalNorm.epsilon;
  layer.attentionScale = usualScale(decoder);
  map.norm(name + "ln_1", d, true, layer.attentionNorm);
  map.wholeLinear(name + "attn.q_proj", layer.query, d, d, false);
  map.linear(layer.keyValue, d, 2 * d, false);
  map.rows(name + "attn.k_proj", layer.keyValue, d, 0, d, false);
  map.rows(name + "attn.v_proj", layer.keyValue, d, d, d, false);
  map.wholeLinear(name + "attn.out_proj", layer.attentionOut, d, d, false);
  map.wholeLinear(name + "mlp.fc_in", layer.up, d, decoder.mlpWidth, true);
  map.wholeLinear(name + "mlp.fc_out", layer.down, decoder.mlpWidth, d, true);
}

}  // namespace

const Family& gptJFamily() {
  static const Family family{"gptj", {"GPTJForCausalLM", "GPTJModel"}, {"transformer."}, configure, mapOuter, mapLayer};
  return family;
}

}  // namespace lacuna::model
