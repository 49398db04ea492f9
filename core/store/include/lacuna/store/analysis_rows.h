#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lacuna/base/ids.h"
#include "lacuna/store/contrast_rows.h"

/// What is derived from probes and item outcomes, as plain values. A number that could not be computed is NaN; `status` names why, `reason`
/// says it in words.
namespace lacuna::store {

/// Do two ways of ranking a site's neurons for a cluster agree? (methods.md 4.4)
struct RankingRow {
  ClusterId cluster;
  std::string site;
  LayerIndex layer;
  std::string first, second;                 ///< "probe", "probeless", "stability", "gradients"
  double spearman = 0, jaccard = 0;          ///< of all neurons; of the `top` first
  std::int64_t top = 0;
  std::string status;
};

/// An effect among one kind of controls (methods.md 5.5).
struct ControlRow {
  std::int64_t run = 0;
  std::string task, metric, kind;            ///< "matched", "permuted", "other", "noise"
  int controls = 0;
  double ace = 0, mean = 0, low = 0, high = 0, p = 0, percentile = 0;   ///< low, high: 2.5 and 97.5 % of the controls
};

/// How alike a cluster's documents and a task's questions are: cosine of their centred mean vectors, `by` "words" or "sentence-encoder".
struct RelationRow { ClusterId cluster; std::string task; double similarity = 0; std::string by = {}; };

/// Dose–response of one cluster, method and layer on one task (methods.md 6.4).
struct CurveRow {
  ClusterId cluster;
  std::string method, task, metric;
  LayerIndex layer;
  int doses = 0;                             ///< ε = 0 included
  double area = 0, epsilonHalf = 0, monotonicity = 0;
  std::string status;
};

/// How much of an effect is this cluster's and this task's own (methods.md 6.5).
struct SpecificityRow {
  ClusterId cluster;
  std::string method, task;
  double epsilon = 0;
  double standardised = 0;                   ///< ACE over the sd of the task's clean outcomes
  double index = 0, indexLow = 0, indexHigh = 0;       ///< SI
  double centred = 0, centredLow = 0, centredHigh = 0; ///< double-centred
  std::string status;
};

/// One coefficient of the regression of effects (methods.md 9), one row an estimator.
struct RegressionRow {
  std::string model;                         ///< "ols-hc3", "two-way", "wild-bootstrap", "meta", "mixed"
  std::string term;                          ///< "intercept", "ln_tokens", "similarity", "method:project", …
  double estimate = 0, se = 0, low = 0, high = 0, p = 0, vif = 0;
  std::int64_t n = 0, clusters = 0;          ///< cells; clusters of the dimension with fewer
  std::string status, reason;
};

/// How much perturbation a capability tolerates (methods.md 11).
struct RobustnessRow {
  ClusterId cluster;
  std::string method, task;
  LayerIndex layer;
  double kept = 0.95;
  double tolerance = 0, knee = 0, kneeLow = 0, kneeHigh = 0, supF = 0, pKnee = 0;
  int doses = 0;
  std::string status, reason;
};

/// The largest strength that keeps a loss budget on unrelated data (methods.md 10).
struct StrengthRow {
  ClusterId cluster;
  std::string method;
  LayerIndex layer;
  double budget = 0, epsilon = 0, displacement = 0;    ///< ε*; relative displacement at ε*
  bool nonMonotone = false;
  std::string binding;                       ///< the set of data that limits it
  std::string probes;                        ///< JSON: [{"epsilon", "mean", "upper", "se"}, …] as measured
  std::string status, reason;
};

/// What an ability loses at a tuned strength, on its reported items (methods.md 10, step 5).
struct StrengthEffectRow {
  ClusterId cluster;
  std::string method;
  LayerIndex layer;
  double budget = 0, epsilon = 0;            ///< epsilon: ε* of the StrengthRow with the same cluster, method, layer and budget
  std::string task, metric;
  bool unrelated = false;                    ///< in the lowest third of likeness to the cluster: tuned on, so its loss was bounded
  double similarity = 0;                     ///< to the cluster; NaN: not known
  double clean = 0, perturbed = 0, ace = 0, low = 0, high = 0, se = 0, level = 0.95;
  std::int64_t n = 0, groups = 0;
  std::string intervalMethod, status, reason;
};

/// One cluster of the curation report (methods.md 12).
struct CurationRow {
  ClusterId cluster;
  double share = 0, newShare = 0, multiplier = 1;
  double utility = 0, probabilityPositive = 0, probabilityTop = 0, rankLow = 0, rankHigh = 0;
  std::string verdict, reason;               ///< "up", "down", "no change"
};

/// Pure functions of outcomes, effects and the clustering: made again together, without the model.
struct Analysis {
  std::vector<ControlRow> controls;
  std::vector<CurveRow> curves;
  std::vector<SpecificityRow> specificity;
  std::vector<RegressionRow> regression;
  std::vector<RobustnessRow> robustness;
  std::vector<CurationRow> curation;
  std::vector<InteractionRow> interactions;
  std::vector<MediationRow> mediation;
};

}  // namespace lacuna::store
