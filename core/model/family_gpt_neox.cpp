#include "families.h"

// GPT-NeoX and Pythia (formats.md 2.3): rotary on a share of the channels, q, k and v interleaved head by head.

namespace lacuna::model {
namespace {

void configure(const Config& config, ModelInfo& info, Decoder& decoder) {
  decoder.width = config.size("hidden_size", 6144);
  decoder.heads = decoder.kvHeads = config.size("num_attention_heads", 64);
  decoder.headDim = decoder.width / decoder.heads;
  if (decoder.headDim * decoder.heads != decoder.width) config.refuse("hidden_size is not a multiple of num_attention_heads");
  decoder.mlpWidth = config.size("intermediate_size", 24576);
  decoder.vocabulary = config.size("vocab_size", 50432);
  decoder.activation = activationNamed(config, config.string("hidden_act", "gelu"));
  decoder.residual = config.boolean("use_parallel_residual", true) ? Residual::ParallelTwoNorms : Residual::Sequential;
  decoder.finalNorm.kind = NormKind::LayerNorm;
  decoder.finalNorm.epsilon = static_cast<float>(config.number("layer_norm_eps", 1e-5, 0, 1));
  info.maxPositions = config.size("max_position_embeddings", 2048, Config::mostPositions);
  decoder.rope = ropeOf(config, decoder.headDim, 0.25, info.maxPositions);
  setSizes(info, decoder, config.size("num_hidden_layers", 44, Config::mostLayers));
}

void mapOuter(const Config& config, Decoder& decoder, TensorMap& map) {
  map.norm("final_layer_norm", decoder.width, true, decoder.finalNorm);
  mapTokens(config, map, decoder, {"embed_in", "embed_out"});
}

/// Row h·3D + part·D + j of the stored matrix belongs to part (q, k, v), head h.
void placeInterleaved(const Decoder& decoder, DecoderLayer& layer, const float* values, std::int64_t rowFloats,
                      const std::function<void(Linear&, std::int64_t, const float*)>& place) {
  const std::int64_t dims = decoder.headDim, all = decoder.width;
  for (std::int64_t h = 0; h < decoder.heads; ++h)
    for (std::int64_t part = 0; part < 3; ++part)
      place(part == 0 ? layer.query : layer.keyValue, h * dims + (part == 2 ? all : 0), values + (h * 3 + part) * dims * rowFloats);
}

void mapAttention(const Config& config, const Decoder& decoder, const std::string& name, DecoderLayer& layer, TensorMap& map) {
  const std::int64_t d = decoder.width, dims = decoder.headDim;
  const bool bias = config.boolean("attention_bias", true);
  map.linear(layer.query, d, d, bias);
  map.linear(layer.keyValue, d, 2 * d, bias);
  map.tensor(name + "query_key_value.weight", {3 * d, d}, [=, &decoder, &layer](const float* values) {
    placeInterleaved(decoder, layer, values, d, [=](Linear& linear, std::int64_t output, const float* rows) { linear.packRows(output, rows, d, dims); });
  });
  if (bias)
    map.tensor(name + "query_key_value.bias", {3 * d}, [=, &decoder, &layer](const float* values) {
      placeInterleaved(decoder, layer, values, 1,
                       [=](Linear& linear, std::int64_t output, const float* rows) { std::copy_n(rows, dims, linear.bias.begin() + output); });
    });
  map.wholeLinear(name + "dense", layer.attentionOut, d, d, bias);
}

void mapLayer(const Config& config, const Decoder& decoder, std::int64_t index, DecoderLayer& layer, TensorMap& map) {
  const std::string name = "layers." + std::to_string(index) + ".";
  layer.attentionNorm.kind = layer.mlpNorm.kind = NormKind::LayerNorm;
  layer.attentionNorm.epsilon = layer.mlpNorm.epsilon = decoder.finalNorm.epsilon;
  layer.attentionScale = usualScale(decoder);
  map.norm(name + "input_layernorm", decoder.width, true, layer.attentionNorm);
  map.norm(name + "post_attention_layernorm", decoder.width, true, layer.mlpNorm);
  mapAttention(config, decoder, name + "attention.", layer, map);
  map.wholeLinear(name + "mlp.dense_h_to_4h", layer.up, decoder.width, decoder.mlpWidth, true);
  map.wholeLinear(name + "mlp.dense_4h_to_h", layer.down, decoder.mlpWidth, decoder.width, true);
}

}  // namespace

const Family& gptNeoXFamily() {
  static const Family family{"gpt_neox", {"GPTNeoXForCausalLM", "GPTNeoXModel"}, {"gpt_neox."}, configure, mapOuter, mapLayer};
  return family;
}

}  // namespace lacuna::model
