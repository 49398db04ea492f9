#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lacuna/perturbation/construction.h"
#include "lacuna/perturbation/perturbation.h"

namespace lacuna::perturbation {

/// What stands beside a target (methods.md 5.5).
enum class ControlKind {
  Matched,    ///< (a), (b): random neurons or directions of the same size
  Permuted,   ///< (c): a probe of shuffled labels through fromNeurons() or fromDirection(), as the target
  Other,      ///< (d): another cluster's perturbation
  Noise,      ///< (e): isotropic noise of the target's size
};
std::string controlName(ControlKind kind);            ///< "matched", "permuted", "other", "noise"
std::optional<ControlKind> controlFromName(std::string_view name);

/// A control is a value too: what it is and the perturbation that runs. JSON {"draw", "kind", "perturbation"}; LAC-1201 as for
/// perturbations.
struct Control {
  ControlKind kind = ControlKind::Matched;
  int draw = 0;
  Perturbation perturbation;
};
nlohmann::json toJson(const Control& control);
Control controlFromJson(const nlohmann::json& json);

/// matchedControl() for every method: `bank` holds the donors' states of all neurons (read by resample alone).
Perturbation matchedControl(const Perturbation& target, const activations::SiteStats& stats, const VectorD& outputNorm,
                            const StateBank& bank, std::uint64_t seed, int draw);

/// Isotropic noise with the target's ε and RMS ‖Δ‖ over the reference distribution. The noise of a draw is fixed by seed and state.
Perturbation noiseControl(const Perturbation& target, const activations::SiteStats& stats, std::uint64_t seed, int draw);

}  // namespace lacuna::perturbation
