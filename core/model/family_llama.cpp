#include "families.h"
#include "family_llama.h"

// LLaMA, Mistral and Qwen2 (formats.md 2.4): RMS norms, gated MLP, grouped keys, rotary positions.

namespace lacuna::model {

void configureLlama(const Config& config, ModelInfo& info, Decoder& decoder, const LlamaDefaults& standard) {
  decoder.width = config.size("hidden_size", 4096);
  decoder.heads = config.size("num_attention_heads", 32);
  const bool ownKeys = standard.kvHeads == 0 || config.isNull("num_key_value_heads");  // as many as heads: where the class says so, and where null is written
  decoder.kvHeads = config.size("num_key_value_heads", ownKeys ? decoder.heads : standard.kvHeads);
  decoder.headDim = config.size("head_dim", std::max<std::int64_t>(1, decoder.width / decoder.heads));
  if (!config.has("head_dim") && decoder.headDim * decoder.heads != decoder.width)
    config.refuse("hidden_size " + std::to_string(decoder.width) + " is not a multiple of num_attention_heads " + std::to_string(decoder.heads) + ", and there is no head_dim");
  decoder.mlpWidth = config.size("intermediate_size", standard.mlpWidth);
  decoder.vocabulary = config.size("vocab_size", standard.vocabulary);
  decoder.activation = activationNamed(config, config.string("hidden_act", "silu"));
  decoder.finalNorm.kind = NormKind::RmsNorm;
  decoder.finalNorm.epsilon = static_cast<float>(config.number("rms_norm_eps", 1e-6, 0, 1));
  info.maxPositions = config.size("max_position_embeddings", standard.maxPositions, Config::mostPositions);
  decoder.rope = ropeOf(config, decoder.headDim, 1.0, info.maxPositions);
  setSizes(info, decoder, config.size("num_hidden_layers", 32, Config::mostLayers));
}

void mapLlamaOuter(const Config& config, Decoder& decoder, TensorMap& map) {
  map.norm("norm", decoder.width, false, decoder.finalNorm);
  mapTokens(config, map, decoder, {"embed_tokens", "lm_head"});
}

void mapLlamaLayer(const Decoder& decoder, std::int64_t index, DecoderLayer& layer, TensorMap& map, const LlamaBiases& bias) {
  const std::string name = "layers." + std::to_string(index) + ".";
  const std::int64_t d = decoder.width, q = decoder.heads * decoder.headDim, kv = decoder.kvHeads * decoder.headDim;
  layer.attentionNorm.kind = layer.mlpNorm.kind = NormKind::RmsNorm;
  layer.attentionNorm.epsilon = layer.mlpNorm.epsilon = decoder.finalNorm.epsilon;
  layer.attentionScale = usualScale(decoder);
  map.norm(name + "input_layernorm", d, false, layer.attentionNorm);
  map.norm(name + "post_attention_layernorm", d, false, layer.mlpNorm);
  map.wholeLinear(name + "self_attn.q_proj", layer.query, d, q, bias.qkv);
  map.linear(layer.keyValue, d, 2 * kv, bias.qkv);
  map.rows(name + "self_attn.k_proj", layer.keyValue, d, 0, kv, bias.qkv);
  map.rows(name + "self_attn.v_proj", layer.keyValue, d, kv, kv, bias.qkv);
  map.wholeLinear(name + "self_attn.o_proj", layer.attentionOut, q, d, bias.out);
  map.wholeLinear(name + "mlp.gate_proj", layer.gate, d, decoder.mlpWidth, bias.mlp);
  map.wholeLinear(name + "mlp.up_proj", layer.up, d, decoder.mlpWidth, bias.mlp);
  map.wholeLinear(name + "mlp.down_proj", layer.down, decoder.mlpWidth, d, bias.mlp);
}

namespace {

void configure(const Config& config, ModelInfo& info, Decoder& decoder) {
  configureLlama(config, info, decoder, {0, 11008, 32000, 2048});
}

void mapLayer(const Config& config, const Decoder& decoder, std::int64_t index, DecoderLayer& layer, TensorMap& map) {
  const bool attention = config.boolean("attention_bias", false);
  mapLlamaLayer(decoder, index, layer, map, {attention, attention, config.boolean("mlp_bias", false)});
}

}  // namespace

const Family& llamaFamily() {
  static const Family family{"llama", {"LlamaForCausalLM", "LlamaModel"}, {"model."}, configure, mapLlamaOuter, mapLayer};
  return family;
}

}  // namespace lacuna::model
