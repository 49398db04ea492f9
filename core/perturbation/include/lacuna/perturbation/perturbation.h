#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "lacuna/activations/activations.h"
#include "lacuna/base/ids.h"
#include "lacuna/base/matrix.h"
#include "lacuna/model/forward.h"

namespace lacuna::perturbation {

/// Every method is h(ε) = h + ε·Δ(h) on the selected tokens (methods.md 5.1).
enum class Method {
  Zero,      ///< Δ = −h_S
  Mean,      ///< Δ = μ_S − h_S
  Set,       ///< Δ = value − h_S
  Project,   ///< Δ = −VᵀV(h − μ); affine, keeps the mean (μ = 0: the linear variant)
  Shift,     ///< Δ = ρ·u, u ∈ {−1, 0, 1}^d: the gradient-sign step −sign(w) of a linear probe's logit
  Noise,     ///< Δ = isotropic noise, ‖Δ‖ = ρ√d (control); Philox keyed by seed and the row's own bits
};
std::string methodName(Method method);               ///< "zero", "mean", "set", "project", "grad_sign", "noise"
std::optional<Method> methodFromName(std::string_view name);

/// A perturbation is a value: canonical JSON, hashed, printed, parsed back.
struct Perturbation {
  model::Site site = model::Site::MlpHidden;
  LayerIndex layer;
  Method method = Method::Mean;
  double epsilon = 1;
  model::TokenScope tokens = model::TokenScope::All;
  bool includeFirst = false;
  bool keepNorm = false;
  std::vector<std::int32_t> neurons;                  ///< S; sorted
  MatrixD basis;                                      ///< V [r, d], orthonormal rows (project)
  std::vector<double> centre;                         ///< μ: [|S|] for mean, [d] for project
  std::vector<double> direction;                      ///< u [d] (shift)
  double rho = 1;                                     ///< shift, noise
  double value = 0;                                   ///< set
  std::uint64_t seed = 0;                             ///< noise

  bool isNull() const { return epsilon == 0; }
};
/// Canonical form: sorted keys, shortest numbers. Parsing throws LAC-1201 naming the JSON pointer, expected and found.
/// Without "include_first", a perturbation of method "set" edits all positions (as the parity fixtures' edit.json).
nlohmann::json toJson(const Perturbation& p);
Perturbation fromJson(const nlohmann::json& json);
std::string hash(const Perturbation& p);
std::string describe(const Perturbation& p);          ///< "mean-ablate 12 neurons of mlp_hidden 3, ε = 0.5"

/// The engine's form. ε = 0 gives an arm without edits: the clean path itself.
model::Arm makeArm(const Perturbation& p);

/// Reference form, one row at a time in fp64 (tests, previews of formulas): h + ε·Δ(h).
std::vector<double> applyToRow(const Perturbation& p, std::vector<double> h);

/// Controls (methods.md 5.5), draw r of the same target: same seed, same draw → same control.
/// (a) as many neurons, matched on the decile of activation RMS × the quintile of ‖W_out row‖ (left out when empty), none of S.
/// A spent stratum is replaced by its nearest neighbour; fewer neurons come back when fewer than |S| are left outside S.
std::vector<std::int32_t> matchedNeurons(const std::vector<std::int32_t>& target, const VectorD& activationRms,
                                         const VectorD& outputNorm, std::uint64_t seed, int draw);
/// (b) r random directions, Haar inside the principal components that carry 90 % of the variance; orthonormal rows [r, d].
MatrixD matchedSubspace(const MatrixD& covariance, int rank, std::uint64_t seed, int draw);
/// A control for any target perturbation: (a) for neuron methods; (b) for project, its ε rescaled so that the mean ‖Δ‖² over the
/// reference distribution is the target's; for grad_sign as many coordinates with random signs, for noise another seed (‖Δ‖ is equal).
Perturbation matchedControl(const Perturbation& target, const activations::SiteStats& stats, const VectorD& outputNorm,
                            std::uint64_t seed, int draw);

}  // namespace lacuna::perturbation
