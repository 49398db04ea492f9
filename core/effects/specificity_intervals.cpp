#include <array>
#include <cmath>

#include "joint_draws.h"
#include "lacuna/base/error.h"
#include "lacuna/statistics/descriptive.h"

namespace lacuna::effects {
namespace {

using statistics::Estimate;
using statistics::Status;
using Draws = std::vector<std::vector<double>>;   // [cell], cell = cluster · tasks + task

Estimate estimateOf(double value, const std::vector<double>& draws, double level, std::int64_t items) {
  Estimate out;
  out.level = level;
  out.n = items;
  out.method = "percentile";
  if (!std::isfinite(value)) {
    out.status = Status::NotIdentified;
    return out;
  }
  const auto bounds = statistics::quantiles(draws, std::array{(1 - level) / 2, (1 + level) / 2});
  out.value = value;
  out.low = bounds[0];
  out.high = bounds[1];
  out.se = statistics::standardDeviation(draws);
  if (out.se == 0) out.status = Status::ZeroVariance;
  return out;
}

void record(const MatrixD& matrix, Draws& draws) {
  for (Eigen::Index i = 0; i < matrix.size(); ++i) draws[static_cast<std::size_t>(i)].push_back(matrix.data()[i]);
}

double meanOver(const MatrixD& matrix, std::span<const std::pair<int, int>> own) {
  double sum = 0;
  for (const auto& [cluster, task] : own) sum += matrix(cluster, task);
  return own.empty() ? statistics::kMissing : sum / static_cast<double>(own.size());
}

/// Standardised effects [clusters, tasks] and what follows from them.
struct Cells { MatrixD ace; Specificity specificity; };

Cells cellsOf(MatrixD ace, const VectorD& sd) {
  Cells cells{standardised(ace, sd), {}};
  cells.specificity = specificity(cells.ace);
  return cells;
}

std::vector<std::vector<Estimate>> table(const MatrixD& values, const Draws& draws, double level, std::int64_t items) {
  std::vector<std::vector<Estimate>> out(static_cast<std::size_t>(values.rows()));
  for (Eigen::Index c = 0; c < values.rows(); ++c)
    for (Eigen::Index t = 0; t < values.cols(); ++t)
      out[static_cast<std::size_t>(c)].push_back(estimateOf(values(c, t), draws[static_cast<std::size_t>(c * values.cols() + t)], level, items));
  return out;
}

}  // namespace

SpecificityEstimates specificityIntervals(std::span<const TaskEffects> tasks, const VectorD& cleanSd,
                                          std::span<const std::pair<int, int>> own, const statistics::BootstrapConfig& config) {
  LACUNA_CHECK(!tasks.empty() && cleanSd.size() == static_cast<Eigen::Index>(tasks.size()));
  const Eigen::Index clusters = tasks[0].d.cols(), count = static_cast<Eigen::Index>(tasks.size());
  MatrixD ace(clusters, count);
  std::vector<MatrixD> draws;
  std::int64_t items = 0;
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    LACUNA_CHECK(tasks[t].d.cols() == clusters);
    ace.col(static_cast<Eigen::Index>(t)) = tasks[t].d.colwise().mean().transpose();
    draws.push_back(taskDraws(tasks[t], t, config));
    items += tasks[t].d.rows();
  }
  const Cells seen = cellsOf(ace, cleanSd);
  Draws index(static_cast<std::size_t>(clusters * count)), centred = index;
  std::vector<double> pooledIndex, pooledCentred;
  for (Eigen::Index b = 0; b < config.draws; ++b) {
    for (Eigen::Index t = 0; t < count; ++t) ace.col(t) = draws[static_cast<std::size_t>(t)].row(b).transpose();
    const Cells drawn = cellsOf(ace, cleanSd);
    record(drawn.specificity.index, index);
    record(drawn.specificity.doubleCentred, centred);
    pooledIndex.push_back(meanOver(drawn.specificity.index, own));
    pooledCentred.push_back(meanOver(drawn.specificity.doubleCentred, own));
  }
  SpecificityEstimates out;
  out.index = table(seen.specificity.index, index, config.level, items);
  out.doubleCentred = table(seen.specificity.doubleCentred, centred, config.level, items);
  out.pooledIndex = estimateOf(meanOver(seen.specificity.index, own), pooledIndex, config.level, items);
  out.pooledDoubleCentred = estimateOf(meanOver(seen.specificity.doubleCentred, own), pooledCentred, config.level, items);
  return out;
}

}  // namespace lacuna::effects
