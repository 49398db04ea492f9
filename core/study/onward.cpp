#include "onward.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>

#include "spans.h"
#include "subspaces.h"

namespace lacuna::study {
namespace {

bool wantsKind(const StudySpec& spec, const std::string& kind) {
  return spec.controlDraws > 0 && std::find(spec.controlKinds.begin(), spec.controlKinds.end(), kind) != spec.controlKinds.end();
}

std::set<ClusterId> clustersOf(const Material& material) {
  std::set<ClusterId> clusters;
  for (const ProbeRow& row : material.probes()) clusters.insert(row.cluster);
  return clusters;
}

/// From which layers a cluster's onward edits start: its own, and with controls of kind "other" those of all clusters.
std::set<LayerIndex> startsOf(const Material& material, const StudySpec& spec, ClusterId cluster, const PerturbationSpec& recipe) {
  std::set<LayerIndex> starts;
  for (const ClusterId each : clustersOf(material))
    if (each == cluster || wantsKind(spec, "other")) starts.insert(centreLayer(material.probes(), each, recipe));
  starts.erase(LayerIndex());
  return starts;
}

/// One sequence of edits that grows layer by layer: the target's, or that of one permutation of the labels.
struct Chain {
  int draw = -1;
  perturbation::PerturbationSet set;
};

class OnwardFit {
 public:
  OnwardFit(Workspace& w, ProbeMaterial& documents, const corpus::Corpus& part, const Material& material, const TargetRequest& request)
      : m_w(w), m_view(documents, request.cluster), m_input(documents.input), m_part(part), m_material(material), m_request(request) {
    // Documents have neither prompt nor answer: all of a text stands for the tokens that are edited.
    if (m_request.recipe.tokens != "gated") m_request.recipe.tokens = "all";
  }

  PlannedRows run() {
    begin();
    for (const LayerIndex layer : layersOf(m_material.probes(), m_request.cluster, m_request.recipe, m_request.layer)) {
      const ProbeRow* probe = m_material.probe(m_request.cluster, m_request.recipe.site, layer);
      if (layer == m_request.layer || probe->status != "OK" || m_chains.empty()) continue;
      fitLayer(layer, probe->lambda);
    }
    return std::move(m_rows);
  }

 private:
  /// The first layer's edits are those of the recipe without the span.
  void begin() {
    TargetRequest first = m_request;
    first.recipe.span = "single";
    const int draws = wantsKind(m_w.spec(), "permuted") ? m_w.spec().controlDraws : 0;
    for (int draw = -1; draw < draws; ++draw) {
      Target target = draw < 0 ? m_material.target(first) : m_material.permuted(first, 1, draw);
      if (!target.set.empty()) m_chains.push_back({draw, std::move(target.set)});
      else if (draw < 0) return;   // no target: no controls either
    }
  }

  void fitLayer(LayerIndex layer, double lambda) {
    activations::ActivationConfig config;
    config.sites = {{*model::siteFromName(m_request.recipe.site), layer}};
    config.maxTokens = m_w.spec().probeMaxTokens;
    std::vector<model::Arm> arms;
    for (const Chain& chain : m_chains) arms.push_back(perturbation::makeArm(chain.set));
    std::vector<activations::ActivationSet> states = activations::collectUnder(m_part, m_w.model(), config, arms, m_w.context());
    int rank = m_request.recipe.rank;
    for (std::size_t c = 0; c < m_chains.size(); ++c) {
      m_w.context().checkpoint();
      m_input.x = std::move(states[c].sites[0].pooled);
      const MatrixD directions = fitted(m_chains[c].draw, rank, lambda);
      if (m_chains[c].draw < 0) {
        rank = static_cast<int>(directions.rows());
        check(config.sites[0], directions, states[c].sites[0].stats, lambda);
      }
      extend(m_chains[c], config.sites[0], directions, states[c].sites[0].stats);
    }
  }

  MatrixD fitted(int draw, int rank, double lambda) {
    const SubspaceFit fit{builderOf(m_request.recipe), m_request.cluster, rank, lambda, draw >= 0};
    if (rank < 1) return MatrixD(0, m_input.x.cols());
    if (draw < 0) return fitSubspace(m_input, fit, m_w.context());
    const PermutedLabels shuffled(m_input, m_w.context().seed, draw);
    return fitSubspace(m_input, fit, m_w.context());
  }

  void check(const model::Capture& place, const MatrixD& directions, const activations::SiteStats& stats, double lambda) {
    SubspaceRow row = checkedSubspace(m_input, {m_request.cluster, place, methodOf(), recipeName(m_named), lambda}, directions, stats, m_w.context());
    row.start = m_request.layer;
    m_rows.subspaces.push_back(std::move(row));
  }

  void extend(Chain& chain, const model::Capture& place, const MatrixD& directions, const activations::SiteStats& stats) {
    const perturbation::Built built = wholeEdit(place, methodOf(), directions, stats);
    store::OnwardRow row;
    row.cluster = m_request.cluster;
    row.method = recipeName(m_named);
    row.site = m_request.recipe.site;
    row.start = m_request.layer;
    row.layer = place.layer;
    row.draw = chain.draw;
    row.basis = MatrixD(0, stats.mean.size());
    row.centre = stats.mean;
    row.spread = stats.sd.norm();
    row.size = std::nan("");
    if (built.perturbation) {
      row.basis = built.perturbation->basis;
      row.readout = built.perturbation->readout;
      row.size = perturbation::expectedDisplacement(*built.perturbation, stats) * row.spread;
      if (auto part = m_material.refitted(m_request, row).perturbation) chain.set.push_back(std::move(*part));
    }
    m_rows.onward.push_back(std::move(row));
  }

