#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lacuna/perturbation/perturbation.h"
#include "lacuna/store/store.h"
#include "lacuna/study/session.h"
#include "lacuna/study/spec.h"

namespace lacuna::study {

/// What perturbations are made of, as the study file holds it: probes, directions, moments. Neither model nor corpus is needed.
class Material {
 public:
  explicit Material(const store::Store& store);

  const std::vector<ProbeRow>& probes() const { return m_probes; }
  const ProbeRow* probe(ClusterId cluster, const std::string& site, LayerIndex layer) const;
  /// The layer with the best held-out AUC (documents, never task items); ties to the lower one. Invalid when nothing was probed.
  LayerIndex bestLayer(ClusterId cluster, const std::string& site) const;
  std::vector<std::int32_t> select(ClusterId cluster, const std::string& site, LayerIndex layer, const probes::TauConfig& tau) const;

  /// The perturbation of a cluster, or nothing with the reason in `why` ("S is empty at this τ").
  std::optional<perturbation::Perturbation> target(ClusterId cluster, const std::string& method, const std::string& site,
                                                   LayerIndex layer, const probes::TauConfig& tau, double epsilon, std::string& why) const;
  /// Matched control number `draw` of a target.
  perturbation::Perturbation control(const perturbation::Perturbation& target, std::uint64_t seed, int draw) const;
  /// An edit that goes through the hooks and changes nothing: its ACE must be exactly 0.
  perturbation::Perturbation null() const;

 private:
  const store::SiteStatsRow& stats(const std::string& site, LayerIndex layer) const;
  const VectorD* direction(ClusterId cluster, const std::string& site, LayerIndex layer, const std::string& kind) const;

  std::vector<ProbeRow> m_probes;
  std::vector<store::SiteStatsRow> m_stats;
  std::vector<store::DirectionRow> m_directions;
};

std::string defaultSite(const std::string& method);   ///< mlp_hidden for zero and mean, resid_post otherwise
probes::TauConfig tauOf(const PanelParameters& panel);

}  // namespace lacuna::study
