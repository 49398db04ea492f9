#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/study/results.h"
#include "lacuna/study/spec.h"

namespace lacuna::study {

/// Which perturbation is tuned, and what it may cost on unrelated data (methods.md 10).
struct TuneRequest {
  ClusterId cluster;
  std::string method = "mean";              ///< a recipe of the spec by its name, or a method with its defaults; doses of a recipe are not used
  LayerIndex layer;                         ///< not valid: the recipe's, else the one with the best probe
  std::optional<probes::TauConfig> tau;     ///< empty: the spec's
  double budget = 0.02;                     ///< nats a token
  std::vector<double> grid = {.05, .1, .2, .4, .8, 1};   ///< ε, ascending, positive
};

/// A tuned strength, and what it costs each ability.
struct Tuned {
  StrengthRow strength;
  std::vector<StrengthEffectRow> effects;   ///< none where ε* is 0 or missing
};

/// ε* = the largest ε whose one-sided 95 % bound of the loss increase keeps the budget on half of every set of unrelated data, confirmed on
/// the other halves. Sets, at most 400 texts each, halves by family or group: documents of role "tune" of other clusters, none of a family
/// that the cluster shares (nats a token, mean over documents); the tuning items of each task in the lowest third of similarity to the
/// cluster (nats a token of the right answer). Sets with fewer than 8 groups a half are left out, and named in the reason.
/// At ε* every task's ACE is measured on its reported items (those of table `effects`, not the tuning items), and for every unrelated set the
/// mean log p a token on the half that confirmed: `effects`, the abilities that the strength was tuned on marked `unrelated`.
/// Both are stored (same cluster, method, layer and budget: replaced) and returned. The strength's `probes`, as measured, are those of the worst set:
/// [{"half": "tune" or "confirm", "set", "epsilon", "mean", "upper", "se"}, …]; upper is null where no bound exists.
/// Status: OK; AT_CEILING, the budget is never exceeded; NOT_IDENTIFIED with ε* = 0, no strength is safe, or with ε* = NaN, there is no
/// perturbation; TOO_FEW, no set is left. Same numbers at any thread count.
/// Throws LAC-1401 (request), LAC-2005 (the study does not hold the spec's probes and tasks yet), LAC-3001 …, Cancelled.
Tuned tuneStrength(const StudySpec& spec, const std::filesystem::path& study, const TuneRequest& request, const RunContext& context);

}  // namespace lacuna::study
