#include "spans.h"

#include <algorithm>

namespace lacuna::study {
namespace {

bool reaches(const PerturbationSpec& recipe, std::int64_t away) {
  if (recipe.span == "single") return away == 0;
  return recipe.span == "onward" ? away >= 0 : std::abs(away) <= recipe.width / 2;
}

}  // namespace

LayerIndex bestLayer(const std::vector<ProbeRow>& probes, ClusterId cluster, const std::string& site) {
  const ProbeRow* best = nullptr;
  for (const ProbeRow& row : probes)
    if (row.cluster == cluster && row.site == site && row.status == "OK" &&
        (!best || row.auc > best->auc || (row.auc == best->auc && row.layer < best->layer)))
      best = &row;
  return best ? best->layer : LayerIndex();
}

LayerIndex centreLayer(const std::vector<ProbeRow>& probes, ClusterId cluster, const PerturbationSpec& recipe) {
  return recipe.layer >= 0 ? LayerIndex(recipe.layer) : bestLayer(probes, cluster, recipe.site);
}

std::vector<LayerIndex> layersOf(const std::vector<ProbeRow>& probes, ClusterId cluster, const PerturbationSpec& recipe, LayerIndex layer) {
  std::vector<LayerIndex> layers;
  for (const ProbeRow& row : probes)
    if (row.cluster == cluster && row.site == recipe.site && reaches(recipe, row.layer.value - layer.value)) layers.push_back(row.layer);
  std::sort(layers.begin(), layers.end());
  return layers;
}

bool erases(const PerturbationSpec& recipe) { return recipe.method == "project" || recipe.method == "leace"; }

bool refitsOnward(const PerturbationSpec& recipe) { return recipe.span == "onward" && erases(recipe); }

std::string builderOf(const PerturbationSpec& recipe) {
  if (recipe.method == "leace") return "meandiff";
  return recipe.subspace.empty() ? "probe" : recipe.subspace;
}

std::string directionKind(const PerturbationSpec& recipe) {
  const std::string builder = builderOf(recipe);
  return builder == "pca" || builder == "inlp" ? builder + std::to_string(recipe.rank) : builder;
}

}  // namespace lacuna::study
