#include "lacuna/clusters/cluster_sizes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "lacuna/base/error.h"
#include "lacuna/statistics/distributions.h"

namespace lacuna::clusters {
namespace {

/// Weights of what was drawn: documents, each with its parts.
using Drawn = std::unordered_map<std::int64_t, double>;

double sum(const Drawn& drawn) {
  double total = 0;
  for (const auto& [unit, weight] : drawn) total += weight;
  return total;
}

double squares(const Drawn& drawn) {
  double total = 0;
  for (const auto& [unit, weight] : drawn) total += weight * weight;
  return total;
}

double variance(const Drawn& source, const Drawn& inCluster) {
  const double m = static_cast<double>(source.size()), n = sum(source);
  if (m >= n) return 0;
  if (m < 2) return n * n;
  const double mean = sum(inCluster) / m;
  return (1 - m / n) * m / (m - 1) * (squares(inCluster) - m * mean * mean);
}

/// The parts of a document were drawn together; without parts every document, a copy too, was drawn by itself.
bool hasParts(const corpus::Corpus& corpus) {
  return std::any_of(corpus.documents.begin(), corpus.documents.end(), [](const corpus::Document& d) { return d.chunk > 0; });
}

}  // namespace

std::vector<SizeEstimate> estimateSizes(const corpus::Corpus& corpus, const ClusterSet& set, double level) {
  LACUNA_CHECK(corpus.documents.size() == set.labels.size());
  const bool parts = hasParts(corpus);
  std::map<std::string, Drawn> sources;
  std::map<std::pair<std::int32_t, std::string>, Drawn> clusters;
  double total = 0;
  const auto unitOf = [parts](const corpus::Document& document) { return std::int64_t{parts ? document.family.value : document.id.value}; };
  const auto join = [&](std::size_t cluster, std::size_t i) {
    const corpus::Document& document = corpus.documents[i];
    clusters[{static_cast<std::int32_t>(cluster), document.source}][unitOf(document)] += document.weight;
  };
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    const corpus::Document& document = corpus.documents[i];
    sources[document.source][unitOf(document)] += document.weight;
    total += document.weight;
    if (set.members.empty() && set.labels[i] >= 0) join(static_cast<std::size_t>(set.labels[i]), i);
  }
  for (std::size_t c = 0; c < set.members.size(); ++c)
    for (const std::int64_t row : set.members[c]) join(c, static_cast<std::size_t>(row));
  const double z = statistics::normalQuantile(.5 + level / 2);
  std::vector<SizeEstimate> out;
  for (const Cluster& cluster : set.clusters) {
    SizeEstimate size;
    double square = 0, seen = 0;
    for (const auto& [source, drawn] : sources) {
      const Drawn& inside = clusters[{static_cast<std::int32_t>(cluster.id.value), source}];
      size.documents += sum(inside);
      seen += static_cast<double>(inside.size());
      square += variance(drawn, inside);
    }
    const double margin = z * std::sqrt(std::max(0.0, square));
    size.low = std::min(size.documents, std::max(seen, size.documents - margin));
    size.high = std::max(size.documents, std::min(total, size.documents + margin));
    out.push_back(size);
  }
  return out;
}

}  // namespace lacuna::clusters
