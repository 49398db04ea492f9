#include "encoder_families.h"

// BLEURT and RemBERT (formats.md 2.12): BERT behind tables that may be narrower than the layers, with a projection after their norm.

namespace lacuna::model {
namespace {

constexpr const char* bleurtProjection = "encoder.embedding_projection";
constexpr const char* remBertProjection = "encoder.embedding_hidden_mapping_in";

void configureNarrow(const Config& config, const char* key, std::int64_t otherwise, EncoderInfo& info, EncoderNetwork& network) {
  nlohmann::json rest = config.json();
  rest.erase("embedding_size");
  bertFamily().configure({std::move(rest), config.where()}, info, network);
  const std::int64_t narrow = config.size(key, otherwise > 0 ? otherwise : network.width);
  network.embeddingWidth = narrow == network.width ? 0 : narrow;
}

void configureBleurt(const Config& config, EncoderInfo& info, EncoderNetwork& network) {
  configureNarrow(config, "embedding_size", 0, info, network);
  if (config.json().contains("num_labels") || config.json().contains("id2label")) return;
  info.labels.resize(1);
  network.labels = 1;
}

void configureRemBert(const Config& config, EncoderInfo& info, EncoderNetwork& network) {
  configureNarrow(config, "input_embedding_size", 256, info, network);
  network.vocabulary = info.vocabulary = config.size("vocab_size", 250300);
}

void mapOuter(const char* projection, bool always, const EncoderInfo& info, EncoderNetwork& network, TensorMap& map) {
  mapTextEmbeddings(info, network, map);
  if (always || network.embeddingWidth > 0) map.wholeLinear(projection, network.embeddingProjection, network.tableWidth(), network.width, true);
}
void mapBleurtOuter(const EncoderInfo& info, EncoderNetwork& network, TensorMap& map) { mapOuter(bleurtProjection, false, info, network, map); }
void mapRemBertOuter(const EncoderInfo& info, EncoderNetwork& network, TensorMap& map) { mapOuter(remBertProjection, true, info, network, map); }

}  // namespace

const EncoderFamily& bleurtFamily() {
  using enum EncoderHead;
  static const EncoderFamily family{{"bleurt"}, {"Bleurt"}, {"bleurt."}, {Pooler, Classifier},
                                    configureBleurt, mapBleurtOuter, bertFamily().mapLayer, bertFamily().mapHead};
  return family;
}

const EncoderFamily& remBertFamily() {
  using enum EncoderHead;
  static const EncoderFamily family{{"rembert"}, {"RemBert"}, {"rembert."}, {Pooler, Classifier},
                                    configureRemBert, mapRemBertOuter, bertFamily().mapLayer, bertFamily().mapHead};
  return family;
}

}  // namespace lacuna::model
