#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/statistics/estimate.h"

/// Shapes over dose and over model scale (methods.md 9.4, 10, 11).
namespace lacuna::statistics {

/// y = E + A·N^(−α), a line in ln N, or a constant.
enum class Scaling { Constant, LogLinear, Power };
struct ScalingFit {
  Scaling kind = Scaling::Constant;
  double offset = kMissing, slope = kMissing, exponent = kMissing;   ///< E, A, α; of ln N for LogLinear
  double loss = kMissing, aicc = kMissing;
  Status status = Status::Ok;
  double at(double n) const;
};
/// Huber loss (δ 1e-3) of residuals/se, profiled over α in [0.01, 2]. se empty: all 1. Too few sizes for the kind
/// (3, 5, 6) → NOT_IDENTIFIED.
ScalingFit fitScaling(std::span<const double> sizes, std::span<const double> y, std::span<const double> se, Scaling kind);
/// The kind of smallest AICc; its comparison is for a loss of unknown scale: 2n ln(loss/n) + 2k + 2k(k + 1)/(n − k − 1).
ScalingFit chooseScaling(std::span<const double> sizes, std::span<const double> y, std::span<const double> se);
/// Percentile intervals of (E, A, α) from refits to bootstrap draws [draws, sizes].
std::vector<Estimate> scalingIntervals(std::span<const double> sizes, const MatrixD& draws, std::span<const double> se, double level = 0.95);

/// y = b0 + b1·e + b2·(e − ψ)₊ with ψ in the inner 80 % of the range.
struct HingeConfig {
  double level = 0.95;
  int nullDraws = 999;
  std::uint64_t seed = 0;
};
struct Hinge {
  double b0 = kMissing, b1 = kMissing, b2 = kMissing, sse = kMissing;
  Estimate knee;                         ///< ψ with the profile interval
  double supF = kMissing, p = kMissing;  ///< sup-F over ψ against a line, wild-bootstrap null
  Status status = Status::Ok;            ///< < 6 doses → TOO_FEW; p > .05 or interval over half of the range → NOT_IDENTIFIED
};
Hinge hinge(std::span<const double> doses, std::span<const double> y, std::span<const double> weights = {}, const HingeConfig& config = {});
/// Percentile interval of ψ from refits to item-level draws [draws, doses]; report the wider of this and the profile one.
Estimate kneeInterval(std::span<const double> doses, const MatrixD& draws, double level = 0.95, std::span<const double> weights = {});

/// Kneedle (Satopää et al. 2011), a visual hint: the dose where the curve, scaled to the unit square, lies furthest from its chord.
struct Kneedle { double dose = kMissing, value = kMissing; };
Kneedle kneedle(std::span<const double> doses, std::span<const double> y);

/// Largest dose up to which every lower bound keeps `retention`; above all → last dose, AT_CEILING; the first fails → NOT_IDENTIFIED.
struct Threshold { double dose = kMissing, firstBeyond = kMissing; bool nonMonotone = false; Status status = Status::Ok; };
Threshold toleranceThreshold(std::span<const double> doses, std::span<const double> lowerBounds, double retention = 0.95);
/// Largest grid dose before the first whose upper bound of the loss increase exceeds the budget: never exceeded → AT_CEILING,
/// exceeded at once → dose 0, NOT_IDENTIFIED. nonMonotone: the means leave their isotonic fit by more than 2 se; then this first
/// crossing stands and no bisection may refine it.
Threshold budgetThreshold(std::span<const double> doses, std::span<const double> means, std::span<const double> standardErrors,
                          double budget, double level = 0.95);
/// [low, high] after halving `steps` times, exceeds(low) false, exceeds(high) true.
struct Bracket { double low = 0, high = 0; };
Bracket bisect(const std::function<bool(double)>& exceeds, Bracket bracket, int steps);

}  // namespace lacuna::statistics
