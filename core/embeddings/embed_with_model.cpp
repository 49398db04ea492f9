#include <algorithm>
#include <limits>

#include "embed_documents.h"
#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/embeddings/embeddings.h"
#include "lacuna/embeddings/text_encoder.h"
#include "lacuna/model/forward.h"
#include "windows.h"

namespace lacuna::embeddings {

namespace {

constexpr std::int64_t kMaxTokens = 512;   // methods.md 16: chunk.max_tokens
constexpr std::size_t kBatchTokens = 4096;
constexpr text::EncodeOptions kAsCorpus{.addSpecial = true, .specialAsText = true};

/// Pools the states of windows, a batch at a time, into their texts. A window whose states overflow has no vector.
class StatePooler {
 public:
  StatePooler(const model::Model& model, LayerIndex layer, std::size_t texts, const RunContext& context)
      : m_model(model), m_context(context), m_means(texts, model.info().width) {
    m_request.captures.push_back({model::Site::ResidPost, layer});
  }

  void add(std::size_t text, std::vector<std::int32_t> ids) {
    if (ids.size() < 2) return;
    if (m_tokens > 0 && m_tokens + ids.size() > kBatchTokens) flush();
    m_tokens += ids.size();
    m_forest.push_back({std::move(ids), -1, false});
    m_texts.push_back(text);
  }

  MatrixF take() {
    flush();
    return m_means.take();
  }

 private:
  void flush() {
    if (!m_forest.empty() && !pool(m_forest, m_texts)) {
      // One text spoils the batch: alone, the others are as good as ever.
      for (std::size_t i = 0; i < m_forest.size(); ++i) pool({m_forest[i]}, {m_texts[i]});
    }
    m_forest.clear();
    m_texts.clear();
    m_tokens = 0;
  }

  /// False when a state of the forest is not finite.
  bool pool(const model::Forest& forest, const std::vector<std::size_t>& texts) {
    m_context.checkpoint();
    try {
      const model::Arm clean;
      const model::ForwardResult result = model::forward(m_model, forest, std::span(&clean, 1), m_request, m_context);
      Eigen::Index row = 0;
      for (std::size_t s = 0; s < forest.size(); ++s) {
        const auto count = static_cast<Eigen::Index>(forest[s].ids.size());
        const auto states = result.captured[0][0].middleRows(row + 1, count - 1).cast<double>();
        const Eigen::RowVectorXf mean = (states.colwise().sum() / static_cast<double>(count - 1)).cast<float>();
        m_means.add(texts[s], {mean.data(), static_cast<std::size_t>(mean.size())}, static_cast<double>(count - 1));
        row += count;
      }
      return true;
    } catch (const Error& error) {
      if (error.code() != "LAC-2002") throw;
      return false;
    }
  }

  const model::Model& m_model;
  const RunContext& m_context;
  model::ForwardRequest m_request;
  model::Forest m_forest;
  std::vector<std::size_t> m_texts;
  std::size_t m_tokens = 0;
  WindowMeans m_means;
};

/// Means of the subject model's own states.
class ModelStates final : public TextEncoder {
 public:
  ModelStates(const model::Model& model, LayerIndex layer, LongDocuments mode) : m_model(model), m_layer(layer) {
    const model::ModelInfo& info = model.info();
    m_windows.mode = mode;
    m_windows.most = info.learnedPositions ? std::min(kMaxTokens, info.maxPositions) : kMaxTokens;
    const auto mask = model.tokenizer().encode("a", kAsCorpus).specialMask;
    while (m_windows.before < std::ssize(mask) && mask[static_cast<std::size_t>(m_windows.before)]) ++m_windows.before;
    while (m_windows.after < std::ssize(mask) - m_windows.before && mask[mask.size() - 1 - static_cast<std::size_t>(m_windows.after)]) ++m_windows.after;
    m_windows.anchored = m_windows.before == 0;
    if (m_windows.room() < 2) throw Error("LAC-1401", "embedding: the model reads " + std::to_string(m_windows.most) + " tokens at once", "choose another encoder");
  }

  std::int64_t dimensions() const override { return m_model.info().width; }
  std::string hash() const override {
    return Hasher().add("states").add(m_model.info().hash).add(model::precisionName(m_model.info().precision)).add(contentHash(m_model.tokenizer().toJson()))
        .add(m_layer.value).add(m_windows.most).add(longDocumentsName(m_windows.mode)).hex();
  }
  EncodedTexts read(std::span<const std::string> texts, const RunContext& context) const override {
    WindowQueue queue = queueOf(m_windows, m_model.tokenizer().encodeBatch(texts, kAsCorpus, context.threadCount()));
    StatePooler pooler(m_model, m_layer, texts.size(), context);
    for (std::size_t i = 0; i < queue.ids.size(); ++i) pooler.add(queue.texts[i], std::move(queue.ids[i]));
    return {pooler.take(), std::move(queue.lengths)};
  }

 private:
  const model::Model& m_model;
  LayerIndex m_layer;
  WindowRecipe m_windows;
};

LayerIndex layerOf(const EmbeddingConfig& config, std::int64_t layers) {
  const std::int64_t layer = config.layer < 0 ? layers / 2 : config.layer;
  if (layer >= layers)
    throw Error("LAC-1401", "embedding: layer " + std::to_string(layer) + " does not exist", "the model has layers 0 to " + std::to_string(layers - 1));
  return LayerIndex(layer);
}

}  // namespace

EmbeddingSet embedWithModel(const corpus::Corpus& corpus, const model::Model& model, const EmbeddingConfig& given, const RunContext& context,
                            const files::CacheSettings& cache) {
  EmbeddingConfig config = given;
  config.encoder = "model";   // decides about the default of its steps
  const LayerIndex layer = layerOf(config, model.info().layers);
  const ModelStates encoder(model, layer, config.longDocuments);
  EmbeddingSet set = embedDocuments(corpus, encoder, config, "mean-pooled resid_post " + std::to_string(layer.value) + " of the subject model", context, cache);
  set.circular = true;
  return set;
}

}  // namespace lacuna::embeddings
