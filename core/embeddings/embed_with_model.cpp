#include <algorithm>

#include "lacuna/base/error.h"
#include "lacuna/embeddings/embeddings.h"
#include "lacuna/model/forward.h"
#include "unit_rows.h"

namespace lacuna::embeddings {

namespace {

constexpr std::size_t kBatchTokens = 4096, kMaxTokens = 512;   // methods.md 16: chunk.max_tokens

/// Pools the states of documents, a batch at a time, into the rows of a matrix. A document whose states overflow keeps a zero row.
class StatePooler {
 public:
  StatePooler(const model::Model& model, LayerIndex layer, std::size_t documents, const RunContext& context)
      : m_model(model), m_context(context), m_pooled(MatrixF::Zero(static_cast<Eigen::Index>(documents), model.info().width)) {
    m_request.captures.push_back({model::Site::ResidPost, layer});
  }

  void add(std::size_t document, std::vector<std::int32_t> ids) {
    if (ids.size() < 2) return;
    if (m_tokens > 0 && m_tokens + ids.size() > kBatchTokens) flush();
    m_tokens += ids.size();
    m_forest.push_back({std::move(ids), -1, false});
    m_documents.push_back(document);
  }

  void flush() {
    if (!m_forest.empty() && !pool(m_forest, m_documents)) {
      // One document spoils the batch: alone, the others are as good as ever.
      for (std::size_t i = 0; i < m_forest.size(); ++i) pool({m_forest[i]}, {m_documents[i]});
    }
    m_forest.clear();
    m_documents.clear();
    m_tokens = 0;
  }

  /// Centred over the documents that have states: raw states of unrelated texts point the same way (methods.md 2).
  MatrixF centred() {
    const VectorF used = m_pooled.rowwise().squaredNorm();
    const auto count = static_cast<double>((used.array() > 0).count());
    const Eigen::RowVectorXf mean = (m_pooled.cast<double>().colwise().sum() / std::max(1.0, count)).cast<float>();
    for (Eigen::Index i = 0; i < m_pooled.rows(); ++i)
      if (used[i] > 0) m_pooled.row(i) -= mean;
    return std::move(m_pooled);
  }

 private:
  /// False when a state of the forest is not finite.
  bool pool(const model::Forest& forest, const std::vector<std::size_t>& documents) {
    m_context.checkpoint();
    try {
      const model::Arm clean;
      const model::ForwardResult result = model::forward(m_model, forest, std::span(&clean, 1), m_request, m_context);
      Eigen::Index row = 0;
      for (std::size_t s = 0; s < forest.size(); ++s) {
        const auto count = static_cast<Eigen::Index>(forest[s].ids.size());
        const auto states = result.captured[0][0].middleRows(row + 1, count - 1).cast<double>();
        m_pooled.row(static_cast<Eigen::Index>(documents[s])) = (states.colwise().sum() / static_cast<double>(count - 1)).cast<float>();
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
  std::vector<std::size_t> m_documents;
  std::size_t m_tokens = 0;
  MatrixF m_pooled;
};

LayerIndex layerOf(const EmbeddingConfig& config, std::int64_t layers) {
  const std::int64_t layer = config.layer < 0 ? layers / 2 : config.layer;
  if (layer >= layers)
    throw Error("LAC-1401", "embedding: layer " + std::to_string(layer) + " does not exist", "the model has layers 0 to " + std::to_string(layers - 1));
  return LayerIndex(layer);
}

}  // namespace

EmbeddingSet embedWithModel(const corpus::Corpus& corpus, const model::Model& model, const EmbeddingConfig& config, const RunContext& context) {
  const LayerIndex layer = layerOf(config, model.info().layers);
  const std::size_t limit = model.info().learnedPositions ? std::min(kMaxTokens, static_cast<std::size_t>(model.info().maxPositions)) : kMaxTokens;
  StatePooler pooler(model, layer, corpus.documents.size(), context);
  for (std::size_t i = 0; i < corpus.documents.size(); ++i) {
    if (i % 64 == 0) context.report("Embedding documents", i, corpus.documents.size());
    std::vector<std::int32_t> ids = model.tokenizer().encode(corpus.documents[i].text, {.addSpecial = true, .specialAsText = true}).ids;
    ids.resize(std::min(ids.size(), limit));
    pooler.add(i, std::move(ids));
  }
  pooler.flush();
  context.report("Embedding documents", corpus.documents.size(), corpus.documents.size());
  EmbeddingSet set = unitRows(pooler.centred(), "mean-pooled resid_post " + std::to_string(layer.value) + " of the subject model, centred");
  set.circular = true;
  return set;
}

}  // namespace lacuna::embeddings
