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

/// ε* = the largest ε whose one-sided 95 % bound of the loss increase keeps the budget on half of the unrelated documents, confirmed on the
/// other half: role "tune", of other clusters, none of a family that the cluster shares; at most 400, halves by family. Loss: mean nats a
/// token of every document. The row is stored (same cluster, method, layer and budget: replaced) and returned.
/// Its `probes`: [{"half": "tune" or "confirm", "epsilon", "mean", "upper", "se"}, …] as measured; upper is null where no bound exists.
/// Status: OK; AT_CEILING, the budget is never exceeded; NOT_IDENTIFIED with ε* = 0, no strength is safe, or with ε* = NaN, there is no
/// perturbation or no scope to tune; TOO_FEW, too few unrelated documents. Same numbers at any thread count.
/// Throws LAC-1401 (request), LAC-2005 (the study does not hold the spec's probes yet), LAC-3001 …, Cancelled.
StrengthRow tuneStrength(const StudySpec& spec, const std::filesystem::path& study, const TuneRequest& request, const RunContext& context);

}  // namespace lacuna::study
