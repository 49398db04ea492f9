#include "reported_metrics.h"

#include <algorithm>
#include <array>

namespace lacuna::study {
namespace {

constexpr std::array kRight = {"acc", "exact_match_flexible", "exact_match", "em", "exact_match_strict", "exact_str_match"};
constexpr std::array kSides = {"pct_stereotype", "crows_mlm", "toxic", "any_toxic"};

template <class Names> bool among(const Names& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

}  // namespace

std::vector<std::string> reportedMetrics(const TaskRow& task) {
  if (!task.metric.empty() && task.metric != "margin") return {"margin", task.metric};
  std::vector<std::string> all = {"margin"};   // written before tasks named theirs
  if (task.metric.empty()) all.insert(all.end(), kRight.begin(), kRight.begin() + 4);
  return all;
}

const std::vector<std::string>& furtherMetrics() {
  static const std::vector<std::string> metrics = {"acc",  "multiple_choice_grade", "exact_match_strict", "exact_match_flexible", "exact_match", "exact_str_match",
                                                   "em",   "f1",                    "bleurt",             "chrf",                 "toxicity",    "toxic",
                                                   "max_toxicity", "any_toxic",     "pct_stereotype",     "likelihood_diff",      "bits_per_byte"};
  return metrics;
}

bool isBinary(const std::string& metric) { return among(kRight, metric) || among(kSides, metric); }
bool countsRight(const std::string& metric) { return among(kRight, metric); }

}  // namespace lacuna::study
