#include "item_scores.h"

#include <cmath>
#include <map>

namespace lacuna::study {

std::vector<store::OutcomeRow> outcomeRows(const std::string& arm, const tasks::Task& task, std::span<const std::int64_t> items,
                                           const tasks::ArmScores& scores) {
  std::map<std::int64_t, std::size_t> position;  // item id → place in the task
  for (const std::int64_t place : items) position[task.items[static_cast<std::size_t>(place)].index] = static_cast<std::size_t>(place);
  std::map<std::string, store::OutcomeRow> byMetric;
  for (const tasks::ItemScore& score : scores.items) {
    if (score.metric == "generated_text") continue;
    store::OutcomeRow& row = byMetric[score.metric];
    if (row.values.empty()) {
      row = {arm, task.name, score.metric, std::vector<double>(task.items.size(), std::nan("")), scores.edits.rows,
             scores.edits.deltaSquared, scores.edits.stateSquared};
    }
    if (score.status == "ok") row.values[position.at(score.item)] = score.value;
  }
  std::vector<store::OutcomeRow> rows;
  for (auto& [metric, row] : byMetric) rows.push_back(std::move(row));
  return rows;
}

std::string primaryAccuracy(const tasks::Task& task) {
  if (task.kind == tasks::Kind::MultipleChoice) return "acc";
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
