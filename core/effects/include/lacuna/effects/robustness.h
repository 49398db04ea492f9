#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/effects/strength.h"
#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/curves.h"
#include "lacuna/statistics/estimate.h"

/// How much of a capability is left as the dose grows, and where it gives way (methods.md 11).
namespace lacuna::effects {

/// R(e): share of the clean score, f(e)/f(0), for scores that cannot be negative; or 1 − loss increase, for negated losses.
enum class Retention { Ratio, LossIncrease };

/// Outcomes of the same items at several doses; larger = better.
struct DoseOutcomes {
  std::vector<double> doses;             ///< [doses] ascending; 0 need not be there
  std::vector<double> clean;             ///< [items]
  MatrixD perturbed;                     ///< [items, doses]
  std::vector<std::int32_t> groups;      ///< [items]
  Retention retention = Retention::Ratio;
  double floor = 0;                      ///< of the score: R is undefined at it (Ratio only)
  MatrixD controls;                      ///< [control draws, doses] R of random controls; empty: none
};

struct RobustnessConfig {
  double kept = 0.95;                    ///< tolerated retention
  bool weighted = true;                  ///< hinge weighted by 1/item-bootstrap variance; one exact dose counts as the surest other
  statistics::BootstrapConfig bootstrap{.draws = 2000};   ///< level: of the knee's interval; lower bounds are one-sided at it
  int nullDraws = 999;
};

struct Robustness {
  std::vector<RetentionPoint> curve;     ///< R, its one-sided lower bound
  double tolerance = statistics::kMissing;   ///< largest dose up to which every lower bound keeps `kept`, interpolated
  statistics::Status toleranceStatus = statistics::Status::Ok;   ///< AT_CEILING: kept at every dose; NOT_IDENTIFIED: lost at the first
  bool nonMonotone = false;              ///< R rises by more than 2 SE (> 0): the hinge was fitted to its monotone (isotonic) form
  statistics::Hinge hinge;               ///< sup-F with wild-bootstrap p
  statistics::Estimate knee;             ///< ψ with the wider of profile and item-bootstrap interval; method says which
  statistics::Kneedle kneedle;           ///< a visual hint without interval
  double leavesControls = statistics::kMissing;   ///< first dose where R lies below the controls' 2.5 % quantile
  statistics::Status status = statistics::Status::Ok;   ///< of the knee: TOO_FEW (< 6 doses: tolerance only), AT_FLOOR, NOT_IDENTIFIED
  std::string reason;                    ///< "no identifiable knee: …"; empty when OK
};
/// A pure function. Items without a value at some dose are left out of all.
Robustness robustness(const DoseOutcomes& outcomes, const RobustnessConfig& config = {});

/// One number for a new model from three or more models' numbers (tolerances or knees with their standard errors): random-effects mean
/// and prediction interval. Fewer → TOO_FEW: a guideline does not carry over from one model to another.
statistics::Estimate guidelineAcrossModels(std::span<const statistics::Estimate> models, double level = 0.95);

}  // namespace lacuna::effects
