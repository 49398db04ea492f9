#include <algorithm>
#include <chrono>
#include <iterator>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/model/decoder.h"
#include "membership.h"
#include "onward.h"
#include "site_probes.h"
#include "token_reading.h"

namespace lacuna::study {
namespace {

/// Rows of the corpus that the model reads: a sample with the clusters' shares, drawn by document id.
std::vector<std::size_t> sampleDocuments(const std::vector<DocumentRow>& documents, std::int64_t wanted, std::uint64_t seed) {
  std::vector<std::pair<double, std::size_t>> keyed;
  for (std::size_t i = 0; i < documents.size(); ++i)
    if (documents[i].cluster >= 0) keyed.emplace_back(Rng(seed, "probe-documents", static_cast<std::uint64_t>(documents[i].id.value)).uniform(), i);
  std::sort(keyed.begin(), keyed.end());
  if (wanted > 0 && keyed.size() > static_cast<std::size_t>(wanted)) keyed.resize(static_cast<std::size_t>(wanted));
  std::vector<std::size_t> rows;
  for (const auto& [key, row] : keyed) rows.push_back(row);
  std::sort(rows.begin(), rows.end());
  return rows;
}

corpus::Corpus subset(const corpus::Corpus& all, const std::vector<std::size_t>& rows) {
  corpus::Corpus part;
  part.hash = all.hash + "/" + std::to_string(rows.size());
  for (const std::size_t row : rows) part.documents.push_back(all.documents[row]);
  return part;
}

probes::SplitRole splitRole(corpus::Role role) {
  return role == corpus::Role::Fit ? probes::SplitRole::Fit : role == corpus::Role::Tune ? probes::SplitRole::Tune : probes::SplitRole::Evaluate;
}

/// ‖row‖ of the down projection: how loudly a neuron speaks to the residual stream (methods.md 5.5a).
VectorD outputNorms(const model::Model& model, const model::Capture& site) {
  if (site.site != model::Site::MlpHidden) return {};
  const std::vector<double> norms = model.decoder().layer(site.layer.index())->down.inputNorms();
  return Eigen::Map<const VectorD>(norms.data(), static_cast<Eigen::Index>(norms.size()));
}

store::SiteStatsRow statsRow(const activations::SiteActivations& site, VectorD outputNorm) {
  store::SiteStatsRow row;
  row.site = model::siteName(site.site.site);
  row.layer = site.site.layer;
  row.mean = site.stats.mean;
  row.sd = site.stats.sd;
  row.meanSquare = site.stats.meanSquare;
  row.outputNorm = std::move(outputNorm);
  // Controls of neurons need no covariance, and that of a wide MLP would be most of the study file.
  if (site.site.site != model::Site::MlpHidden) row.covariance = site.stats.covariance;
  row.rho = site.stats.rho;
  row.tokens = site.stats.tokens;
  return row;
}

std::vector<model::Capture> probedSites(const StudySpec& spec, const model::ModelInfo& info) {
  std::vector<model::Capture> sites;
  for (int layer = 0; layer < info.layers; ++layer) {
    if (!spec.probeLayers.empty() && std::find(spec.probeLayers.begin(), spec.probeLayers.end(), layer) == spec.probeLayers.end()) continue;
    for (const model::Site site : {model::Site::MlpHidden, model::Site::ResidPost}) sites.push_back({site, LayerIndex(layer)});
  }
  if (sites.empty())
    throw Error("LAC-1401", "study spec: /probes/layers: none of them exists; the model has layers 0 to " + std::to_string(info.layers - 1),
                "correct the list, or leave it empty for all");
  return sites;
}

std::vector<std::string_view> textsOf(const corpus::Corpus& corpus) {
  std::vector<std::string_view> texts;
  for (const corpus::Document& document : corpus.documents) texts.emplace_back(document.text);
  return texts;
}

/// Everything the stage stores.
struct ProbeTables {
  std::vector<ProbeRow> probes;
  std::vector<store::SiteStatsRow> stats;
  std::vector<store::DirectionRow> directions;
  std::vector<RankingRow> rankings;
  std::vector<SubspaceRow> subspaces;
  std::vector<store::OnwardRow> onward;

