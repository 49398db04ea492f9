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

/// ε* = the largest ε whose one-sided 95 % bound of the loss increase keeps the budget on half of every set of unrelated data, confirmed on
/// the other halves. Sets, at most 400 texts each, halves by family or group: documents of role "tune" of other clusters, none of a family
/// that the cluster shares (nats a token, mean over documents); the tuning items of each task in the lowest third of similarity to the
/// cluster (nats a token of the right answer). Sets with fewer than 8 groups a half are left out, and named in the reason.
/// The row is stored (same cluster, method, layer and budget: replaced) and returned. Its `probes`, as measured, are those of the worst set:
/// [{"half": "tune" or "confirm", "set", "epsilon", "mean", "upper", "se"}, …]; upper is null where no bound exists.
/// Status: OK; AT_CEILING, the budget is never exceeded; NOT_IDENTIFIED with ε* = 0, no strength is safe, or with ε* = NaN, there is no
/// perturbation; TOO_FEW, no set is left. Same numbers at any thread count.
/// Throws LAC-1401 (request), LAC-2005 (the study does not hold the spec's probes and tasks yet), LAC-3001 …, Cancelled.
StrengthRow tuneStrength(const StudySpec& spec, const std::filesystem::path& study, const TuneRequest& request, const RunContext& context);

}  // namespace lacuna::study
