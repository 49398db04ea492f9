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

/// Student t interval of the mean of group means' items (cluster-robust se when groups repeat).
Estimate tMean(std::span<const double> values, std::span<const std::int32_t> groups, double level = 0.95);

}  // namespace lacuna::statistics
