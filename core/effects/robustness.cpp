#include "lacuna/effects/robustness.h"

#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/meta_analysis.h"
#include "words.h"

namespace lacuna::effects {
namespace {

using statistics::Estimate;
using statistics::Status;

constexpr std::size_t minimalDoses = 6;

/// Clean in column 0, the doses after it; only items that have every value.
struct Items { MatrixD values; std::vector<std::int32_t> groups; };

Items completeItems(const DoseOutcomes& outcomes) {
  std::vector<Eigen::Index> kept;
  for (Eigen::Index i = 0; i < outcomes.perturbed.rows(); ++i)
    if (std::isfinite(outcomes.clean[static_cast<std::size_t>(i)]) && outcomes.perturbed.row(i).allFinite()) kept.push_back(i);
  Items items{MatrixD(static_cast<Eigen::Index>(kept.size()), outcomes.perturbed.cols() + 1), {}};
  for (std::size_t k = 0; k < kept.size(); ++k) {
    items.values.row(static_cast<Eigen::Index>(k)) << outcomes.clean[static_cast<std::size_t>(kept[k])], outcomes.perturbed.row(kept[k]);
    items.groups.push_back(outcomes.groups[static_cast<std::size_t>(kept[k])]);
  }
  return items;
}

/// R of means [rows, 1 + doses], row by row. [rows, doses]
MatrixD retentionOf(const MatrixD& means, Retention kind) {
  const MatrixD perturbed = means.rightCols(means.cols() - 1);
  const VectorD clean = means.col(0);
  if (kind == Retention::Ratio) return clean.cwiseInverse().asDiagonal() * perturbed;
  return (perturbed.colwise() - clean).array() + 1.0;
}

std::vector<double> toVector(const VectorD& values) { return {values.begin(), values.end()}; }

/// Nearest falling curve in least squares.
std::vector<double> falling(std::vector<double> y) {
  for (double& value : y) value = -value;
  y = statistics::isotonic(y);
  for (double& value : y) value = -value;
  return y;
}

bool atFloor(const Items& items, const DoseOutcomes& outcomes) {
  if (outcomes.retention != Retention::Ratio) return false;
  const Estimate clean = statistics::tMean(toVector(items.values.col(0)), items.groups);
  return !(clean.value - outcomes.floor > 2 * (std::isfinite(clean.se) ? clean.se : 0));
}

/// 1/variance; doses that never vary (dose 0) count as the surest of the others. Empty where nothing varies: all alike.
std::vector<double> weightsOf(const std::vector<double>& se) {
  double smallest = INFINITY;
  for (const double error : se)
    if (error > 0) smallest = std::min(smallest, error);
  if (!std::isfinite(smallest)) return {};
  std::vector<double> weights;
  for (const double error : se) weights.push_back(std::pow(smallest / std::max(error, smallest), 2));
  return weights;
}

/// Retention, its draws and their spread.
struct Curve {
  std::vector<double> retention, se;
  MatrixD draws;
};

Curve curveOf(const Items& items, const DoseOutcomes& outcomes, const RobustnessConfig& config) {
  Curve curve;
  curve.retention = toVector(retentionOf(items.values.colwise().mean(), outcomes.retention).row(0).transpose());
  curve.draws = retentionOf(statistics::bootstrapMeans(items.values, items.groups, config.bootstrap), outcomes.retention);
  for (Eigen::Index k = 0; k < curve.draws.cols(); ++k) {
    const double spread = curve.draws.col(k).maxCoeff() - curve.draws.col(k).minCoeff();
    const double rounding = 1e-12 * std::max(1.0, std::abs(curve.retention[static_cast<std::size_t>(k)]));
    curve.se.push_back(spread <= rounding ? 0 : statistics::standardDeviation(toVector(curve.draws.col(k))));
  }
  return curve;
}

void setTolerance(Robustness& result, const DoseOutcomes& outcomes, const Curve& curve, const RobustnessConfig& config) {
  for (std::size_t k = 0; k < curve.retention.size(); ++k) {
    const double low =
        curve.se[k] == 0 ? curve.retention[k] : statistics::quantile(toVector(curve.draws.col(static_cast<Eigen::Index>(k))), 1 - config.bootstrap.level);
    result.curve.push_back({outcomes.doses[k], curve.retention[k], low});
  }
  result.tolerance = tolerance(result.curve, config.kept);
  const bool all = std::all_of(result.curve.begin(), result.curve.end(), [&](const RetentionPoint& p) { return p.low >= config.kept; });
  if (std::isnan(result.tolerance)) result.toleranceStatus = Status::NotIdentified;
  else if (all) result.toleranceStatus = Status::AtCeiling;
}

void setControls(Robustness& result, const DoseOutcomes& outcomes) {
  if (outcomes.controls.rows() == 0) return;
  LACUNA_CHECK(outcomes.controls.cols() == static_cast<Eigen::Index>(outcomes.doses.size()));
  for (std::size_t k = 0; k < outcomes.doses.size(); ++k) {
    const double low = statistics::quantile(toVector(outcomes.controls.col(static_cast<Eigen::Index>(k))), 0.025);
    if (!(result.curve[k].retention < low)) continue;
    result.leavesControls = outcomes.doses[k];
    return;
  }
}

void makeMonotone(Robustness& result, Curve& curve) {
  const std::vector<double> fit = falling(curve.retention);
  for (std::size_t k = 0; k < fit.size(); ++k) {
    const double violation = std::abs(curve.retention[k] - fit[k]);
    result.nonMonotone |= violation > 2 * curve.se[k] && violation > 1e-12 && curve.se[k] > 0;
  }
  if (!result.nonMonotone) return;
  curve.retention = fit;
  for (Eigen::Index b = 0; b < curve.draws.rows(); ++b) {
    const std::vector<double> drawn = falling(toVector(curve.draws.row(b).transpose()));
    curve.draws.row(b) = Eigen::Map<const VectorD>(drawn.data(), curve.draws.cols()).transpose();
  }
}

void setKnee(Robustness& result, const DoseOutcomes& outcomes, const Curve& curve, const RobustnessConfig& config) {
  const auto weights = config.weighted ? weightsOf(curve.se) : std::vector<double>();
  result.hinge = statistics::hinge(outcomes.doses, curve.retention, weights, {config.bootstrap.level, config.nullDraws, config.bootstrap.seed});
  result.kneedle = statistics::kneedle(outcomes.doses, curve.retention);
  result.knee = result.hinge.knee;
  const Estimate items = statistics::kneeInterval(outcomes.doses, curve.draws, config.bootstrap.level, weights);
  if (items.high - items.low > result.knee.high - result.knee.low) {
    result.knee.low = items.low;
    result.knee.high = items.high;
    result.knee.method = "item-bootstrap";
  }
  result.knee.se = items.se;
  const double range = outcomes.doses.back() - outcomes.doses.front(), width = result.knee.high - result.knee.low;
  result.status = result.hinge.status;
  if (result.hinge.p > 0.05) result.reason = "no identifiable knee: a straight line does as well (sup-F p = " + number(result.hinge.p) + ")";
  else if (width > range / 2) result.reason = "no identifiable knee: its interval covers " + number(100 * width / range) + " % of the doses";
  if (!result.reason.empty()) result.status = Status::NotIdentified;
  result.knee.status = result.status;
}

}  // namespace

Robustness robustness(const DoseOutcomes& outcomes, const RobustnessConfig& config) {
  LACUNA_CHECK(outcomes.perturbed.cols() == static_cast<Eigen::Index>(outcomes.doses.size()) && outcomes.clean.size() == outcomes.groups.size() &&
               outcomes.perturbed.rows() == static_cast<Eigen::Index>(outcomes.clean.size()) && std::is_sorted(outcomes.doses.begin(), outcomes.doses.end()));
  Robustness result;
  result.status = result.toleranceStatus = result.knee.status = result.hinge.status = Status::TooFew;
  const Items items = completeItems(outcomes);
  if (items.groups.empty() || outcomes.doses.empty()) {
    result.reason = "no item has an outcome at every dose";
    return result;
  }
  if (atFloor(items, outcomes)) {
    result.status = result.toleranceStatus = result.knee.status = Status::AtFloor;
    result.reason = "the clean score is at its floor: there is nothing to retain";
    return result;
  }
  result.toleranceStatus = Status::Ok;
  Curve curve = curveOf(items, outcomes, config);
  setTolerance(result, outcomes, curve, config);
  setControls(result, outcomes);
  if (outcomes.doses.size() < minimalDoses) {
    result.reason = "a knee needs at least 6 doses, there are " + std::to_string(outcomes.doses.size());
    return result;
  }
  makeMonotone(result, curve);
  setKnee(result, outcomes, curve, config);
  return result;
}

Estimate guidelineAcrossModels(std::span<const Estimate> models, double level) {
  std::vector<double> values, variances;
  for (const Estimate& model : models) {
    if (!std::isfinite(model.value) || !(model.se > 0)) continue;
    values.push_back(model.value);
    variances.push_back(model.se * model.se);
  }
  Estimate result;
  result.level = level;
  result.method = "prediction";
  result.n = result.groups = static_cast<std::int64_t>(values.size());
  result.status = Status::TooFew;
  if (values.size() < 3) return result;
  const statistics::MetaAnalysis meta = statistics::metaAnalysis(values, variances, statistics::Between::DerSimonianLaird, level);
  result = meta.prediction;
  result.value = meta.random.value;
  return result;
}

}  // namespace lacuna::effects
