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
  statistics::Status normalisedStatus = statistics::Status::NotIdentified;  ///< AT_FLOOR: |clean − floor| < 2 SE
  int controls = 0;
  statistics::TestResult wilcoxon, signFlip;     ///< on group means when groups repeat
  statistics::TestResult mcnemar;                ///< binary outcomes only; they get no Wilcoxon, which is the same test in disguise
};

/// clean and perturbed: per item; controls: [R][n]. A pure function: no model, no file. Items without a finite control value are
/// left out of that control. `binary` outcomes must be 0 or 1; where they are not, McNemar stays without a p (NOT_IDENTIFIED).
Effect measureEffect(const Outcomes& outcomes, std::span<const double> perturbed, const std::vector<std::vector<double>>& controls,
                     const statistics::BootstrapConfig& config, double floor = statistics::kMissing, bool binary = false);

/// Where the target's ACE lies among its controls' (methods.md 5.5).
struct ControlComparison {
  double mean = statistics::kMissing, low = statistics::kMissing, high = statistics::kMissing;   ///< low, high: 2.5 and 97.5 %
  double p = statistics::kMissing, percentile = statistics::kMissing;
  int controls = 0;
};
ControlComparison compareWithControls(double ace, std::span<const double> controlAces);

struct DosePoint { double epsilon = 0; statistics::Estimate ace; };
struct DoseResponse {
  std::vector<DosePoint> points;        ///< by ε; ε = 0 is exactly 0
  double area = statistics::kMissing;   ///< AUDRC: trapezoid over the range
  double epsilonHalf = statistics::kMissing;  ///< ε where the isotonic fit reaches half of its maximum
  double monotonicity = statistics::kMissing; ///< 1 − SSE(PAV)/SST
};
/// Points in any order; ε = 0 is added where it is missing. A curve that mostly falls is fitted upside down.
DoseResponse doseResponse(std::vector<DosePoint> points);

/// SI_iT = T/(T−1)·(A − row mean) and the double-centred matrix (methods.md 6.5). A [clusters, tasks], standardised.
struct Specificity { MatrixD index, doubleCentred; };
Specificity specificity(const MatrixD& a);
/// ACE [clusters, tasks] over the standard deviation of each task's clean item outcomes [tasks]; sd 0 gives NaN.
MatrixD standardised(const MatrixD& ace, const VectorD& sd);

/// Chance gate (methods.md 6.1): one-sided exact binomial p of `correct` out of n against `chance`.
double emergenceP(std::int64_t correct, std::int64_t n, double chance);

}  // namespace lacuna::effects