  void add(SiteRows&& site) {
    std::move(site.probes.begin(), site.probes.end(), std::back_inserter(probes));
    std::move(site.directions.begin(), site.directions.end(), std::back_inserter(directions));
    std::move(site.rankings.begin(), site.rankings.end(), std::back_inserter(rankings));
    std::move(site.subspaces.begin(), site.subspaces.end(), std::back_inserter(subspaces));
  }
  void add(PlannedRows&& planned) {
    std::move(planned.directions.begin(), planned.directions.end(), std::back_inserter(directions));
    std::move(planned.onward.begin(), planned.onward.end(), std::back_inserter(onward));
    std::move(planned.subspaces.begin(), planned.subspaces.end(), std::back_inserter(subspaces));
  }
  void put(store::Store& to) {
    for (const ClusterRow& cluster : to.clusters())   // emptied by hand: their ids stay taken
      if (cluster.size == 0) std::erase_if(probes, [&](const ProbeRow& probe) { return probe.cluster == cluster.id; });
    to.putProbes(probes, stats, directions);
    to.putRankings(rankings);
    to.putSubspaces(subspaces);
    to.putOnward(onward);
  }
};

ProbeMaterial materialOf(const std::vector<DocumentRow>& documents, const std::vector<std::size_t>& rows, const corpus::Corpus& part,
                         const activations::ActivationSet& states, int clusters, const std::vector<store::MembershipRow>& shared) {
  ProbeMaterial material;
  for (int c = 0; c < clusters && !shared.empty(); ++c) {
    const std::vector<std::uint8_t> all = membersOf(ClusterId(c), documents, shared);
    std::vector<std::uint8_t>& own = material.members.emplace_back();
    for (const std::size_t row : rows) own.push_back(all[row]);
  }
  material.input.clusters = clusters;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const DocumentRow& document = documents[rows[i]];
    material.input.labels.push_back(document.cluster);
    material.input.families.push_back(document.family);
    material.input.roles.push_back(states.usable[i] ? splitRole(part.documents[i].role) : probes::SplitRole::Unused);
  }
  material.baselines = {{"embeddings", states.sites.back().pooled}, {"words", embeddings::hashedWords(textsOf(part), 512)}};
  return material;
}

/// What depends on where the recipes edit: it is made of probes that are stored already, under a stage that is not done yet.
void addPlanned(Workspace& w, ProbeMaterial& documents, const corpus::Corpus& part, const activations::ActivationSet& states, const std::string& key,
                ProbeTables& tables) {
  const auto putSoFar = [&] {
    w.store().transaction([&] {
      tables.put(w.store());
      w.store().putStage({"probes", "running", key, "", "", 0});
    });
  };
  putSoFar();
  tables.add(permutedSubspaces(documents, states, Material(w.store()), w.spec(), w.context()));
  putSoFar();
  tables.add(onwardSubspaces(w, documents, part, Material(w.store())));
}

/// The mean of the token embeddings: what a probe could know without any layer.
const model::Capture kEmbeddings{model::Site::ResidPre, LayerIndex(0)};

}  // namespace

void runProbeStage(Workspace& w, const std::string& key) {
  const auto begin = std::chrono::steady_clock::now();
  const StudySpec& spec = w.spec();
  std::vector<DocumentRow> documents = w.store().documents();
  const std::vector<std::size_t> rows = sampleDocuments(documents, spec.probeDocuments, spec.seed);
  const corpus::Corpus part = subset(w.corpus(), rows);
  activations::ActivationConfig config;
  config.sites = probedSites(spec, w.modelInfo());
  const std::size_t probed = config.sites.size();
  config.sites.push_back(kEmbeddings);
  config.maxTokens = spec.probeMaxTokens;
  const activations::ActivationSet states = activations::collect(part, w.model(), config, w.context());
  for (std::size_t i = 0; i < rows.size(); ++i) documents[rows[i]].tokens = states.tokens[i];

  ProbeMaterial material = materialOf(documents, rows, part, states, static_cast<int>(w.store().clusters().size()), w.store().clusterRecord().memberships);
  ProbeTables tables;
  for (std::size_t s = 0; s < probed; ++s) {
    w.context().checkpoint();
    w.context().report("Training probes", s, probed);
    tables.stats.push_back(statsRow(states.sites[s], outputNorms(w.model(), states.sites[s].site)));
    tables.add(probeSite(material, states.sites[s], spec, w.context()));
  }
  w.context().report("Training probes", probed, probed);
  readTokens(w, material, part, tables.probes, tables.directions);
  const std::vector<store::StateBankRow> banks = stateBanks(w, part, material.input.labels);
  addPlanned(w, material, part, states, key, tables);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  w.store().transaction([&] {
    w.store().putDocuments(documents);
    tables.put(w.store());
    w.store().putBanks(banks);
    w.store().putStage({"probes", "done", key, std::to_string(rows.size()) + " documents, " + std::to_string(probed) + " sites", "", wall.count()});
  });
}

}  // namespace lacuna::study
