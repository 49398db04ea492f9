#include "lacuna/model/encoder.h"

#include <algorithm>
#include <cmath>

#include "encoder_families.h"
#include "inspect.h"
#include "lacuna/base/error.h"
#include "lacuna/base/log.h"
#include "memory.h"
#include "relative_bias.h"
#include "weights_hash.h"

namespace lacuna::model {
namespace {

namespace fs = std::filesystem;

/// Sides that config.json leaves open are read off the weights (formats.md 3.2).
Config withPatchSizes(Config config, const FolderWeights& weights) {
  if (encoderFamilyOf(config) != &dinov2Family()) return config;
  nlohmann::json json = config.json();
  const auto lacks = [&](const char* key) { return !json.contains(key) || json[key].is_null(); };
  const files::TensorInfo* const projection = weights.find("embeddings.patch_embeddings.projection.weight");
  const files::TensorInfo* const positions = weights.find("embeddings.position_embeddings");
  if (lacks("patch_size") && projection && projection->shape.size() == 4) json["patch_size"] = projection->shape[2];
  if (lacks("image_size") && !lacks("patch_size") && json["patch_size"].is_number_integer() && positions && positions->shape.size() == 3) {
    const auto grid = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(std::max<std::int64_t>(0, positions->shape[1] - 1)))));
    json["image_size"] = grid * json["patch_size"].get<std::int64_t>();
  }
  return {std::move(json), config.where()};
}

bool anyTensorOf(const DescribedEncoder& encoder, EncoderHead head, const FolderWeights& weights) {
  TensorMap map(TensorMap::Purpose::Describe);
  EncoderNetwork scratch = {};
  scratch.width = encoder.network->width;
  encoder.family->mapHead(encoder.config, head, scratch, map);
  return std::any_of(map.entries().begin(), map.entries().end(), [&](const TensorMap::Entry& entry) {
    return !entry.name.starts_with("embeddings.") && weights.find(entry.name) != nullptr;
  });
}

/// A head that the architecture has and the files lack is left out; so are all when none are wanted.
void chooseHeads(DescribedEncoder& encoder, const FolderWeights& weights, bool wanted, std::vector<std::string>& warnings) {
  if (encoder.unknownHead && wanted) warnings.push_back("the head of " + encoder.info.architecture + " is not read, its body is");
  std::vector<EncoderHead> there;
  for (const EncoderHead head : encoder.heads) {
    if (!wanted) continue;
    if (anyTensorOf(encoder, head, weights)) there.push_back(head);
    else if (head != EncoderHead::Pooler) warnings.push_back(encoder.info.architecture + ": the weight files hold the body, but not the head");
  }
  encoder.heads = std::move(there);
}

/// Tensors that are rightly left unread, beyond those that every family knows.
bool forOtherWork(const std::string& name) {
  for (const char* const part : {"mask_token", "pooler.", "vocab_", "pre_classifier.", "qa_outputs.", "classifier."})
    if (name.find(part) != std::string::npos) return true;
  return false;
}

void warnOfUnused(std::vector<std::string> names, std::vector<std::string>& warnings) {
  std::erase_if(names, forOtherWork);
  if (!names.empty()) warnings.push_back(unusedTensors(names));
}

/// Encoders are held whole.
void checkMemory(const EncoderInfo& info, const fs::path& folder, const RunContext& context) {
  constexpr std::uint64_t states = std::uint64_t{192} << 20;
  const std::uint64_t needed = residentMemory() + static_cast<std::uint64_t>(info.parameters) * sizeof(float) + states;
  const std::uint64_t limit = context.memoryBudget ? context.memoryBudget : availableMemory();
  if (limit > 0 && needed > limit)
    throw Error("LAC-2001", folder.string() + " needs about " + sizeText(needed) + " of memory (" + std::to_string(info.parameters) + " parameters in float32); " +
                                (context.memoryBudget ? "the memory budget is " : "free are ") + sizeText(limit),
                "give a larger memory budget, close other programs or choose a smaller encoder");
}

/// x · scale after the product is the product of scaled rows.
void foldScale(const std::vector<float>& scale, Linear& linear) {
  for (std::size_t o = 0; o < scale.size(); ++o) {
    for (std::int64_t i = 0; i < linear.inputs(); ++i)
      linear.setWeight(static_cast<std::int64_t>(o), i, linear.weight(static_cast<std::int64_t>(o), i) * scale[o]);
    if (!linear.bias.empty()) linear.bias[o] *= scale[o];
  }
}

NonFiniteWeights loadLayer(const DescribedEncoder& encoder, const FolderWeights& weights, std::int64_t index, EncoderLayer& layer, int threads) {
  TensorMap map(TensorMap::Purpose::Load);
  encoder.family->mapLayer(encoder.config, *encoder.network, index, layer, map);
  const NonFiniteWeights nonFinite = weights.load(map, threads);
  foldScale(layer.attentionScale, layer.attentionOut);
  foldScale(layer.mlpScale, layer.down);
  layer.attentionScale.clear();
  layer.mlpScale.clear();
  return nonFinite;
}

