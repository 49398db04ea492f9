#include "site_probes.h"

#include <algorithm>
#include <cmath>

#include "lacuna/base/rng.h"
#include "lacuna/probes/label_null.h"
#include "lacuna/probes/mlp.h"
#include "lacuna/probes/rankings.h"
#include "material.h"
#include "spans.h"
#include "subspaces.h"

namespace lacuna::study {
namespace {

using perturbation::Method;
using probes::Probe;
using probes::SplitRole;

/// One site's work: rows are collected as it goes.
class SiteProbes {
 public:
  SiteProbes(ProbeMaterial& material, const activations::SiteActivations& site, const StudySpec& spec, const RunContext& context)
      : m_material(material), m_input(material.input), m_site(site), m_name(model::siteName(site.site.site)), m_spec(spec), m_context(context) {
    m_input.x = site.pooled;
  }

  SiteRows run() {
    m_probes = probes::fitProbes(m_input, m_spec.probes, m_context);
    for (const Probe& probe : m_probes) m_rows.probes.push_back(rowOf(probe));
    nulls();
    sets();
    validity();
    for (const Probe& probe : m_probes)
      if (probe.status != "TOO_FEW") directionsOf(probe);
    if (m_site.site.site == model::Site::MlpHidden) rankings();
    return std::move(m_rows);
  }

 private:
  bool wantsPermuted() const {
    return std::find(m_spec.controlKinds.begin(), m_spec.controlKinds.end(), "permuted") != m_spec.controlKinds.end();
  }

  ProbeRow rowOf(const Probe& probe) const {
    ProbeRow row;
    row.cluster = probe.cluster;
    row.site = m_name;
    row.layer = m_site.site.layer;
    row.auc = probe.auc;
    row.aucLow = probe.aucLow;
    row.aucHigh = probe.aucHigh;
    row.accuracy = probe.accuracy;
    row.selectivity = probe.selectivity;
    row.lambda = probe.lambda;
    row.passed = probe.passed;
    row.status = probe.status;
    row.reason = probe.reason;
    row.importance.assign(probe.importance.data(), probe.importance.data() + probe.importance.size());
    row.beta.assign(probe.betaStd.data(), probe.betaStd.data() + probe.betaStd.size());
    for (double* value : {&row.averagePrecision, &row.gain, &row.aucSet, &row.aucComplement, &row.nullThreshold, &row.effectiveCount, &row.entropyCount, &row.gini})
      *value = std::nan("");
    if (probe.status == "TOO_FEW")   // nothing was fitted: no number, not a zero
      for (double* value : {&row.auc, &row.aucLow, &row.aucHigh, &row.accuracy, &row.selectivity, &row.lambda}) *value = std::nan("");
    if (probe.importance.size() == 0 || !(probe.importance.sum() > 0)) return row;
    const probes::Concentration c = probes::concentration(probe.importance);
    row.effectiveCount = c.effectiveCount;
    row.entropyCount = c.entropyCount;
    row.gini = c.gini;
    return row;
  }

  void add(ClusterId cluster, const std::string& kind, const VectorD& values) { m_rows.directions.push_back({cluster, m_name, m_site.site.layer, kind, values}); }

  /// Bias of the logit, and its median over the documents outside the cluster.
  VectorD scalars(const VectorD& weights, double bias, std::int32_t cluster) const {
    std::vector<double> logits;
    for (Eigen::Index i = 0; i < m_input.x.rows(); ++i)
      if (m_input.roles[static_cast<std::size_t>(i)] == SplitRole::Fit && m_input.labels[static_cast<std::size_t>(i)] != cluster)
        logits.push_back(m_input.x.row(i).cast<double>().dot(weights) + bias);
    double median = 0;
    if (!logits.empty()) {
      std::nth_element(logits.begin(), logits.begin() + static_cast<std::ptrdiff_t>(logits.size() / 2), logits.end());
      median = logits[logits.size() / 2];
    }
    return VectorD{{bias, -median}};   // flip moves to −m, the rest's median
  }

