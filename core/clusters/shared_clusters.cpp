#include <cmath>
#include <limits>

#include "lacuna/clusters/clusters.h"
#include "topic_terms.h"

namespace lacuna::clusters {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kTermsEach = 20;

/// 0 for members of the cluster, 1 for all other documents that are in any, −1 for the rest.
std::vector<std::int32_t> againstOthers(const std::vector<std::int64_t>& members, const std::vector<std::int32_t>& labels) {
  std::vector<std::int32_t> out;
  out.reserve(labels.size());
  for (const std::int32_t label : labels) out.push_back(label < 0 ? -1 : 1);
  for (const std::int64_t row : members) out[static_cast<std::size_t>(row)] = 0;
  return out;
}

/// Silhouette and share of negative ones of a cluster; those of documents that have it as their label. Gives how many documents have one.
double addSilhouettes(ClusterSet& set, Cluster& cluster, const std::vector<std::int64_t>& members, const std::vector<double>& values) {
  double sum = 0, negative = 0, n = 0;
  for (const std::int64_t row : members) {
    const auto i = static_cast<std::size_t>(row);
    if (set.labels[i] == static_cast<std::int32_t>(cluster.id.value)) set.silhouettes[i] = values[i];
    if (std::isnan(values[i])) continue;   // without a direction
    sum += values[i];
    negative += values[i] < 0 ? 1 : 0;
    ++n;
  }
  cluster.silhouette = n > 0 ? sum / n : kMissing;
  cluster.shareNegative = std::isnan(cluster.silhouette) ? kMissing : negative / n;
  return n;
}

/// Means over memberships, and over clusters that have documents with a silhouette: `placed` of each.
void summarise(ClusterSet& set, const std::vector<double>& placed) {
  double sum = 0, negative = 0, memberships = 0, macro = 0, filled = 0;
  for (std::size_t c = 0; c < set.clusters.size(); ++c) {
    const Cluster& cluster = set.clusters[c];
    const double n = placed[c];
    if (n == 0 || std::isnan(cluster.silhouette)) continue;
    sum += n * cluster.silhouette;
    negative += n * cluster.shareNegative;
    memberships += n;
    macro += cluster.silhouette;
    ++filled;
  }
  set.meanSilhouette = sum / memberships;
  set.shareNegative = negative / memberships;
  set.macroSilhouette = macro / filled;
}

}  // namespace

ClusterSet describeShared(const corpus::Corpus& corpus, const MatrixF& unitVectors, std::vector<std::vector<std::int64_t>> members,
                          const std::vector<std::string>& names, const ClusterConfig& config, const RunContext& context) {
  const std::size_t documents = corpus.documents.size();
  ClusterSet set;
  set.labels.assign(documents, -1);
  set.silhouettes.assign(documents, kMissing);
  for (std::size_t c = members.size(); c-- > 0;)
    for (const std::int64_t row : members[c]) set.labels[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(c);
  for (const std::int32_t label : set.labels) set.strengths.push_back(label < 0 ? 0 : 1);
  std::vector<double> counted;
  const auto terms = topicTerms(corpus, members, kTermsEach, config.terms, context);
  for (std::size_t c = 0; c < members.size(); ++c) {
    context.checkpoint();
    Cluster cluster;
    cluster.id = ClusterId(static_cast<std::int64_t>(c));
    cluster.label = names[c];
    cluster.size = std::ssize(members[c]);
    cluster.terms = terms[c];
    cluster.tooFew = cluster.size < config.minSize;
    cluster.persistence = kMissing;
    const std::vector<std::int32_t> sides = againstOthers(members[c], set.labels);
    cluster.representatives = representatives(unitVectors, sides, 2, config.representatives)[0];
    const bool placed = unitVectors.rows() == static_cast<Eigen::Index>(documents);
    counted.push_back(addSilhouettes(set, cluster, members[c], placed ? cosineSilhouettes(unitVectors, sides, context) : std::vector<double>(documents, kMissing)));
    set.clusters.push_back(std::move(cluster));
  }
  summarise(set, counted);
  set.members = std::move(members);
  return set;
}

}  // namespace lacuna::clusters
