#include "lacuna/effects/task_summary.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "lacuna/statistics/bootstrap.h"

namespace lacuna::effects {
namespace {

using statistics::Estimate;
constexpr statistics::BootstrapConfig kBootstrap{.draws = 2000, .level = 0.95, .seed = 0};

/// Values of a metric over some items, with the items' groups numbered.
struct Column {
  std::vector<double> values;
  std::vector<std::int32_t> groups;
  std::int64_t missing = 0;
};

/// Items of a task by their index.
class Items {
 public:
  explicit Items(const tasks::Task& task) : m_task(task) {
    std::map<std::string, std::int32_t> numbers;
    for (const tasks::Item& item : task.items) {
      m_items[item.index] = &item;
      m_groups[item.index] = numbers.emplace(item.group, static_cast<std::int32_t>(numbers.size())).first->second;
    }
  }
  const tasks::Item& at(std::int64_t index) const { return *m_items.at(index); }
  std::int32_t group(std::int64_t index) const { return m_groups.at(index); }
  /// Every item, every category when there are several, and directions of pairs.
  std::vector<std::string> subsets() const {
    std::vector<std::string> names{""};
    std::map<std::string, int> categories;
    for (const tasks::Item& item : m_task.items)
      if (!item.category.empty()) ++categories[item.category];
    if (categories.size() > 1)
      for (const auto& [name, count] : categories) names.push_back(name);
    if (m_task.format == "crows_pairs") names.insert(names.end(), {"stereo", "antistereo"});
    return names;
  }
  bool holds(const std::string& subset, std::int64_t index) const {
    const tasks::Item& item = at(index);
    if (subset.empty() || item.category == subset) return true;
    return m_task.format == "crows_pairs" && subset == (item.antistereo ? "antistereo" : "stereo");
  }

