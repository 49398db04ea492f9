#pragma once

#include "lacuna/perturbation/perturbation.h"

namespace lacuna::perturbation {

/// k steps of ε/k against the gradient of an MLP probe's logit, which is looked up again after each (methods.md 5.1). A step of
/// grad_sign adds (ε/k)·ρ·u, u = −sign(g); of grad_l2 (ε/k)·ρ√d·(−g/‖g‖). Outside p.neurons (when there are any) u is 0. Where the
/// gradient vanishes the row stays.
VectorD stepAgainst(const Perturbation& p, VectorD h);

/// dz/dh of the probe at h, on p.neurons alone when there are any: hiddenᵀ(output ∘ 1[hidden·h + bias > 0]).
VectorD probeGradient(const Perturbation& p, const VectorD& h);

}  // namespace lacuna::perturbation
