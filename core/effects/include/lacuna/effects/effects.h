#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/estimate.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::effects {

/// Paired outcomes of one task and metric: item order as in the task; larger = better ability.
struct Outcomes {
  std::vector<double> clean;            ///< [n]
  std::vector<std::int32_t> groups;     ///< [n]
};

/// Effect of one perturbation on one task beside its matched controls.
struct Effect {
  statistics::Estimate ace;             ///< E[f(h) − f(h_pert)]: > 0, the perturbation lowers the score
  statistics::Estimate cleanScore, perturbedScore;
  double controlMean = statistics::kMissing, controlLow = statistics::kMissing, controlHigh = statistics::kMissing;  ///< mean, 2.5 and 97.5 % of the controls' ACE
  double aceAdjusted = statistics::kMissing;     ///< ACE − mean of controls
  double pControl = statistics::kMissing;        ///< (1 + #{control ≥ ACE}) / (R + 1)
  double percentile = statistics::kMissing;      ///< share of controls below, ties half
  double normalised = statistics::kMissing;      ///< ACE / (clean − floor)
  int controls = 0;
  statistics::TestResult wilcoxon, signFlip;     ///< on group means when groups repeat
  statistics::TestResult mcnemar;                ///< binary outcomes only
};

/// clean and perturbed: per item; controls: [R][n]. A pure function: no model, no file.
Effect measureEffect(const Outcomes& outcomes, std::span<const double> perturbed, const std::vector<std::vector<double>>& controls,
                     const statistics::BootstrapConfig& config, double floor = statistics::kMissing, bool binary = false);

struct DosePoint { double epsilon = 0; statistics::Estimate ace; };
struct DoseResponse {
  std::vector<DosePoint> points;        ///< by ε; ε = 0 is exactly 0
  double area = statistics::kMissing;   ///< AUDRC: trapezoid over the range
  double epsilonHalf = statistics::kMissing;  ///< ε where the isotonic fit reaches half of its maximum
  double monotonicity = statistics::kMissing; ///< 1 − SSE(PAV)/SST
};
DoseResponse doseResponse(std::vector<DosePoint> points);

/// SI_iT = T/(T−1)·(A − row mean) and the double-centred matrix (methods.md 6.5). A [clusters, tasks], standardised.
struct Specificity { MatrixD index, doubleCentred; };
Specificity specificity(const MatrixD& a);

/// Chance gate (methods.md 6.1): one-sided exact binomial p of `correct` out of n against `chance`.
double emergenceP(std::int64_t correct, std::int64_t n, double chance);

}  // namespace lacuna::effects
