#include "cluster_trust.h"

#include <map>
#include <nlohmann/json.hpp>

#include "lacuna/clusters/validity.h"

namespace lacuna::study {
namespace {

constexpr int kPermutations = 100;

/// [documents] sources as numbers; −1 where there is none.
std::vector<std::int32_t> sourcesOf(const corpus::Corpus& corpus) {
  std::map<std::string, std::int32_t> numbers;
  std::vector<std::int32_t> labels;
  for (const corpus::Document& d : corpus.documents)
    labels.push_back(d.source.empty() ? -1 : numbers.emplace(d.source, static_cast<std::int32_t>(numbers.size())).first->second);
  return labels;
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

std::string textOf(const clusters::KChoice& choice) {
  nlohmann::json rows = nlohmann::json::array();
  for (const clusters::KPoint& p : choice.curve)
    rows.push_back({p.k, p.silhouette, p.standardError, p.stability, p.stabilitySd, p.ami, p.k == choice.chosen ? 1 : 0});
  return rows.dump();
}

}  // namespace

ClusterTrust chooseClusters(Workspace& w, const MatrixF& unitVectors, clusters::ClusterConfig& config) {
  ClusterTrust trust;
  if (config.kGrid.empty()) return trust;
  const Directed rows = directed(unitVectors, sourcesOf(w.corpus()));
  const clusters::KChoice choice = clusters::chooseK(rows.vectors, config.kGrid, rows.sources, config.restarts, config.stabilityPairs, w.context());
  config.k = choice.chosen;
  trust.curve = textOf(choice);
  trust.words = "; k = " + std::to_string(choice.chosen) + (choice.stable ? " chosen: the largest stable one" : ": none was stable (ARI of refits below 0.8), the most stable was taken");
  return trust;
}

void compareWithSources(Workspace& w, const clusters::ClusterSet& set, ClusterTrust& trust) {
  const std::vector<std::int32_t> sources = sourcesOf(w.corpus());
  const clusters::ContingencyTable table = clusters::contingencyTable(set.labels, sources);
  if (table.columns.size() < 2 || table.rows.size() < 2) return;
  const clusters::AdjustedPurity purity = clusters::adjustedPurity(set.labels, sources, kPermutations, w.context());
  const clusters::Agreement a = clusters::agreement(set.labels, sources);
  trust.validity = nlohmann::json{{purity.purity, purity.expected, purity.adjusted, a.nmi, a.ami, a.ari, a.homogeneity, a.completeness,
                                   static_cast<std::int64_t>(table.counts.sum())}}.dump();
}

}  // namespace lacuna::study