NonFiniteWeights loadWeights(const DescribedEncoder& encoder, const FolderWeights& weights, const RunContext& context) {
  NonFiniteWeights nonFinite;
  EncoderNetwork& network = *encoder.network;
  network.layers.resize(static_cast<std::size_t>(encoder.info.layers));
  for (std::size_t i = 0; i < network.layers.size(); ++i) {
    context.checkpoint();
    context.report("Reading weights", i, network.layers.size() + 1);
    nonFinite.add(loadLayer(encoder, weights, static_cast<std::int64_t>(i), network.layers[i], context.threadCount()));
  }
  TensorMap map(TensorMap::Purpose::Load);
  encoder.family->mapOuter(encoder.info, network, map);
  for (const EncoderHead head : encoder.heads) encoder.family->mapHead(encoder.config, head, network, map);
  nonFinite.add(weights.load(map, context.threadCount()));
  if (network.relativeRows > 0) network.relativeBias = relativeBiases(network.relativeTable, network.heads, network.positions);
  context.report("Reading weights", network.layers.size() + 1, network.layers.size() + 1);
  return nonFinite;
}

void nameHeads(DescribedEncoder& encoder) {
  const auto has = [&](EncoderHead head) { return std::find(encoder.heads.begin(), encoder.heads.end(), head) != encoder.heads.end(); };
  encoder.info.pooler = has(EncoderHead::Pooler) || encoder.info.vision;
  encoder.info.maskedLm = has(EncoderHead::MaskedLm);
  encoder.info.classifier = has(EncoderHead::Classifier);
  encoder.info.nextSentence = has(EncoderHead::NextSentence);
  if (!encoder.info.classifier) encoder.info.labels.clear();
  encoder.network->tableInHead = encoder.info.maskedLm && tiedHead(encoder.config);
}

}  // namespace

Encoder::~Encoder() = default;

std::shared_ptr<const Encoder> Encoder::load(const fs::path& folder, const RunContext& context, const EncoderLoadOptions& options) {
  try {
    const Config config = Config::read(folder);
    if (!encoderFamilyOf(config)) describeEncoder(config);
    const FolderWeights weights(folder, encoderFamilyOf(config)->prefixes);
    DescribedEncoder encoder = describeEncoder(withPatchSizes(config, weights));
    const auto out = std::shared_ptr<Encoder>(new Encoder);
    out->m_warnings = weights.files().warnings();
    chooseHeads(encoder, weights, options.heads, out->m_warnings);
    nameHeads(encoder);
    const TensorMap tensors = encoderTensors(encoder);
    warnOfUnused(weights.check(tensors), out->m_warnings);
    encoder.info.parameters = tensors.parameters();
    checkMemory(encoder.info, folder, context);
    if (const auto nonFinite = loadWeights(encoder, weights, context); nonFinite.count > 0) out->m_warnings.push_back(nonFinite.text());
    out->m_info = std::move(encoder.info);
    out->m_info.dtype = inspectDtype(weights.files());
    out->m_info.hash = modelHash(folder);
    out->m_network = std::move(encoder.network);
    if (!out->m_info.vision && text::hasTokenizer(folder)) out->m_tokenizer = text::Tokenizer::load(folder);
    if (out->m_tokenizer && out->m_tokenizer->vocabularySize() > out->m_info.vocabulary)
      out->m_warnings.push_back("the tokenizer has " + std::to_string(out->m_tokenizer->vocabularySize()) + " tokens, the embedding only " +
                                std::to_string(out->m_info.vocabulary) + " rows: a text with one of the others is refused");
    for (const std::string& warning : out->m_warnings) log::warning(folder.string() + ": " + warning);
    return out;
  } catch (const fs::filesystem_error& error) {
    throw Error("LAC-1001", error.what(), "check that the folder, its files and their links can be read");
  } catch (const std::bad_alloc&) {
    throw Error("LAC-2001", folder.string() + ": memory ran out while the weights were read", "close other programs or choose a smaller encoder");
  }
}

const text::Tokenizer& Encoder::tokenizer() const {
  if (!m_tokenizer) throw Error("LAC-1003", "The encoder's folder has no tokenizer", "put its tokenizer.json beside config.json");
  return *m_tokenizer;
}

EncoderCheck checkEncoder(const fs::path& folder) {
  const Config config = Config::read(folder);
  describeEncoder(config);
  const FolderWeights weights(folder, encoderFamilyOf(config)->prefixes);
  DescribedEncoder encoder = describeEncoder(withPatchSizes(config, weights));
  EncoderCheck out;
  out.warnings = weights.files().warnings();
  chooseHeads(encoder, weights, true, out.warnings);
  nameHeads(encoder);
  const TensorMap tensors = encoderTensors(encoder);
  warnOfUnused(weights.check(tensors), out.warnings);
  encoder.info.parameters = tensors.parameters();
  out.info = encoder.info;
  return out;
}

bool isEncoderFolder(const fs::path& folder) {
  return fs::exists(folder / "config.json") && encoderFamilyOf(Config::read(folder)) != nullptr;
}

EncoderInfo inspectEncoder(const fs::path& folder) {
  const Config config = Config::read(folder);
  if (!encoderFamilyOf(config) || !hasWeights(folder)) {
    DescribedEncoder described = describeEncoder(config);
    nameHeads(described);
    return described.info;
  }
  const FolderWeights weights(folder, encoderFamilyOf(config)->prefixes);
  DescribedEncoder encoder = describeEncoder(withPatchSizes(config, weights));
  std::vector<std::string> ignored;
  chooseHeads(encoder, weights, true, ignored);
  nameHeads(encoder);
  encoder.info.parameters = encoderTensors(encoder).parameters();
  encoder.info.dtype = inspectDtype(weights.files());
  encoder.info.hash = modelHash(folder);
  return encoder.info;
}

}  // namespace lacuna::model
