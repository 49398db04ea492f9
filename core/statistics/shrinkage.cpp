#include "lacuna/statistics/shrinkage.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lacuna/base/error.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/meta_analysis.h"

namespace lacuna::statistics {
namespace {

double positive(double mean, double sd) { return sd > 0 ? normalCdf(mean / sd) : kMissing; }

Shrunk raw(std::span<const double> y, std::span<const double> se, Status status) {
  Shrunk result;
  result.status = status;
  result.factor.assign(y.size(), 1.0);
  result.mean.assign(y.begin(), y.end());
  result.sd.assign(se.begin(), se.end());
  for (std::size_t i = 0; i < y.size(); ++i) result.probabilityPositive.push_back(positive(y[i], se[i]));
  return result;
}

}  // namespace

Shrunk empiricalBayes(std::span<const double> y, std::span<const double> se, bool meanUncertainty) {
  LACUNA_CHECK(y.size() == se.size());
  std::vector<double> v(se.size());
  std::transform(se.begin(), se.end(), v.begin(), [](double error) { return error * error; });
  if (y.size() < 3) return raw(y, se, Status::NotIdentified);
  const MetaAnalysis meta = metaAnalysis(y, v);
  if (meta.status != Status::Ok) return raw(y, se, meta.status);
  Shrunk result;
  result.mu = meta.random.value;
  result.tau2 = meta.tau2;
  if (meta.tau2 == 0) result.status = Status::Degenerate;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double factor = meta.tau2 / (meta.tau2 + v[i]), centre = result.mu + factor * (y[i] - result.mu);
    const double extra = meanUncertainty ? (1 - factor) * (1 - factor) * meta.random.se * meta.random.se : 0.0;
    const double sd = std::sqrt(factor * v[i] + extra);
    result.factor.push_back(factor);
    result.mean.push_back(centre);
    result.sd.push_back(sd);
    result.probabilityPositive.push_back(positive(centre, sd));
  }
  return result;
}

double klDivergence(std::span<const double> p, std::span<const double> q) {
  LACUNA_CHECK(p.size() == q.size());
  double sum = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i] == 0) continue;
    if (q[i] == 0) return std::numeric_limits<double>::infinity();
    sum += p[i] * std::log(p[i] / q[i]);
  }
  return sum;
}

Tilt tilt(std::span<const double> values, std::span<const double> weights, const TiltConfig& config, std::span<const std::uint8_t> move, std::span<const double> caps) {
  LACUNA_CHECK(values.size() == weights.size() && (move.empty() || move.size() == values.size()) && (caps.empty() || caps.size() == values.size()));
  Tilt result;
  const double sd = standardDeviation(values, 0), centre = mean(values), total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!std::isfinite(sd) || !(total > 0)) {
    result.status = values.empty() ? Status::TooFew : Status::NanInput;
    return result;
  }
  if (!(sd > 0)) result.status = Status::ZeroVariance;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double z = sd > 0 ? (values[i] - centre) / sd : 0.0;
    double multiplier = std::clamp(std::exp(config.eta * z), config.smallest, config.largest);
    if (!move.empty() && move[i] == 0) multiplier = 1;
    if (!caps.empty()) multiplier = std::min(multiplier, caps[i]);
    result.multiplier.push_back(multiplier);
    result.weights.push_back(weights[i] * multiplier);
  }
  const double tilted = std::accumulate(result.weights.begin(), result.weights.end(), 0.0);
  std::vector<double> before(weights.begin(), weights.end());
  for (double& weight : before) weight /= total;
  for (double& weight : result.weights) weight /= tilted;
  result.kl = klDivergence(result.weights, before);
  return result;
}

}  // namespace lacuna::statistics
