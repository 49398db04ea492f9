#include "lacuna/model/model.h"

#include "inspect.h"
#include "lacuna/base/error.h"
#include "lacuna/base/log.h"
#include "memory.h"
#include "weights_hash.h"

namespace lacuna::model {
namespace {

namespace fs = std::filesystem;

/// All weights in float32, the largest tensor once more while it is packed, and room for the states of a run.
void checkMemory(const Described& model, const fs::path& folder) {
  const std::uint64_t available = availableMemory();
  const auto needed = static_cast<std::uint64_t>(model.info.bytesFp32() + model.tensors.largest() * 4) + (std::uint64_t{256} << 20);
  if (available > 0 && needed > available)
    throw Error("LAC-2001", folder.string() + " needs about " + sizeText(needed) + " of memory (" + std::to_string(model.info.parameters) +
                                " parameters in float32); " + sizeText(available) + " are free",
                "close other programs or choose a smaller model");
}

std::shared_ptr<const text::Tokenizer> tokenizerOf(const fs::path& folder) {
  for (const char* const file : {"tokenizer.json", "vocab.json", "vocab.txt", "tokenizer.model"})
    if (fs::exists(folder / file)) return text::Tokenizer::load(folder);
  return nullptr;
}

/// Groups of tensors in the order they are read: each layer, then what lies outside.
void loadWeights(const Described& model, const TensorNames& names, Decoder& decoder, const RunContext& context) {
  const std::uint64_t layers = decoder.layers.size();
  const auto group = [&](const auto& fill, std::uint64_t done) {
    context.checkpoint();
    context.report("Reading weights", done, layers + 1);
    TensorMap map(TensorMap::Purpose::Load, context.threadCount());
    fill(map);
    names.load(map, context.threadCount());
  };
  for (std::uint64_t i = 0; i < layers; ++i)
    group([&](TensorMap& map) { model.family->mapLayer(model.config, decoder, static_cast<std::int64_t>(i), decoder.layers[i], map); }, i);
  group([&](TensorMap& map) { model.family->mapOuter(model.config, decoder, map); }, layers);
  context.report("Reading weights", layers + 1, layers + 1);
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < 10; ++i) out += (i ? ", " : "") + names[i];
  if (names.size() > 10) out += " and " + std::to_string(names.size() - 10) + " more";
  return out;
}

}  // namespace

Model::~Model() = default;

std::shared_ptr<const Model> Model::load(const fs::path& folder, const RunContext& context) {
  try {
    Described described = describeFolder(folder);
    const files::WeightFiles weights(folder);
    const TensorNames names(weights, described.family->prefixes);
    const auto unexpected = names.check(described.tensors);
    checkMemory(described, folder);

    const auto out = std::shared_ptr<Model>(new Model);
    out->m_warnings = weights.warnings();
    if (!unexpected.empty())
      out->m_warnings.push_back(std::to_string(unexpected.size()) + " tensors of the files are not used: " + listed(unexpected));
    described.decoder->layers.resize(static_cast<std::size_t>(described.info.layers));
    loadWeights(described, names, *described.decoder, context);
    out->m_info = described.info;
    out->m_info.dtype = inspectDtype(weights);
    out->m_info.hash = modelHash(folder);
    out->m_decoder = std::move(described.decoder);
    out->m_tokenizer = tokenizerOf(folder);
    for (const std::string& warning : out->m_warnings) log::warning(folder.string() + ": " + warning);
    return out;
  } catch (const fs::filesystem_error& error) {
    throw Error("LAC-1001", error.what());
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
