#include "item_scores.h"

#include <cmath>
#include <map>

#include <nlohmann/json.hpp>

#include "lacuna/base/numbers.h"

namespace lacuna::study {
namespace {

/// What was answered to every item: the text of the chosen choice, or the generated text.
std::string answersOf(const tasks::Task& task, const std::map<std::int64_t, std::size_t>& position, const tasks::ArmScores& scores) {
  const bool chooses = task.kind == tasks::Kind::MultipleChoice;
  nlohmann::json answers = std::vector<nlohmann::json>(task.items.size());
  for (const tasks::ItemScore& score : scores.items) {
    const std::size_t at = position.at(score.item);
    const auto& choices = task.items[at].choices;
    if (!chooses && score.metric == "generated_text") answers[at] = score.prediction;
    if (!chooses || score.metric != primaryAccuracy(task) || score.status != "ok") continue;
    const auto choice = parseNumber(score.prediction);
    answers[at] = choice && *choice < static_cast<double>(choices.size()) ? choices[static_cast<std::size_t>(*choice)] : score.prediction;
  }
  return answers.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace


std::vector<store::OutcomeRow> outcomeRows(const std::string& arm, const tasks::Task& task, std::span<const std::int64_t> items,
                                           const tasks::ArmScores& scores, bool keepAnswers) {
  std::map<std::int64_t, std::size_t> position;  // item id → place in the task
  for (const std::int64_t place : items) position[task.items[static_cast<std::size_t>(place)].index] = static_cast<std::size_t>(place);
  std::map<std::string, store::OutcomeRow> byMetric;
  for (const tasks::ItemScore& score : scores.items) {
    if (score.metric.starts_with("generated_text")) continue;
    store::OutcomeRow& row = byMetric[score.metric];
    if (row.values.empty()) {
      row = {arm, task.name, score.metric, std::vector<double>(task.items.size(), std::nan("")), scores.edits.rows,
             scores.edits.deltaSquared, scores.edits.stateSquared};
    }
    if (score.status == "ok") row.values[position.at(score.item)] = score.value;
  }
  std::vector<store::OutcomeRow> rows;
  const auto kept = byMetric.find(primaryAccuracy(task));
  if (keepAnswers && kept != byMetric.end()) kept->second.answers = answersOf(task, position, scores);
  for (auto& [metric, row] : byMetric) rows.push_back(std::move(row));
  return rows;
}

std::string primaryAccuracy(const tasks::Task& task) {
  if (task.format == "crows_pairs") return "pct_stereotype";
  if (task.kind == tasks::Kind::MultipleChoice) return "acc";
  if (task.format == "perplexity") return "bits_per_byte";   // perplexities of single documents have no mean worth reading
  for (const std::string& metric : task.metrics)
    if (metric == "exact_match_flexible" || metric == "exact_match" || metric == "em") return metric;
  return task.metrics.empty() ? "" : task.metrics.front();
}

std::vector<std::int64_t> tuningItems(const tasks::Task& task, const std::vector<store::TaskItems>& all) {
  std::vector<std::int64_t> places;
  for (const store::TaskItems& items : all)
    if (items.task == task.name)
      for (std::size_t i = 0; i < items.evaluate.size() && i < task.items.size(); ++i)
        if (!items.evaluate[i]) places.push_back(static_cast<std::int64_t>(i));
  return places;
}

}  // namespace lacuna::study
