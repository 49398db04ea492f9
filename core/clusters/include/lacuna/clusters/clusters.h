#pragma once

#include <string>
#include <vector>

#include "lacuna/base/ids.h"
#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/clusters/silhouettes.h"
#include "lacuna/corpus/corpus.h"

namespace lacuna::clusters {

struct ClusterConfig {
  std::string method = "kmeans";   ///< "kmeans" (spherical, Faiss) or "metadata"
  int k = 8;
  int restarts = 10, iterations = 300;
  std::string field = "source";    ///< metadata: "source" or a metadata field
  int minSize = 30;                ///< smaller clusters are kept but flagged tooFew
};

struct Term { std::string word; double weight = 0; };

struct Cluster {
  ClusterId id;
  std::string label;               ///< top terms joined, or the metadata value
  std::int64_t size = 0;
  std::vector<Term> terms;         ///< c-TF-IDF, best first, at most 20
  double silhouette = 0, shareNegative = 0;
  bool tooFew = false;
};

struct ClusterSet {
  std::vector<Cluster> clusters;
  std::vector<std::int32_t> labels;      ///< [nDocs]; −1 noise
  std::vector<double> silhouettes;       ///< [nDocs]; NaN for noise
  double meanSilhouette = 0, macroSilhouette = 0, shareNegative = 0;
  double objective = 0;                  ///< kmeans: Σ x·c
  std::string description;
};

ClusterSet cluster(const corpus::Corpus& corpus, const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context);

/// Spherical k-means on unit rows (Dhillon & Modha 2001): best of `restarts`.
struct SphericalResult { std::vector<std::int32_t> labels; MatrixF centres; double objective = 0; };
SphericalResult sphericalKMeans(const MatrixF& unitVectors, int k, int restarts, int iterations, const RunContext& context);
/// Class-based TF-IDF (Grootendorst 2022): W = tf/Σtf · log(1 + A/f), A = int(mean words a class). counts [K, V] → [K, V].
MatrixD classTfIdf(const MatrixD& counts);

/// External validity of two labellings of the same items.
struct Agreement { double purity = 0, nmi = 0, ami = 0, ari = 0; };
Agreement agreement(const std::vector<std::int32_t>& predicted, const std::vector<std::int32_t>& truth);

}  // namespace lacuna::clusters
