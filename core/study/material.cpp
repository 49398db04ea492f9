#include "material.h"

#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "spans.h"

namespace lacuna::study {

using perturbation::Built;
using perturbation::Method;
using perturbation::Perturbation;
using perturbation::PerturbationSet;

/// Names of the stored vectors of a probe, or of the probe of permuted labels number `draw`.
struct Material::Source {
  int draw = -1;
  std::string named(const std::string& kind) const { return draw < 0 ? kind : "permuted-" + kind + "/" + std::to_string(draw); }
};

namespace {

activations::SiteStats statsOf(const store::SiteStatsRow& row) {
  activations::SiteStats stats;
  stats.mean = row.mean;
  stats.sd = row.sd;
  stats.meanSquare = row.meanSquare;
  stats.covariance = row.covariance;
  stats.rho = row.rho;
  stats.tokens = row.tokens;
  return stats;
}

model::TokenScope scopeOf(const std::string& tokens) {
  if (tokens == "prompt") return model::TokenScope::Prompt;
  if (tokens == "last") return model::TokenScope::Last;
  return tokens == "answer" ? model::TokenScope::Answer : model::TokenScope::All;
}

model::Capture placeOf(const TargetRequest& request, LayerIndex layer) {
  const auto where = model::siteFromName(request.recipe.site);
  if (!where) throw Error("LAC-1201", "unknown site: " + request.recipe.site, "see docs/study-spec.md");
  return {*where, layer};
}

Method methodOf(const PerturbationSpec& recipe) {
  const auto method = perturbation::methodFromName(recipe.method);
  if (!method) throw Error("LAC-1201", "unknown method: " + recipe.method, "see docs/study-spec.md");
  return *method;
}

/// Every target draws controls of its own, the same at all doses. With one stream for all, clusters of a site would share most of their
/// controls, and an unlucky draw would push all their p-values the same way.
std::uint64_t controlSeed(Perturbation target, std::uint64_t seed) {
  target.epsilon = 1;
  return Rng(seed, "controls/" + perturbation::hash(target)).nextU64();
}

}  // namespace

Material::Material(const store::Store& store) : m_probes(store.probes()), m_banks(store.banks()), m_onward(store.onward()) {
  for (const store::SiteStatsRow& row : store.siteStats()) m_sites[{row.site, row.layer.value}] = {statsOf(row), row.outputNorm};
  for (store::DirectionRow& row : store.directions()) m_vectors[{row.cluster.value, row.site, row.layer.value, row.kind}] = std::move(row.values);
}

const ProbeRow* Material::probe(ClusterId cluster, const std::string& site, LayerIndex layer) const {
  for (const ProbeRow& row : m_probes)
    if (row.cluster == cluster && row.site == site && row.layer == layer) return &row;
  return nullptr;
}

LayerIndex Material::bestLayer(ClusterId cluster, const std::string& site) const { return study::bestLayer(m_probes, cluster, site); }

std::vector<std::int32_t> Material::select(ClusterId cluster, const std::string& site, LayerIndex layer, const probes::TauConfig& tau) const {
  const ProbeRow* row = probe(cluster, site, layer);
  return row ? selectedBy(*row, tau) : std::vector<std::int32_t>();
}

Built Material::neuronPart(const TargetRequest& request, LayerIndex layer, const Source& source) const {
  const ProbeRow* row = probe(request.cluster, request.recipe.site, layer);
  ProbeRow shuffled;
  if (source.draw >= 0) {
    const VectorD* beta = vector(request.cluster, request.recipe.site, layer, source.named("beta"));
    if (!beta) return {std::nullopt, "no probe of permuted labels at this site and layer"};
    shuffled = *row;
    shuffled.beta.assign(beta->data(), beta->data() + beta->size());
    const double total = beta->cwiseAbs().sum();
    for (Eigen::Index j = 0; j < beta->size(); ++j) shuffled.importance[static_cast<std::size_t>(j)] = static_cast<float>(std::abs((*beta)[j]) / total);
    row = &shuffled;
  }
  // The control takes as many neurons as the target's rule took: what differs is which.
  std::vector<std::int32_t> chosen = selectedBy(*row, request.tau);
  if (source.draw >= 0)
    chosen = selectedBy(*row, {probes::TauRule::TopK, static_cast<double>(select(request.cluster, request.recipe.site, layer, request.tau).size())});
  const Method method = methodOf(request.recipe);
  return perturbation::fromNeurons(placeOf(request, layer), method, std::move(chosen), site(request.recipe.site, layer).stats, request.dose.value,
                                   method == Method::Resample ? bank(request.cluster, request.recipe.site, layer) : perturbation::StateBank());
}

std::optional<perturbation::Direction> Material::direction(const TargetRequest& request, LayerIndex layer, const Source& source) const {
  const PerturbationSpec& recipe = request.recipe;
  const std::string kind = source.named(directionKind(recipe));
  perturbation::Direction out;
  if (const std::string builder = builderOf(recipe); builder == "meandiff" || builder == "probe") {
    const VectorD* one = vector(request.cluster, recipe.site, layer, kind);
    if (!one || one->norm() == 0) return std::nullopt;
    out.rows = one->transpose();
  } else {
    std::vector<const VectorD*> found;
    while (const VectorD* next = vector(request.cluster, recipe.site, layer, kind + "/" + std::to_string(found.size()))) found.push_back(next);
    if (found.empty()) return std::nullopt;
    out.rows.resize(static_cast<Eigen::Index>(found.size()), found.front()->size());
    for (std::size_t r = 0; r < found.size(); ++r) out.rows.row(static_cast<Eigen::Index>(r)) = found[r]->transpose();
  }
  if (const VectorD* scalars = vector(request.cluster, recipe.site, layer, source.named("probe-scalars")); scalars && scalars->size() == 2) {
    out.bias = (*scalars)[0];
    out.margin = (*scalars)[1];
  }
  return out;
}

Built Material::clean(const TargetRequest& request, LayerIndex layer, const Source& source) const {
  if (editsNeurons(request.recipe.method)) return neuronPart(request, layer, source);
  const auto found = direction(request, layer, source);
  if (!found) return {std::nullopt, source.draw < 0 ? "no direction at this site and layer" : "no direction of permuted labels at this site and layer"};
  return perturbation::fromDirection(placeOf(request, layer), methodOf(request.recipe), *found, site(request.recipe.site, layer).stats, request.dose.value);
}

Built Material::part(const TargetRequest& request, LayerIndex layer, const Source& source) const {
  const ProbeRow* row = probe(request.cluster, request.recipe.site, layer);
  if (!row || row->status != "OK") return {std::nullopt, row ? "no probe: " + row->status : "no probe at this site and layer"};
  if (const store::OnwardRow* fit = onward(request, layer, source)) return refitted(request, *fit);
  return dressed(clean(request, layer, source), request);
}

Built Material::refitted(const TargetRequest& request, const store::OnwardRow& row) const {
  if (row.basis.rows() == 0) return {std::nullopt, "the edits below leave nothing to take away"};
  Perturbation p;
  p.site = placeOf(request, row.layer).site;
  p.layer = row.layer;
  p.method = methodOf(request.recipe);
  p.epsilon = request.dose.value;
  p.basis = row.basis;
  p.readout = row.readout;
  p.centre.assign(row.centre.data(), row.centre.data() + row.centre.size());
  return dressed({std::move(p), {}}, request);
}

Built Material::dressed(Built built, const TargetRequest& request) const {
  if (!built.perturbation) return built;
  Perturbation& p = *built.perturbation;
  p.tokens = scopeOf(request.recipe.tokens);
  p.keepNorm = request.recipe.keepNorm;
  if (request.recipe.tokens != "gated") return built;
  const VectorD* weights = vector(request.cluster, request.recipe.site, p.layer, "probe");
  const VectorD* scalars = vector(request.cluster, request.recipe.site, p.layer, "probe-scalars");
  if (!weights || !scalars) return {std::nullopt, "no probe to gate the tokens by"};
  p.gate = {{weights->data(), weights->data() + weights->size()}, (*scalars)[0]};
  return built;
}

/// Nothing where the recipe wants none at this layer, or none was made.
const store::OnwardRow* Material::onward(const TargetRequest& request, LayerIndex layer, const Source& source) const {
  if (!refitsOnward(request.recipe) || layer == request.layer) return nullptr;
  const std::string method = recipeName(request.recipe);
  for (const store::OnwardRow& row : m_onward)
    if (row.cluster == request.cluster && row.method == method && row.site == request.recipe.site && row.start == request.layer && row.layer == layer &&
        row.draw == source.draw)
      return &row;
  return nullptr;
}

PartSize Material::sizeOf(Perturbation p, const store::OnwardRow& row) const {
  p.epsilon = 1;
  const activations::SiteStats& stats = site(p).stats;
  const double clean = perturbation::expectedDisplacement(p, stats);
  if (!(clean > 0) || !(row.spread > 0)) return {};
  return {row.size / (clean * stats.sd.norm()), row.size / row.spread / clean};
}

Target Material::build(const TargetRequest& request, const Source& source) const {
  Target target;
  for (const LayerIndex layer : layersOf(m_probes, request.cluster, request.recipe, request.layer)) {
    const ProbeRow* row = probe(request.cluster, request.recipe.site, layer);
    const store::OnwardRow* fit = onward(request, layer, source);
    if (!fit && refitsOnward(request.recipe) && layer != request.layer && row->status == "OK")
      return {{}, {}, "layer " + std::to_string(layer.value) + ": no subspace was fitted under edits from layer " + std::to_string(request.layer.value) +
                          " on; a run of the spec fits them from the recipe's own layer", std::nan(""), std::nan("")};
    Built built = part(request, layer, source);
    if (!built.perturbation) {
      target.why = "layer " + std::to_string(layer.value) + ": " + built.why;
      continue;   // the other layers of a window or of all above are still perturbed
    }
    target.sizes.push_back(fit ? sizeOf(*built.perturbation, *fit) : PartSize());
    target.set.push_back(std::move(*built.perturbation));
  }
  if (target.set.empty() && target.why.empty()) target.why = "no probe at this site and layer";
  return target;
}

Target Material::target(const TargetRequest& request) const {
  Target target = build(request, {});
  for (std::size_t i = 0; i < target.set.size() && request.dose.equal; ++i) {
    Perturbation& p = target.set[i];
    const perturbation::Dose dose = perturbation::epsilonForDisplacement(p, site(p).stats, request.dose.value / target.sizes[i].displacement);
    if (dose.status != statistics::Status::Ok) return {{}, {}, dose.reason, std::nan(""), std::nan("")};
    p.epsilon = dose.epsilon;
  }
  if (target.set.empty()) return target;
  target.epsilon = target.set.front().epsilon;
  target.displacement = perturbation::expectedDisplacement(target.set.front(), site(target.set.front()).stats);
  return target;
}

Target Material::permuted(const TargetRequest& request, double epsilon, int draw) const {
  TargetRequest same = request;
  same.dose = {epsilon, false};
  return build(same, {draw});
}

PerturbationSet Material::matched(const Target& target, std::uint64_t seed, int draw) const {
  PerturbationSet out;
  for (std::size_t i = 0; i < target.set.size(); ++i) {
    const Perturbation& p = target.set[i];
    const Site& s = site(p);
    // Donors of resample carry the target's neurons only: its control needs the whole states.
    const perturbation::StateBank states = p.method == Method::Resample ? bank(ClusterId(), model::siteName(p.site), p.layer) : perturbation::StateBank();
    out.push_back(perturbation::matchedControl(p, s.stats, s.outputNorm, states, controlSeed(p, seed), draw));
    out.back().epsilon *= target.sizes[i].length;
  }
  return out;
}

PerturbationSet Material::noise(const Target& target, std::uint64_t seed, int draw) const {
  PerturbationSet out;
  for (std::size_t i = 0; i < target.set.size(); ++i) {
    const Perturbation& p = target.set[i];
    out.push_back(perturbation::noiseControl(p, site(p).stats, controlSeed(p, seed), draw));
    out.back().epsilon *= target.sizes[i].length;
  }
  return out;
}

Perturbation Material::united(const Perturbation& a, const Perturbation& b) const {
  const model::Capture place{a.site, a.layer};
  Built built;
  if (perturbation::editsNeurons(a.method)) {
    std::vector<std::int32_t> neurons = a.neurons;
    neurons.insert(neurons.end(), b.neurons.begin(), b.neurons.end());
    built = perturbation::fromNeurons(place, a.method, std::move(neurons), site(a).stats, a.epsilon);
  } else {
    perturbation::Direction both;
    both.rows.resize(a.basis.rows() + b.basis.rows(), a.basis.cols());
    both.rows << a.basis, b.basis;
    built = perturbation::fromDirection(place, a.method, both, site(a).stats, a.epsilon);
  }
  LACUNA_CHECK(built.perturbation);   // each of the two exists
  built.perturbation->tokens = a.tokens;
  built.perturbation->keepNorm = a.keepNorm;
  return std::move(*built.perturbation);
}

PerturbationSet Material::together(const PerturbationSet& first, const PerturbationSet& second) const {
  const auto unites = [](const Perturbation& p) {
    const bool additive = p.method == Method::Zero || p.method == Method::Mean || p.method == Method::Project || p.method == Method::Leace;
    return additive && p.gate.weights.empty();
  };
  PerturbationSet out = first;
  for (const Perturbation& p : second) {
    const auto same = std::find_if(out.begin(), out.end(), [&](const Perturbation& q) {
      const bool samePlace = q.site == p.site && q.layer == p.layer && q.method == p.method && q.epsilon == p.epsilon;
      return samePlace && (perturbation::editsNeurons(p.method) || q.centre == p.centre);   // onward fits are centred on states of their own
    });
    if (same != out.end() && unites(p)) *same = united(*same, p);
    else out.push_back(p);
  }
  return out;
}

int Material::permutations(ClusterId cluster, const std::string& site, LayerIndex layer) const {
  int count = 0;
  while (vector(cluster, site, layer, Source{count}.named("probe"))) ++count;
  return count;
}

int Material::directions(ClusterId cluster, const PerturbationSpec& recipe, LayerIndex layer) const {
  int count = 0;
  while (vector(cluster, recipe.site, layer, directionKind(recipe) + "/" + std::to_string(count))) ++count;
  return count;
}

Perturbation Material::null() const {
  if (m_sites.empty()) throw Error("LAC-2005", "the study holds no probed site", "run the probes first");
  const auto& [place, first] = *m_sites.begin();
  Perturbation p;
  p.site = *model::siteFromName(place.first);
  p.layer = LayerIndex(place.second);
  p.method = Method::Project;
  p.basis = MatrixD(0, first.stats.mean.size());
  p.centre.assign(first.stats.mean.data(), first.stats.mean.data() + first.stats.mean.size());
  return p;
}

const Material::Site& Material::site(const std::string& name, LayerIndex layer) const {
  const auto found = m_sites.find({name, layer.value});
  if (found != m_sites.end()) return found->second;
  throw Error("LAC-2005", "the study holds no moments of " + name + " at layer " + std::to_string(layer.value), "probe that layer first");
}

const Material::Site& Material::site(const Perturbation& p) const { return site(model::siteName(p.site), p.layer); }

perturbation::StateBank Material::bank(ClusterId cluster, const std::string& site, LayerIndex layer) const {
  perturbation::StateBank out;
  for (const store::StateBankRow& row : m_banks) {
    if (row.site != site || row.layer != layer) continue;
    std::vector<Eigen::Index> outside;
    for (std::size_t i = 0; i < row.clusters.size(); ++i)
      if (row.clusters[i] != cluster.value) outside.push_back(static_cast<Eigen::Index>(i));
    out.states.resize(static_cast<Eigen::Index>(outside.size()), row.states.cols());
    for (std::size_t i = 0; i < outside.size(); ++i) out.states.row(static_cast<Eigen::Index>(i)) = row.states.row(outside[i]).cast<float>();
    for (const Eigen::Index i : outside) out.positions.push_back(row.positions[static_cast<std::size_t>(i)]);
  }
  return out;
}

const VectorD* Material::vector(ClusterId cluster, const std::string& site, LayerIndex layer, const std::string& kind) const {
  const auto found = m_vectors.find({cluster.value, site, layer.value, kind});
  return found == m_vectors.end() ? nullptr : &found->second;
}

std::vector<std::int32_t> selectedBy(const ProbeRow& row, const probes::TauConfig& tau) {
  std::vector<std::int32_t> out;
  const std::vector<float>& values = tau.rule == probes::TauRule::PermNull ? row.beta : row.importance;
  if (values.empty()) return out;
  const VectorD sizes = Eigen::Map<const VectorF>(values.data(), static_cast<Eigen::Index>(values.size())).cast<double>().cwiseAbs();
  probes::TauConfig rule = tau;
  if (rule.rule == probes::TauRule::PermNull) {
    if (!std::isfinite(row.nullThreshold)) return out;
    rule.value = row.nullThreshold;
  }
  for (const NeuronIndex neuron : probes::selectNeurons(sizes, rule)) out.push_back(neuron.value);
  return out;
}

std::string defaultSite(const std::string& method) { return editsNeurons(method) ? "mlp_hidden" : "resid_post"; }

PerturbationSpec recipeNamed(const StudySpec& spec, const std::string& name) {
  for (const PerturbationSpec& recipe : spec.perturbations)
    if (recipeName(recipe) == name) return recipe;
  PerturbationSpec recipe;
  recipe.method = name;
  recipe.site = defaultSite(name);
  recipe.subspace = name == "project" ? "meandiff" : "";
  return recipe;
}

}  // namespace lacuna::study
