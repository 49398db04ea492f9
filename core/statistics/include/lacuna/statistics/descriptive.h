#pragma once

#include <span>
#include <vector>

/// Summaries, ranks, monotone fits. Sizes must agree; empty input gives NaN.
namespace lacuna::statistics {

double mean(std::span<const double> x);
/// Sum of squared deviations over n − ddof, in two passes.
double variance(std::span<const double> x, int ddof = 1);
double standardDeviation(std::span<const double> x, int ddof = 1);
double median(std::span<const double> x);
/// Hyndman–Fan type 7 (numpy's default): linear interpolation at (n − 1)·p. Reorders nothing of the caller's.
double quantile(std::span<const double> x, double p);
/// Several quantiles of one sample, one partial sort.
std::vector<double> quantiles(std::span<const double> x, std::span<const double> p);

/// 1-based ranks; ties share their mean rank.
std::vector<double> midranks(std::span<const double> x);
/// Positions in ascending order; ties keep the lower index first.
std::vector<std::size_t> ascendingOrder(std::span<const double> x);

/// Least-squares monotone non-decreasing fit by pooling adjacent violators; weights > 0, empty means equal.
std::vector<double> isotonic(std::span<const double> y, std::span<const double> weights = {});
/// 1 − SSE(isotonic)/SST; NaN when y does not vary.
double monotonicityIndex(std::span<const double> y);
/// ∫ y dx by trapezoids; x ascending.
double trapezoid(std::span<const double> x, std::span<const double> y);
/// First x where the piecewise-linear y reaches `level` from below; NaN when never.
double firstCrossing(std::span<const double> x, std::span<const double> y, double level);

}  // namespace lacuna::statistics
