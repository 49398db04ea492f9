#include "cluster_trust.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/clusters/silhouettes.h"
#include "lacuna/clusters/validity.h"
#include "lacuna/corpus/filter.h"

namespace lacuna::study {
namespace {

using nlohmann::json;

constexpr int kPermutations = 100;
constexpr std::size_t kMostValues = 1000, kMostFields = 16;

/// Empty: the document has no such field.
std::string valueOf(const corpus::Document& document, const std::string& field) {
  return field == "source" ? document.source : corpus::fieldOf(document.metadata, field).value_or("");
}

/// Values the most frequent first, then by name. Too many values to group anything: none are kept.
store::FieldRow fieldOf(const corpus::Corpus& corpus, const std::string& name) {
  std::map<std::string, std::int64_t> sizes;
  for (const corpus::Document& d : corpus.documents) {
    if (const std::string value = valueOf(d, name); !value.empty()) ++sizes[value];
    if (sizes.size() > kMostValues) return {name, "[]", {}};
  }
  std::vector<std::string> values;
  for (const auto& [value, n] : sizes) values.push_back(value);
  std::stable_sort(values.begin(), values.end(), [&](const std::string& a, const std::string& b) { return sizes[a] > sizes[b]; });
  std::map<std::string, std::int32_t> places;
  for (const std::string& value : values) places.emplace(value, static_cast<std::int32_t>(places.size()));
  store::FieldRow row{name, json(values).dump(-1, ' ', false, json::error_handler_t::replace), {}};
  for (const corpus::Document& d : corpus.documents) {
    const std::string value = valueOf(d, name);
    row.codes.push_back(value.empty() ? -1 : places.at(value));
  }
  return row;
}

bool groups(const store::FieldRow& field) {
  return std::any_of(field.codes.begin(), field.codes.end(), [](std::int32_t code) { return code > 0; });
}

/// Documents that have a direction, and their sources.
struct Directed { MatrixF vectors; std::vector<std::int32_t> sources; };

Directed directed(const MatrixF& vectors, const std::vector<std::int32_t>& sources) {
  std::vector<Eigen::Index> kept;
  for (Eigen::Index i = 0; i < vectors.rows(); ++i)
    if (vectors.row(i).squaredNorm() > .5F) kept.push_back(i);
  Directed out{MatrixF(static_cast<Eigen::Index>(kept.size()), vectors.cols()), {}};
  for (std::size_t i = 0; i < kept.size(); ++i) {
    out.vectors.row(static_cast<Eigen::Index>(i)) = vectors.row(kept[i]);
    out.sources.push_back(sources[static_cast<std::size_t>(kept[i])]);
  }
  return out;
}

/// What refining compares with; without sources nothing is known of any document.
std::vector<std::int32_t> metadataFor(const corpus::Corpus& corpus, const std::string& name) {
  store::FieldRow field = fieldOf(corpus, name);
  const bool known = std::any_of(field.codes.begin(), field.codes.end(), [](std::int32_t code) { return code >= 0; });
  if (known || name == "source") return known ? field.codes : std::vector<std::int32_t>(corpus.documents.size(), -1);
  std::string fields;
  for (const store::FieldRow& row : fieldsOf(corpus)) fields += (fields.empty() ? "" : ", ") + row.name;
  throw Error("LAC-1605", "refining clusters: expected a field of at most " + std::to_string(kMostValues) + " values, found no such '" + name + "' in the documents",
              "set clusters.refine.field to one of: " + (fields.empty() ? "source" : fields));
}

std::string textOf(const clusters::KChoice& choice) {
  json rows = json::array();
  for (const clusters::KPoint& p : choice.curve)
    rows.push_back({p.k, p.silhouette, p.standardError, p.stability, p.stabilitySd, p.ami, p.k == choice.chosen ? 1 : 0});
  return rows.dump();
}

void keep(const clusters::Refined& refined, store::ClusterRecord& record) {
  for (std::size_t r = 0; r < refined.rounds.size(); ++r) {
    const clusters::RefineRound& round = refined.rounds[r];
    const clusters::RefineState& after = r + 1 < refined.rounds.size() ? refined.rounds[r + 1].before : refined.after;
    record.rounds.push_back({static_cast<std::int64_t>(r), round.changed, round.before.macroPurity, after.macroPurity, round.before.macroSilhouette, after.macroSilhouette,
                             round.before.clusters, after.clusters, round.labels});
  }
  for (const clusters::RefineStep& s : refined.log)
    record.steps.push_back({std::ssize(record.steps), s.round, s.action, s.cluster, s.other, s.documents, s.purity, s.silhouette});
}

}  // namespace

std::vector<store::FieldRow> fieldsOf(const corpus::Corpus& corpus) {
  std::set<std::string> names;
  for (const corpus::Document& d : corpus.documents)
    for (const auto& [name, value] : d.metadata) names.insert(name);
  std::vector<store::FieldRow> fields;
  for (const corpus::Document& d : corpus.documents)
    for (const auto& [name, value] : d.metadata)
      if (value.find("://") != std::string::npos) names.insert(name + ".host");
  names.erase("source");
  const auto take = [&](const std::string& name) {
    if (fields.size() == kMostFields) return;
    if (store::FieldRow field = fieldOf(corpus, name); groups(field)) fields.push_back(std::move(field));
  };
  take("source");
  for (const std::string& name : names) take(name);
  return fields;
}

void chooseClusters(Workspace& w, const MatrixF& unitVectors, clusters::ClusterConfig& config, ClusterTrust& trust) {
  if (config.kGrid.empty()) return;
  const Directed rows = directed(unitVectors, metadataFor(w.corpus(), "source"));
  const clusters::KChoice choice = clusters::chooseK(rows.vectors, config.kGrid, rows.sources, config.restarts, config.stabilityPairs, w.context());
  config.k = choice.chosen;
  trust.curve = textOf(choice);
  trust.words = "; k = " + std::to_string(choice.chosen) + (choice.stable ? " chosen: the largest stable one" : ": none was stable (ARI of refits below 0.8), the most stable was taken");
}

clusters::ClusterSet refineClusters(Workspace& w, clusters::ClusterSet set, const MatrixF& unitVectors, ClusterTrust& trust) {
  const clusters::ClusterConfig& config = w.spec().clusters;
  if (config.refine.rounds == 0) return set;
  clusters::RefineConfig refine = config.refine;
  refine.taken = static_cast<std::int32_t>(set.clusters.size());
  const clusters::Refined refined = clusters::refine(unitVectors, set.labels, metadataFor(w.corpus(), refine.field), refine, w.context());
  keep(refined, trust.record);
  trust.stopped = refined.stopped;
  std::vector<std::string> names;
  const bool named = config.method == "metadata" || config.method == "filters";
  for (const clusters::Cluster& cluster : set.clusters) names.push_back(named ? cluster.label : "");
  for (const clusters::RefineStep& step : refined.log)
    if (step.action == "split") names.resize(std::max(names.size(), static_cast<std::size_t>(step.other) + 1));
  clusters::ClusterSet out = clusters::describe(w.corpus(), unitVectors, refined.labels, names, std::move(set.strengths), config, w.context());
  const auto ambiguous = std::count(refined.labels.begin(), refined.labels.end(), -2);
  const std::size_t rounds = refined.rounds.size();
  out.description = set.description + "; refined in " + std::to_string(rounds) + (rounds == 1 ? " round to " : " rounds to ") +
                    std::to_string(refined.after.clusters) + " clusters, " + std::to_string(ambiguous) + " documents ambiguous";
  out.objective = set.objective;
  out.condensedTree = std::move(set.condensedTree);
  out.merges = std::move(set.merges);
  out.treeClusters = std::move(set.treeClusters);
  return out;
}

void checkClusters(Workspace& w, const clusters::ClusterSet& set, const MatrixF& unitVectors, const clusters::ClusterConfig& config, ClusterTrust& trust) {
  if (config.method == "euclidean") {
    const clusters::SilhouetteSummary s = clusters::euclideanSummary(unitVectors, set.labels, w.context());
    trust.euclidean = json::array({{s.mean, s.macro, s.shareNegative, s.standardError}}).dump();
  }
  if (!config.checkStability) return;
  const clusters::Stability s = clusters::stabilityOf(unitVectors, config, w.context());
  trust.stability = json::array({{s.mean, s.sd, static_cast<std::int64_t>(s.values.size())}}).dump();
}

void compareWithFields(Workspace& w, const clusters::ClusterSet& set, ClusterTrust& trust) {
  json rows = json::array();
  for (const store::FieldRow& field : trust.record.fields) {
    w.context().checkpoint();
    const clusters::ContingencyTable table = clusters::contingencyTable(set.labels, field.codes);
    if (table.columns.size() < 2 || table.rows.size() < 2) continue;
    const clusters::AdjustedPurity purity = clusters::adjustedPurity(set.labels, field.codes, kPermutations, w.context());
    const clusters::Agreement a = clusters::agreement(set.labels, field.codes);
    rows.push_back({field.name, purity.purity, purity.expected, purity.adjusted, a.nmi, a.ami, a.ari, a.homogeneity, a.completeness,
                    static_cast<std::int64_t>(table.counts.sum())});
  }
  trust.validity = rows.empty() ? "" : rows.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string treeText(const clusters::ClusterSet& set) {
  std::map<std::int32_t, std::int32_t> clusterOf;
  for (const clusters::TreeCluster& node : set.treeClusters) clusterOf[node.node] = node.cluster;
  json rows = json::array();
  for (const clusters::TreeNode& n : clusters::treeNodes(set.condensedTree)) {
    if (n.parent < 0) continue;
    const auto chosen = clusterOf.find(n.node);
    rows.push_back({n.parent, n.node, n.birth, n.size, n.half, n.end, n.stability, chosen == clusterOf.end() ? json() : json(chosen->second)});
  }
  return rows.empty() ? "" : rows.dump();
}

std::string mergesText(const clusters::ClusterSet& set) {
  json rows = json::array();
  for (const clusters::TopicMerge& m : set.merges)
    rows.push_back({m.from, m.into, m.similarity, m.fromSize, m.intoSize, m.fromWords, m.intoWords, m.becomes});
  return rows.empty() ? "" : rows.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace lacuna::study
