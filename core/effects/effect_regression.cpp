#include "lacuna/effects/effect_regression.h"

#include <algorithm>
#include <cmath>

#include "effect_design.h"
#include "lacuna/statistics/meta_analysis.h"

namespace lacuna::effects {
namespace {

using statistics::Status;

constexpr std::int64_t fewClusters = 30, webbBelow = 10, mixedUpTo = 3000;

/// Full rank only: columns that depend on earlier ones go, with a notice.
void dropDependent(EffectDesign& design, const statistics::LinearFit& fit) {
  for (const Eigen::Index j : fit.dropped)
    design.notices.push_back("\"" + design.names[static_cast<std::size_t>(j)] + "\" follows from the other columns and was dropped");
  EffectDesign kept = design;
  kept.x = fit.x;
  kept.names.clear();
  kept.covariate.clear();
  kept.taskDummy.clear();
  for (const Eigen::Index j : fit.kept) {
    const auto at = static_cast<std::size_t>(j);
    kept.names.push_back(design.names[at]);
    kept.covariate.push_back(design.covariate[at]);
    kept.taskDummy.push_back(design.taskDummy[at]);
  }
  design = std::move(kept);
}

/// Two-way where both dimensions have two groups or more; otherwise the one that has.
statistics::Covariance clusteredBoth(const EffectRegression& result, const EffectDesign& design, const statistics::LinearFit& fit) {
  if (result.tasks < 2) return statistics::clusteredCovariance(fit, design.clusters);
  if (result.clusters < 2) return statistics::clusteredCovariance(fit, design.tasks);
  return statistics::twoWayCovariance(fit, design.clusters, design.tasks);
}

/// The dimensions of the wild bootstrap: first, and second or none.
struct Dimensions { std::span<const std::int32_t> first, second; std::int64_t fewest = 0; };

Dimensions dimensionsOf(const EffectRegression& result, const EffectDesign& design) {
  if (result.tasks < 2) return {design.clusters, {}, result.clusters};
  if (result.clusters < 2) return {design.tasks, {}, result.tasks};
  return {design.clusters, design.tasks, std::min(result.clusters, result.tasks)};
}

void ordinary(EffectRegression& result, const EffectDesign& design, const statistics::LinearFit& fit, double level) {
  const auto hc3 = statistics::robustCovariance(fit);
  const auto robust = statistics::coefficients(fit, hc3, level);
  const auto twoWay = statistics::coefficients(fit, clusteredBoth(result, design, fit), level);
  const auto vif = statistics::varianceInflation(design.x);
  if (!hc3.guardedRows.empty())
    result.notices.push_back(std::to_string(hc3.guardedRows.size()) + " cells are fitted by a column of their own: HC3 leaves them out");
  for (std::size_t j = 0; j < result.terms.size(); ++j) {
    result.terms[j].hc3 = robust[j];
    result.terms[j].twoWay = twoWay[j];
    result.terms[j].vif = vif[j];
  }
}

void wild(EffectRegression& result, const EffectDesign& design, const EffectRegressionConfig& config) {
  for (EffectTerm& term : result.terms) term.wild.status = term.wildInterval.status = Status::NotIdentified;
  if (!result.fewClusters) return;
  const Dimensions dimensions = dimensionsOf(result, design);
  statistics::WildConfig wildConfig{.draws = config.wildDraws, .seed = config.seed};
  if (dimensions.fewest < webbBelow) {
    wildConfig.weights = statistics::WildWeights::Webb;
    wildConfig.exhaustiveUpTo = 0;
  }
  for (std::size_t j = 0; j < result.terms.size(); ++j) {
    if (!design.covariate[j]) continue;
    const auto column = static_cast<Eigen::Index>(j);
    result.terms[j].wild = statistics::wildClusterTest(design.x, design.y, column, 0, dimensions.first, dimensions.second, wildConfig);
    if (config.wildIntervals)
      result.terms[j].wildInterval = statistics::wildClusterInterval(design.x, design.y, column, dimensions.first, dimensions.second, config.level, wildConfig);
  }
}

void meta(EffectRegression& result, const EffectDesign& design, double level) {
  const std::vector<double> y(design.y.begin(), design.y.end());
  const statistics::MetaRegression fit = statistics::metaRegression(design.x, y, design.variances, level);
  result.tau2 = fit.tau2;
  result.i2 = fit.i2;
  for (std::size_t j = 0; j < fit.b.size(); ++j) result.terms[j].meta = fit.b[j];
}

/// The random task takes the place of its dummies.
void mixed(EffectRegression& result, const EffectDesign& design, double level) {
  for (EffectTerm& term : result.terms) term.mixed.status = Status::NotIdentified;
  if (result.n > mixedUpTo)
    return result.notices.push_back("no mixed model: " + std::to_string(result.n) + " cells, it is fitted up to " + std::to_string(mixedUpTo));
  std::vector<std::size_t> kept;
  for (std::size_t j = 0; j < design.names.size(); ++j)
    if (!design.taskDummy[j]) kept.push_back(j);
  MatrixD x(design.x.rows(), static_cast<Eigen::Index>(kept.size()));
  for (std::size_t k = 0; k < kept.size(); ++k) x.col(static_cast<Eigen::Index>(k)) = design.x.col(static_cast<Eigen::Index>(kept[k]));
  const statistics::MixedModel fit = statistics::mixedModel(x, design.y, design.clusters, design.tasks, level);
  result.clusterVariance = fit.firstVariance;
  result.taskVariance = fit.secondVariance;
  result.residualVariance = fit.residualVariance;
  for (std::size_t k = 0; k < fit.b.size(); ++k) result.terms[kept[k]].mixed = fit.b[k];
}

EffectRegression refused(EffectRegression result, std::int64_t parameters) {
  result.status = Status::NotIdentified;
  result.notices.push_back(std::to_string(result.n) + " cells for " + std::to_string(parameters) + " coefficients: 3 more cells than coefficients are needed");
  return result;
}

}  // namespace

const EffectTerm* EffectRegression::find(const std::string& name) const {
  const auto found = std::find_if(terms.begin(), terms.end(), [&](const EffectTerm& term) { return term.name == name; });
  return found == terms.end() ? nullptr : &*found;
}

EffectRegression effectRegression(std::span<const EffectCell> cells, const EffectRegressionConfig& config) {
  EffectDesign design = effectDesign(cells, config.withNeurons);
  EffectRegression result;
  result.n = design.x.rows();
  result.parameters = design.x.cols();
  result.clusters = static_cast<std::int64_t>(distinct(design.clusters));
  result.tasks = static_cast<std::int64_t>(distinct(design.tasks));
  result.notices = design.notices;
  if (result.n < 3) return refused(std::move(result), result.parameters);
  dropDependent(design, statistics::leastSquares(design.x, design.y));
  result.notices = design.notices;
  result.parameters = design.x.cols();
  if (result.n - result.parameters < 3) return refused(std::move(result), result.parameters);
  result.fewClusters = std::min(result.clusters, result.tasks) < fewClusters;
  for (const std::string& name : design.names) {
    result.terms.emplace_back();
    result.terms.back().name = name;
  }
  ordinary(result, design, statistics::leastSquares(design.x, design.y), config.level);
  wild(result, design, config);
  meta(result, design, config.level);
  mixed(result, design, config.level);
  return result;
}

NeuronSensitivity neuronSensitivity(std::span<const EffectCell> cells, const EffectRegressionConfig& config) {
  std::vector<EffectCell> common;
  for (const EffectCell& cell : cells)
    if (std::isfinite(cell.lnNeurons)) common.push_back(cell);
  NeuronSensitivity result;
  EffectRegressionConfig with = config, without = config;
  with.withNeurons = true;
  without.withNeurons = false;
  result.without = effectRegression(common, without);
  result.with = effectRegression(common, with);
  for (const EffectTerm& term : result.without.terms)
    if (const EffectTerm* const other = result.with.find(term.name))
      result.differences.emplace_back(term.name, term.hc3.estimate.value - other->hc3.estimate.value);
  return result;
}

}  // namespace lacuna::effects
