#include "bench.h"
#include "lacuna/clusters/hdbscan.h"
#include "lacuna/clusters/umap.h"

namespace lacuna::cli {
namespace {

using nlohmann::json;

void readUmap(const json& from, clusters::UmapConfig& config) {
  config.neighbours = from.at("n_neighbors").get<int>();
  config.dimensions = from.at("n_components").get<int>();
  config.minDist = from.at("min_dist").get<double>();
  config.metric = from.at("metric").get<std::string>() == "euclidean" ? clusters::Metric::Euclidean : clusters::Metric::Cosine;
}

void readHdbscan(const json& from, clusters::HdbscanConfig& config) {
  config.minClusterSize = from.at("min_cluster_size").get<int>();
  config.minSamples = from.at("min_samples").get<int>();
  config.selection = from.at("selection").get<std::string>() == "leaf" ? clusters::Selection::Leaf : clusters::Selection::ExcessOfMass;
}

}  // namespace

void benchTopics(const BenchOptions& o, const RunContext& context) {
  BenchTimer timer;
  clusters::UmapConfig umap;
  clusters::HdbscanConfig hdbscan;
  RunContext seeded = context;
  seeded.seed = readBenchJson(o.in / "topics.json", [&](const json& config) {
    readUmap(config.at("umap"), umap);
    readHdbscan(config.at("hdbscan"), hdbscan);
    return config.at("umap").at("seed").get<std::uint64_t>();
  });
  const MatrixF x = readBenchMatrix(o.in / "X.npy", context);
  timer.readDone();
  const MatrixF map = clusters::umap(x, umap, seeded);
  const clusters::HdbscanResult found = clusters::hdbscan(map.cast<double>(), hdbscan, seeded);
  timer.workDone();
  files::writeNpy(o.out / "embedding.npy", map);
  files::writeNpy(o.out / "labels.npy", found.labels);
  files::writeNpy(o.out / "strengths.npy", std::vector<float>(found.strengths.begin(), found.strengths.end()), {x.rows()});
  timer.write(o, context, {{"clusters", found.selected.size()}});
}

}  // namespace lacuna::cli
