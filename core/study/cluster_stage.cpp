#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "cluster_trust.h"
#include "lacuna/base/error.h"
#include "lacuna/base/log.h"
#include "lacuna/clusters/cluster_sizes.h"
#include "lacuna/clusters/nearest.h"
#include "lacuna/embeddings/sentence_encoder.h"
#include "lacuna/study/cluster_edits.h"
#include "workspace.h"

namespace lacuna::study {
namespace {

const char* roleName(corpus::Role role) {
  return role == corpus::Role::Fit ? "fit" : role == corpus::Role::Tune ? "tune" : "evaluate";
}

std::vector<ClusterRow> clusterRows(const clusters::ClusterSet& set, const corpus::Corpus& corpus) {
  std::vector<ClusterRow> rows;
  const std::vector<clusters::SizeEstimate> sizes = clusters::estimateSizes(corpus, set);
  for (const clusters::Cluster& c : set.clusters) {
    ClusterRow row;
    row.id = c.id;
    row.label = c.label;
    row.size = c.size;
    row.silhouette = c.silhouette;
    row.shareNegative = c.shareNegative;
    row.tooFew = c.tooFew;
    for (const clusters::Term& term : c.terms) row.terms.push_back({term.word, term.weight});
    row.representatives.assign(c.representatives.begin(), c.representatives.end());
    row.persistence = c.persistence;
    const clusters::SizeEstimate& size = sizes[rows.size()];
    row.population = size.documents;
    row.populationLow = size.low;
    row.populationHigh = size.high;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<DocumentRow> documentRows(const corpus::Corpus& corpus, const clusters::ClusterSet& set, const MatrixF& map) {
  std::vector<DocumentRow> rows;
  rows.reserve(corpus.documents.size());
  for (std::size_t i = 0; i < corpus.documents.size(); ++i) {
    const corpus::Document& d = corpus.documents[i];
    DocumentRow row;
    row.id = d.id;
    row.cluster = set.labels[i];
    row.silhouette = set.silhouettes[i];
    row.strength = set.labels[i] < 0 ? 0 : set.strengths[i];
    row.x = map(static_cast<Eigen::Index>(i), 0);
    row.y = map(static_cast<Eigen::Index>(i), 1);
    row.source = d.source;
    row.role = roleName(d.role);
    row.family = d.family.value;
    row.text = d.text;
    row.weight = d.weight;
    row.duplicates = d.duplicates;
    row.chunk = d.chunk;
    rows.push_back(std::move(row));
  }
  return rows;
}

/// Do clusters have names of their own?
bool isNamed(const clusters::ClusterConfig& config) { return config.method == "metadata" || config.method == "filters"; }

/// The clustering as people left it: documents moved, sizes, terms and silhouettes anew.
clusters::ClusterSet edited(Workspace& w, clusters::ClusterSet set, const MatrixF& vectors, const std::vector<EditRow>& edits) {
  if (editsHash(edits).empty()) return set;
  std::vector<DocumentId> ids;
  for (const corpus::Document& document : w.corpus().documents) ids.push_back(document.id);
  applyEdits(edits, ids, set.labels);
  std::size_t count = set.clusters.size();
  for (const EditRow& edit : edits) count = std::max(count, static_cast<std::size_t>(edit.target.value + 1));
  std::vector<std::string> names(count);
  for (const clusters::Cluster& cluster : set.clusters)   // one without documents may get some: its words name it then
    if (cluster.size > 0 || isNamed(w.spec().clusters)) names[cluster.id.index()] = cluster.label;
  clusters::ClusterSet out = clusters::describe(w.corpus(), vectors, std::move(set.labels), names, std::move(set.strengths), w.spec().clusters, w.context());
  out.description = set.description + ", edited by hand";
  out.condensedTree = std::move(set.condensedTree);
  out.merges = std::move(set.merges);
  out.treeClusters = std::move(set.treeClusters);
  return out;
}

/// Labels and colours given by hand, the newest last.
std::vector<ClusterRow> named(std::vector<ClusterRow> rows, const std::vector<EditRow>& edits) {
  for (const EditRow& edit : edits) {
    const bool splits = edit.kind == "split" && !edit.value.empty();
    if (!splits && edit.kind != "rename" && edit.kind != "recolour") continue;
    ClusterRow& row = rows.at((splits ? edit.target : edit.cluster).index());
    if (edit.kind == "recolour") row.colour = std::stoi(edit.value);
    else row.label = edit.value;
  }
  return rows;
}

std::vector<store::SourceRow> sourceRows(const corpus::Corpus& corpus, const embeddings::EmbeddingSet& embedding) {
  std::map<std::string, embeddings::SourceLength> lengths;
  for (const embeddings::SourceLength& length : embeddings::lengthsBySource(corpus, embedding.lengths)) lengths[length.source] = length;
  std::vector<store::SourceRow> rows;
  for (const corpus::SourceCount& s : corpus.sources) {
    const embeddings::SourceLength& length = lengths[s.source];
    rows.push_back({s.source, s.raw, s.wanted, s.distinct, s.unlike, s.clean, s.population, length.documents, length.cut, length.tokens, length.lost});
  }
  return rows;
}

/// A file that vanished since it was read has no hash.
files::FileHash hashOf(Workspace& w, const std::string& file) {
  try {
    return w.inputs().of(file);
  } catch (const Error& error) {
    log::warning(error.message());
    return {};
  }
}

std::vector<store::CorpusFileRow> fileRows(Workspace& w) {
  std::vector<store::CorpusFileRow> rows;
  for (const auto& f : w.corpus().report.files) {
    const files::FileHash hash = hashOf(w, f.path);
    rows.push_back({f.path, static_cast<std::int64_t>(f.documents), static_cast<std::int64_t>(f.size), f.modified, f.damaged, hash.hex, hash.sampled});
  }
  return rows;
}

/// Documents dropped for texts of tasks belong to no cluster: each is counted by the one it lies nearest to, as what was measured there is
/// what they might have been learned by heart for (methods.md 1).
void countContaminated(Workspace& w, const clusters::ClusterSet& set, const embeddings::EmbeddingSet& embedding, std::vector<ClusterRow>& rows) {
  if (!w.spec().corpus.decontaminate || !set.members.empty()) return;   // clusters that share documents: not looked for
  for (ClusterRow& row : rows) row.contaminated = 0;
  for (const std::int32_t label : clusters::nearestClusters(embedding.vectors, set.labels, std::ssize(set.clusters), embedding.contaminated, w.context()))
    if (label >= 0) ++rows.at(static_cast<std::size_t>(label)).contaminated;
}

/// What the reading met, for the study file.
std::string readingJson(const files::ReadReport& report) {
  const nlohmann::json all = {{"bad", report.bad}, {"repaired", report.repaired}, {"examples", report.examples}, {"warnings", report.warnings}};
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// What the reading met, for the record of the stage.
std::string readingText(const corpus::Corpus& corpus) {
  std::string out = corpus.report.sound() ? "" : "completed with warnings";
  for (const auto& [kind, rows] : corpus.report.bad) out += (out.empty() ? "" : ", ") + kind + " " + std::to_string(rows);
  const auto left = [&](const char* what, std::int64_t count) {
    if (count > 0) out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + what;
  };
  left("exact copies", corpus.duplicatesDropped);
  left("near copies", corpus.nearDuplicatesDropped);
  left("with texts of tasks", corpus.contaminatedDropped);
  left("too short", corpus.shortDropped);
  return out.empty() ? out : "corpus: left out " + out + "; ";
}

/// "; 12 of 500 documents are longer …", with all sources together.
std::string lossText(const corpus::Corpus& corpus, const embeddings::EmbeddingSet& embedding) {
  embeddings::SourceLength all;
  for (const embeddings::TextLength& length : embedding.lengths) all.add(length);
  all.documents = std::ssize(corpus.documents);
  const std::string words = embeddings::lossInWords(all);
  return words.empty() ? words : "; " + words;
}

}  // namespace

namespace {

double variance(const MatrixF& x) { return (x.cast<double>().rowwise() - x.cast<double>().colwise().mean()).squaredNorm(); }

/// How the coordinates of the map were made.
std::string mapWords(const clusters::ClusterConfig& config, const MatrixF& vectors, const MatrixF& map, std::uint64_t seed) {
  if (config.map == "umap") return "UMAP of two dimensions, " + std::to_string(config.umap.neighbours) + " neighbours, seed " + std::to_string(seed);
  const double all = variance(vectors);
  const std::string share = all > 0 ? ", " + std::to_string(std::lround(100 * variance(map) / all)) + " % of the variance" : "";
  return "first two principal components" + share;
}

/// The folders that the corpus lies in.
std::vector<std::filesystem::path> pictureRoots(Workspace& w, const std::filesystem::path& more) {
  std::vector<std::filesystem::path> roots;
  const auto add = [&](const std::filesystem::path& given) {
    const std::filesystem::path path = w.resolve(given);
    roots.push_back(std::filesystem::is_directory(path) ? path : path.parent_path());
  };
  add(w.spec().corpus.path);
  for (const auto& path : w.spec().corpus.morePaths) add(path);
  if (!more.empty()) roots.push_back(std::filesystem::is_directory(more) ? more : more.parent_path());
  return roots;
}

}  // namespace

embeddings::EmbeddingSet embed(Workspace& w, const corpus::Corpus& corpus, const std::filesystem::path& more) {
  const embeddings::EmbeddingConfig& config = w.spec().embedding;
  const files::CacheSettings cache{w.cacheOf("embeddings")};
  if (config.encoder == "model") return embeddings::embedWithModel(corpus, w.model(), config, w.context(), cache);
  if (config.encoder == "tfidf") return embeddings::embedTfIdf(corpus, config, w.context());
  if (config.encoder == "image-encoder") return embeddings::embedPictures(corpus, pictureRoots(w, more), w.resolve(config.folder), config, w.context(), cache);
  const auto encoder = embeddings::SentenceEncoder::load(w.resolve(config.folder), w.context(), {config.prompt, config.longDocuments});
  return embeddings::embedWithSentenceEncoder(corpus, *encoder, config, w.context(), cache);
}

void runClusterStage(Workspace& w, const StageKeys& keys) {
  const auto begin = std::chrono::steady_clock::now();
  const corpus::Corpus& corpus = w.corpus();
  const StudySpec& spec = w.spec();
  const embeddings::EmbeddingSet embedding = embed(w, w.corpus());
  clusters::ClusterConfig config = spec.clusters;
  ClusterTrust trust;
  trust.record.fields = fieldsOf(corpus);
  chooseClusters(w, embedding.vectors, config, trust);
  const std::vector<EditRow> edits = historyOf(w.store().edits(), keys.clustering).done;
  clusters::ClusterSet found = clusters::cluster(corpus, embedding.vectors, config, w.context());
  found = refineClusters(w, std::move(found), embedding.vectors, trust);
  const clusters::ClusterSet set = edited(w, std::move(found), embedding.vectors, edits);
  if (set.members.empty()) {
    checkClusters(w, set, embedding.vectors, config, trust);
    compareWithFields(w, set, trust);
  }
  for (std::size_t c = 0; c < set.members.size(); ++c)
    trust.record.memberships.push_back({ClusterId(static_cast<std::int64_t>(c)), std::vector<std::int32_t>(set.members[c].begin(), set.members[c].end())});
  std::vector<ClusterRow> rows = named(clusterRows(set, corpus), edits);
  countContaminated(w, set, embedding, rows);
  const MatrixF map = config.map == "umap" ? clusters::mapForEyes(embedding.vectors, config, w.context()) : embeddings::project2d(embedding.vectors);
  const std::vector<store::CorpusFileRow> files = fileRows(w);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  w.store().transaction([&] {
    w.store().putDocuments(documentRows(corpus, set, map));
    w.store().putSources(sourceRows(corpus, embedding), files);
    w.store().putClusters(rows);
    w.store().setMeta("clustering", keys.clustering);
    w.store().setMeta("documents_total", std::to_string(corpus.report.documents));
    w.store().setMeta("condensed_tree", treeText(set));
    w.store().setMeta("topic_merges", mergesText(set));
    w.store().setMeta("k_curve", trust.curve);
    w.store().setMeta("cluster_validity", trust.validity);
    w.store().setMeta("euclidean_silhouette", trust.euclidean);
    w.store().setMeta("cluster_stability", trust.stability);
    w.store().setMeta("silhouettes", nlohmann::json{set.meanSilhouette, set.macroSilhouette}.dump());
    w.store().setMeta("refine_stopped", trust.stopped);
    w.store().putClusterRecord(trust.record);
    w.store().setMeta("map", mapWords(config, embedding.vectors, map, w.spec().seed));
    w.store().setMeta("reading", readingJson(corpus.report));
    w.store().setMeta("circular", embedding.circular ? "1" : "0");
    w.store().putStage({"clusters", "done", keys.clusters, readingText(corpus) + embedding.description + lossText(corpus, embedding) + "; " + set.description + trust.words, "", wall.count()});
  });
}

}  // namespace lacuna::study
