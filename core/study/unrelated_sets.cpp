#include "unrelated_sets.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "item_scores.h"
#include "lacuna/base/rng.h"
#include "lacuna/tasks/choice_forests.h"
#include "membership.h"

namespace lacuna::study {
namespace {

constexpr std::size_t kMostTexts = 400;

/// The first 400 of n things in the order of their Philox keys: clusters share nearly all of each other's unrelated texts.
template <class IdOf>
std::vector<std::size_t> drawnOrder(std::size_t n, std::uint64_t seed, const std::string& stream, IdOf&& idOf) {
  std::vector<std::pair<double, std::size_t>> keyed;
  for (std::size_t i = 0; i < n; ++i) keyed.emplace_back(Rng(seed, stream, static_cast<std::uint64_t>(idOf(i))).uniform(), i);
  std::sort(keyed.begin(), keyed.end());
  keyed.resize(std::min(keyed.size(), kMostTexts));
  std::vector<std::size_t> order;
  for (const auto& [key, i] : keyed) order.push_back(i);
  return order;
}

std::vector<DocumentRow> drawnDocuments(const store::Store& store, ClusterId cluster, std::uint64_t seed) {
  const std::vector<DocumentRow> documents = store.documents();
  const std::vector<std::uint8_t> members = membersOf(cluster, documents, store.clusterRecord().memberships);
  std::set<std::int32_t> own;
  for (std::size_t i = 0; i < documents.size(); ++i)
    if (members[i]) own.insert(documents[i].family);
  std::vector<const DocumentRow*> others;
  for (const DocumentRow& document : documents)
    if (document.role == "tune" && document.cluster >= 0 && !own.contains(document.family)) others.push_back(&document);
  std::vector<DocumentRow> out;
  for (const std::size_t i : drawnOrder(others.size(), seed, "tune-documents", [&](std::size_t k) { return others[k]->id.value; })) out.push_back(*others[i]);
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

UnrelatedText documentText(std::vector<std::int32_t> ids, std::int32_t family, bool asAnswer) {
  UnrelatedText text;
  for (int t = 1; t < static_cast<int>(ids.size()); ++t) text.scored.push_back({0, t});
  text.forest.push_back({std::move(ids), -1, asAnswer});
  text.group = family;
  return text;
}

std::size_t tokensOf(const UnrelatedText& text) {
  std::size_t tokens = 0;
  for (const model::Segment& segment : text.forest) tokens += segment.ids.size();
  return tokens;
}

void append(const UnrelatedText& text, model::Forest& forest, std::vector<model::ScoredToken>& scored) {
  const auto shift = static_cast<int>(forest.size());
  for (model::Segment segment : text.forest) {
    if (segment.parent >= 0) segment.parent += shift;
    forest.push_back(std::move(segment));
  }
  for (const model::ScoredToken& token : text.scored) scored.push_back({token.segment + shift, token.offset});
}

/// Means of the scored tokens of consecutive texts.
void addMeans(std::span<const UnrelatedText> texts, const std::vector<float>& logProbs, std::vector<double>& means) {
  std::size_t next = 0;
  for (const UnrelatedText& text : texts) {
    double sum = 0;
    for (std::size_t t = 0; t < text.scored.size(); ++t) sum += static_cast<double>(logProbs[next++]);
    means.push_back(sum / static_cast<double>(text.scored.size()));
  }
}

std::vector<std::int32_t> groupsOf(const std::vector<store::TaskItems>& all, const std::string& task) {
  for (const store::TaskItems& items : all)
    if (items.task == task) return items.groups;
  return {};
}

}  // namespace

UnrelatedSet::UnrelatedSet(const model::Model& model, std::string name, std::vector<UnrelatedText> drawn) : m_model(model), m_name(std::move(name)) {
  std::map<std::int32_t, std::size_t> order;
  for (UnrelatedText& text : drawn) {
    const std::size_t group = order.emplace(text.group, order.size()).first->second;
    Part& half = m_halves[group % 2];
    half.groups.push_back(static_cast<std::int32_t>(group / 2));
    half.groupCount = std::max<std::int64_t>(half.groupCount, half.groups.back() + 1);
    half.texts.push_back(std::move(text));
  }
}

std::vector<effects::LossIncrease> UnrelatedSet::increases(effects::Half half, std::span<const model::Arm> arms, const RunContext& context) {
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

std::vector<std::vector<double>> UnrelatedSet::meanLogProbs(const Part& part, std::span<const model::Arm> arms, const RunContext& context) const {
  constexpr std::size_t kBatchTokens = 2048;   // bounds memory, never changes a bit
  std::vector<std::vector<double>> means(arms.size());
  std::vector<model::ForwardBatch> batches;
  std::vector<std::size_t> borders{0};
  while (borders.back() < part.texts.size()) {
    model::ForwardBatch& batch = batches.emplace_back(model::ForwardBatch{{}, arms, {}});
    std::size_t next = borders.back();
    for (std::size_t tokens = 0; next < part.texts.size() && (next == borders.back() || tokens + tokensOf(part.texts[next]) <= kBatchTokens); ++next) {
      tokens += tokensOf(part.texts[next]);
      append(part.texts[next], batch.forest, batch.request.scored);
    }
    borders.push_back(next);
  }
  model::forwardEach(m_model, batches, context, [&](std::size_t b, model::ForwardResult&& result, const Error* notFinite) {
    if (notFinite) throw *notFinite;
    for (std::size_t a = 0; a < arms.size(); ++a)
      addMeans(std::span(part.texts).subspan(borders[b], borders[b + 1] - borders[b]), result.logProbs[a], means[a]);
    context.checkpoint();
    context.report("Loss on " + m_name, borders[b + 1], part.texts.size());
  });
  return means;
}

UnrelatedSet unrelatedDocuments(Workspace& w, ClusterId cluster, bool asAnswer, const RunContext& context) {
  const std::vector<DocumentRow> documents = drawnDocuments(w.store(), cluster, w.spec().seed);
  auto ids = encoded(documents, w.model(), w.spec().probeMaxTokens, context);
  std::vector<UnrelatedText> texts;
  for (std::size_t i = 0; i < documents.size(); ++i)
    if (ids[i].size() >= 2) texts.push_back(documentText(std::move(ids[i]), documents[i].family, asAnswer));
  return {w.model(), "held-out documents of other clusters", std::move(texts)};
}

UnrelatedSet unrelatedItems(Workspace& w, const tasks::Task& task, const RunContext& context) {
  const std::vector<store::TaskItems> all = w.store().taskItems();
  const std::vector<std::int64_t> tuning = tuningItems(task, all);
  const std::vector<std::int32_t> groups = groupsOf(all, task.name);
  std::vector<std::int64_t> places;
  for (const std::size_t i : drawnOrder(tuning.size(), w.spec().seed, "tune-items/" + task.name, [&](std::size_t k) { return tuning[k]; }))
    places.push_back(tuning[i]);
  std::vector<UnrelatedText> texts;
  for (tasks::ChoiceForest& item : tasks::choiceForests(w.model(), task, places, context))
    if (item.status == "ok")
      texts.push_back({std::move(item.forest), std::move(item.choices[static_cast<std::size_t>(item.gold)]), groups.at(static_cast<std::size_t>(item.place))});
  return {w.model(), "task " + task.name, std::move(texts)};
}

std::vector<std::size_t> unlikeTasks(Workspace& w, ClusterId cluster) {
  std::vector<std::pair<double, std::size_t>> alike;
  for (const store::RelationRow& row : w.store().relations())
    for (std::size_t t = 0; t < w.tasks().size(); ++t)
      if (row.cluster == cluster && row.task == w.tasks()[t].name && std::isfinite(row.similarity)) alike.emplace_back(row.similarity, t);
  std::sort(alike.begin(), alike.end());
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < alike.size() / 3; ++i) places.push_back(alike[i].second);
  return places;
}

}  // namespace lacuna::study
