#pragma once

#include "lacuna/activations/activations.h"
#include "lacuna/perturbation/perturbation.h"

namespace lacuna::perturbation {

/// Second moments of a site. Sites too wide for a covariance are taken as uncorrelated.
MatrixD covarianceOf(const activations::SiteStats& stats);
MatrixD timesCovariance(const MatrixD& rows, const activations::SiteStats& stats);      ///< rows·Σ, [r, d]
MatrixD timesPseudoInverse(const MatrixD& rows, const activations::SiteStats& stats);   ///< rows·Σ⁺, variances under 1e-6 of the largest cut

/// E‖Δ(h)‖² over a distribution with these moments; keep_norm is left out of account, k gradient steps go the same way.
double meanSquaredDelta(const Perturbation& p, const activations::SiteStats& stats);

/// Throws LAC-1201 when the perturbation was not made for a site as wide as these moments; `purpose`: "No control".
void requireWidth(const Perturbation& p, const activations::SiteStats& stats, const char* purpose);

}  // namespace lacuna::perturbation
