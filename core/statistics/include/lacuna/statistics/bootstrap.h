#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/statistics/estimate.h"

namespace lacuna::statistics {

struct BootstrapConfig {
  int draws = 10000;
  double level = 0.95;
  std::uint64_t seed = 0;
};

/// Resample counts [draws, groups]: row b says how often each group was drawn. Depends on (seed, groups, draws) alone, so all
/// cluster × task pairs of one item set share their draws (common random numbers).
Eigen::Matrix<std::uint16_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> resampleCounts(std::int64_t groups, const BootstrapConfig& config);

/// Mean of `values` with a grouped BCa interval (Efron 1987; methods.md 6.2). groups[i] in 0 … G−1.
/// Edges: zero variance → point, ZERO_VARIANCE; G < 8 → t interval, TOO_FEW; bias or denominator out of range → percentile.
Estimate bcaMean(std::span<const double> values, std::span<const std::int32_t> groups, const BootstrapConfig& config);

/// bcaMean of every column of `values` [n, columns] on the same draws; column j equals bcaMean(values.col(j)) bit for bit.
/// 10 000 draws × 100 groups × 500 columns take about a tenth of a second.
std::vector<Estimate> bcaMeans(const MatrixD& values, std::span<const std::int32_t> groups, const BootstrapConfig& config);

/// The draws themselves, [draws, columns]: means of every column on shared resamples. For joint statements, see joint.h.
MatrixD bootstrapMeans(const MatrixD& values, std::span<const std::int32_t> groups, const BootstrapConfig& config);

/// Bias correction, acceleration and the two quantile levels of a BCa interval. `usable` is false where BCa is undefined
/// (all draws on one side of the estimate, or |1 − a(z0 + z)| < 0.1); low and high are then the percentile levels.
struct BcaLevels {
  double bias = 0, acceleration = 0, low = 0, high = 0;
  bool usable = false;
};
BcaLevels bcaLevels(std::span<const double> draws, double estimate, double acceleration, double level);
/// a = Σ c³ / (6 (Σ c²)^1.5) with c = mean − jackknife value; 0 when all are equal.
double jackknifeAcceleration(std::span<const double> jackknife);
/// Interval of any statistic from its draws and its leave-one-group-out values; groups = jackknife.size().
Estimate bcaFromDraws(std::span<const double> draws, double estimate, std::span<const double> jackknife, double level = 0.95);

/// Student t interval of the mean of group means' items (cluster-robust se when groups repeat).
Estimate tMean(std::span<const double> values, std::span<const std::int32_t> groups, double level = 0.95);

}  // namespace lacuna::statistics
