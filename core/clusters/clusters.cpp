#include "lacuna/clusters/clusters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "division.h"
#include "lacuna/base/error.h"
#include "lacuna/corpus/filter.h"
#include "topic_terms.h"

namespace lacuna::clusters {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kTermsEach = 20, kMostValues = 1000;

std::string valueOf(const corpus::Document& document, const std::string& field) {
  return field == "source" ? document.source : corpus::fieldOf(document.metadata, field).value_or("");
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
    if (const std::string value = valueOf(document, field); !value.empty()) ++sizes[value];
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

/// In every cluster whose filter it passes.
void addMembers(Division& division, const corpus::Corpus& corpus, const std::vector<corpus::Filter>& conditions) {
  division.members.resize(conditions.size());
  std::int64_t several = 0;
  for (std::size_t i = 0; i < corpus.documents.size(); ++i) {
    int passed = 0;
    for (std::size_t c = 0; c < conditions.size(); ++c)
      if (conditions[c].wants(corpus.documents[i].metadata, corpus.documents[i].text)) division.members[c].push_back(static_cast<std::int64_t>(i)), ++passed;
    several += passed > 1 ? 1 : 0;
  }
  division.description = std::to_string(conditions.size()) + " filters, each document in every one it passes, " + std::to_string(several) + " in several";
}

Division byFilters(const corpus::Corpus& corpus, const std::vector<NamedFilter>& filters, bool multiLabel) {
  if (filters.empty()) throw Error("LAC-1601", "clusters by filters: there is no filter", "give clusters.filters at least one name and expression");
  std::vector<corpus::Filter> conditions;
  Division division;
  for (const NamedFilter& filter : filters) {
    conditions.emplace_back(filter.expression);
    division.names.push_back(filter.name);
  }
  if (multiLabel) {
    addMembers(division, corpus, conditions);
    return division;
  }
  for (const corpus::Document& document : corpus.documents) {
    const auto found = std::find_if(conditions.begin(), conditions.end(), [&](const corpus::Filter& f) { return f.wants(document.metadata, document.text); });
    division.labels.push_back(found == conditions.end() ? -1 : static_cast<std::int32_t>(found - conditions.begin()));
  }
  division.description = std::to_string(filters.size()) + " filters, each document in the first it passes";
  return division;
}

Division divide(const corpus::Corpus& corpus, const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context) {
  if (config.method == "metadata") return byMetadata(corpus, config.field);
  if (config.method == "filters") return byFilters(corpus, config.filters, config.multiLabel);
  if (config.method == "kmeans") return bySphericalKMeans(unitVectors, config, context);
  if (config.method == "euclidean") return byEuclideanKMeans(unitVectors, config, context);
  if (config.method == "hdbscan") return byDensity(unitVectors, config, context);
  if (config.method == "topics") return byTopics(corpus, unitVectors, config, context);
  throw Error("LAC-1601", "clustering: expected the method kmeans, euclidean, hdbscan, topics, metadata or filters, found '" + config.method + "'",
              "set clusters.method");
}

/// Silhouettes of documents and clusters. Without vectors, or with one cluster, they are not identified and stay NaN.
void addSilhouettes(ClusterSet& set, const MatrixF& unitVectors, const RunContext& context) {
  const auto n = static_cast<Eigen::Index>(set.labels.size());
  set.silhouettes = unitVectors.rows() == n ? cosineSilhouettes(unitVectors, set.labels, context)
                                            : std::vector<double>(set.labels.size(), kMissing);
  std::vector<double> sums(set.clusters.size(), 0), negative(set.clusters.size(), 0), placed(set.clusters.size(), 0);
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    if (set.labels[i] < 0 || std::isnan(set.silhouettes[i])) continue;   // noise; without a direction
    const auto c = static_cast<std::size_t>(set.labels[i]);
    sums[c] += set.silhouettes[i];
    negative[c] += set.silhouettes[i] < 0 ? 1 : 0;
    ++placed[c];
  }
  double total = 0, below = 0, macro = 0, members = 0, filled = 0;
  for (std::size_t c = 0; c < sums.size(); ++c) {
    Cluster& cluster = set.clusters[c];
    cluster.silhouette = cluster.shareNegative = kMissing;
    if (placed[c] == 0) continue;   // a filter that no document passes, or emptied by hand
    cluster.silhouette = sums[c] / placed[c];
    cluster.shareNegative = negative[c] / placed[c];
    ++filled;
    total += sums[c];
    below += negative[c];
    members += placed[c];
    macro += cluster.silhouette;
  }
  set.meanSilhouette = total / members;
  set.macroSilhouette = macro / filled;
  set.shareNegative = below / members;
}

}  // namespace

ClusterSet cluster(const corpus::Corpus& corpus, const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context) {
  const bool wantsVectors = config.method != "metadata" && config.method != "filters";
  LACUNA_CHECK(unitVectors.rows() == static_cast<Eigen::Index>(corpus.documents.size()) || (!wantsVectors && unitVectors.rows() == 0));
  Division division = divide(corpus, unitVectors, config, context);
  if (!division.members.empty()) {
    ClusterSet shared = describeShared(corpus, unitVectors, std::move(division.members), division.names, config, context);
    shared.description = std::move(division.description);
    return shared;
  }
  ClusterSet set = describe(corpus, unitVectors, std::move(division.labels), division.names, std::move(division.strengths), config, context);
  set.objective = division.objective;
  set.description = std::move(division.description);
  set.condensedTree = std::move(division.condensedTree);
  set.merges = std::move(division.merges);
  set.treeClusters = std::move(division.treeClusters);
  for (std::size_t c = 0; c < division.persistence.size(); ++c) set.clusters[c].persistence = division.persistence[c];
  return set;
}

ClusterSet describe(const corpus::Corpus& corpus, const MatrixF& unitVectors, std::vector<std::int32_t> labels, const std::vector<std::string>& names,
                    std::vector<double> strengths, const ClusterConfig& config, const RunContext& context) {
  ClusterSet set;
  set.labels = std::move(labels);
  set.strengths = std::move(strengths);
  if (set.strengths.empty())
    for (const std::int32_t label : set.labels) set.strengths.push_back(label < 0 ? 0 : 1);
  const auto count = static_cast<int>(names.size());
  set.clusters.resize(names.size());
  for (const std::int32_t label : set.labels)
    if (label >= 0) ++set.clusters[static_cast<std::size_t>(label)].size;
  const auto terms = topicTerms(corpus, set.labels, count, kTermsEach, config.terms, context);
  const auto typical = representatives(unitVectors, set.labels, count, config.representatives, set.strengths);
  for (std::size_t c = 0; c < set.clusters.size(); ++c) {
    Cluster& entry = set.clusters[c];
    entry.id = ClusterId(static_cast<std::int64_t>(c));
    entry.terms = terms[c];
    entry.label = !names[c].empty() ? names[c] : labelOf(terms[c]);
    if (entry.label.empty()) entry.label = "cluster " + std::to_string(c);
    entry.tooFew = entry.size < config.minSize;
    entry.representatives = typical[c];
    entry.persistence = kMissing;
  }
  addSilhouettes(set, unitVectors, context);
  return set;
}

}  // namespace lacuna::clusters
