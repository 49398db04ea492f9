#include "lacuna/model/model.h"

#include "inspect.h"
#include "lacuna/base/error.h"
#include "lacuna/base/log.h"
#include "layer_stream.h"
#include "memory_plan.h"
#include "weights_hash.h"

namespace lacuna::model {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const text::Tokenizer> tokenizerOf(const fs::path& folder) {
  return text::hasTokenizer(folder) ? text::Tokenizer::load(folder) : nullptr;
}

NonFiniteWeights loadLayer(const Described& model, const FolderWeights& weights, std::size_t index, DecoderLayer& layer, int threads) {
  TensorMap map(TensorMap::Purpose::Load, model.decoder->precision);
  model.family->mapLayer(model.config, *model.decoder, static_cast<std::int64_t>(index), layer, map);
  return weights.load(map, threads);
}

/// Each layer, unless they stay in the files, then what lies outside.
NonFiniteWeights loadWeights(const Described& model, const FolderWeights& weights, const RunContext& context) {
  NonFiniteWeights nonFinite;
  Decoder& decoder = *model.decoder;
  decoder.layers.resize(static_cast<std::size_t>(model.info.layers));
  const std::size_t layers = decoder.readLayer ? 0 : decoder.layers.size();
  for (std::size_t i = 0; i <= layers; ++i) {
    context.checkpoint();
    context.report("Reading weights", i, layers + 1);
    if (i < layers) {
      nonFinite.add(loadLayer(model, weights, i, decoder.layers[i], context.threadCount()));
    } else {
      TensorMap map(decoder.readHead ? TensorMap::Purpose::LoadAllButTables : TensorMap::Purpose::Load, decoder.precision);
      model.family->mapOuter(model.config, decoder, map);
      nonFinite.add(weights.load(map, context.threadCount()));
    }
  }
  context.report("Reading weights", layers + 1, layers + 1);
  return nonFinite;
}

void leaveInFiles(Described& model, Described description, const std::shared_ptr<const FolderWeights>& weights, Residence residence, int threads) {
  Decoder& decoder = *model.decoder;
  const bool tablesToo = residence == Residence::TablesInFiles;
  const auto stream = std::make_shared<LayerStream>(std::move(description), weights, tablesToo, threads);
  decoder.readLayer = [stream](std::size_t index) { return stream->layer(index); };
  if (!tablesToo) return;
  decoder.readTokenRow = [stream](std::int64_t id, float* row) { stream->tokenRow(id, row); };
  decoder.readHead = [stream, &head = decoder.head](std::int64_t first, std::int64_t count) { return stream->headPart(head, first, count); };
}

}  // namespace

Model::~Model() = default;

std::shared_ptr<const Model> Model::load(const fs::path& folder, const RunContext& context, const LoadOptions& options) {
  try {
    const auto described = std::make_shared<Described>(describeFolder(folder, options.precision));
    const auto weights = std::make_shared<const FolderWeights>(folder, described->family->prefixes);
    const auto unexpected = weights->check(described->tensors);
    const MemoryPlan plan = planMemory(*described, options, context, folder.string());

    const auto out = std::shared_ptr<Model>(new Model);
    out->m_warnings = weights->files().warnings();
    if (!unexpected.empty())
      out->m_warnings.push_back(unusedTensors(unexpected));
    if (plan.residence != Residence::Everything) {
      leaveInFiles(*described, describeFolder(folder, options.precision), weights, plan.residence, context.threadCount());
      out->m_passBytes = plan.spare;
      if (options.residence == Residence::Everything) out->m_warnings.push_back("the layers do not fit in the memory budget: they are read from the files in every pass");
    }
    if (!isFast(options.precision)) out->m_warnings.push_back("bf16: this processor has no AMX tiles, so it is slower than fp32 here (the numbers are the same)");
    if (const auto nonFinite = loadWeights(*described, *weights, context); nonFinite.count > 0)
      out->m_warnings.push_back(nonFinite.text());
    out->m_info = described->info;
    out->m_info.dtype = inspectDtype(weights->files());
    out->m_info.hash = modelHash(folder);
    out->m_decoder = std::move(described->decoder);
    if (options.tokenizer) out->m_tokenizer = tokenizerOf(folder);
    if (out->m_tokenizer && out->m_tokenizer->vocabularySize() > out->m_info.vocabulary)
      out->m_warnings.push_back("the tokenizer has " + std::to_string(out->m_tokenizer->vocabularySize()) + " tokens, the embedding only " +
                                std::to_string(out->m_info.vocabulary) + " rows: texts with the tokens beyond cannot be run");
    for (const std::string& warning : out->m_warnings) log::warning(folder.string() + ": " + warning);
    return out;
  } catch (const fs::filesystem_error& error) {
    throw Error("LAC-1001", error.what(), "check that the folder, its files and their links can be read");
  } catch (const std::bad_alloc&) {
    throw Error("LAC-2001", folder.string() + ": memory ran out while the weights were read", "close other programs or choose a smaller model");
  }
}

std::shared_ptr<const Model> Model::fromDecoder(ModelInfo info, std::unique_ptr<Decoder> decoder) {
  LACUNA_CHECK(decoder != nullptr && static_cast<std::int64_t>(decoder->layers.size()) == info.layers);
  const auto out = std::shared_ptr<Model>(new Model);
  out->m_info = std::move(info);
  out->m_decoder = std::move(decoder);
  return out;
}

const text::Tokenizer& Model::tokenizer() const {
  if (!m_tokenizer) throw Error("LAC-1003", "The model's folder has no tokenizer", "put its tokenizer.json beside config.json");
  return *m_tokenizer;
}

}  // namespace lacuna::model
