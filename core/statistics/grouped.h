#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/base/matrix.h"

namespace lacuna::statistics {

/// Items summed by group; groups are numbered 0 … G−1 in ascending order of their ids, empty ids skipped.
struct Grouped {
  std::vector<std::int32_t> groupOf;    ///< [n]
  MatrixD sums;                         ///< [G, columns]
  VectorD sizes;                        ///< [G]
  VectorD means;                        ///< [columns] over items
  std::int64_t items() const { return static_cast<std::int64_t>(groupOf.size()); }
  std::int64_t groups() const { return sizes.size(); }
};
Grouped grouped(const MatrixD& values, std::span<const std::int32_t> groups);

/// Mean of column j with group g left out, for every g.
std::vector<double> jackknifeMeans(const Grouped& data, Eigen::Index column);
/// √(Σ_g (Σ_{i∈g} (x_i − mean))²)/n, without small-sample factor.
double clusteredError(const Grouped& data, Eigen::Index column);
/// Whether column j varies between groups by more than rounding.
bool varies(const Grouped& data, Eigen::Index column);

}  // namespace lacuna::statistics
