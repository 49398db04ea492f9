#pragma once

#include <string>
#include <vector>

#include "lacuna/statistics/estimate.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::effects {

/// One number of a task under one arm.
struct SummaryRow {
  std::string metric;
  std::string subset;                 ///< "" all items; a category; for CrowS-Pairs also "stereo" and "antistereo"
  statistics::Estimate estimate;      ///< bootstrap by group of items; `se` as the harness: standard error of a mean over items
  std::int64_t missing = 0;           ///< items without a value
};

/// Means of every metric over the items with a value, with 95 % intervals by group; by category where the task has several. Beside them
/// - CrowS-Pairs: "pct_distance" |p − .5|;
/// - documents: word_perplexity, byte_perplexity, bits_per_byte of the whole, as the harness weighs them (no interval);
/// - tasks that name a positive choice: "f1", "precision", "recall" of it, NOT_IDENTIFIED where nothing is positive in truth and prediction.
/// Free of model and files; the same numbers come from stored rows.
std::vector<SummaryRow> summarise(const tasks::Task& task, const tasks::ArmScores& scores);

/// task,arm,metric,subset,value,low,high,se,n,missing,status.
std::string summaryCsv(const tasks::Task& task, const std::string& arm, const std::vector<SummaryRow>& rows, bool header);

}  // namespace lacuna::effects
