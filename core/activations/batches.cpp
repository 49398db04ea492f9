#include "batches.h"

#include <algorithm>

namespace lacuna::activations {

Texts tokenise(const corpus::Corpus& corpus, const model::Model& model, int maxTokens, const RunContext& context) {
  constexpr std::size_t kAtOnce = 1024;   // between two looks at the stop button
  const model::ModelInfo& info = model.info();
  const auto limit = static_cast<std::size_t>(info.learnedPositions ? std::min<std::int64_t>(maxTokens, info.maxPositions) : maxTokens);
  Texts out;
  out.ids.reserve(corpus.documents.size());
  for (std::size_t first = 0; first < corpus.documents.size(); first += kAtOnce) {
    context.checkpoint();
    std::vector<std::string> texts;
    for (std::size_t i = first; i < std::min(first + kAtOnce, corpus.documents.size()); ++i) texts.push_back(corpus.documents[i].text);
    for (std::vector<std::int32_t>& ids : model.tokenizer().encodeBatch(texts, {.addSpecial = true, .specialAsText = true}, context.threadCount())) {
      out.truncated += ids.size() > limit ? 1 : 0;
      ids.resize(std::min(ids.size(), limit));
      out.ids.push_back(std::move(ids));
    }
  }
  return out;
}

std::vector<Batch> batchesOf(const Texts& texts, std::size_t budget) {
  std::vector<Batch> batches;
  std::size_t tokens = budget;
  for (std::size_t i = 0; i < texts.ids.size(); ++i) {
    if (texts.ids[i].size() < 2) continue;
    if (tokens + texts.ids[i].size() > budget) {
      batches.emplace_back();
      tokens = 0;
    }
    batches.back().forest.push_back({texts.ids[i], -1, false});
    batches.back().documents.push_back(i);
    tokens += texts.ids[i].size();
  }
  return batches;
}

std::size_t tokenBudget(const model::ModelInfo& info, const std::vector<model::Capture>& sites, std::size_t arms) {
  constexpr std::int64_t kStateBytes = std::int64_t{256} << 20, kMostTokens = 4096, kFewestTokens = 64;
  std::int64_t bytes = 0;
  for (const model::Capture& site : sites) bytes += info.siteWidth(site.site) * static_cast<std::int64_t>(sizeof(float));
  bytes *= static_cast<std::int64_t>(arms);
  return static_cast<std::size_t>(std::clamp(kStateBytes / std::max<std::int64_t>(1, bytes), kFewestTokens, kMostTokens));
}

}  // namespace lacuna::activations
