#include <array>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/statistics/correlation.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/shrinkage.h"
#include "resample.h"

namespace lacuna::statistics {
namespace {

struct Line { double slope = kMissing, intercept = kMissing; };

Line demingLine(std::span<const double> x, std::span<const double> y, double lambda) {
  const double mx = mean(x), my = mean(y);
  double sxx = 0, syy = 0, sxy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sxx += (x[i] - mx) * (x[i] - mx);
    syy += (y[i] - my) * (y[i] - my);
    sxy += (x[i] - mx) * (y[i] - my);
  }
  if (!(std::abs(sxy) > 1e-14 * std::sqrt(sxx * syy))) return {};
  const double gap = syy - lambda * sxx, slope = (gap + std::sqrt(gap * gap + 4 * lambda * sxy * sxy)) / (2 * sxy);
  return {slope, my - slope * mx};
}

std::vector<double> without(std::span<const double> values, std::size_t i) {
  std::vector<double> rest(values.begin(), values.end());
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
  return rest;
}

// t interval from pseudo-values (Linnet 1990).
Estimate jackknifed(double value, const std::vector<double>& leaveOneOut, double level) {
  const double n = static_cast<double>(leaveOneOut.size());
  std::vector<double> pseudo;
  for (const double left : leaveOneOut) pseudo.push_back(n * value - (n - 1) * left);
  const double se = standardDeviation(pseudo) / std::sqrt(n), half = tQuantile(0.5 + level / 2, n - 2) * se;
  const auto count = static_cast<std::int64_t>(leaveOneOut.size());
  return {value, value - half, value + half, se, level, count, count, "jackknife", std::isnan(se) ? Status::NotIdentified : Status::Ok};
}

}  // namespace

Calibration deming(std::span<const double> x, std::span<const double> y, double lambda, double level) {
  LACUNA_CHECK(x.size() == y.size() && lambda > 0);
  Calibration result;
  const Line line = demingLine(x, y, lambda);
  if (x.size() < 3) result.status = Status::TooFew;
  else if (std::isnan(line.slope)) result.status = Status::NotIdentified;
  result.slope.status = result.intercept.status = result.status;
  if (result.status != Status::Ok) return result;
  std::vector<double> slopes, intercepts;
  double residual = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Line left = demingLine(without(x, i), without(y, i), lambda);
    slopes.push_back(left.slope);
    intercepts.push_back(left.intercept);
    residual += std::pow(y[i] - line.intercept - line.slope * x[i], 2);
  }
  result.slope = jackknifed(line.slope, slopes, level);
  result.intercept = jackknifed(line.intercept, intercepts, level);
  result.residualSd = std::sqrt(residual / static_cast<double>(x.size() - 2));
  return result;
}

Estimate predict(const Calibration& calibration, double x, double meanX, double level) {
  Estimate result = calibration.slope;
  result.level = level;
  result.method = "prediction";
  if (calibration.status != Status::Ok) return result;
  const double n = static_cast<double>(result.n);
  result.value = calibration.intercept.value + calibration.slope.value * x;
  result.se = std::sqrt(calibration.residualSd * calibration.residualSd * (1 + 1 / n) + std::pow((x - meanX) * calibration.slope.se, 2));
  const double half = tQuantile(0.5 + level / 2, n - 2) * result.se;
  result.low = result.value - half;
  result.high = result.value + half;
  return result;
}

Estimate linearDatamodelScore(const MatrixD& members, std::span<const double> attributions, std::span<const double> outcomes, const BootstrapConfig& config) {
  LACUNA_CHECK(members.rows() == static_cast<Eigen::Index>(outcomes.size()) && members.cols() == static_cast<Eigen::Index>(attributions.size()));
  Estimate result;
  result.level = config.level;
  result.n = result.groups = members.rows();
  result.method = "percentile";
  const VectorD sums = members * Eigen::Map<const VectorD>(attributions.data(), members.cols());
  const std::vector<double> predicted(sums.begin(), sums.end());
  result.value = spearman(predicted, outcomes);
  if (members.rows() < 3 || std::isnan(result.value)) {
    result.status = members.rows() < 3 ? Status::TooFew : Status::NotIdentified;
    return result;
  }
  const auto counts = sharedCounts(members.rows(), config);
  std::vector<double> draws;
  for (Eigen::Index b = 0; b < counts->rows(); ++b) {
    std::vector<double> drawnPredictions, drawnOutcomes;
    for (Eigen::Index m = 0; m < members.rows(); ++m)
      for (int copy = 0; copy < (*counts)(b, m); ++copy) {
        drawnPredictions.push_back(predicted[static_cast<std::size_t>(m)]);
        drawnOutcomes.push_back(outcomes[static_cast<std::size_t>(m)]);
      }
    if (const double rho = spearman(drawnPredictions, drawnOutcomes); !std::isnan(rho)) draws.push_back(rho);
  }
  const auto bounds = quantiles(draws, std::array{(1 - config.level) / 2, (1 + config.level) / 2});
  result.low = bounds[0];
  result.high = bounds[1];
  result.se = standardDeviation(draws);
  if (members.rows() < 8) result.status = Status::TooFew;
  return result;
}

}  // namespace lacuna::statistics
