#pragma once

#include <vector>

#include "material.h"
#include "site_probes.h"

namespace lacuna::study {

/// What a probe stage adds once all sites are probed, because it depends on which layers the recipes edit.
struct PlannedRows {
  std::vector<store::DirectionRow> directions;   ///< pca and inlp of permuted labels
  std::vector<store::OnwardRow> onward;
  std::vector<SubspaceRow> subspaces;            ///< erasure checks of the onward fits
};

/// pca and inlp with permuted labels, at the layers of the grid: as many directions as the target has (methods.md 5.5 c).
PlannedRows permutedSubspaces(ProbeMaterial& documents, const activations::ActivationSet& states, const Material& material, const StudySpec& spec,
                              const RunContext& context);

/// Subspaces of onward recipes, layer by layer: at each layer the documents are read again under the edits of all layers below it at full
/// strength, and everything that makes the edit is fitted on those states (methods.md 5.4). Controls of permuted labels go the same way.
/// `documents` of `part`; kinds "other" want every cluster from every other cluster's layer on.
PlannedRows onwardSubspaces(Workspace& workspace, ProbeMaterial& documents, const corpus::Corpus& part, const Material& material);

}  // namespace lacuna::study
