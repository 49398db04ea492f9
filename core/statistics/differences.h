#pragma once

#include <algorithm>
#include <cmath>
#include <span>

#include "lacuna/statistics/tests.h"

namespace lacuna::statistics {

inline bool allFinite(std::span<const double> d) {
  return std::all_of(d.begin(), d.end(), [](double value) { return std::isfinite(value); });
}

inline double largestMagnitude(std::span<const double> d) {
  double largest = 0;
  for (const double value : d) largest = std::max(largest, std::abs(value));
  return largest;
}

/// p of the alternative from the two tail probabilities.
inline double pOf(Alternative alternative, double upper, double lower) {
  switch (alternative) {
    case Alternative::Greater: return std::min(1.0, upper);
    case Alternative::Less: return std::min(1.0, lower);
    case Alternative::TwoSided: break;
  }
  return std::min(1.0, 2 * std::min(upper, lower));
}

}  // namespace lacuna::statistics