  /// Permuted labels: τ_β where the rule asks for it, and the controls that went through the whole pipeline.
  void nulls() {
    const bool rule = m_spec.tau.rule == probes::TauRule::PermNull && m_site.site.site == model::Site::MlpHidden;
    if (!rule && !wantsPermuted()) return;
    probes::LabelNullConfig config;
    config.draws = wantsPermuted() ? m_spec.controlDraws : 0;
    config.permutations = rule ? std::max(m_spec.tauPermutations, config.draws) : config.draws;
    config.level = m_spec.tauLevel;
    config.tolerance = m_spec.probes.tolerance;
    config.maxIterations = m_spec.probes.maxIterations;
    if (config.permutations == 0) return;
    const auto nulls = probes::labelNull(m_input, m_probes, {}, config, m_context);
    for (std::size_t i = 0; i < nulls.size(); ++i) {
      if (rule) m_rows.probes[i].nullThreshold = nulls[i].tauBeta;
      for (std::size_t r = 0; r < nulls[i].draws.size(); ++r) addPermuted(nulls[i].cluster, static_cast<int>(r), nulls[i].draws[r]);
    }
  }

  void addPermuted(ClusterId cluster, int draw, const probes::NullProbe& null) {
    const std::string tail = "/" + std::to_string(draw);
    if (m_site.site.site == model::Site::MlpHidden) add(cluster, "permuted-beta" + tail, null.betaStd);
    add(cluster, "permuted-probe" + tail, null.wRaw);
    add(cluster, "permuted-probe-scalars" + tail, scalars(null.wRaw, null.bRaw, cluster.value));
    const PermutedLabels shuffled(m_input, m_context.seed, draw);
    add(cluster, "permuted-meandiff" + tail, meanDifference(m_input, cluster));
  }

  void sets() {
    for (ProbeRow& row : m_rows.probes) {
      row.selected = selectedBy(row, m_spec.tau);
      row.tau = row.selected.empty() ? 0 : static_cast<double>(row.importance[static_cast<std::size_t>(row.selected.back())]);
    }
  }

  void validity() {
    std::vector<std::vector<NeuronIndex>> chosen;
    for (const ProbeRow& row : m_rows.probes) {
      chosen.emplace_back();
      for (const std::int32_t neuron : row.selected) chosen.back().emplace_back(neuron);
    }
    probes::ValidityConfig config;
    config.probe = m_spec.probes;
    config.retrain = m_site.site.site == model::Site::MlpHidden;
    config.bootstrap = {1000, m_spec.level, m_spec.seed};
    const auto found = probes::probeValidity(m_input, m_probes, chosen, m_material.baselines, config, m_context);
    for (std::size_t i = 0; i < found.size(); ++i) {
      ProbeRow& row = m_rows.probes[i];
      row.averagePrecision = found[i].averagePrecision;
      row.gain = found[i].gain;
      row.aucSet = found[i].setAuc;
      row.aucComplement = found[i].complementAuc;
      row.separable = found[i].separable;
    }
  }

  void directionsOf(const Probe& probe) {
    const VectorD difference = meanDifference(m_input, probe.cluster);
    add(probe.cluster, "probe", probe.wRaw);
    add(probe.cluster, "probe-scalars", scalars(probe.wRaw, probe.bRaw, probe.cluster.value));
    add(probe.cluster, "meandiff", difference);
    if (erased()) {
      check(probe, "meandiff", Method::Project, difference.transpose());
      check(probe, "leace", Method::Leace, difference.transpose());
      check(probe, "probe", Method::Project, probe.wRaw.transpose());
    }
    for (const PerturbationSpec& recipe : ranked()) {
      const MatrixD rows = fitSubspace(m_input, {recipe.subspace, probe.cluster, recipe.rank, probe.lambda}, m_context);
      for (Eigen::Index r = 0; r < rows.rows(); ++r) add(probe.cluster, directionKind(recipe) + "/" + std::to_string(r), rows.row(r).transpose());
      check(probe, directionKind(recipe), Method::Project, rows);
    }
  }