  perturbation::Method methodOf() const { return *perturbation::methodFromName(m_request.recipe.method); }

  Workspace& m_w;
  SeenFrom m_view;
  probes::ProbeInput& m_input;
  const corpus::Corpus& m_part;
  const Material& m_material;
  TargetRequest m_request;
  const PerturbationSpec m_named = m_request.recipe;   ///< as the spec has it: names the rows
  std::vector<Chain> m_chains;
  PlannedRows m_rows;
};

void append(PlannedRows& all, PlannedRows&& more) {
  std::move(more.directions.begin(), more.directions.end(), std::back_inserter(all.directions));
  std::move(more.onward.begin(), more.onward.end(), std::back_inserter(all.onward));
  std::move(more.subspaces.begin(), more.subspaces.end(), std::back_inserter(all.subspaces));
}

/// Recipes whose directions are made for them alone, one of each kind and site, with the layers that the grid edits by them.
struct PlannedKind {
  PerturbationSpec recipe;
  std::set<std::pair<ClusterId, LayerIndex>> places;
};

std::vector<PlannedKind> plannedKinds(const Material& material, const StudySpec& spec) {
  std::vector<PlannedKind> kinds;
  for (const PerturbationSpec& recipe : spec.perturbations) {
    if (recipe.subspace != "pca" && recipe.subspace != "inlp") continue;
    auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const PlannedKind& k) {
      return k.recipe.site == recipe.site && directionKind(k.recipe) == directionKind(recipe);
    });
    if (kind == kinds.end()) kind = kinds.insert(kinds.end(), {recipe, {}});
    PerturbationSpec clean = recipe;
    if (refitsOnward(recipe)) clean.span = "single";   // above the first layer the onward fit makes its own
    for (const ClusterId cluster : clustersOf(material))
      for (const LayerIndex start : startsOf(material, spec, cluster, recipe))
        for (const LayerIndex layer : layersOf(material.probes(), cluster, clean, start)) kind->places.insert({cluster, layer});
  }
  return kinds;
}

void addPermuted(PlannedRows& rows, ProbeMaterial& documents, const Material& material, const PlannedKind& kind, ClusterId cluster, LayerIndex layer, int draws,
                 const RunContext& context) {
  const ProbeRow* probe = material.probe(cluster, kind.recipe.site, layer);
  const int rank = material.directions(cluster, kind.recipe, layer);
  if (!probe || rank == 0) return;
  const SeenFrom view(documents, cluster);
  for (int draw = 0; draw < draws; ++draw) {
    const PermutedLabels shuffled(documents.input, context.seed, draw);
    const MatrixD found = fitSubspace(documents.input, {kind.recipe.subspace, cluster, rank, probe->lambda, true}, context);
    for (Eigen::Index r = 0; r < found.rows(); ++r)
      rows.directions.push_back({cluster, kind.recipe.site, layer,
                                 "permuted-" + directionKind(kind.recipe) + "/" + std::to_string(draw) + "/" + std::to_string(r), found.row(r).transpose()});
  }
}

}  // namespace

PlannedRows permutedSubspaces(ProbeMaterial& documents, const activations::ActivationSet& states, const Material& material, const StudySpec& spec,
                              const RunContext& context) {
  PlannedRows rows;
  if (!wantsKind(spec, "permuted")) return rows;
  for (const PlannedKind& kind : plannedKinds(material, spec)) {
    std::size_t done = 0;
    for (const auto& [cluster, layer] : kind.places) {
      context.report("Subspaces of permuted labels", done++, kind.places.size());
      documents.input.x = states.at({*model::siteFromName(kind.recipe.site), layer}).pooled;
      addPermuted(rows, documents, material, kind, cluster, layer, spec.controlDraws, context);
    }
  }
  return rows;
}

PlannedRows onwardSubspaces(Workspace& w, ProbeMaterial& documents, const corpus::Corpus& part, const Material& material) {
  PlannedRows rows;
  std::set<std::pair<std::string, std::string>> done;
  for (const PerturbationSpec& recipe : w.spec().perturbations) {
    // Two entries of a name may differ in their doses: the fits are the same.
    if (!refitsOnward(recipe) || !done.insert({recipeName(recipe), recipe.site + "#" + std::to_string(recipe.layer)}).second) continue;
    for (const ClusterId cluster : clustersOf(material))
      for (const LayerIndex start : startsOf(material, w.spec(), cluster, recipe)) {
        w.context().report("Fitting subspaces layer by layer", static_cast<std::uint64_t>(cluster.value), clustersOf(material).size());
        append(rows, OnwardFit(w, documents, part, material, {cluster, recipe, start, w.spec().tau, {1, false}}).run());
      }
  }
  return rows;
}

}  // namespace lacuna::study
