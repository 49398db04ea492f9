#include "encoder_families.h"

#include <algorithm>
#include <optional>

#include "families.h"

namespace lacuna::model {
namespace {

std::vector<const EncoderFamily*> allFamilies() {
  return {&bertFamily(), &bleurtFamily(), &remBertFamily(), &robertaFamily(), &mpnetFamily(), &distilBertFamily(), &dinov2Family()};
}

constexpr const char* decoderEndings[] = {"LMHeadModel", "ForCausalLM"};

/// What follows a family's class name: "ForMaskedLM" of BertForMaskedLM; nothing when the architecture is of another family.
std::optional<std::string> endingOf(const EncoderFamily& family, const std::string& architecture) {
  for (const std::string& name : family.classes)
    if (architecture.starts_with(name + "Model") || architecture.starts_with(name + "For") || architecture == name + "LMHeadModel")
      return architecture.substr(name.size());
  return std::nullopt;
}

std::string architectureOf(const Config& config) {
  const auto architectures = config.strings("architectures");
  return architectures.empty() ? "" : architectures.front();
}

std::vector<EncoderHead> headsOf(const std::string& ending) {
  using enum EncoderHead;
  if (ending == "Model") return {Pooler};
  if (ending == "ForMaskedLM") return {Pooler, MaskedLm};
  if (ending == "ForPreTraining") return {Pooler, MaskedLm, NextSentence};
  if (ending == "ForNextSentencePrediction") return {Pooler, NextSentence};
  if (ending == "ForSequenceClassification" || ending == "ForImageClassification") return {Pooler, Classifier};
  return {};
}

void readLabels(const Config& config, EncoderInfo& info) {
  const Config names = config.object("id2label");
  const std::int64_t count = config.integer("num_labels", names.json().empty() ? 2 : static_cast<std::int64_t>(names.json().size()));
  if (count < 1 || count > 1'000'000) config.refuse("\"num_labels\" is " + std::to_string(count) + "; allowed are 1 to 1000000");
  for (std::int64_t i = 0; i < count; ++i)
    info.labels.push_back(names.string(std::to_string(i).c_str(), "LABEL_" + std::to_string(i)));
  info.problemType = config.string("problem_type", "");
}

void checkSizes(const Config& config, const EncoderInfo& info, const EncoderNetwork& network) {
  if (network.width % network.heads != 0)
    config.refuse("width " + std::to_string(network.width) + " is not a multiple of " + std::to_string(network.heads) + " heads");
  if (!network.vision() && info.maxPositions <= 0) config.refuse("no positions are left for tokens");
}

}  // namespace

const EncoderFamily* encoderFamilyOf(const Config& config) {
  const std::string architecture = architectureOf(config), type = config.string("model_type", "");
  for (const EncoderFamily* const family : allFamilies())
    if (endingOf(*family, architecture)) return family;
  for (const EncoderFamily* const family : allFamilies())
    if (std::find(family->modelTypes.begin(), family->modelTypes.end(), type) != family->modelTypes.end()) return family;
  return nullptr;
}

DescribedEncoder describeEncoder(Config config) {
  DescribedEncoder out{std::move(config), nullptr, {}, false, {}, std::make_unique<EncoderNetwork>()};
  const Config& c = out.config;
  const std::string architecture = architectureOf(c);
  out.family = encoderFamilyOf(c);
  if (!out.family)
    c.refuse("architecture \"" + architecture + "\" (model_type \"" + c.string("model_type", "") + "\") is not supported as an encoder",
             "supported: BERT, BLEURT, RemBERT, RoBERTa, XLM-R, CamemBERT, MPNet, DistilBERT, DINOv2");
  const std::string ending = architecture.empty() ? "Model" : endingOf(*out.family, architecture).value_or("");
  for (const char* const decoder : decoderEndings)
    if (ending == decoder) c.refuse("\"" + architecture + "\" is a decoder of an encoder family, which is not supported");
  if (c.boolean("is_decoder", false) || c.boolean("add_cross_attention", false)) c.refuse("is_decoder and add_cross_attention are not supported");
  refuseQuantised(c);
  if (!c.object("pruned_heads").json().empty()) c.refuse("pruned_heads are not supported");
  for (const EncoderHead head : headsOf(ending))
    if (std::find(out.family->heads.begin(), out.family->heads.end(), head) != out.family->heads.end()) out.heads.push_back(head);
  out.unknownHead = headsOf(ending).empty();
  out.info.architecture = architecture.empty() ? out.family->classes.front() + "Model" : architecture;
  const auto& types = out.family->modelTypes;
  const auto type = std::find(types.begin(), types.end(), c.string("model_type", ""));
  out.info.family = type == types.end() ? types.front() : *type;
  readLabels(c, out.info);
  out.network->labels = static_cast<std::int64_t>(out.info.labels.size());
  refuseQuantised(c);
  out.family->configure(c, out.info, *out.network);
  checkSizes(c, out.info, *out.network);
  const TensorMap tensors = encoderTensors(out);
  refuseAbsurdTotals(c, tensors);
  out.info.parameters = tensors.parameters();
  return out;
}

TensorMap encoderTensors(const DescribedEncoder& encoder) {
  TensorMap map(TensorMap::Purpose::Describe);
  encoder.family->mapOuter(encoder.info, *encoder.network, map);
  EncoderLayer layer;
  for (std::int64_t i = 0; i < encoder.info.layers; ++i) encoder.family->mapLayer(encoder.config, *encoder.network, i, layer, map);
  for (const EncoderHead head : encoder.heads) encoder.family->mapHead(encoder.config, head, *encoder.network, map);
  return map;
}

void setEncoderSizes(const Config& config, const EncoderKeys& keys, EncoderInfo& info, EncoderNetwork& network) {
  network.width = info.width = config.size(keys.width, 768);
  network.heads = info.heads = config.size(keys.heads, 12);
  network.mlpWidth = info.mlpWidth = keys.mlpWidth ? config.size(keys.mlpWidth, 3072) : 0;
  network.headDim = network.width / network.heads;
  info.layers = config.size(keys.layers, 12, Config::mostLayers);
  network.activation = activationNamed(config, config.string(keys.activation, "gelu"));
}

void countPositionsAfter(std::int32_t padding, EncoderInfo& info, EncoderNetwork& network) {
  network.padding = padding;
  network.firstPosition = padding + 1;
  info.maxPositions = network.positions - network.firstPosition;
}

void mapNorm(const std::string& name, const EncoderNetwork& network, Norm& target, TensorMap& map, std::int64_t width) {
  target.kind = NormKind::LayerNorm;
  target.epsilon = network.epsilon;
  map.norm(name, width > 0 ? width : network.width, true, target);
}

void mapTextEmbeddings(const EncoderInfo& info, EncoderNetwork& network, TensorMap& map) {
  const std::int64_t d = network.tableWidth();
  if (!network.tableInHead) map.table("embeddings.word_embeddings.weight", network.vocabulary, d, network.tokenTable);
  map.table("embeddings.position_embeddings.weight", network.positions, d, network.positionTable);
  if (info.tokenTypes > 0) map.table("embeddings.token_type_embeddings.weight", info.tokenTypes, d, network.typeTable);
  mapNorm("embeddings.LayerNorm", network, network.embeddingNorm, map, d);
}

void mapQueryKeyValue(const std::string& query, const std::string& key, const std::string& value, bool bias, const EncoderNetwork& network,
                      EncoderLayer& layer, TensorMap& map) {
  const std::int64_t d = network.width;
  map.linear(layer.queryKeyValue, d, 3 * d, bias);
  map.rows(query, layer.queryKeyValue, d, 0, d, bias);
  map.rows(key, layer.queryKeyValue, d, d, d, bias);
  map.rows(value, layer.queryKeyValue, d, 2 * d, d, bias);
}

bool tiedHead(const Config& config) { return config.boolean("tie_word_embeddings", true); }

void mapMaskedLm(const Config& config, const MaskedLmNames& names, Activation activation, EncoderNetwork& network, TensorMap& map) {
  const std::int64_t d = network.width, v = network.vocabulary;
  MaskedLmHead& head = network.maskedLm;
  head.activation = activation;
  map.wholeLinear(names.dense, head.dense, d, d, true);
  mapNorm(names.norm, network, head.norm, map);
  map.wholeLinear(tiedHead(config) ? "embeddings.word_embeddings" : names.decoder, head.decoder, d, v, false);
  map.vector(names.bias, v, head.decoder.bias);
}

}  // namespace lacuna::model
