#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config.h"
#include "encoder_network.h"
#include "lacuna/model/encoder.h"
#include "tensor_map.h"

namespace lacuna::model {

enum class EncoderHead { Pooler, MaskedLm, Classifier, NextSentence };

/// How one encoder family reads its config and names its tensors. Everything else is common.
struct EncoderFamily {
  std::vector<std::string> modelTypes;
  std::vector<std::string> classes;     ///< beginnings of its architectures: "Bert" of BertModel, BertForMaskedLM, …
  std::vector<std::string> prefixes;    ///< of the base model
  std::vector<EncoderHead> heads;       ///< all it knows
  /// Sizes and options, from config.json alone.
  void (*configure)(const Config& config, EncoderInfo& info, EncoderNetwork& network);
  /// Everything before the layers, and a final norm.
  void (*mapOuter)(const EncoderInfo& info, EncoderNetwork& network, TensorMap& map);
  void (*mapLayer)(const Config& config, const EncoderNetwork& network, std::int64_t index, EncoderLayer& layer, TensorMap& map);
  void (*mapHead)(const Config& config, EncoderHead head, EncoderNetwork& network, TensorMap& map);
};

const EncoderFamily& bertFamily();
const EncoderFamily& bleurtFamily();
const EncoderFamily& remBertFamily();
const EncoderFamily& robertaFamily();
const EncoderFamily& mpnetFamily();
const EncoderFamily& distilBertFamily();
const EncoderFamily& dinov2Family();

/// By architectures[0] when known, else by model_type; nullptr for other models.
const EncoderFamily* encoderFamilyOf(const Config& config);

/// A folder as far as config.json goes.
struct DescribedEncoder {
  Config config;
  const EncoderFamily* family = nullptr;
  std::vector<EncoderHead> heads;       ///< those the architecture has
  bool unknownHead = false;             ///< the architecture has a head that is not read (token classification, …)
  EncoderInfo info;
  std::unique_ptr<EncoderNetwork> network;
};
/// Throws LAC-1002.
DescribedEncoder describeEncoder(Config config);
/// All tensors of the body and of encoder.heads; for checking and counting, not for loading.
TensorMap encoderTensors(const DescribedEncoder& encoder);

/// The parts that families fill in alike.
struct EncoderKeys { const char *width, *layers, *heads, *mlpWidth, *activation; };
void setEncoderSizes(const Config& config, const EncoderKeys& keys, EncoderInfo& info, EncoderNetwork& network);
/// Positions counted from behind the padding id, as RoBERTa and MPNet do.
void countPositionsAfter(std::int32_t padding, EncoderInfo& info, EncoderNetwork& network);
/// embeddings.{word,position,token_type}_embeddings and their norm, as wide as network.tableWidth().
void mapTextEmbeddings(const EncoderInfo& info, EncoderNetwork& network, TensorMap& map);
void mapNorm(const std::string& name, const EncoderNetwork& network, Norm& target, TensorMap& map, std::int64_t width = 0);
/// Names of query, key and value under a layer.
void mapQueryKeyValue(const std::string& query, const std::string& key, const std::string& value, bool bias, const EncoderNetwork& network,
                      EncoderLayer& layer, TensorMap& map);
/// Names of a masked-LM head; `decoder` is read where the config unties it.
struct MaskedLmNames { const char *dense, *norm, *decoder, *bias; };
void mapMaskedLm(const Config& config, const MaskedLmNames& names, Activation activation, EncoderNetwork& network, TensorMap& map);
/// tie_word_embeddings: then the token table and the masked-LM head are one.
bool tiedHead(const Config& config);

}  // namespace lacuna::model
