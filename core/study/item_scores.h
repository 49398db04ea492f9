#pragma once

#include <span>
#include <string>
#include <vector>

#include "lacuna/store/store.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::study {

/// Scores of one arm as stored columns: one row a metric, values in the task's item order, NaN where there is none.
/// `items`: the positions (in task.items) that were scored.
std::vector<store::OutcomeRow> outcomeRows(const std::string& arm, const tasks::Task& task, std::span<const std::int64_t> items,
                                           const tasks::ArmScores& scores, bool keepAnswers = false);

/// Positions of a task's tuning items: what may be looked at while something is chosen (methods.md 0.3).
std::vector<std::int64_t> tuningItems(const tasks::Task& task, const std::vector<store::TaskItems>& all);

/// The task's own metric: what counts right answers, the side taken in pairs, toxicity, bits a byte of documents; empty when it has none.
std::string primaryAccuracy(const tasks::Task& task);

}  // namespace lacuna::study
