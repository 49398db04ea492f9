#pragma once

#include <string>
#include <vector>

#include "lacuna/study/results.h"
#include "lacuna/study/spec.h"

/// Which layers a recipe edits (methods.md 5.4), as functions of the probes alone.
namespace lacuna::study {

/// The layer with the best held-out AUC (documents, never task items); ties to the lower one. Invalid when nothing was probed.
LayerIndex bestLayer(const std::vector<ProbeRow>& probes, ClusterId cluster, const std::string& site);
/// Where a recipe of the grid is centred: its own layer, else the best one.
LayerIndex centreLayer(const std::vector<ProbeRow>& probes, ClusterId cluster, const PerturbationSpec& recipe);
/// The probed layers that a recipe edits when it is centred at `layer`, ascending.
std::vector<LayerIndex> layersOf(const std::vector<ProbeRow>& probes, ClusterId cluster, const PerturbationSpec& recipe, LayerIndex layer);

/// Takes a subspace away: project and leace.
bool erases(const PerturbationSpec& recipe);
/// Its subspaces above the first layer are fitted on states that the edits below act on.
bool refitsOnward(const PerturbationSpec& recipe);
/// What the recipe's subspace is built by: "meandiff" (leace too), "probe", "pca", "inlp".
std::string builderOf(const PerturbationSpec& recipe);
/// Under which name the directions are stored: the builder, for pca and inlp with the rank ("pca3").
std::string directionKind(const PerturbationSpec& recipe);

}  // namespace lacuna::study
