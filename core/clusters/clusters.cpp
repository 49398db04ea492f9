#include "lacuna/clusters/clusters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "lacuna/base/error.h"
#include "topic_terms.h"

namespace lacuna::clusters {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kTermsEach = 20, kMostValues = 1000;

/// Labels and the names of the clusters; a cluster without a name gets its terms as one.
struct Division {
  std::vector<std::int32_t> labels;
  std::vector<std::string> names;
  double objective = 0;
  std::string description;
};

const std::string& valueOf(const corpus::Document& document, const std::string& field) {
  static const std::string none;
  if (field == "source") return document.source;
  const auto at = document.metadata.find(field);
  return at == document.metadata.end() ? none : at->second;
}

std::string fieldsOf(const corpus::Corpus& corpus) {
  std::map<std::string, bool> fields;
  for (const corpus::Document& document : corpus.documents) {
    if (!document.source.empty()) fields["source"] = true;
    for (const auto& [name, value] : document.metadata) fields[name] = true;
  }
  std::string names;
  for (const auto& [name, present] : fields) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

/// Distinct values of a field, the most frequent first, then by name; documents without one are noise.
Division byMetadata(const corpus::Corpus& corpus, const std::string& field) {
  std::map<std::string, std::int64_t> sizes;
  for (const corpus::Document& document : corpus.documents)
    if (const std::string& value = valueOf(document, field); !value.empty()) ++sizes[value];
  if (sizes.empty())
    throw Error("LAC-1601", "metadata clusters: no document has the field '" + field + "'", "fields of this corpus: " + fieldsOf(corpus));
  if (sizes.size() > kMostValues)
    throw Error("LAC-1601",
                "metadata clusters: the field '" + field + "' has " + std::to_string(sizes.size()) + " values, expected at most " +
                    std::to_string(kMostValues),
                "choose a field that groups documents, such as source, subset or language");
  Division division;
  for (const auto& [value, size] : sizes) division.names.push_back(value);
  std::stable_sort(division.names.begin(), division.names.end(),
                   [&](const std::string& a, const std::string& b) { return sizes.at(a) > sizes.at(b); });
  std::map<std::string, std::int32_t> labelOfValue;
  for (const std::string& name : division.names) labelOfValue.emplace(name, static_cast<std::int32_t>(labelOfValue.size()));
  for (const corpus::Document& document : corpus.documents) {
    const auto at = labelOfValue.find(valueOf(document, field));
    division.labels.push_back(at == labelOfValue.end() ? -1 : at->second);
  }
  division.description = "values of '" + field + "'";
  return division;
}

Division byKMeans(const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context) {
  SphericalResult found = sphericalKMeans(unitVectors, config.k, config.restarts, config.iterations, context);
  const auto clusters = static_cast<std::size_t>(found.centres.rows());
  Division division{std::move(found.labels), std::vector<std::string>(clusters), found.objective, {}};
  division.description = "spherical k-means, k = " + std::to_string(config.k) + ", best of " + std::to_string(std::max(1, config.restarts));
  if (static_cast<int>(clusters) < config.k) division.description += ", " + std::to_string(clusters) + " distinct clusters found";
  return division;
}

/// Silhouettes of documents and clusters. Without vectors, or with one cluster, they are not identified and stay NaN.
void addSilhouettes(ClusterSet& set, const MatrixF& unitVectors, const RunContext& context) {
  const auto n = static_cast<Eigen::Index>(set.labels.size());
  set.silhouettes = unitVectors.rows() == n ? cosineSilhouettes(unitVectors, set.labels, context)
                                            : std::vector<double>(set.labels.size(), kMissing);
  std::vector<double> sums(set.clusters.size(), 0), negative(set.clusters.size(), 0);
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    if (set.labels[i] < 0) continue;
    sums[static_cast<std::size_t>(set.labels[i])] += set.silhouettes[i];
    negative[static_cast<std::size_t>(set.labels[i])] += set.silhouettes[i] < 0 ? 1 : 0;
  }
  double total = 0, below = 0, macro = 0, members = 0;
  for (std::size_t c = 0; c < sums.size(); ++c) {
    Cluster& cluster = set.clusters[c];
    const auto size = static_cast<double>(cluster.size);
    cluster.silhouette = sums[c] / size;
    cluster.shareNegative = std::isnan(cluster.silhouette) ? kMissing : negative[c] / size;
    total += sums[c];
    below += negative[c];
    members += size;
    macro += cluster.silhouette;
  }
  set.meanSilhouette = total / members;
  set.macroSilhouette = macro / static_cast<double>(sums.size());
  set.shareNegative = std::isnan(set.meanSilhouette) ? kMissing : below / members;
}

}  // namespace

ClusterSet cluster(const corpus::Corpus& corpus, const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context) {
  const bool metadata = config.method == "metadata";
  if (!metadata && config.method != "kmeans")
    throw Error("LAC-1601", "clustering: expected method 'kmeans' or 'metadata', found '" + config.method + "'", "set clustering.method");
  LACUNA_CHECK(unitVectors.rows() == static_cast<Eigen::Index>(corpus.documents.size()) || (metadata && unitVectors.rows() == 0));
  Division division = metadata ? byMetadata(corpus, config.field) : byKMeans(unitVectors, config, context);

  ClusterSet set;
  set.labels = std::move(division.labels);
  set.objective = division.objective;
  set.description = std::move(division.description);
  set.clusters.resize(division.names.size());
  for (const std::int32_t label : set.labels)
    if (label >= 0) ++set.clusters[static_cast<std::size_t>(label)].size;
  const auto terms = topicTerms(corpus, set.labels, static_cast<int>(set.clusters.size()), kTermsEach, context);
  for (std::size_t c = 0; c < set.clusters.size(); ++c) {
    Cluster& entry = set.clusters[c];
    entry.id = ClusterId(static_cast<std::int64_t>(c));
    entry.terms = terms[c];
    entry.label = !division.names[c].empty() ? division.names[c] : labelOf(terms[c]);
    if (entry.label.empty()) entry.label = "cluster " + std::to_string(c);
    entry.tooFew = entry.size < config.minSize;
  }
  addSilhouettes(set, unitVectors, context);
  return set;
}

}  // namespace lacuna::clusters
