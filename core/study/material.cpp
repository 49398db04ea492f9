#include "material.h"

#include <algorithm>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"

namespace lacuna::study {

using perturbation::Method;
using perturbation::Perturbation;

Material::Material(const store::Store& store) : m_probes(store.probes()), m_stats(store.siteStats()), m_directions(store.directions()) {}

const ProbeRow* Material::probe(ClusterId cluster, const std::string& site, LayerIndex layer) const {
  for (const ProbeRow& row : m_probes)
    if (row.cluster == cluster && row.site == site && row.layer == layer) return &row;
  return nullptr;
}

LayerIndex Material::bestLayer(ClusterId cluster, const std::string& site) const {
  const ProbeRow* best = nullptr;
  for (const ProbeRow& row : m_probes)
    if (row.cluster == cluster && row.site == site && row.status == "OK" &&
        (!best || row.auc > best->auc || (row.auc == best->auc && row.layer < best->layer)))
      best = &row;
  return best ? best->layer : LayerIndex();
}

std::vector<std::int32_t> Material::select(ClusterId cluster, const std::string& site, LayerIndex layer,
                                           const probes::TauConfig& tau) const {
  const ProbeRow* row = probe(cluster, site, layer);
  if (!row || row->importance.empty()) return {};
  const VectorD importance = Eigen::Map<const VectorF>(row->importance.data(), static_cast<Eigen::Index>(row->importance.size())).cast<double>();
  std::vector<std::int32_t> neurons;
  for (const NeuronIndex neuron : probes::selectNeurons(importance, tau)) neurons.push_back(neuron.value);
  return neurons;
}

std::optional<Perturbation> Material::target(ClusterId cluster, const std::string& method, const std::string& site, LayerIndex layer,
                                             const probes::TauConfig& tau, double epsilon, std::string& why) const {
  const auto kind = perturbation::methodFromName(method);
  const auto where = model::siteFromName(site);
  if (!kind || !where) throw Error("LAC-1201", "unknown method or site: " + method + ", " + site, "see docs/study-spec.md");
  const ProbeRow* row = probe(cluster, site, layer);
  if (!row || row->status != "OK") {
    why = row ? "no probe: " + row->status : "no probe at this site and layer";
    return std::nullopt;
  }
  Perturbation p;
  p.site = *where;
  p.layer = layer;
  p.method = *kind;
  p.epsilon = epsilon;
  const store::SiteStatsRow& moments = stats(site, layer);
  if (p.method == Method::Zero || p.method == Method::Mean) {
    p.neurons = select(cluster, site, layer, tau);
    std::sort(p.neurons.begin(), p.neurons.end());
    if (p.neurons.empty()) {
      why = "S is empty: no neuron passes τ";
      return std::nullopt;
    }
    if (p.method == Method::Mean)
      for (const std::int32_t neuron : p.neurons) p.centre.push_back(moments.mean[neuron]);
    return p;
  }
  const VectorD* vector = direction(cluster, site, layer, p.method == Method::Project ? "meandiff" : "probe");
  if (!vector || vector->norm() == 0) {
    why = "no direction at this site and layer";
    return std::nullopt;
  }
  if (p.method == Method::Project) {
    p.basis = vector->normalized().transpose();
    p.centre.assign(moments.mean.data(), moments.mean.data() + moments.mean.size());
  } else {
    for (const double w : *vector) p.direction.push_back(w > 0 ? -1.0 : w < 0 ? 1.0 : 0.0);
    p.rho = moments.rho;
  }
  return p;
}

namespace {

/// Every target draws controls of its own, the same at all doses. With one stream for all, clusters of a site would share most of their
/// controls, and an unlucky draw would push all their p-values the same way.
std::uint64_t controlSeed(Perturbation target, std::uint64_t seed) {
  target.epsilon = 1;
  return Rng(seed, "controls/" + perturbation::hash(target)).nextU64();
}

}  // namespace

Perturbation Material::control(const Perturbation& target, std::uint64_t seed, int draw) const {
  const store::SiteStatsRow& row = stats(model::siteName(target.site), target.layer);
  activations::SiteStats moments;
  moments.mean = row.mean;
  moments.sd = row.sd;
  moments.meanSquare = row.meanSquare;
  moments.covariance = row.covariance;
  moments.rho = row.rho;
  moments.tokens = row.tokens;
  return perturbation::matchedControl(target, moments, row.outputNorm, controlSeed(target, seed), draw);
}

Perturbation Material::null() const {
  if (m_stats.empty()) throw Error("LAC-2005", "the study holds no probed site", "run the probes first");
  const store::SiteStatsRow& row = m_stats.front();
  Perturbation p;
  p.site = *model::siteFromName(row.site);
  p.layer = row.layer;
  p.method = Method::Project;
  p.basis = MatrixD(0, row.mean.size());
  p.centre.assign(row.mean.data(), row.mean.data() + row.mean.size());
  return p;
}

const store::SiteStatsRow& Material::stats(const std::string& site, LayerIndex layer) const {
  for (const store::SiteStatsRow& row : m_stats)
    if (row.site == site && row.layer == layer) return row;
  throw Error("LAC-2005", "the study holds no moments of " + site + " at layer " + std::to_string(layer.value), "probe that layer first");
}

const VectorD* Material::direction(ClusterId cluster, const std::string& site, LayerIndex layer, const std::string& kind) const {
  for (const store::DirectionRow& row : m_directions)
    if (row.cluster == cluster && row.site == site && row.layer == layer && row.kind == kind) return &row.values;
  return nullptr;
}

std::string defaultSite(const std::string& method) { return method == "zero" || method == "mean" ? "mlp_hidden" : "resid_post"; }

probes::TauConfig tauOf(const PanelParameters& panel) {
  const probes::TauRule rule = panel.tauRule == "topk" ? probes::TauRule::TopK
                               : panel.tauRule == "uniform" ? probes::TauRule::Uniform : probes::TauRule::Mass;
  return {rule, panel.tau};
}

}  // namespace lacuna::study
