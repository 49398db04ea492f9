#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/model/forward.h"
#include "lacuna/statistics/estimate.h"

/// Screening by attribution patching (methods.md 5.6 iv; Syed et al. 2023, Kramár et al. 2024): one clean run and one sweep back for
/// all arms together, ACE ≈ −Σ_rows g·Δ(row), with g the gradient of the margin and Δ what the arm's own edits do to the clean rows.
/// A first-order estimate: units that are saturated, or that stand in for each other, have no gradient and are missed.
namespace lacuna::effects {

/// One item: its choices (or its one answer) in a forest, as tokens whose log-probabilities add up.
struct ScreeningItem {
  model::Forest forest;
  std::vector<std::vector<model::ScoredToken>> choices;
  int gold = 0;
  bool perToken = false;          ///< mean log p a token: where the choices differ in length
  int golds = 1;                  ///< choices from `gold` on that count as right together (sets of texts)
};

/// logsumexp(right choices) − logsumexp(others) (methods.md 14), with its derivative by every choice's log-likelihood; without others the
/// right ones' alone. Right are `golds` choices from `gold` on.
struct Margin { double value = statistics::kMissing; std::vector<double> weights; };
Margin marginOf(std::span<const double> logLikelihoods, int gold, int golds = 1);

/// Effects on the margin, clean − perturbed: estimates of screen(), exact ones of measure(). [arms, items]
struct MarginEffects {
  MatrixD effects;
  std::vector<double> clean;      ///< [items] clean margins
  std::vector<double> ace() const;   ///< [arms] means over items
};
/// Deltas come from the arm's own edits at their ε, on the rows their token scope selects (position 0 left out as there). Edits at
/// several places of one arm add up. An arm without edits gets exactly 0. Throws as model::Gradients.
MarginEffects screen(const model::Model& model, std::span<const ScreeningItem> items, std::span<const model::Arm> arms, const RunContext& context);
/// The same margins by running every arm: to verify a screen.
MarginEffects measure(const model::Model& model, std::span<const ScreeningItem> items, std::span<const model::Arm> arms, const RunContext& context);

struct VerificationConfig { double topShare = 0.20, randomShare = 0.10; std::uint64_t seed = 0; };
/// Which arms to run exactly: the share of largest |estimate|, and a random share of the rest. Both rounded up, ascending.
struct Verification {
  std::vector<std::size_t> top, random;
  std::vector<std::size_t> all() const;   ///< both, ascending
};
Verification chooseVerified(std::span<const double> estimates, const VerificationConfig& config = {});

/// Spearman's ρ of screen and exact ACE on the verified arms, all of them and the random ones alone (the top ones were chosen by the
/// screen). A constant side → NOT_IDENTIFIED, fewer than 4 arms → TOO_FEW.
struct ScreenAgreement { statistics::Estimate verified, random; };
/// estimates [arms]; exact [arms], read where verified.
ScreenAgreement screenAgreement(std::span<const double> estimates, std::span<const double> exact, const Verification& verification, double level = 0.95);

}  // namespace lacuna::effects
