#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace lacuna::statistics {

/// Why a number may be missing or doubtful (methods.md 0.4). Only OK numbers are shown without a reason.
enum class Status { Ok, TooFew, ZeroVariance, NanInput, NotConverged, NotIdentified, AtFloor, AtCeiling, Degenerate };
const char* statusName(Status status);   ///< "OK", "TOO_FEW", …

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Estimate {
  double value = kMissing, low = kMissing, high = kMissing, se = kMissing;
  double level = 0.95;
  std::int64_t n = 0, groups = 0;
  std::string method;                    ///< "bca", "percentile", "t", "point"
  Status status = Status::Ok;
};

struct TestResult {
  double statistic = kMissing, p = kMissing, effect = kMissing;
  std::int64_t n = 0;                    ///< pairs that count (non-zero)
  std::string method;                    ///< "wilcoxon-exact", …
  Status status = Status::Ok;
};

}  // namespace lacuna::statistics
