#pragma once

#include <string>
#include <vector>

#include "lacuna/study/metrics.h"
#include "lacuna/study/results.h"

/// Which of a task's metrics become effects, and what is known of their scales.
namespace lacuna::study {

/// The margin, then what the benchmark reports of right answers, sides or toxicity (TaskRow::metric): what views show.
std::vector<std::string> reportedMetrics(const TaskRow& task);
/// The benchmark's other metrics, in effect tables and exports: F1, BLEURT, chrF, toxicity, …; a study has those that were scored under the arm.
const std::vector<std::string>& furtherMetrics();

/// Items are 0 or 1.
bool isBinary(const std::string& metric);

}  // namespace lacuna::study
