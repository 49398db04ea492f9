#pragma once

#include <vector>

#include "lacuna/effects/strength.h"
#include "lacuna/perturbation/perturbation.h"
#include "workspace.h"

namespace lacuna::study {

/// What every ability loses at a tuned strength: its ACE with the study's interval on the items that reports are made of, which the tuning
/// never saw (methods.md 10, step 5). Generated metrics are left out. One row a task and metric; `unrelated`: places of the tasks tuned on.
std::vector<StrengthEffectRow> tunedEffects(Workspace& workspace, const StrengthRow& strength, const perturbation::PerturbationSet& set,
                                            const std::vector<std::size_t>& unrelated, const RunContext& context);

/// The same of a set of unrelated texts: mean log p a token on the half that confirmed the strength.
StrengthEffectRow tunedLoss(const StrengthRow& strength, const std::string& set, const effects::LossIncrease& increase, const StudySpec& spec);

}  // namespace lacuna::study