 private:
  const tasks::Task& m_task;
  std::map<std::int64_t, const tasks::Item*> m_items;
  std::map<std::int64_t, std::int32_t> m_groups;
};

/// Groups numbered 0 … without gaps, as the bootstrap wants them.
std::vector<std::int32_t> renumbered(std::vector<std::int32_t> groups) {
  std::map<std::int32_t, std::int32_t> numbers;
  for (std::int32_t& group : groups) group = numbers.emplace(group, static_cast<std::int32_t>(numbers.size())).first->second;
  return groups;
}

Column columnOf(const tasks::ArmScores& scores, const Items& items, const std::string& metric, const std::string& subset) {
  Column column;
  for (const tasks::ItemScore& score : scores.items) {
    if (score.metric != metric || !items.holds(subset, score.item)) continue;
    if (score.status != "ok") ++column.missing;
    else {
      column.values.push_back(score.value);
      column.groups.push_back(items.group(score.item));
    }
  }
  column.groups = renumbered(std::move(column.groups));
  return column;
}

double standardError(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  if (n < 2) return std::nan("");
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / (n - 1) / n);
}

Estimate unknown(statistics::Status status) {
  Estimate out;
  out.status = status;
  return out;
}

Estimate meanOf(const Column& column) {
  if (column.values.empty()) return unknown(statistics::Status::NanInput);
  Estimate out = statistics::bcaMean(column.values, column.groups, kBootstrap);
  out.se = standardError(column.values);
  return out;
}

/// A function of means, with a grouped BCa interval from the draws of these means.
Estimate functionOfMeans(const MatrixD& values, const std::vector<std::int32_t>& groups, const std::function<double(const Eigen::RowVectorXd&)>& function) {
  const double estimate = function(values.colwise().mean());
  if (std::isnan(estimate)) return unknown(statistics::Status::NotIdentified);
  const MatrixD means = statistics::bootstrapMeans(values, groups, kBootstrap);
  std::vector<double> draws, jackknife;
  for (Eigen::Index b = 0; b < means.rows(); ++b)
    if (const double draw = function(means.row(b)); !std::isnan(draw)) draws.push_back(draw);
  const std::int32_t count = 1 + *std::max_element(groups.begin(), groups.end());
  for (std::int32_t g = 0; g < count && count > 1; ++g) {
    Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(values.cols());
    for (Eigen::Index i = 0; i < values.rows(); ++i)
      if (groups[static_cast<std::size_t>(i)] != g) sum += values.row(i);
    jackknife.push_back(function(sum));   // both sides of a ratio by the same number: no need to divide
  }
  if (draws.empty() || std::any_of(jackknife.begin(), jackknife.end(), [](double v) { return std::isnan(v); })) return unknown(statistics::Status::NotIdentified);
  Estimate out = statistics::bcaFromDraws(draws, estimate, jackknife);
  out.n = values.rows();
  return out;
}

/// a / b of means; NaN where b is 0.
Estimate ratioOfMeans(const std::vector<double>& a, const std::vector<double>& b, const std::vector<std::int32_t>& groups) {
  MatrixD values(static_cast<Eigen::Index>(a.size()), 2);
  for (std::size_t i = 0; i < a.size(); ++i) values.row(static_cast<Eigen::Index>(i)) << a[i], b[i];
  return functionOfMeans(values, groups, [](const Eigen::RowVectorXd& m) { return m[1] > 0 ? m[0] / m[1] : std::nan(""); });
}

/// Truth and prediction of the positive choice.
void addDetection(const tasks::Task& task, const tasks::ArmScores& scores, const Items& items, std::vector<SummaryRow>& rows) {
  std::vector<double> hit, sum, predicted, actual;
  std::vector<std::int32_t> groups;
  std::int64_t missing = 0;
  for (const tasks::ItemScore& score : scores.items) {
    if (score.metric != "acc") continue;
    if (score.status != "ok") { ++missing; continue; }
    const tasks::Item& item = items.at(score.item);
    const bool said = item.choices.at(std::stoul(score.prediction)) == task.positive, is = item.choices.at(static_cast<std::size_t>(item.gold)) == task.positive;
    hit.push_back(said && is ? 1 : 0);
    predicted.push_back(said ? 1 : 0);
    actual.push_back(is ? 1 : 0);
    sum.push_back((predicted.back() + actual.back()) / 2);
    groups.push_back(items.group(score.item));
  }
  groups = renumbered(std::move(groups));
  const auto add = [&](const char* name, const std::vector<double>& against) {
    rows.push_back({name, "", hit.empty() ? unknown(statistics::Status::NanInput) : ratioOfMeans(hit, against, groups), missing});
  };
  add("f1", sum);
  add("precision", predicted);
  add("recall", actual);
}

void addDistance(const std::string& metric, const std::string& subset, const Column& column, std::vector<SummaryRow>& rows) {
  if (column.values.empty() || (metric != "pct_stereotype" && metric != "crows_mlm")) return;
  const auto n = static_cast<double>(column.values.size());
  const double mean = std::accumulate(column.values.begin(), column.values.end(), 0.0) / n;
  std::vector<double> draws, jackknife;
  const MatrixD values = Eigen::Map<const Eigen::VectorXd>(column.values.data(), static_cast<Eigen::Index>(column.values.size()));
  const MatrixD means = statistics::bootstrapMeans(values, column.groups, kBootstrap);
  for (Eigen::Index b = 0; b < means.rows(); ++b) draws.push_back(std::abs(means(b, 0) - 0.5));
  for (const double value : column.values) jackknife.push_back(n > 1 ? std::abs((mean * n - value) / (n - 1) - 0.5) : std::nan(""));
  rows.push_back({"pct_distance", subset, statistics::bcaFromDraws(draws, std::abs(mean - 0.5), jackknife), column.missing});
}

/// Perplexities are of all texts together, not means of the texts' own.
void addPerplexities(const tasks::Task& task, const tasks::ArmScores& scores, const Items& items, std::vector<SummaryRow>& rows) {
  double logLikelihood = 0, words = 0, bytes = 0;
  std::int64_t n = 0, missing = 0;
  for (const tasks::ItemScore& score : scores.items) {
    if (score.metric != "loglikelihood") continue;
    if (score.status != "ok") { ++missing; continue; }
    const std::string& text = items.at(score.item).prompt;
    logLikelihood += score.value;
    words += static_cast<double>(tasks::splitWords(text));
    bytes += static_cast<double>(text.size());
    ++n;
  }
  for (const std::string& metric : task.metrics) {
    Estimate out = unknown(n > 0 ? statistics::Status::Ok : statistics::Status::NanInput);
    out.n = n;
    out.method = "point";
    if (n > 0)
      out.value = metric == "word_perplexity"   ? std::exp(-logLikelihood / words)
                  : metric == "byte_perplexity" ? std::exp(-logLikelihood / bytes)
                                                : -logLikelihood / (bytes * std::numbers::ln2);
    rows.push_back({metric, "", out, missing});
  }
}

std::vector<std::string> metricsOf(const tasks::Task& task, const tasks::ArmScores& scores) {
  std::vector<std::string> names;
  for (const tasks::ItemScore& score : scores.items) {
    const bool whole = task.format == "perplexity" && std::find(task.metrics.begin(), task.metrics.end(), score.metric) != task.metrics.end();
    if (!whole && !score.metric.starts_with("generated_text") && std::find(names.begin(), names.end(), score.metric) == names.end()) names.push_back(score.metric);
  }
  return names;
}

}  // namespace

std::vector<SummaryRow> summarise(const tasks::Task& task, const tasks::ArmScores& scores) {
  const Items items(task);
  std::vector<SummaryRow> rows;
  for (const std::string& metric : metricsOf(task, scores))
    for (const std::string& subset : items.subsets()) {
      const Column column = columnOf(scores, items, metric, subset);
      if (column.values.empty() && column.missing == 0) continue;
      rows.push_back({metric, subset, meanOf(column), column.missing});
      addDistance(metric, subset, column, rows);
    }
  if (task.format == "perplexity") addPerplexities(task, scores, items, rows);
  if (!task.positive.empty()) addDetection(task, scores, items, rows);
  return rows;
}

std::string summaryCsv(const tasks::Task& task, const std::string& arm, const std::vector<SummaryRow>& rows, bool header) {
  std::string out = header ? files::csvRow({"task", "arm", "metric", "subset", "value", "low", "high", "se", "n", "missing", "status"}) : "";
  const auto number = [](double value) { return std::isnan(value) ? std::string() : formatNumber(value); };
  for (const SummaryRow& row : rows) {
    const Estimate& e = row.estimate;
    out += files::csvRow({task.name, arm, row.metric, row.subset, number(e.value), number(e.low), number(e.high), number(e.se), std::to_string(e.n),
                          std::to_string(row.missing), statistics::statusName(e.status)});
  }
  return out;
}

}  // namespace lacuna::effects
