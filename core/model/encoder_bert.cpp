#include "encoder_families.h"

// BERT (formats.md 2.7): post-norm, learned positions from 0, token types; a pooler, a masked-LM head with the hidden activation, a
// classifier and a next-sentence head on the pooled first token.

namespace lacuna::model {
namespace {

void configure(const Config& config, EncoderInfo& info, EncoderNetwork& network) {
  setEncoderSizes(config, {"hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act"}, info, network);
  network.vocabulary = info.vocabulary = config.size("vocab_size", 30522);
  network.tokenTypes = info.tokenTypes = config.size("type_vocab_size", 2);
  network.positions = info.maxPositions = config.size("max_position_embeddings", 512);
  network.epsilon = static_cast<float>(config.number("layer_norm_eps", 1e-12, 0, 1));
  const std::string positions = config.string("position_embedding_type", "absolute");
  if (positions != "absolute") config.refuse("position_embedding_type \"" + positions + "\" is not supported", "\"absolute\" is");
  if (config.integer("embedding_size", network.width) != network.width) config.refuse("an embedding_size other than hidden_size is not supported");
}

void mapLayer(const Config&, const EncoderNetwork& network, std::int64_t index, EncoderLayer& layer, TensorMap& map) {
  const std::string name = "encoder.layer." + std::to_string(index) + ".", self = name + "attention.self.";
  mapQueryKeyValue(self + "query", self + "key", self + "value", true, network, layer, map);
  map.wholeLinear(name + "attention.output.dense", layer.attentionOut, network.width, network.width, true);
  mapNorm(name + "attention.output.LayerNorm", network, layer.attentionNorm, map);
  map.wholeLinear(name + "intermediate.dense", layer.up, network.width, network.mlpWidth, true);
  map.wholeLinear(name + "output.dense", layer.down, network.mlpWidth, network.width, true);
  mapNorm(name + "output.LayerNorm", network, layer.mlpNorm, map);
}

void mapHead(const Config& config, EncoderHead head, EncoderNetwork& network, TensorMap& map) {
  const std::int64_t d = network.width;
  switch (head) {
    case EncoderHead::Pooler: return map.wholeLinear("pooler.dense", network.pooler, d, d, true);
    case EncoderHead::MaskedLm:
      return mapMaskedLm(
          config,
          {"cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions.decoder", "cls.predictions.bias"},
          network.activation, network, map);
    case EncoderHead::Classifier:
      network.classifier.input = ClassHead::Input::Pooled;
      return map.wholeLinear("classifier", network.classifier.out, d, network.labels, true);
    case EncoderHead::NextSentence: return map.wholeLinear("cls.seq_relationship", network.nextSentence, d, 2, true);
  }
}

}  // namespace

const EncoderFamily& bertFamily() {
  using enum EncoderHead;
  static const EncoderFamily family{{"bert"}, {"Bert"}, {"bert."}, {Pooler, MaskedLm, Classifier, NextSentence},
                                    configure, mapTextEmbeddings, mapLayer, mapHead};
  return family;
}

}  // namespace lacuna::model
