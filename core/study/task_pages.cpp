#include "task_pages.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "item_scores.h"
#include "lacuna/base/error.h"
#include "lacuna/statistics/bootstrap.h"
#include "lacuna/tasks/choice_forests.h"

namespace lacuna::study {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

const store::TaskItems& itemsOf(const EffectData& data, const std::string& task) {
  if (const store::TaskItems* items = data.itemsOf(task)) return *items;
  throw Error("LAC-2005", "the study holds no items of task '" + task + "'", "run the study first");
}

Ranged meanOf(const EffectData& data, const store::TaskItems& items, const std::string& metric, const StudySpec& study, TaskPage* page) {
  const store::OutcomeRow* clean = data.outcome("clean", items.task, metric);
  std::vector<double> values;
  std::vector<std::int32_t> groups;
  std::map<std::int32_t, std::int32_t> dense;
  for (const std::int64_t place : clean ? reportedItems(items) : std::vector<std::int64_t>()) {
    const auto i = static_cast<std::size_t>(place);
    if (i >= clean->values.size() || std::isnan(clean->values[i])) continue;
    values.push_back(clean->values[i]);
    groups.push_back(dense.emplace(items.groups[i], static_cast<std::int32_t>(dense.size())).first->second);
  }
  if (page) page->n = std::ssize(values), page->groups = std::ssize(dense);
  if (values.empty()) return {kNone, kNone, kNone};
  const statistics::Estimate e = statistics::bcaMean(values, groups, {study.bootstrapDraws, study.level, study.seed});
  return {e.value, e.low, e.high};
}

/// The metric that counts right answers and was scored.
std::string rightMetric(const EffectData& data, const tasks::Task& task) {
  const std::string metric = primaryAccuracy(task);
  return data.outcome("clean", task.name, metric) ? metric : "";
}

std::string textOf(const text::Tokenizer& tokenizer, std::int32_t id) {
  const std::string decoded = tokenizer.decode(std::span(&id, 1), false), token = tokenizer.token(id);
  const bool opensWord = token.starts_with("\u0120") || token.starts_with("\u2581");
  return opensWord && !decoded.starts_with(' ') ? " " + decoded : decoded;
}

/// The whole text of a scored choice: its segments and what stands before them; of a document its windows one after the other.
TokenText textOf(const text::Tokenizer& tokenizer, const model::Forest& forest, const std::vector<model::ScoredToken>& scored) {
  std::set<std::pair<int, int>> marked;
  for (const model::ScoredToken& token : scored) marked.emplace(token.segment, token.offset);
  std::vector<int> order;
  for (const model::ScoredToken& token : scored) {
    std::vector<int> chain;
    for (int s = token.segment; s >= 0 && std::find(order.begin(), order.end(), s) == order.end(); s = forest[static_cast<std::size_t>(s)].parent) chain.push_back(s);
    order.insert(order.end(), chain.rbegin(), chain.rend());
  }
  TokenText text;
  for (const int s : order) {
    const std::vector<std::int32_t>& ids = forest[static_cast<std::size_t>(s)].ids;
    for (std::size_t i = 0; i < ids.size(); ++i) text.pieces.push_back({textOf(tokenizer, ids[i]), marked.contains({s, static_cast<int>(i)})});
  }
  return text;
}

}  // namespace

TaskPage taskPage(const EffectData& data, const tasks::Task& task, const TaskSpec& spec, const StudySpec& study) {
  const store::TaskItems& items = itemsOf(data, task.name);
  TaskPage page;
  page.name = task.name;
  page.format = task.format;
  page.file = spec.file.string();
  page.description = task.sidecar.value("description", "");
  page.items = std::ssize(items.items);
  page.reported = std::ssize(reportedItems(items));
  page.shots = spec.shots;
  page.metrics = task.metrics;
  page.metric = rightMetric(data, task);
  page.chance = tasks::chanceLevel(task);
  page.margin = meanOf(data, items, "margin", study, &page);
  page.clean = meanOf(data, items, page.metric, study, nullptr);
  return page;
}

ItemView itemView(const model::Model& model, const tasks::Task& task, std::int64_t place, const RunContext& context) {
  ItemView view;
  if (place < 0 || place >= std::ssize(task.items)) throw Error("LAC-1301", "task '" + task.name + "' has no item " + std::to_string(place), "count from 0");
  view.item = task.items[static_cast<std::size_t>(place)].index;
  const tasks::ChoiceForest forest = tasks::choiceForests(model, task, std::span(&place, 1), context).front();
  view.status = forest.status;
  for (std::size_t c = 0; c < forest.choices.size(); ++c) {
    view.texts.push_back(textOf(model.tokenizer(), forest.forest, forest.choices[c]));
    view.texts.back().gold = static_cast<int>(c) >= forest.gold && static_cast<int>(c) < forest.gold + forest.golds;
  }
  return view;
}

}  // namespace lacuna::study
