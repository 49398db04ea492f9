#include "lacuna/statistics/power.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "grouped.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"

namespace lacuna::statistics {
namespace {

double zAlpha(const PowerConfig& config) { return normalQuantile(1 - config.alpha / 2); }
double zBeta(const PowerConfig& config) { return normalQuantile(config.power); }

MatrixD asColumn(std::span<const double> values) {
  return Eigen::Map<const VectorD>(values.data(), static_cast<Eigen::Index>(values.size()));
}

}  // namespace

double wilcoxonFactor() { return std::sqrt(std::numbers::pi / 3); }

double mdePairedMean(double sd, double n, const PowerConfig& config) {
  return n > 0 ? (zAlpha(config) + zBeta(config)) * sd / std::sqrt(n) : kMissing;
}

double nPairedMean(double effect, double sd, const PowerConfig& config) {
  return effect != 0 ? std::pow((zAlpha(config) + zBeta(config)) * sd / effect, 2) : kMissing;
}

double nMcNemar(double broken, double fixed, const PowerConfig& config) {
  const double share = broken + fixed, difference = std::abs(broken - fixed);
  if (!(difference > 0) || share > 1) return kMissing;
  const double root = zAlpha(config) * std::sqrt(share) + zBeta(config) * std::sqrt(share - difference * difference);
  return root * root / (difference * difference);
}

double mdeMcNemar(double discordant, double n, const PowerConfig& config) {
  if (!(discordant > 0 && discordant <= 1) || !(n > 0)) return kMissing;
  const auto excess = [&](double difference) {
    return zAlpha(config) * std::sqrt(discordant) + zBeta(config) * std::sqrt(discordant - difference * difference) - std::sqrt(n) * difference;
  };
  double low = 0, high = discordant;
  if (excess(high) > 0) return kMissing;
  for (int step = 0; step < 100; ++step) {
    const double middle = 0.5 * (low + high);
    (excess(middle) > 0 ? low : high) = middle;
  }
  return high;
}

double clusteredStandardError(std::span<const double> values, std::span<const std::int32_t> groups) {
  return values.empty() ? kMissing : clusteredError(grouped(asColumn(values), groups), 0);
}

double designEffect(std::span<const double> values, std::span<const std::int32_t> groups) {
  const double n = static_cast<double>(values.size()), iid = standardDeviation(values) / std::sqrt(n);
  if (!(iid > 0)) return kMissing;
  const double ratio = clusteredStandardError(values, groups) / iid;
  return std::max(1 / n, ratio * ratio);
}

}  // namespace lacuna::statistics
