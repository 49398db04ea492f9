#include "encoder_families.h"

// RoBERTa, XLM-R, CamemBERT (formats.md 2.8): BERT's layers; positions count from behind the padding id; heads with names of their own.

namespace lacuna::model {
namespace {

void configure(const Config& config, EncoderInfo& info, EncoderNetwork& network) {
  bertFamily().configure(config, info, network);
  const bool roberta = config.string("model_type", "roberta") == "roberta";
  network.vocabulary = info.vocabulary = config.size("vocab_size", roberta ? 50265 : 30522);
  const std::int64_t padding = config.integer("pad_token_id", 1);
  if (padding < 0 || padding >= network.positions) config.refuse("\"pad_token_id\" " + std::to_string(padding) + " lies outside the positions");
  countPositionsAfter(static_cast<std::int32_t>(padding), info, network);
}

void mapHead(const Config& config, EncoderHead head, EncoderNetwork& network, TensorMap& map) {
  const std::int64_t d = network.width;
  switch (head) {
    case EncoderHead::MaskedLm:
      return mapMaskedLm(config, {"lm_head.dense", "lm_head.layer_norm", "lm_head.decoder", "lm_head.bias"}, Activation::Gelu, network, map);
    case EncoderHead::Classifier:
      map.wholeLinear("classifier.dense", network.classifier.dense, d, d, true);
      return map.wholeLinear("classifier.out_proj", network.classifier.out, d, network.labels, true);
    default: return bertFamily().mapHead(config, head, network, map);
  }
}

}  // namespace

const EncoderFamily& robertaFamily() {
  using enum EncoderHead;
  static const EncoderFamily family{{"roberta", "xlm-roberta", "camembert"}, {"Roberta", "XLMRoberta", "Camembert"}, {"roberta."},
                                    {Pooler, MaskedLm, Classifier}, configure, mapTextEmbeddings, bertFamily().mapLayer, mapHead};
  return family;
}

}  // namespace lacuna::model
