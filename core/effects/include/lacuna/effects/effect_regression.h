#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/statistics/curves.h"
#include "lacuna/statistics/estimate.h"
#include "lacuna/statistics/regression.h"

/// What makes an effect large (methods.md 9): y = b0 + b1·ln tokens + b2·(similarity − mean) + b3·ln parameters + tasks (+ methods, depth).
/// Clusters differ in more than their size: a slope over clusters is no causal dose of data.
namespace lacuna::effects {

/// One cell: standardised ACE_adj of a cluster on a task, with its sampling variance.
struct EffectCell {
  std::int32_t cluster = 0, task = 0, method = 0, model = 0, family = 0;   ///< family: models of one corpus order and tokenizer
  double effect = statistics::kMissing, variance = statistics::kMissing;
  double depth = 0;                      ///< layer / (layers − 1)
  double lnTokens = 0, similarity = 0, lnParameters = 0;
  double lnNeurons = statistics::kMissing;   ///< ln |S|
};

/// One coefficient by every estimator side by side. The primary one is twoWay, and wild where there are few clusters.
struct EffectTerm {
  std::string name;                      ///< "intercept", "ln tokens", "similarity", "ln parameters", "depth", "ln neurons", "task 2", "method 1"
  statistics::Coefficient hc3, twoWay;   ///< OLS with HC3; clustered by cluster and task (min(G) − 1 degrees), or by one of them when the other has one group
  statistics::TestResult wild;           ///< wild cluster bootstrap of 0; covariates only
  statistics::Estimate wildInterval;
  statistics::Estimate meta;             ///< DerSimonian–Laird weights 1/(v + τ²)
  statistics::Estimate mixed;            ///< (1|cluster) + (1|task), REML; the task dummies make way for the random task
  double vif = statistics::kMissing;
};

struct EffectRegression {
  std::vector<EffectTerm> terms;
  std::int64_t n = 0, clusters = 0, tasks = 0, parameters = 0;
  bool fewClusters = false;              ///< some G < 30: the wild bootstrap was run
  double tau2 = statistics::kMissing, i2 = statistics::kMissing;
  double clusterVariance = statistics::kMissing, taskVariance = statistics::kMissing, residualVariance = statistics::kMissing;
  statistics::Status status = statistics::Status::Ok;   ///< NOT_IDENTIFIED: n − p < 3
  std::vector<std::string> notices;      ///< what was left out, dropped or refused, and why
  const EffectTerm* find(const std::string& name) const;
};

struct EffectRegressionConfig {
  double level = 0.95;
  bool withNeurons = false;              ///< ln |S| as a covariate: a bad control, it shares its cause with the effect
  std::uint64_t seed = 0;
  int wildDraws = 9999;
  bool wildIntervals = true;
};
/// Cells without effect or covariate are left out and counted. ln parameters enters only with five or more sizes of one family and
/// no other family beside it. Weights where there are fewer than 10 clusters in the bootstrapped dimension are Webb's, up to 12
/// otherwise all Rademacher signs.
EffectRegression effectRegression(std::span<const EffectCell> cells, const EffectRegressionConfig& config = {});

/// The same cells (those with a neuron set) with and without ln |S|, and what that changes: without − with, a term.
struct NeuronSensitivity {
  EffectRegression without, with;
  std::vector<std::pair<std::string, double>> differences;
};
NeuronSensitivity neuronSensitivity(std::span<const EffectCell> cells, const EffectRegressionConfig& config = {});

/// Effect against model size within one family: constant, line in ln N and power law, chosen by AICc. Fewer than 6 sizes, or more than
/// one family → NOT_IDENTIFIED: plot the points only.
struct ScaleLaw {
  std::vector<double> sizes, effects, se;    ///< by size; several cells of a size are averaged with weights 1/variance
  statistics::ScalingFit chosen, constant, line, power;
  statistics::Status status = statistics::Status::Ok;
  std::string reason;
};
ScaleLaw scaleLaw(std::span<const EffectCell> cells);

}  // namespace lacuna::effects
