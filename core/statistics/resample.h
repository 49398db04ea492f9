#pragma once

#include <cstdint>
#include <memory>

#include "grouped.h"
#include "lacuna/statistics/bootstrap.h"

namespace lacuna::statistics {

using Counts = Eigen::Matrix<std::uint16_t, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ColumnDraws = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;   // [draws, columns]

/// resampleCounts() remembered: every cell of a study asks for the same few matrices.
std::shared_ptr<const Counts> sharedCounts(std::int64_t groups, const BootstrapConfig& config);

/// Means of columns [first, first + count) on every resample: (Cnt · sums)/(Cnt · sizes).
/// Each number is summed over groups in order, so it does not depend on threads or on which columns share the call.
ColumnDraws drawMeans(const Grouped& data, const Counts& counts, Eigen::Index first, Eigen::Index count);

}  // namespace lacuna::statistics
