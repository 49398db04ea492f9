#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>

#include <nlohmann/json.hpp>

#include "item_scores.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/rng.h"
#include "lacuna/tasks/rendered_item.h"
#include "relations.h"
#include "workspace.h"

namespace lacuna::study {
namespace {

/// Items of one task with their groups as numbers and the tune / evaluate split, drawn by group (methods.md 0.3).
store::TaskItems splitItems(const tasks::Task& task, double tuneShare, std::uint64_t seed) {
  store::TaskItems out;
  out.task = task.name;
  std::map<std::string, std::int32_t> numbers;
  for (const tasks::Item& item : task.items) {
    const std::string group = item.group.empty() ? "#" + std::to_string(item.index) : item.group;
    const auto [it, isNew] = numbers.emplace(group, static_cast<std::int32_t>(numbers.size()));
    out.items.push_back(item.index);
    out.groups.push_back(it->second);
  }
  // Whole groups go to one side. With few large groups the split is by item, and the groups still drive every interval.
  const bool byGroup = numbers.size() >= 20;
  for (std::size_t i = 0; i < out.items.size(); ++i) {
    const std::int64_t unit = byGroup ? out.groups[i] : out.items[i];
    out.evaluate.push_back(Rng(seed, "task-split/" + task.name, static_cast<std::uint64_t>(unit)).uniform() >= tuneShare ? 1 : 0);
  }
  return out;
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  std::int64_t n = 0;
  for (const double v : values)
    if (std::isfinite(v)) {
      sum += v;
      ++n;
    }
  return n > 0 ? sum / static_cast<double>(n) : std::nan("");
}

std::string jsonText(const nlohmann::ordered_json& json) { return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

/// The first item as the model reads it.
std::string exampleOf(const model::Model& model, const tasks::Task& task) {
  const tasks::RenderedItem item = tasks::renderItem(model, task, 0);
  return jsonText({{"item", task.items.front().index}, {"text", item.text}, {"tokens", item.tokens}, {"scored", item.scored}});
}

TaskRow describe(Workspace& w, std::size_t place) {
  const tasks::Task& task = w.tasks()[place];
  TaskRow row{task.name, task.format, static_cast<std::int64_t>(task.items.size()), std::nan(""), tasks::chanceLevel(task), std::nan("")};
  row.file = task.file.string();
  if (std::filesystem::is_regular_file(task.file)) row.fileHash = contentHash(task.file);
  row.shots = task.shots;
  row.metric = primaryAccuracy(task);
  row.judge = w.judges(place).words();
  row.judgeHash = w.judges(place).hash();
  row.example = exampleOf(w.model(), task);
  return row;
}

void addTexts(const tasks::Task& task, store::TaskItems& items) {
  nlohmann::ordered_json questions = nlohmann::json::array(), golds = nlohmann::json::array();
  for (const tasks::Item& item : task.items) {
    questions.push_back(item.question);
    golds.push_back(tasks::goldText(task, item));
  }
  items.questions = jsonText(questions);
  items.golds = jsonText(golds);
}

}  // namespace

void runTaskStage(Workspace& w, const std::string& key) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<TaskRow> rows;
  std::vector<store::TaskItems> items;
  std::vector<store::OutcomeRow> outcomes;
  const std::vector<tasks::Task>& all = w.tasks();
  for (std::size_t t = 0; t < all.size(); ++t) {
    const tasks::Task& task = all[t];
    w.context().report("Scoring the clean model", t, all.size());
    std::vector<std::int64_t> every(task.items.size());
    std::iota(every.begin(), every.end(), 0);
    const model::Arm clean;
    const auto scores = tasks::scoreItems(w.model(), task, every, std::span(&clean, 1), w.scoring(t, w.spec().tasks[t].generate != Generate::Never), w.context());
    items.push_back(splitItems(task, w.spec().tuneShare, w.spec().seed));
    addTexts(task, items.back());
    TaskRow row = describe(w, t);
    for (store::OutcomeRow& outcome : outcomeRows("clean", task, every, scores[0], true)) {
      if (outcome.metric == "margin") row.margin = mean(outcome.values);
      if (outcome.metric == primaryAccuracy(task)) row.accuracy = mean(outcome.values);
      outcomes.push_back(std::move(outcome));
    }
    rows.push_back(std::move(row));
  }
  w.context().report("Scoring the clean model", all.size(), all.size());
  const std::vector<RelationRow> relations = relationsOf(w);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  w.store().transaction([&] {
    w.store().dropOutcomes(false);
    w.store().putTasks(rows, items);
    w.store().putRelations(relations);
    w.store().putOutcomes(outcomes);
    w.store().putStage({"tasks", "done", key, std::to_string(rows.size()) + " tasks", "", wall.count()});
  });
}

}  // namespace lacuna::study
