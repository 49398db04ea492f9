#include "lacuna/statistics/bootstrap.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "grouped.h"
#include "lacuna/base/error.h"
#include "lacuna/base/run_context.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"
#include "resample.h"

namespace lacuna::statistics {
namespace {

constexpr Eigen::Index kColumnsAtOnce = 512;   // bounds the memory of the draws
constexpr std::int64_t kMinGroups = 8;         // below, a bootstrap of means says nothing

double smallSample(std::int64_t groups) { return std::sqrt(static_cast<double>(groups) / static_cast<double>(groups - 1)); }

// Everything that needs no draws. method is left empty when the draws have to decide.
Estimate outline(const Grouped& data, Eigen::Index column, double level) {
  Estimate result;
  result.level = level;
  result.n = data.items();
  result.groups = data.groups();
  if (result.n == 0) {
    result.status = Status::TooFew;
    result.method = "none";
    return result;
  }
  if (!std::isfinite(data.means(column))) {
    result.status = Status::NanInput;
    result.method = "none";
    return result;
  }
  result.value = data.means(column);
  if (result.groups < 2) {
    result.status = Status::TooFew;
    result.method = "none";
    return result;
  }
  if (!varies(data, column)) {
    result.low = result.high = result.value;
    result.se = 0;
    result.status = Status::ZeroVariance;
    result.method = "point";
    return result;
  }
  result.se = clusteredError(data, column) * smallSample(result.groups);
  return result;
}

void studentize(Estimate& result) {
  const double half = tQuantile(0.5 + result.level / 2, static_cast<double>(result.groups - 1)) * result.se;
  result.low = result.value - half;
  result.high = result.value + half;
  result.method = "t";
}

void setInterval(Estimate& result, std::span<const double> draws, std::span<const double> jackknife) {
  const BcaLevels levels = bcaLevels(draws, result.value, jackknifeAcceleration(jackknife), result.level);
  const auto bounds = quantiles(draws, std::array{levels.low, levels.high});
  result.low = bounds[0];
  result.high = bounds[1];
  result.method = levels.usable ? "bca" : "percentile";
}

Estimate columnEstimate(const Grouped& data, Eigen::Index column, double level, std::span<const double> draws) {
  Estimate result = outline(data, column, level);
  if (!result.method.empty()) return result;
  if (result.groups < kMinGroups) {
    studentize(result);
    result.status = Status::TooFew;
    return result;
  }
  setInterval(result, draws, jackknifeMeans(data, column));
  return result;
}

}  // namespace

double jackknifeAcceleration(std::span<const double> jackknife) {
  const double centre = mean(jackknife);
  double squares = 0, cubes = 0;
  for (const double value : jackknife) {
    const double c = centre - value;
    squares += c * c;
    cubes += c * c * c;
  }
  return squares > 0 ? cubes / (6 * std::pow(squares, 1.5)) : 0.0;
}

BcaLevels bcaLevels(std::span<const double> draws, double estimate, double acceleration, double level) {
  BcaLevels result;
  result.acceleration = acceleration;
  result.low = (1 - level) / 2;
  result.high = (1 + level) / 2;
  if (draws.empty()) return result;
  // A draw that equals the estimate but for rounding is a tie: half counts below (scipy's rule).
  const auto [smallest, largest] = std::minmax_element(draws.begin(), draws.end());
  const double tolerance = 1e-12 * std::max(std::abs(estimate), *largest - *smallest);
  std::int64_t below = 0, upTo = 0;
  for (const double draw : draws) {
    below += draw < estimate - tolerance;
    upTo += draw <= estimate + tolerance;
  }
  result.bias = normalQuantile(static_cast<double>(below + upTo) / (2 * static_cast<double>(draws.size())));
  if (!std::isfinite(result.bias)) return result;
  const double lowShift = result.bias + normalQuantile(result.low), highShift = result.bias + normalQuantile(result.high);
  const double lowDenominator = 1 - acceleration * lowShift, highDenominator = 1 - acceleration * highShift;
  if (!(lowDenominator >= 0.1) || !(highDenominator >= 0.1)) return result;
  result.low = normalCdf(result.bias + lowShift / lowDenominator);
  result.high = normalCdf(result.bias + highShift / highDenominator);
  result.usable = true;
  return result;
}

Estimate bcaFromDraws(std::span<const double> draws, double estimate, std::span<const double> jackknife, double level) {
  Estimate result;
  result.value = estimate;
  result.level = level;
  result.n = result.groups = static_cast<std::int64_t>(jackknife.size());
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!finite(estimate) || draws.empty() || !std::all_of(draws.begin(), draws.end(), finite)) {
    result.status = draws.empty() ? Status::TooFew : Status::NanInput;
    return result;
  }
  result.se = standardDeviation(draws);
  setInterval(result, draws, jackknife);
  if (*std::max_element(draws.begin(), draws.end()) == *std::min_element(draws.begin(), draws.end())) {
    result.method = "point";
    result.status = Status::ZeroVariance;
  } else if (result.groups < kMinGroups) {
    result.status = Status::TooFew;
  }
  return result;
}

std::vector<Estimate> bcaMeans(const MatrixD& values, std::span<const std::int32_t> groups, const BootstrapConfig& config) {
  const Grouped data = grouped(values, groups);
  const bool draw = data.groups() >= kMinGroups;
  const auto counts = draw ? sharedCounts(data.groups(), config) : nullptr;
  std::vector<Estimate> result(static_cast<std::size_t>(values.cols()));
  for (Eigen::Index first = 0; first < values.cols(); first += kColumnsAtOnce) {
    const Eigen::Index count = std::min(kColumnsAtOnce, values.cols() - first);
    const ColumnDraws draws = draw ? drawMeans(data, *counts, first, count) : ColumnDraws(0, count);
    parallelFor(count, RunContext{}.threadCount(), 4, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t j = begin; j < end; ++j)
        result[static_cast<std::size_t>(first + j)] =
            columnEstimate(data, first + j, config.level, std::span(draws.data() + j * draws.rows(), static_cast<std::size_t>(draws.rows())));
    });
  }
  return result;
}

Estimate bcaMean(std::span<const double> values, std::span<const std::int32_t> groups, const BootstrapConfig& config) {
  const MatrixD column = Eigen::Map<const VectorD>(values.data(), static_cast<Eigen::Index>(values.size()));
  return bcaMeans(column, groups, config)[0];
}

MatrixD bootstrapMeans(const MatrixD& values, std::span<const std::int32_t> groups, const BootstrapConfig& config) {
  const Grouped data = grouped(values, groups);
  if (data.groups() == 0) return MatrixD(0, values.cols());
  return drawMeans(data, *sharedCounts(data.groups(), config), 0, values.cols());
}

Estimate tMean(std::span<const double> values, std::span<const std::int32_t> groups, double level) {
  const MatrixD column = Eigen::Map<const VectorD>(values.data(), static_cast<Eigen::Index>(values.size()));
  Estimate result = outline(grouped(column, groups), 0, level);
  if (result.method.empty()) studentize(result);
  return result;
}

}  // namespace lacuna::statistics