  /// Sites whose subspaces may be taken away: those of recipes, and where the panel does it by default.
  bool erased() const {
    return m_site.site.site == model::Site::ResidPost ||
           std::any_of(m_spec.perturbations.begin(), m_spec.perturbations.end(), [&](const PerturbationSpec& p) { return erases(p) && p.site == m_name; });
  }

  /// Recipes of this site with directions of their own kind and rank, one of each.
  std::vector<PerturbationSpec> ranked() const {
    std::vector<PerturbationSpec> out;
    for (const PerturbationSpec& p : m_spec.perturbations) {
      const bool own = p.site == m_name && (p.subspace == "pca" || p.subspace == "inlp");
      if (own && std::none_of(out.begin(), out.end(), [&](const PerturbationSpec& q) { return directionKind(q) == directionKind(p); })) out.push_back(p);
    }
    return out;
  }

  void check(const Probe& probe, const std::string& kind, Method method, const MatrixD& directions) {
    m_rows.subspaces.push_back(checkedSubspace(m_input, {probe.cluster, m_site.site, method, kind, probe.lambda}, directions, m_site.stats, m_context));
  }

  bool compared(const std::string& name) const { return std::find(m_spec.rankings.begin(), m_spec.rankings.end(), name) != m_spec.rankings.end(); }

  /// Mean attribution of the MLP probe's logit over held-out documents of the cluster.
  VectorD gradientImportance(const probes::MlpProbe& mlp, ClusterId cluster) const {
    std::vector<Eigen::Index> places;
    for (std::size_t i = 0; i < m_input.roles.size() && places.size() < 64; ++i)
      if (m_input.roles[i] == SplitRole::Evaluate && m_input.labels[i] == cluster.value) places.push_back(static_cast<Eigen::Index>(i));
    MatrixF x(static_cast<Eigen::Index>(places.size()), m_input.x.cols());
    for (std::size_t i = 0; i < places.size(); ++i) x.row(static_cast<Eigen::Index>(i)) = m_input.x.row(places[i]);
    return probes::mlpImportance(mlp, x, cluster, {}, m_context).importance;
  }

  void rankings() {
    const FitRows fit(m_input);
    const MatrixF& x = fit.x;
    const probes::MlpProbe mlp = compared("gradients") ? probes::fitMlp(m_input, {}, m_context) : probes::MlpProbe();
    for (std::size_t i = 0; i < m_probes.size(); ++i) {
      const Probe& probe = m_probes[i];
      if (probe.status == "TOO_FEW") continue;
      const std::vector<std::uint8_t> members = fit.members(probe.cluster);
      std::vector<std::string> names{"probe"};
      std::vector<VectorD> values{probe.importance};
      const auto take = [&](const std::string& name, VectorD ranking) {
        names.push_back(name);
        values.push_back(std::move(ranking));
      };
      if (compared("probeless")) take("probeless", probes::probelessImportance(x, members, m_context));
      if (compared("gradients") && mlp.status == "OK") take("gradients", gradientImportance(mlp, probe.cluster));
      if (compared("stability"))
        take("stability", probes::stabilitySelection(x, members, fit.families, {}, static_cast<std::uint64_t>(probe.cluster.value), m_context).frequency);
      addRankings(probe.cluster, names, values, static_cast<int>(std::max<std::size_t>(1, m_rows.probes[i].selected.size())));
    }
  }

  void addRankings(ClusterId cluster, const std::vector<std::string>& names, const std::vector<VectorD>& values, int top) {
    const probes::RankingAgreement agreement = probes::compareRankings(values, top);
    for (Eigen::Index a = 0; a < agreement.spearman.rows(); ++a)
      for (Eigen::Index b = a + 1; b < agreement.spearman.cols(); ++b) {
        const double rho = agreement.spearman(a, b), jaccard = agreement.jaccard(a, b);
        m_rows.rankings.push_back({cluster, m_name, m_site.site.layer, names[static_cast<std::size_t>(a)], names[static_cast<std::size_t>(b)], rho, jaccard,
                                   top, std::isnan(rho) || std::isnan(jaccard) ? "NOT_IDENTIFIED" : "OK"});
      }
  }

