#include "families.h"

// OPT (formats.md 2.5): learned positions from row 2; the 350m model is post-norm with narrow embeddings.

namespace lacuna::model {
namespace {

bool preNorm(const Config& config) { return config.boolean("do_layer_norm_before", true); }
bool affine(const Config& config) { return config.boolean("layer_norm_elementwise_affine", true); }

void configure(const Config& config, ModelInfo& info, Decoder& decoder) {
  decoder.width = config.size("hidden_size", 768);
  decoder.heads = decoder.kvHeads = config.size("num_attention_heads", 12);
  decoder.headDim = decoder.width / decoder.heads;
  if (decoder.headDim * decoder.heads != decoder.width) config.refuse("hidden_size is not a multiple of num_attention_heads");
  decoder.mlpWidth = config.size("ffn_dim", 3072);
  decoder.vocabulary = config.size("vocab_size", 50272);
  decoder.embeddingWidth = config.size("word_embed_proj_dim", decoder.width);
  decoder.activation = activationNamed(config, config.string("activation_function", "relu"));
  decoder.residual = preNorm(config) ? Residual::Sequential : Residual::PostNorm;
  if (preNorm(config) && !config.boolean("_remove_final_layer_norm", false)) decoder.finalNorm.kind = NormKind::LayerNorm;
  decoder.positionOffset = 2;
  info.maxPositions = config.size("max_position_embeddings", 2048);
  info.learnedPositions = true;
  setSizes(info, decoder, config.size("num_hidden_layers", 12, Config::mostLayers));
}

void mapOuter(const Config& config, Decoder& decoder, TensorMap& map) {
  const std::int64_t d = decoder.width, e = decoder.embeddingWidth;
  map.table("embed_positions.weight", config.integer("max_position_embeddings", 2048) + decoder.positionOffset, d, decoder.positionTable);
  if (e != d) {
    map.wholeLinear("project_in", decoder.projectIn, e, d, false);
    map.wholeLinear("project_out", decoder.projectOut, d, e, false);
  }
  if (decoder.finalNorm.kind != NormKind::None && affine(config)) map.norm("final_layer_norm", d, true, decoder.finalNorm);
  mapTokens(config, map, decoder, {"embed_tokens", "lm_head", true, false});
}

void mapLayer(const Config& config, const Decoder& decoder, std::int64_t index, DecoderLayer& layer, TensorMap& map) {
  const std::string name = "layers." + std::to_string(index) + ".";
  const std::int64_t d = decoder.width;
  const bool bias = config.boolean("enable_bias", true);
  layer.attentionNorm.kind = layer.mlpNorm.kind = NormKind::LayerNorm;
  layer.attentionScale = usualScale(decoder);
  if (affine(config)) {
    map.norm(name + "self_attn_layer_norm", d, true, layer.attentionNorm);
    map.norm(name + "final_layer_norm", d, true, layer.mlpNorm);
  }
  map.wholeLinear(name + "self_attn.q_proj", layer.query, d, d, bias);
  map.linear(layer.keyValue, d, 2 * d, bias);
  map.rows(name + "self_attn.k_proj", layer.keyValue, d, 0, d, bias);
  map.rows(name + "self_attn.v_proj", layer.keyValue, d, d, d, bias);
  map.wholeLinear(name + "self_attn.out_proj", layer.attentionOut, d, d, bias);
  map.wholeLinear(name + "fc1", layer.up, d, decoder.mlpWidth, bias);
  map.wholeLinear(name + "fc2", layer.down, decoder.mlpWidth, d, bias);
}

}  // namespace

const Family& optFamily() {
  static const Family family{"opt", {"OPTForCausalLM", "OPTModel"}, {"model.decoder.", "decoder."}, configure, mapOuter, mapLayer};
  return family;
}

}  // namespace lacuna::model
