#pragma once

#include <utility>
#include <vector>

#include "cells.h"

namespace lacuna::study {

/// The pairs of clusters that a spec asks for, ascending. LAC-1401: the study has no such cluster.
std::vector<std::pair<ClusterId, ClusterId>> pairsOf(const InteractionSpec& spec, const std::vector<ClusterRow>& clusters);

/// Runs of kind "pair": the target perturbs both clusters; the two alone stand beside it as kinds "first" and "second", the arms of the
/// grid's own cells. Blocks share the first cluster.
std::vector<Block> planPairs(const Material& material, const StudySpec& spec, const std::vector<ClusterRow>& clusters, const std::string& upstream);

/// Every joint run on every task, on the outcomes that have a value in all four arms (methods.md 6).
struct EffectData;
std::vector<InteractionRow> interactionsOf(const EffectData& data, const StudySpec& spec, const RunContext& context);

}  // namespace lacuna::study
