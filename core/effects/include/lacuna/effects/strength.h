#pragma once

#include <functional>
#include <span>
#include <vector>

#include "lacuna/statistics/estimate.h"

/// How strong a perturbation may be: ε against a budget on unrelated data (methods.md 10), and how much a capability tolerates (11).
namespace lacuna::effects {

/// Cost of one ε: mean loss increase on unrelated data, its one-sided upper bound and its standard error.
struct StrengthCost { double mean = 0, upper = 0, se = 0; };
struct StrengthSearch {
  double epsilon = 0;                      ///< largest strength whose upper bound keeps the budget
  statistics::Status status = statistics::Status::Ok;   ///< AT_CEILING: never exceeded; NOT_IDENTIFIED: no safe strength
  bool nonMonotone = false;                ///< then the first crossing on the grid, no bisection
  double low = 0, high = 0;                ///< final bracket; low = epsilon
  struct Probe { double epsilon; StrengthCost cost; };
  std::vector<Probe> probes;               ///< everything that was measured, in order
};
/// grid ascending, positive. Bisects `steps` times between the last kept and the first broken grid point.
StrengthSearch largestSafeStrength(std::span<const double> grid, double budget, int steps,
                                   const std::function<StrengthCost(double epsilon)>& cost);

/// Capability retention against dose, ascending; low: lower 95 % bound of the retention.
struct RetentionPoint { double dose = 0, retention = 1, low = 1; };
/// Largest dose up to which every lower bound keeps `kept`, interpolated linearly to the crossing; NaN when the first is below.
double tolerance(std::span<const RetentionPoint> curve, double kept = 0.95);

/// y = b0 + b1·x + b2·(x − knee)₊ by least squares over a grid of 161 knees in the inner 80 % of x.
struct Hinge {
  double knee = statistics::kMissing, sse = statistics::kMissing;
  double b0 = 0, b1 = 0, b2 = 0;
  double low = statistics::kMissing, high = statistics::kMissing;   ///< profile interval of the knee (Muggeo 2003)
  double supF = statistics::kMissing;      ///< largest F against a straight line
  statistics::Status status = statistics::Status::Ok;               ///< TOO_FEW below 6 doses, NOT_IDENTIFIED when the interval covers over half the range
};
Hinge fitHinge(std::span<const double> x, std::span<const double> y, double level = 0.95);

}  // namespace lacuna::effects
