#pragma once

#include <vector>

#include "site_probes.h"

namespace lacuna::study {

/// How well each probe, fitted on means over documents, tells single tokens of held-out documents: what token-level edits rely on
/// (methods.md 4.1). A few tokens of every document of role Evaluate, documents bootstrapped. Fills tokenAuc of `rows`; NaN where a
/// side is missing. `directions`: the probes' weights and scalars.
void readTokens(Workspace& workspace, const ProbeMaterial& documents, const corpus::Corpus& part, std::vector<ProbeRow>& rows,
                const std::vector<store::DirectionRow>& directions);

}  // namespace lacuna::study
