#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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
  Resample,  ///< Δ = h'_S − h_S, h' a row of the bank; Philox keyed by seed and the row's own bits chooses it
  Project,   ///< Δ = −VᵀV(h − μ); affine, keeps the mean (μ = 0: the linear variant)
  Leace,     ///< Δ = −BᵀA(h − μ), A·Bᵀ = I: oblique; one cluster: B = δ, A = Σ⁻¹δ/(δᵀΣ⁻¹δ) (Belrose et al. 2023)
  Shift,     ///< Δ = ρ·u, u ∈ {−1, 0, 1}^d: the gradient-sign step −sign(g) on a probe's logit
  GradL2,    ///< Δ = ρ√d·u, u = −g/‖g‖: as long as a full sign step
  Flip,      ///< Δ = −(z(h) + m)·w/‖w‖², z = w·h + b: to the probe logit −m (AlterRep, Ravfogel et al. 2021)
  Noise,     ///< Δ = isotropic noise, ‖Δ‖ = ρ√d (control); Philox keyed by seed and the row's own bits
};
std::string methodName(Method method);               ///< "zero", "mean", "set", "resample", "project", "leace", "grad_sign", "grad_l2", …
std::optional<Method> methodFromName(std::string_view name);
bool editsNeurons(Method method);                    ///< Zero, Mean, Set, Resample: what they move is a neuron set S

/// A probe's gate p(c|h) > ½: rows with weights·h + bias > 0 before the edit are edited, the others stay. Empty weights: no gate.
struct Gate {
  std::vector<double> weights;                        ///< [d]
  double bias = 0;
};
/// A probe of one hidden layer in unscaled space: z(h) = output·relu(hidden·h + bias), up to a constant. No rows: there is none.
struct MlpProbe {
  MatrixD hidden;                                     ///< [units, d]
  std::vector<double> bias, output;                   ///< [units]
};

/// A perturbation is a value: canonical JSON, hashed, printed, parsed back.
struct Perturbation {
  model::Site site = model::Site::MlpHidden;
  LayerIndex layer;
  Method method = Method::Mean;
  double epsilon = 1;
  model::TokenScope tokens = model::TokenScope::All;  ///< All with a gate: JSON says "gated"
  Gate gate;
  bool includeFirst = false;
  bool keepNorm = false;
  std::vector<std::int32_t> neurons;                  ///< S; sorted. For an MLP probe's gradient: where u may differ from 0; empty: everywhere
  MatrixD basis;                                      ///< V [r, d], orthonormal rows (project); B [r, d] (leace)
  MatrixD readout;                                    ///< A [r, d] (leace)
  std::vector<double> centre;                         ///< μ: [|S|] for mean, [d] for project and leace
  std::vector<double> direction;                      ///< u [d] (grad_sign; grad_l2: of length 1), w [d] (flip)
  MlpProbe probe;                                     ///< grad_sign, grad_l2: instead of a direction, which is a linear probe's
  int steps = 1;                                      ///< k steps of ε/k, each with the gradient where the last one ended (MLP probe)
  double rho = 1;                                     ///< grad_sign, grad_l2, noise
  double bias = 0, margin = 0;                        ///< b and m (flip)
  double value = 0;                                   ///< set
  MatrixD bank;                                       ///< [n, |S|] states of documents outside the cluster (resample)
  std::vector<std::int32_t> bankPositions;            ///< [n] their places in their texts, or empty: any row may be a donor
  std::uint64_t seed = 0;                             ///< noise, resample

  bool isNull() const { return epsilon == 0; }
};
/// Canonical form: sorted keys, shortest numbers. Parsing throws LAC-1201 naming the JSON pointer, expected and found.
/// Without "include_first", a perturbation of method "set" edits all positions (as the parity fixtures' edit.json).
/// "centre": "zero" is the linear variant of project, "tokens": "gated" wants "gate": {"weights": […], "bias": b}.
nlohmann::json toJson(const Perturbation& p);
Perturbation fromJson(const nlohmann::json& json);
std::string hash(const Perturbation& p);
std::string describe(const Perturbation& p);          ///< "mean-ablate 12 neurons of mlp_hidden 3, ε = 0.5"

/// The engine's form. ε = 0 gives an arm without edits: the clean path itself.
model::Arm makeArm(const Perturbation& p);

/// Reference form, one row at a time in fp64 (tests, previews of formulas): h + ε·Δ(h), or h where the gate is shut.
/// `position` of the row in its text is read by resample with bank positions alone.
std::vector<double> applyToRow(const Perturbation& p, std::vector<double> h, std::int32_t position = 0);

/// Several perturbations at once, composed left to right (methods.md 5.4): a window of layers, all layers from l on, two clusters.
/// Canonical form: a JSON array in that order; of one perturbation, that perturbation itself. Never empty in JSON.
using PerturbationSet = std::vector<Perturbation>;
nlohmann::json toJson(std::span<const Perturbation> set);
PerturbationSet setFromJson(const nlohmann::json& json);   ///< an object or an array; LAC-1201 as "/1/neurons/0"
std::string hash(std::span<const Perturbation> set);
std::string describe(std::span<const Perturbation> set);   ///< parts joined by "; then "
model::Arm makeArm(std::span<const Perturbation> set);

/// Controls (methods.md 5.5), draw r of the same target: same seed, same draw → same control. More in controls.h.
/// (a) as many neurons, matched on the decile of activation RMS × the quintile of ‖W_out row‖ (left out when empty), none of S.
/// A spent stratum is replaced by its nearest neighbour; fewer neurons come back when fewer than |S| are left outside S.
std::vector<std::int32_t> matchedNeurons(const std::vector<std::int32_t>& target, const VectorD& activationRms,
                                         const VectorD& outputNorm, std::uint64_t seed, int draw);
/// (b) r random directions, Haar inside the principal components that carry 90 % of the variance; orthonormal rows [r, d].
MatrixD matchedSubspace(const MatrixD& covariance, int rank, std::uint64_t seed, int draw);

/// A control for any target perturbation: (a) for neuron methods; (b) for project and leace (as a projection), grad_l2 and flip, its ε
/// rescaled so that the mean ‖Δ‖² over the reference distribution is the target's; for grad_sign as many coordinates with random
/// signs, for noise another seed (‖Δ‖ is equal). Resample needs states: the form of controls.h. Throws LAC-1201.
Perturbation matchedControl(const Perturbation& target, const activations::SiteStats& stats, const VectorD& outputNorm,
                            std::uint64_t seed, int draw);

}  // namespace lacuna::perturbation
