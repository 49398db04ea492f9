#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/estimate.h"

/// Statements about many means at once, from draws that share their resamples (methods.md 6.2, 8.4).
namespace lacuna::statistics {

/// Max-|t| intervals: all columns are covered together at config.level. method "max-t".
std::vector<Estimate> simultaneousMeans(const MatrixD& values, std::span<const std::int32_t> groups, const BootstrapConfig& config);
/// Single-step max-|t| adjusted two-sided p of mean = 0 per column (Westfall & Young 1993): (1 + #{max_j |t*_j| ≥ |t|})/(draws + 1).
std::vector<double> maxTAdjusted(const MatrixD& values, std::span<const std::int32_t> groups, const BootstrapConfig& config);

/// Per column of draws [draws, columns]: share of draws in which it is the largest (ties shared).
VectorD probabilityBest(const MatrixD& draws);
/// Per column: share of draws in which it is among the k largest.
VectorD probabilityTop(const MatrixD& draws, std::int64_t k);
/// Per column: interval of its rank over the draws, 1 = largest.
std::vector<Estimate> rankIntervals(const MatrixD& draws, double level = 0.95);

}  // namespace lacuna::statistics
