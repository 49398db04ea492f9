#pragma once

#include <cstdint>
#include <vector>

namespace lacuna::clusters {

/// Labels without gaps.
struct Grouping {
  std::vector<std::int32_t> labels;   ///< 0 … K−1 in the order of the given ones; −1 left out
  std::vector<double> sizes;          ///< [K]
};
Grouping withoutGaps(const std::vector<std::int32_t>& labels);

/// (b − a)/max(a, b) of mean distances within the own and to the nearest other cluster; 0 when both are 0.
double silhouetteFrom(double a, double b);

}  // namespace lacuna::clusters
