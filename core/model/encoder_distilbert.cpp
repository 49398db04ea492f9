#include "encoder_families.h"

// DistilBERT (formats.md 2.10): BERT without token types and pooler; the norms' epsilon is fixed.

namespace lacuna::model {
namespace {

void configure(const Config& config, EncoderInfo& info, EncoderNetwork& network) {
  setEncoderSizes(config, {"dim", "n_layers", "n_heads", "hidden_dim", "activation"}, info, network);
  info.layers = config.size("n_layers", 6, Config::mostLayers);
  network.vocabulary = info.vocabulary = config.size("vocab_size", 30522);
  network.positions = info.maxPositions = config.size("max_position_embeddings", 512);
}

void mapLayer(const Config&, const EncoderNetwork& network, std::int64_t index, EncoderLayer& layer, TensorMap& map) {
  const std::string name = "transformer.layer." + std::to_string(index) + ".", attention = name + "attention.";
  mapQueryKeyValue(attention + "q_lin", attention + "k_lin", attention + "v_lin", true, network, layer, map);
  map.wholeLinear(attention + "out_lin", layer.attentionOut, network.width, network.width, true);
  mapNorm(name + "sa_layer_norm", network, layer.attentionNorm, map);
  map.wholeLinear(name + "ffn.lin1", layer.up, network.width, network.mlpWidth, true);
  map.wholeLinear(name + "ffn.lin2", layer.down, network.mlpWidth, network.width, true);
  mapNorm(name + "output_layer_norm", network, layer.mlpNorm, map);
}

void mapHead(const Config& config, EncoderHead head, EncoderNetwork& network, TensorMap& map) {
  const std::int64_t d = network.width;
  if (head == EncoderHead::MaskedLm)
    return mapMaskedLm(config, {"vocab_transform", "vocab_layer_norm", "vocab_projector", "vocab_projector.bias"}, network.activation, network, map);
  network.classifier.activation = Activation::Relu;
  map.wholeLinear("pre_classifier", network.classifier.dense, d, d, true);
  map.wholeLinear("classifier", network.classifier.out, d, network.labels, true);
}

}  // namespace

const EncoderFamily& distilBertFamily() {
  using enum EncoderHead;
  static const EncoderFamily family{{"distilbert"}, {"DistilBert"},    {"distilbert."}, {MaskedLm, Classifier},
                                    configure,      mapTextEmbeddings, mapLayer,        mapHead};
  return family;
}

}  // namespace lacuna::model
