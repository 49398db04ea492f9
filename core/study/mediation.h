#pragma once

#include <vector>

#include "cells.h"

namespace lacuna::study {

struct EffectData;

/// What mediates for one cluster: a run of kind "mediation" on every task that has counterfactual prompts.
struct PlannedMediation {
  RunRow row;
  std::string hash;
  std::vector<std::int32_t> neurons;                   ///< S_i; empty: status "not_identified"
  std::string baseArm() const { return hash + "/y10"; }        ///< the prompt with the counterfactual's states
  std::string reverseArm() const { return hash + "/y01"; }     ///< the counterfactual with the prompt's states
};
std::vector<PlannedMediation> planMediation(const Material& material, const StudySpec& spec, const std::vector<ClusterRow>& clusters,
                                            const std::string& upstream);

/// Runs what the study does not hold yet; outcomes of arm "counterfactual" and of the two exchanges, on the reported items.
CellSummary runMediation(Workspace& workspace, const Material& material, const std::string& upstream);

/// Every mediation run on every task with counterfactual outcomes. Pure.
std::vector<MediationRow> mediationOf(const EffectData& data, const StudySpec& spec, const RunContext& context);

}  // namespace lacuna::study
