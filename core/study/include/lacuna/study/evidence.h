#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "lacuna/store/cluster_rows.h"
#include "lacuna/store/rows.h"

/// What a study knows about the worth of its own clusters (methods.md 3.2, 3.3, 3.6, 3.8, 3.9), as plain values. NaN: not known.
namespace lacuna::study {

inline constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

/// One number of clusters that was tried.
struct KRow {
  std::int64_t k = 0;
  double silhouette = 0, standardError = 0;  ///< macro cosine silhouette; its error over clusters
  double stability = 0, stabilitySd = 0;     ///< ARI of pairs of refits on 80 % of the documents
  double ami = 0;                            ///< with the sources
  bool chosen = false;
};

/// The clusters against the values of one field. Purity never stands alone: `expected` is what permuted clusters reach.
struct ValidityRow {
  std::string field;
  double purity = 0, expected = 0, adjusted = 0, nmi = 0, ami = 0, ari = 0, homogeneity = 0, completeness = 0;
  std::int64_t documents = 0;                ///< with a cluster and a value
};

/// A node of HDBSCAN's condensed tree: from λ `birth` to `end`; half of its documents have left at `half`.
struct TreeRow {
  std::int32_t node = -1, parent = -1;       ///< −1: the root
  std::int64_t size = 0;
  double birth = 0, half = 0, end = 0, stability = 0;
  ClusterId cluster;                         ///< that its documents make, or a part of; invalid: it was not chosen
};

/// A topic that became part of another. Topics are numbered by their first document, before any merge.
struct MergeRow {
  std::int32_t from = -1, into = -1;
  double similarity = 0;                     ///< cosine of their c-TF-IDF rows
  std::int64_t fromSize = 0, intoSize = 0;   ///< documents at that moment
  std::string fromWords, intoWords;
  ClusterId becomes;                         ///< the cluster in the end
};

/// A field of the documents' metadata with its values; `source` is one.
struct Field {
  std::string name;
  std::vector<std::string> values;           ///< the most frequent first
  std::vector<std::int32_t> codes;           ///< [documents] place in `values`; −1: none
};

/// Silhouettes by Euclidean distance (methods.md 3.5): of all documents, or of up to 200 a cluster against up to 2,000 of each.
struct EuclideanRow { double mean = kNotKnown, macro = kNotKnown, shareNegative = kNotKnown, standardError = kNotKnown; };   ///< error: of macro; 0: of all
/// ARI of pairs of refits, each on 80 % of the documents.
struct StabilityRow { double mean = kNotKnown, sd = kNotKnown; std::int64_t pairs = 0; };

struct Evidence {
  std::string method;                        ///< of the spec: "kmeans", …
  std::vector<KRow> curve;                   ///< empty: k was given
  bool stable = false;                       ///< of the curve: the chosen k reached an ARI of 0.8
  EuclideanRow euclidean;                    ///< of the method "euclidean"
  StabilityRow stability;                    ///< of the clustering as it is, where it was asked for
  std::vector<ValidityRow> validity;         ///< one a field of at least two values, the sources first
  bool stale = false;                        ///< documents moved, or the spec changed, since it was worked out
  std::vector<TreeRow> tree;                 ///< parents before their children; empty: no density method
  std::vector<MergeRow> merges;              ///< in the order they were made
  std::vector<Field> fields;                 ///< that group the documents: 2 to 1,000 values
  std::vector<store::RefineRoundRow> rounds; ///< of refining; without their labels
  std::vector<store::RefineStepRow> steps;
  std::string stopped;                       ///< why refining ended, in words
  std::int64_t ambiguous = 0, noise = 0;     ///< documents of no cluster: set aside (−2), and noise or dropped (−1)
  std::vector<std::string> emptyFilters;     ///< of the method "filters": names of those that no document passes
  std::vector<store::MembershipRow> memberships;   ///< where documents may be in several clusters; else empty

  const Field* field(const std::string& name) const;               ///< null: there is none
  const ValidityRow* against(const std::string& field) const;
  bool multiLabel() const { return !memberships.empty(); }
  /// All clusters of a document; none for noise and ambiguous ones.
  std::vector<ClusterId> clustersOf(const store::DocumentRow& document) const;
};

/// Documents of a cluster that have a value, and how many that would be if clusters and values had nothing to do with each other. Documents
/// of no cluster, or without a value, count nowhere.
struct ContingencyRow {
  ClusterId cluster;
  std::size_t value = 0;
  std::int64_t documents = 0;
  double expected = 0;
  double population = 0;                     ///< documents of the corpus that they stand for: Σ of their design weights
};
/// Every cluster that has documents with every value, by cluster, then by value. Where documents may be in several clusters, a document counts
/// in each; what is expected of a cluster is its size times the value's share of all documents that are in any.
std::vector<ContingencyRow> contingencyOf(const std::vector<store::DocumentRow>& documents, const Evidence& evidence, const Field& field);

}  // namespace lacuna::study
