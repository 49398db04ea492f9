#include <algorithm>
#include <chrono>

#include "lacuna/base/error.h"
#include "lacuna/embeddings/sentence_encoder.h"
#include "workspace.h"

namespace lacuna::study {
namespace {

const char* roleName(corpus::Role role) {
  return role == corpus::Role::Fit ? "fit" : role == corpus::Role::Tune ? "tune" : "evaluate";
}

std::vector<ClusterRow> clusterRows(const clusters::ClusterSet& set) {
  std::vector<ClusterRow> rows;
  for (const clusters::Cluster& c : set.clusters) {
    ClusterRow row{c.id, c.label, c.size, c.silhouette, c.shareNegative, c.tooFew, {}};
    for (const clusters::Term& term : c.terms) row.terms.push_back({term.word, term.weight});
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
    row.x = map(static_cast<Eigen::Index>(i), 0);
    row.y = map(static_cast<Eigen::Index>(i), 1);
    row.source = d.source;
    row.role = roleName(d.role);
    row.family = d.family.value;
    row.text = d.text;
    rows.push_back(std::move(row));
  }
  return rows;
}

embeddings::EmbeddingSet embed(Workspace& w) {
  const embeddings::EmbeddingConfig& config = w.spec().embedding;
  if (config.encoder == "model") return embeddings::embedWithModel(w.corpus(), w.model(), config, w.context());
  if (config.encoder == "tfidf") return embeddings::embedTfIdf(w.corpus(), config, w.context());
  const auto encoder = embeddings::SentenceEncoder::load(w.resolve(config.folder), w.context(), {.promptName = config.prompt});
  return embeddings::embedWithSentenceEncoder(w.corpus(), *encoder, w.context());
}

}  // namespace

void runClusterStage(Workspace& w, const std::string& key) {
  const auto begin = std::chrono::steady_clock::now();
  const corpus::Corpus& corpus = w.corpus();
  const StudySpec& spec = w.spec();
  const embeddings::EmbeddingSet embedding = embed(w);
  const clusters::ClusterSet set = clusters::cluster(corpus, embedding.vectors, spec.clusters, w.context());
  const MatrixF map = embeddings::project2d(embedding.vectors);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  w.store().transaction([&] {
    w.store().putDocuments(documentRows(corpus, set, map));
    w.store().putClusters(clusterRows(set));
    w.store().setMeta("documents_total", std::to_string(corpus.report.documents));
    w.store().setMeta("circular", embedding.circular ? "1" : "0");
    w.store().putStage({"clusters", "done", key, embedding.description + "; " + set.description, "", wall.count()});
  });
}

}  // namespace lacuna::study
