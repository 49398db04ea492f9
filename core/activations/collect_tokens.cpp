#include <algorithm>

#include "batches.h"
#include "lacuna/activations/activations.h"
#include "lacuna/base/rng.h"

namespace lacuna::activations {
namespace {

/// Positions 1 … length − 1, at most `wanted` of them, ascending.
std::vector<std::int64_t> drawnPositions(DocumentId document, std::size_t length, int wanted, std::uint64_t seed) {
  const auto readable = static_cast<std::int64_t>(length) - 1;
  std::vector<std::int64_t> positions = Rng(seed, "token-states", static_cast<std::uint64_t>(document.value)).sample(readable, std::min<std::int64_t>(wanted, readable));
  for (std::int64_t& position : positions) ++position;
  std::sort(positions.begin(), positions.end());
  return positions;
}

/// Which tokens are kept, in the order of the documents.
TokenStates chosenTokens(const corpus::Corpus& corpus, const Texts& texts, int perDocument, std::uint64_t seed) {
  TokenStates out;
  for (std::size_t i = 0; i < texts.ids.size(); ++i) {
    if (texts.ids[i].size() < 2) continue;
    for (const std::int64_t position : drawnPositions(corpus.documents[i].id, texts.ids[i].size(), perDocument, seed)) {
      out.documents.push_back(static_cast<std::int32_t>(i));
      out.positions.push_back(static_cast<std::int32_t>(position));
    }
  }
  return out;
}

/// Copies the batch's chosen rows; `next` is the first token not copied yet.
std::size_t take(TokenStates& out, const Batch& batch, const std::vector<MatrixF>& states, std::size_t next) {
  Eigen::Index first = 0;
  for (std::size_t k = 0; k < batch.documents.size(); ++k) {
    for (; next < out.documents.size() && out.documents[next] == static_cast<std::int32_t>(batch.documents[k]); ++next)
      for (std::size_t s = 0; s < states.size(); ++s)
        out.states[s].row(static_cast<Eigen::Index>(next)) = states[s].row(first + out.positions[next]);
    first += static_cast<Eigen::Index>(batch.forest[k].ids.size());
  }
  return next;
}

}  // namespace

TokenStates collectTokens(const corpus::Corpus& corpus, const model::Model& model, const ActivationConfig& config, int perDocument,
                          const RunContext& context) {
  const Texts texts = tokenise(corpus, model, config.maxTokens, context);
  TokenStates out = chosenTokens(corpus, texts, perDocument, context.seed);
  for (const model::Capture& site : config.sites) out.states.emplace_back(static_cast<Eigen::Index>(out.documents.size()), model.info().siteWidth(site.site));
  const model::Arm clean;
  std::size_t next = 0;
  for (const Batch& batch : batchesOf(texts, tokenBudget(model.info(), config.sites))) {
    context.checkpoint();
    const auto result = model::forward(model, batch.forest, std::span(&clean, 1), {{}, {}, config.sites, false}, context);
    next = take(out, batch, result.captured.at(0), next);
  }
  return out;
}

}  // namespace lacuna::activations
