#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lacuna/perturbation/controls.h"
#include "lacuna/store/store.h"
#include "lacuna/study/session.h"
#include "lacuna/study/spec.h"

namespace lacuna::study {

/// One dose of a perturbation: a value of ε, or a relative displacement δ for which ε is solved (methods.md 5.1).
struct Dose { double value = 1; bool equal = false; };

/// What is perturbed, for one cluster: the recipe, where it is centred, how S_i is cut, how strong.
struct TargetRequest {
  ClusterId cluster;
  PerturbationSpec recipe;
  LayerIndex layer;
  probes::TauConfig tau;
  Dose dose;
};

/// How far a part that was fitted under earlier edits moves the states it was fitted on, over what its numbers alone would say of the clean
/// reference tokens: RMS ‖Δ‖, and RMS ‖Δ‖ over RMS ‖h − μ‖. 1 for parts fitted on clean states.
struct PartSize { double length = 1, displacement = 1; };

/// A set of perturbations, or the reason why there is none.
struct Target {
  perturbation::PerturbationSet set;       ///< empty: NOT_IDENTIFIED
  std::vector<PartSize> sizes;             ///< [set]
  std::string why;
  double epsilon = 0, displacement = 0;    ///< of its first part; displacement expected over the reference tokens (NaN: unknown)
};

/// What perturbations are made of, as the study file holds it: probes, directions, moments. Neither model nor corpus is needed.
class Material {
 public:
  explicit Material(const store::Store& store);

  const std::vector<ProbeRow>& probes() const { return m_probes; }
  const ProbeRow* probe(ClusterId cluster, const std::string& site, LayerIndex layer) const;
  LayerIndex bestLayer(ClusterId cluster, const std::string& site) const;
  std::vector<std::int32_t> select(ClusterId cluster, const std::string& site, LayerIndex layer, const probes::TauConfig& tau) const;

  Target target(const TargetRequest& request) const;
  /// The same pipeline on the probe of permuted labels number `draw`, at the target's ε.
  Target permuted(const TargetRequest& request, double epsilon, int draw) const;
  /// Matched control and norm-matched noise number `draw` of a target.
  perturbation::PerturbationSet matched(const Target& target, std::uint64_t seed, int draw) const;
  perturbation::PerturbationSet noise(const Target& target, std::uint64_t seed, int draw) const;
  /// What an onward fit does at its layer under a request, or why it does nothing.
  perturbation::Built refitted(const TargetRequest& request, const store::OnwardRow& row) const;
  /// Two clusters' targets as one: at a place where both move neurons towards the same goals, or project, their union (a neuron of both is
  /// moved once); elsewhere one edit after the other.
  perturbation::PerturbationSet together(const perturbation::PerturbationSet& first, const perturbation::PerturbationSet& second) const;
  /// How many probes of permuted labels are kept.
  int permutations(ClusterId cluster, const std::string& site, LayerIndex layer) const;
  /// How many directions of the recipe's kind are kept for pca and inlp.
  int directions(ClusterId cluster, const PerturbationSpec& recipe, LayerIndex layer) const;
  /// An edit that goes through the hooks and changes nothing: its ACE must be exactly 0.
  perturbation::Perturbation null() const;

 private:
  struct Site { activations::SiteStats stats; VectorD outputNorm; };
  using Place = std::pair<std::string, std::int64_t>;   ///< site name, layer
  struct Source;                                        ///< where sets and directions come from: the probe, or one of permuted labels

  Target build(const TargetRequest& request, const Source& source) const;
  perturbation::Built part(const TargetRequest& request, LayerIndex layer, const Source& source) const;
  perturbation::Built clean(const TargetRequest& request, LayerIndex layer, const Source& source) const;
  perturbation::Built dressed(perturbation::Built built, const TargetRequest& request) const;
  const store::OnwardRow* onward(const TargetRequest& request, LayerIndex layer, const Source& source) const;
  PartSize sizeOf(perturbation::Perturbation p, const store::OnwardRow& row) const;
  perturbation::Built neuronPart(const TargetRequest& request, LayerIndex layer, const Source& source) const;
  std::optional<perturbation::Direction> direction(const TargetRequest& request, LayerIndex layer, const Source& source) const;
  perturbation::Perturbation united(const perturbation::Perturbation& a, const perturbation::Perturbation& b) const;
  const Site& site(const std::string& name, LayerIndex layer) const;
  const Site& site(const perturbation::Perturbation& p) const;
  perturbation::StateBank bank(ClusterId cluster, const std::string& site, LayerIndex layer) const;
  const VectorD* vector(ClusterId cluster, const std::string& site, LayerIndex layer, const std::string& kind) const;

  std::vector<ProbeRow> m_probes;
  std::map<Place, Site> m_sites;
  std::map<std::tuple<std::int64_t, std::string, std::int64_t, std::string>, VectorD> m_vectors;   ///< cluster, site, layer, kind
  std::vector<store::StateBankRow> m_banks;
  std::vector<store::OnwardRow> m_onward;
};

/// S_i of a probe under a rule; perm-null compares |β| with the probe's τ_β, the others cut the shares. Most important first.
std::vector<std::int32_t> selectedBy(const ProbeRow& row, const probes::TauConfig& tau);
/// The spec's own recipe of that name, else the method of that name with its defaults.
PerturbationSpec recipeNamed(const StudySpec& spec, const std::string& name);
/// mlp_hidden for methods on neurons, resid_post otherwise.
std::string defaultSite(const std::string& method);

}  // namespace lacuna::study
