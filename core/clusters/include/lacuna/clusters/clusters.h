#pragma once

#include <string>
#include <vector>

#include "lacuna/base/ids.h"
#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/clusters/hdbscan.h"
#include "lacuna/clusters/refine.h"
#include "lacuna/clusters/silhouettes.h"
#include "lacuna/clusters/topics.h"
#include "lacuna/clusters/umap.h"
#include "lacuna/clusters/validity.h"
#include "lacuna/corpus/corpus.h"

namespace lacuna::clusters {

/// A cluster by a condition on metadata (corpus/filter.h).
struct NamedFilter { std::string name, expression; };

struct ClusterConfig {
  /// "kmeans" (spherical, Faiss), "euclidean" (k-means), "hdbscan" (on the vectors), "topics" (UMAP, HDBSCAN, merged by their words),
  /// "metadata" (values of a field) or "filters" (a document belongs to the first filter that it passes)
  std::string method = "kmeans";
  int k = 8;
  std::vector<int> kGrid = {};     ///< kmeans in a study: k is chosen among these (validity.h)
  int stabilityPairs = 20;         ///< refits compared for every one of them
  bool checkStability = false;     ///< of a study: the clustering as it is, too, is refitted on subsamples
  int restarts = 10, iterations = 300;
  std::string field = "source";    ///< metadata: "source" or a metadata field
  std::vector<NamedFilter> filters = {};
  int minSize = 30;                ///< smaller clusters are kept but flagged tooFew
  int minClusterSize = 0;          ///< hdbscan, topics: 0: max(10, documents/500)
  int minSamples = 5;
  Selection selection = Selection::ExcessOfMass;
  UmapConfig umap = {};            ///< topics
  int topics = 0;                  ///< topics: at most so many; 0: as found
  double mergeSimilarity = 2;      ///< topics: those whose words are at least so alike are one; above 1: none are
  TermWeighting terms = TermWeighting::ClassTfIdf;
  int representatives = 3;         ///< documents shown for every cluster
  RefineConfig refine{.rounds = 0};   ///< of a study: what is done to the clusters after they were found
  std::string map = "pca";         ///< of a study: where documents lie in its map: "pca", or "umap" of two dimensions
  bool multiLabel = false;         ///< filters in a study: a document is in every cluster whose filter it passes
};

struct Cluster {
  ClusterId id;
  std::string label;               ///< top terms joined, the metadata value or the filter's name
  std::int64_t size = 0;
  std::vector<Term> terms;         ///< c-TF-IDF, best first, at most 20
  double silhouette = 0, shareNegative = 0;
  bool tooFew = false;
  std::vector<std::int64_t> representatives = {};   ///< rows of documents, the most typical first
  double persistence = 0;          ///< hdbscan, topics without merges; else NaN
};

/// A node of the condensed tree and the cluster that its points belong to.
struct TreeCluster { std::int32_t node = 0, cluster = -1; };

struct ClusterSet {
  std::vector<Cluster> clusters;
  std::vector<std::int32_t> labels;      ///< [nDocs]; −1 noise
  std::vector<double> silhouettes;       ///< [nDocs] cosine, in the embedding; NaN for noise
  double meanSilhouette = 0, macroSilhouette = 0, shareNegative = 0;
  double objective = 0;                  ///< kmeans: Σ x·c; euclidean: inertia
  std::string description;
  std::vector<double> strengths = {};    ///< [nDocs] p(cluster): HDBSCAN's; k-means 1 − d₁/d₂; by metadata 1; noise 0
  std::vector<CondensedRow> condensedTree = {};   ///< hdbscan, topics; points are rows of the documents that have vectors
  std::vector<TopicMerge> merges = {};
  std::vector<TreeCluster> treeClusters = {};     ///< nodes of the tree that are clusters, or parts of merged ones
  std::vector<std::vector<std::int64_t>> members = {};   ///< multiLabel: [clusters] rows of documents, ascending; else empty
};

/// unitVectors [nDocs, d]; may be empty for "metadata" and "filters". Throws LAC-1601, LAC-1104 (filters).
ClusterSet cluster(const corpus::Corpus& corpus, const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context);

/// Sizes, terms, silhouettes and typical documents of given labels [nDocs]; an empty name becomes the terms, empty strengths 1. A cluster
/// without documents has no silhouette.
ClusterSet describe(const corpus::Corpus& corpus, const MatrixF& unitVectors, std::vector<std::int32_t> labels, const std::vector<std::string>& names,
                    std::vector<double> strengths, const ClusterConfig& config, const RunContext& context);

/// The same of clusters that share documents (methods.md 3.4), each against all other documents that are in any: silhouettes are those of that
/// division in two, a document's own and its label those of the first cluster that holds it. members [clusters]: rows, ascending.
ClusterSet describeShared(const corpus::Corpus& corpus, const MatrixF& unitVectors, std::vector<std::vector<std::int64_t>> members,
                          const std::vector<std::string>& names, const ClusterConfig& config, const RunContext& context);

/// Spherical k-means on unit rows (Dhillon & Modha 2001): best of `restarts`.
struct SphericalResult { std::vector<std::int32_t> labels; MatrixF centres; double objective = 0; };
SphericalResult sphericalKMeans(const MatrixF& unitVectors, int k, int restarts, int iterations, const RunContext& context);
/// ARI of `stabilityPairs` pairs of refits by the method of the config, each on 80 % of the rows (methods.md 3.8); topics before they are merged
/// by their words. NaN for metadata and filters, and where a refit finds no cluster.
Stability stabilityOf(const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context);
/// UMAP of two dimensions for looking at (min_dist 0.1), never for silhouettes: [nDocs, 2]; rows without a direction lie at 0.
MatrixF mapForEyes(const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context);
/// External validity of two labellings of the same items.
struct Agreement { double purity = 0, nmi = 0, ami = 0, ari = 0, homogeneity = 0, completeness = 0; };   ///< NaN: no item has both labels
Agreement agreement(const std::vector<std::int32_t>& predicted, const std::vector<std::int32_t>& truth);

}  // namespace lacuna::clusters
