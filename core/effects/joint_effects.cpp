#include "lacuna/effects/joint_effects.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "joint_draws.h"
#include "lacuna/base/error.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/joint.h"

namespace lacuna::effects {
namespace {

using statistics::Estimate;
using statistics::Status;

std::vector<double> column(const MatrixD& matrix, Eigen::Index j) {
  const VectorD values = matrix.col(j);
  return {values.begin(), values.end()};
}

/// Every cell's mean and cluster-robust standard error.
std::vector<Estimate> cells(const TaskEffects& task, double level) {
  std::vector<Estimate> out;
  for (Eigen::Index j = 0; j < task.d.cols(); ++j) {
    out.push_back(statistics::tMean(column(task.d, j), task.groups, level));
    out.back().method = "max-t";
  }
  return out;
}

bool takesPart(const Estimate& cell) { return std::isfinite(cell.value) && cell.se > 0; }

/// largest[b] ← max over the cells of |draw − mean|/se.
void raise(std::vector<double>& largest, const MatrixD& draws, const std::vector<Estimate>& of) {
  for (std::size_t j = 0; j < of.size(); ++j) {
    if (!takesPart(of[j])) continue;
    for (std::size_t b = 0; b < largest.size(); ++b)
      largest[b] = std::max(largest[b], std::abs(draws(static_cast<Eigen::Index>(b), static_cast<Eigen::Index>(j)) - of[j].value) / of[j].se);
  }
}

}  // namespace

MatrixD taskDraws(const TaskEffects& task, std::size_t index, const statistics::BootstrapConfig& config) {
  statistics::BootstrapConfig own = config;
  own.seed += 0x9e3779b97f4a7c15ULL * index;  // another stream for every task; the first one keeps the seed
  return statistics::bootstrapMeans(task.d, task.groups, own);
}

std::vector<std::vector<Estimate>> simultaneousBands(std::span<const TaskEffects> tasks, const statistics::BootstrapConfig& config) {
  std::vector<std::vector<Estimate>> out;
  if (tasks.size() == 1) return {statistics::simultaneousMeans(tasks[0].d, tasks[0].groups, config)};
  std::vector<double> largest(static_cast<std::size_t>(config.draws), 0.0);
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    LACUNA_CHECK(static_cast<std::size_t>(tasks[t].d.rows()) == tasks[t].groups.size());
    out.push_back(cells(tasks[t], config.level));
    raise(largest, taskDraws(tasks[t], t, config), out.back());
  }
  const double critical = statistics::quantile(largest, config.level);
  for (auto& task : out)
    for (Estimate& cell : task) {
      if (!takesPart(cell)) continue;
      cell.low = cell.value - critical * cell.se;
      cell.high = cell.value + critical * cell.se;
    }
  return out;
}

DoseResponse doseResponseBand(std::span<const double> doses, const TaskEffects& effects, const statistics::BootstrapConfig& config) {
  LACUNA_CHECK(static_cast<Eigen::Index>(doses.size()) == effects.d.cols());
  const auto band = statistics::simultaneousMeans(effects.d, effects.groups, config);
  std::vector<DosePoint> points;
  for (std::size_t k = 0; k < doses.size(); ++k) points.push_back({doses[k], band[k]});
  return doseResponse(std::move(points));
}

Interaction interaction(std::span<const double> first, std::span<const double> second, std::span<const double> joint,
                        std::span<const std::int32_t> groups, const statistics::BootstrapConfig& config) {
  LACUNA_CHECK(first.size() == joint.size() && second.size() == joint.size() && groups.size() == joint.size());
  MatrixD d(static_cast<Eigen::Index>(joint.size()), 4);
  for (std::size_t i = 0; i < joint.size(); ++i) d.row(static_cast<Eigen::Index>(i)) << first[i], second[i], joint[i], joint[i] - first[i] - second[i];
  const auto means = statistics::bcaMeans(d, groups, config);
  return {means[0], means[1], means[2], means[3]};
}

}  // namespace lacuna::effects
