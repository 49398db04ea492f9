#include "token_states.h"

#include "lacuna/base/error.h"
#include "lacuna/model/forward.h"

namespace lacuna::embeddings {

TokenStates::TokenStates(const std::filesystem::path& folder, const RunContext& context) {
  if (model::isEncoderFolder(folder)) m_encoder = model::Encoder::load(folder, context, {.heads = false});
  else m_decoder = model::Model::load(folder, context);
  if (m_encoder && m_encoder->info().vision)
    throw Error("LAC-1002", folder.string() + " is an encoder of images, texts are to be embedded", "choose an encoder of texts");
}

std::int64_t TokenStates::width() const { return m_encoder ? m_encoder->info().width : m_decoder->info().width; }
std::int64_t TokenStates::maxTokens() const { return m_encoder ? m_encoder->info().maxPositions : m_decoder->info().maxPositions; }
std::string TokenStates::family() const { return m_encoder ? m_encoder->info().family : m_decoder->info().family; }
std::string TokenStates::hash() const { return m_encoder ? m_encoder->info().hash : m_decoder->info().hash; }
const text::Tokenizer& TokenStates::tokenizer() const { return m_encoder ? m_encoder->tokenizer() : m_decoder->tokenizer(); }

void TokenStates::forEach(std::vector<std::vector<std::int32_t>> ids, const RunContext& context, const model::UseStates& use) const {
  std::vector<std::size_t> rows;
  std::vector<std::vector<std::int32_t>> there;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i].empty()) continue;
    rows.push_back(i);
    there.push_back(std::move(ids[i]));
  }
  const model::UseStates renumbered = [&](std::size_t row, const float* states, std::int64_t tokens) { use(rows[row], states, tokens); };
  if (m_encoder) encodeAll(std::move(there), context, renumbered);
  else decodeAll(std::move(there), context, renumbered);
}

void TokenStates::encodeAll(std::vector<std::vector<std::int32_t>> ids, const RunContext& context, const model::UseStates& use) const {
  std::vector<model::EncoderText> texts;
  for (auto& row : ids) texts.push_back({std::move(row), {}});
  model::encodeEach(*m_encoder, texts, context, use);
}

void TokenStates::decodeAll(std::vector<std::vector<std::int32_t>> ids, const RunContext& context, const model::UseStates& use) const {
  constexpr std::int64_t kBatchTokens = 4096;
  model::ForwardRequest request;
  request.captures.push_back({model::Site::LastHidden, LayerIndex(m_decoder->info().layers - 1)});
  const model::Arm clean;
  for (std::size_t first = 0; first < ids.size();) {
    context.checkpoint();
    model::Forest forest;
    std::int64_t tokens = 0;
    for (std::size_t i = first; i < ids.size() && (tokens == 0 || tokens + std::ssize(ids[i]) <= kBatchTokens); ++i) {
      tokens += std::ssize(ids[i]);
      forest.push_back({std::move(ids[i]), -1, false});
    }
    const auto result = model::forward(*m_decoder, forest, std::span(&clean, 1), request, context);
    const MatrixF& states = result.captured[0][0];
    for (std::size_t i = 0, at = 0; i < forest.size(); at += forest[i++].ids.size())
      use(first + i, states.data() + static_cast<Eigen::Index>(at) * states.cols(), std::ssize(forest[i].ids));
    first += forest.size();
  }
}

}  // namespace lacuna::embeddings