  ProbeMaterial& m_material;
  probes::ProbeInput& m_input;
  const activations::SiteActivations& m_site;
  std::string m_name;
  const StudySpec& m_spec;
  const RunContext& m_context;
  std::vector<Probe> m_probes;
  SiteRows m_rows;
};

}  // namespace

SeenFrom::SeenFrom(ProbeMaterial& material, ClusterId cluster) : m_input(material.input) {
  if (material.members.empty()) return;
  for (const std::uint8_t member : material.members[cluster.index()]) m_labels.push_back(member ? static_cast<std::int32_t>(cluster.value) : -1);
  m_input.labels.swap(m_labels);
}

namespace {

template <class Rows> void take(Rows& all, Rows&& some, ClusterId cluster) {
  for (auto& row : some)
    if (row.cluster == cluster) all.push_back(std::move(row));
}

}  // namespace

SiteRows probeSite(ProbeMaterial& material, const activations::SiteActivations& site, const StudySpec& spec, const RunContext& context) {
  if (material.members.empty()) return SiteProbes(material, site, spec, context).run();
  SiteRows all;
  for (std::size_t c = 0; c < material.members.size(); ++c) {   // one against the rest, one after the other
    const ClusterId cluster(static_cast<std::int64_t>(c));
    const SeenFrom view(material, cluster);
    SiteRows some = SiteProbes(material, site, spec, context).run();
    take(all.probes, std::move(some.probes), cluster);
    take(all.directions, std::move(some.directions), cluster);
    take(all.rankings, std::move(some.rankings), cluster);
    take(all.subspaces, std::move(some.subspaces), cluster);
  }
  return all;
}

std::vector<store::StateBankRow> stateBanks(Workspace& w, const corpus::Corpus& part, std::span<const std::int32_t> labels) {
  constexpr std::size_t kDonors = 256;
  std::vector<model::Capture> sites;
  for (const PerturbationSpec& p : w.spec().perturbations)
    if (p.method == "resample")
      for (std::int64_t layer = 0; layer < w.modelInfo().layers; ++layer) sites.push_back({*model::siteFromName(p.site), LayerIndex(layer)});
  if (sites.empty()) return {};
  std::vector<store::StateBankRow> banks;
  for (const model::Capture& site : sites)
    banks.push_back({model::siteName(site.site), site.layer, {}, {}, MatrixD(static_cast<Eigen::Index>(kDonors), w.modelInfo().siteWidth(site.site))});
  const auto limit = static_cast<std::size_t>(w.spec().probeMaxTokens);
  std::size_t taken = 0;
  for (std::size_t i = 0; i < part.documents.size() && taken < kDonors; ++i) {
    if (part.documents[i].role != corpus::Role::Fit) continue;
    w.context().checkpoint();
    std::vector<std::int32_t> ids = w.model().tokenizer().encode(part.documents[i].text, {false, true}).ids;
    if (ids.size() > limit) ids.resize(limit);
    if (ids.size() < 2) continue;
    const auto position = 1 + static_cast<Eigen::Index>(Rng(w.spec().seed, "donor", static_cast<std::uint64_t>(part.documents[i].id.value)).below(ids.size() - 1));
    const model::Arm clean;
    const auto result = model::forward(w.model(), {{ids, -1, false}}, std::span(&clean, 1), {{}, {}, sites, false}, w.context());
    for (std::size_t s = 0; s < banks.size(); ++s) {
      banks[s].clusters.push_back(labels[i]);
      banks[s].positions.push_back(static_cast<std::int32_t>(position));
      banks[s].states.row(static_cast<Eigen::Index>(taken)) = result.captured[0][s].row(position).cast<double>();
    }
    ++taken;
  }
  for (store::StateBankRow& bank : banks) bank.states.conservativeResize(static_cast<Eigen::Index>(taken), Eigen::NoChange);
  return banks;
}

}  // namespace lacuna::study
