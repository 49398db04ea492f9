#include "unrelated_documents.h"

#include <algorithm>
#include <map>
#include <set>

#include "lacuna/base/rng.h"

namespace lacuna::study {
namespace {

constexpr std::size_t kMostDocuments = 400;

/// In the order of their Philox keys: clusters share nearly all of each other's unrelated documents.
std::vector<DocumentRow> drawn(const std::vector<DocumentRow>& documents, ClusterId cluster, std::uint64_t seed) {
  std::set<std::int32_t> own;
  for (const DocumentRow& document : documents)
    if (document.cluster == cluster.value) own.insert(document.family);
  std::vector<std::pair<double, const DocumentRow*>> keyed;
  for (const DocumentRow& document : documents)
    if (document.role == "tune" && document.cluster >= 0 && !own.contains(document.family))
      keyed.emplace_back(Rng(seed, "tune-documents", static_cast<std::uint64_t>(document.id.value)).uniform(), &document);
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  keyed.resize(std::min(keyed.size(), kMostDocuments));
  std::vector<DocumentRow> out;
  for (const auto& [key, document] : keyed) out.push_back(*document);
  return out;
}

/// Encoded as for the probes: what is edited are the same states.
std::vector<std::vector<std::int32_t>> encoded(const std::vector<DocumentRow>& documents, const model::Model& model, int maxTokens,
                                               const RunContext& context) {
  std::vector<std::string> texts;
  for (const DocumentRow& document : documents) texts.push_back(document.text);
  auto ids = model.tokenizer().encodeBatch(texts, {.addSpecial = true, .specialAsText = true}, context.threadCount());
  const model::ModelInfo& info = model.info();
  const auto limit = static_cast<std::size_t>(info.learnedPositions ? std::min<std::int64_t>(maxTokens, info.maxPositions) : maxTokens);
  for (auto& text : ids) text.resize(std::min(text.size(), limit));
  return ids;
}

model::ForwardRequest scoringAllButFirst(const model::Forest& forest) {
  model::ForwardRequest request;
  for (int s = 0; s < static_cast<int>(forest.size()); ++s)
    for (int t = 1; t < static_cast<int>(forest[static_cast<std::size_t>(s)].ids.size()); ++t) request.scored.push_back({s, t});
  return request;
}

/// Mean of every text's scored tokens, which lie text by text.
void addMeans(const model::Forest& forest, const std::vector<float>& logProbs, std::vector<double>& means) {
  std::size_t next = 0;
  for (const model::Segment& text : forest) {
    double sum = 0;
    const std::size_t n = text.ids.size() - 1;
    for (std::size_t t = 0; t < n; ++t) sum += static_cast<double>(logProbs[next++]);
    means.push_back(sum / static_cast<double>(n));
  }
}

}  // namespace

UnrelatedDocuments::UnrelatedDocuments(Workspace& workspace, ClusterId cluster, bool asAnswer, const RunContext& context)
    : m_model(workspace.model()), m_asAnswer(asAnswer) {
  const std::vector<DocumentRow> documents = drawn(workspace.store().documents(), cluster, workspace.spec().seed);
  auto texts = encoded(documents, m_model, workspace.spec().probeMaxTokens, context);
  std::map<std::int32_t, std::size_t> order;   // families alternate between the halves
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (texts[i].size() < 2) continue;
    const std::size_t family = order.emplace(documents[i].family, order.size()).first->second;
    Part& half = m_halves[family % 2];
    half.texts.push_back(std::move(texts[i]));
    half.groups.push_back(static_cast<std::int32_t>(family / 2));
    half.families = std::max<std::int64_t>(half.families, half.groups.back() + 1);
  }
}

std::vector<effects::LossIncrease> UnrelatedDocuments::increases(effects::Half half, std::span<const model::Arm> arms, const RunContext& context) {
  Part& part = m_halves[static_cast<std::size_t>(half)];
  std::vector<model::Arm> all(arms.begin(), arms.end());
  if (part.clean.empty()) all.emplace_back();
  auto means = meanLogProbs(part, all, context);
  if (part.clean.empty()) part.clean = means.back();
  std::vector<effects::LossIncrease> out;
  for (std::size_t a = 0; a < arms.size(); ++a) {
    for (std::size_t i = 0; i < means[a].size(); ++i) means[a][i] = part.clean[i] - means[a][i];
    out.push_back({std::move(means[a]), part.groups});
  }
  return out;
}

std::vector<std::vector<double>> UnrelatedDocuments::meanLogProbs(const Part& part, std::span<const model::Arm> arms, const RunContext& context) const {
  constexpr std::size_t kBatchTokens = 2048;   // bounds memory, never changes a bit
  std::vector<std::vector<double>> means(arms.size());
  for (std::size_t next = 0; next < part.texts.size();) {
    context.checkpoint();
    context.report("Loss of unrelated documents", next, part.texts.size());
    model::Forest forest;
    for (std::size_t tokens = 0; next < part.texts.size() && (forest.empty() || tokens + part.texts[next].size() <= kBatchTokens); ++next) {
      tokens += part.texts[next].size();
      forest.push_back({part.texts[next], -1, m_asAnswer});
    }
    const auto logProbs = model::forward(m_model, forest, arms, scoringAllButFirst(forest), context).logProbs;
    for (std::size_t a = 0; a < arms.size(); ++a) addMeans(forest, logProbs[a], means[a]);
  }
  return means;
}

}  // namespace lacuna::study
