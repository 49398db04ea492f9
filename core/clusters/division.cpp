#include "division.h"

#include <algorithm>
#include <numeric>

#include "lacuna/base/error.h"
#include "lacuna/clusters/kmeans.h"

namespace lacuna::clusters {

namespace {

constexpr Eigen::Index kLeastCluster = 10, kShare = 500;
constexpr double kMinDistForEyes = .1;

Division withCentres(std::vector<std::int32_t> labels, const MatrixD& centres, double objective, const char* kind, const MatrixF& x,
                     const ClusterConfig& config, const RunContext& context) {
  Division d;
  d.strengths = assignToNearest(centres, x, context).strengths;
  for (std::size_t i = 0; i < labels.size(); ++i)
    if (labels[i] < 0) d.strengths[i] = 0;
  d.labels = std::move(labels);
  d.names.resize(static_cast<std::size_t>(centres.rows()));
  d.objective = objective;
  d.description = std::string(kind) + ", k = " + std::to_string(config.k) + ", best of " + std::to_string(std::max(1, config.restarts));
  if (centres.rows() < config.k) d.description += ", " + std::to_string(centres.rows()) + " distinct clusters found";
  return d;
}

/// Rows that have a direction, and where they came from.
struct Usable { MatrixF x; std::vector<std::size_t> rows; };
Usable usable(const MatrixF& x) {
  Usable u;
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    if (x.row(i).allFinite() && !x.row(i).isZero()) u.rows.push_back(static_cast<std::size_t>(i));
  u.x.resize(std::ssize(u.rows), x.cols());
  for (std::size_t i = 0; i < u.rows.size(); ++i) u.x.row(static_cast<Eigen::Index>(i)) = x.row(static_cast<Eigen::Index>(u.rows[i]));
  return u;
}

/// The numbers of clusters by decreasing size, the lower of equals first.
std::vector<std::size_t> bySize(const std::vector<std::int32_t>& labels, std::size_t clusters) {
  std::vector<std::int64_t> sizes(clusters, 0);
  for (const std::int32_t label : labels)
    if (label >= 0) ++sizes[static_cast<std::size_t>(label)];
  std::vector<std::size_t> order(clusters);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
  return order;
}

void reorder(Division& d) {
  const std::vector<std::size_t> order = bySize(d.labels, d.names.size());
  std::vector<std::int32_t> number(order.size());
  std::vector<double> persistence;
  for (std::size_t i = 0; i < order.size(); ++i) {
    number[order[i]] = static_cast<std::int32_t>(i);
    if (!d.persistence.empty()) persistence.push_back(d.persistence[order[i]]);
  }
  d.persistence = std::move(persistence);
  for (std::int32_t& label : d.labels)
    if (label >= 0) label = number[static_cast<std::size_t>(label)];
}

HdbscanConfig densityOf(const ClusterConfig& config, Eigen::Index rows) {
  HdbscanConfig density;
  density.minClusterSize = config.minClusterSize > 0 ? config.minClusterSize : static_cast<int>(std::max(kLeastCluster, rows / kShare));
  density.minSamples = config.minSamples;
  density.selection = config.selection;
  return density;
}

UmapConfig mapOf(const ClusterConfig& config, Eigen::Index rows) {
  UmapConfig map = config.umap;
  map.neighbours = static_cast<int>(std::min<Eigen::Index>(map.neighbours, rows));
  return map;
}

/// HDBSCAN of the rows, of topics on their map.
HdbscanResult density(const Usable& u, const ClusterConfig& config, const RunContext& context) {
  const MatrixD points = config.method == "topics" ? umap(u.x, mapOf(config, u.x.rows()), context).cast<double>() : u.x.cast<double>();
  return hdbscan(points, densityOf(config, u.x.rows()), context);
}

/// HDBSCAN's answer for the rows it was given, spread over all documents.
Division spread(const HdbscanResult& found, const std::vector<std::size_t>& rows, std::size_t documents) {
  Division d;
  d.labels.assign(documents, -1);
  d.strengths.assign(documents, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    d.labels[rows[i]] = found.labels[i];
    d.strengths[rows[i]] = found.strengths[i];
  }
  d.names.resize(found.selected.size());
  d.persistence = found.persistence;
  d.condensedTree = found.condensedTree;
  for (std::size_t c = 0; c < found.selected.size(); ++c) d.treeClusters.push_back({found.selected[c], static_cast<std::int32_t>(c)});
  return d;
}

/// Nodes and merges name the clusters that came of their topics. `before`: labels by topic.
void follow(Division& d, const std::vector<std::int32_t>& before) {
  std::vector<std::int32_t> became(d.treeClusters.size(), -1);
  for (std::size_t i = 0; i < before.size(); ++i)
    if (before[i] >= 0) became[static_cast<std::size_t>(before[i])] = d.labels[i];
  for (TreeCluster& node : d.treeClusters) node.cluster = became[static_cast<std::size_t>(node.cluster)];
  for (TopicMerge& merge : d.merges) merge.becomes = became[static_cast<std::size_t>(merge.into)];
}

std::string described(const HdbscanConfig& density, const Division& d) {
  const auto noise = std::count(d.labels.begin(), d.labels.end(), -1);
  return "HDBSCAN (smallest cluster " + std::to_string(density.minClusterSize) + ", min_samples " + std::to_string(density.minSamples) + "), " +
         std::to_string(d.names.size()) + " clusters, " + std::to_string(noise) + " documents are noise";
}

[[noreturn]] void nothingFound(const std::string& method, int size) {
  throw Error("LAC-1603", method + ": no cluster of at least " + std::to_string(size) + " documents; all of them are noise",
              "lower clusters.min_cluster_size or clusters.min_samples, or choose kmeans");
}

}  // namespace

Division bySphericalKMeans(const MatrixF& x, const ClusterConfig& config, const RunContext& context) {
  SphericalResult found = sphericalKMeans(x, config.k, config.restarts, config.iterations, context);
  return withCentres(std::move(found.labels), found.centres.cast<double>(), found.objective, "spherical k-means", x, config, context);
}

Division byEuclideanKMeans(const MatrixF& x, const ClusterConfig& config, const RunContext& context) {
  EuclideanResult found = euclideanKMeans(x, config.k, config.restarts, config.iterations, context);
  return withCentres(std::move(found.labels), found.centres, found.inertia, "k-means", x, config, context);
}

Division byDensity(const MatrixF& vectors, const ClusterConfig& config, const RunContext& context) {
  const Usable u = usable(vectors);
  const HdbscanConfig settings = densityOf(config, u.x.rows());
  Division d = spread(density(u, config, context), u.rows, static_cast<std::size_t>(vectors.rows()));
  if (d.names.empty()) nothingFound("HDBSCAN", settings.minClusterSize);
  const std::vector<std::int32_t> found = d.labels;
  reorder(d);
  follow(d, found);
  d.description = described(settings, d);
  return d;
}

std::vector<std::int32_t> refitted(const MatrixF& x, const ClusterConfig& config, const RunContext& context) {
  if (config.method == "kmeans") return sphericalKMeans(x, config.k, config.restarts, config.iterations, context).labels;
  if (config.method == "euclidean") return euclideanKMeans(x, config.k, config.restarts, config.iterations, context).labels;
  if (config.method != "hdbscan" && config.method != "topics") return {};
  const Usable u = usable(x);
  return spread(density(u, config, context), u.rows, static_cast<std::size_t>(x.rows())).labels;
}

MatrixF mapForEyes(const MatrixF& x, const ClusterConfig& config, const RunContext& context) {
  const Usable u = usable(x);
  MatrixF map = MatrixF::Zero(x.rows(), 2);
  if (u.x.rows() < 5) return map;
  UmapConfig settings = mapOf(config, u.x.rows());
  settings.dimensions = 2;
  settings.minDist = kMinDistForEyes;
  const MatrixF found = umap(u.x, settings, context);
  for (std::size_t i = 0; i < u.rows.size(); ++i) map.row(static_cast<Eigen::Index>(u.rows[i])) = found.row(static_cast<Eigen::Index>(i));
  return map;
}

Division byTopics(const corpus::Corpus& corpus, const MatrixF& vectors, const ClusterConfig& config, const RunContext& context) {
  const Usable u = usable(vectors);
  const UmapConfig map = mapOf(config, u.x.rows());
  const HdbscanConfig settings = densityOf(config, u.x.rows());
  Division d = spread(density(u, config, context), u.rows, static_cast<std::size_t>(vectors.rows()));
  if (d.names.empty()) nothingFound("topics", settings.minClusterSize);
  const std::string found = described(settings, d);
  const std::vector<std::int32_t> topics = d.labels;
  MergedTopics merged = mergeTopics(corpus, d.labels, config.mergeSimilarity, config.topics, config.terms, context);
  d.labels = std::move(merged.labels);
  d.merges = std::move(merged.merges);
  d.names.resize(d.names.size() - d.merges.size());
  if (!d.merges.empty()) d.persistence.clear();
  reorder(d);
  follow(d, topics);
  d.description = "UMAP (" + std::to_string(map.neighbours) + " neighbours, " + std::to_string(map.dimensions) + " dimensions), " + found;
  if (!d.merges.empty()) d.description += ", " + std::to_string(d.merges.size()) + " merged by their words";
  return d;
}

}  // namespace lacuna::clusters
