#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lacuna/perturbation/perturbation.h"
#include "lacuna/statistics/estimate.h"

namespace lacuna::perturbation {

/// One construction for targets, permuted-probe controls and other clusters' perturbations (methods.md 5.5 c, d): what differs is
/// the neuron set or the direction that goes in.
struct Built {
  std::optional<Perturbation> perturbation;   ///< nothing: NOT_IDENTIFIED, no run
  std::string why;                            ///< in words, when there is nothing
};

/// States of reference documents outside the cluster, and which draw of donors is made (average over 5 seeds, methods.md 5.1).
struct StateBank {
  MatrixF states;                             ///< [n, d]
  std::vector<std::int32_t> positions;        ///< [n] in their texts, or empty: any state may stand for any
  std::uint64_t seed = 0;
};

/// zero, mean or resample on S (any order) with the moments of the site. Nothing: S is empty. Throws LAC-1201 for another method,
/// a neuron outside the site, resample without a bank as wide as the site.
Built fromNeurons(model::Capture place, Method method, std::vector<std::int32_t> neurons, const activations::SiteStats& stats,
                  double epsilon, const StateBank& bank = {});

/// What a probe or a difference of means says of a site, in unscaled space (w_std/sd).
struct Direction {
  MatrixD rows;                               ///< [r, d] any spanning directions (project, leace: δ); [1, d] w of the logit (grad_*, flip)
  double bias = 0, margin = 0;                ///< flip: b, and m = median logit of the rest's documents
  std::vector<std::int32_t> neurons;          ///< grad_*: u is 0 outside; empty: all
  MlpProbe probe;                             ///< grad_*: instead of rows
  int steps = 1;                              ///< grad_* with an MLP probe
  bool throughZero = false;                   ///< project: the linear variant
};

/// project, leace, grad_sign, grad_l2 or flip. μ and ρ are the site's; A of leace comes from Σ⁺ (relative cut 1e-6; variances alone
/// where the site has no covariance). Nothing: the direction is 0, or the states do not vary along it (leace).
/// Throws LAC-1201 for another method, or a direction of another width than the site's.
Built fromDirection(model::Capture place, Method method, const Direction& direction, const activations::SiteStats& stats, double epsilon);

/// Relative displacement δ = RMS‖h(ε) − h‖ / RMS‖h − μ‖ (methods.md 5.1) in closed form: `stats` are the moments of the tokens that
/// the edit selects. NaN where there is none: keep_norm, several gradient steps, states that do not vary. Donors of a bank count as
/// independent of the state they replace; a gradient of an MLP probe as nowhere 0.
double expectedDisplacement(const Perturbation& p, const activations::SiteStats& stats);

struct Dose {
  double epsilon = 0;                         ///< NaN unless OK
  statistics::Status status = statistics::Status::Ok;
  std::string reason;                         ///< in words, when NOT_IDENTIFIED
};
/// The ε ≥ 0 at which p moves states by δ ≥ 0 (p's own ε means nothing). NOT_IDENTIFIED: beyond 2 the "method cannot move that far".
Dose epsilonForDisplacement(const Perturbation& p, const activations::SiteStats& stats, double displacement);

}  // namespace lacuna::perturbation
