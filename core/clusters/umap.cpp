#include "lacuna/clusters/umap.h"

#include <algorithm>
#include <cmath>

#include "fuzzy_rows.h"
#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "spectral_start.h"
#include "tile_neighbours.h"
#include "umap_layout.h"

namespace lacuna::clusters {

namespace {

constexpr std::int64_t kManyRows = 10000;
constexpr float kWidth = 10;
constexpr double kNoise = 1e-4;
constexpr Eigen::Index kBlockRows = 256;

[[noreturn]] void refuse(const std::string& what, const std::string& hint) { throw Error("LAC-1601", "UMAP: " + what, hint); }

void check(const MatrixF& x, const UmapConfig& config) {
  if (config.neighbours < 2 || config.neighbours > x.rows())
    refuse("expected between 2 and " + std::to_string(x.rows()) + " neighbours for " + std::to_string(x.rows()) + " rows, found " +
               std::to_string(config.neighbours), "set clusters.umap.neighbours");
  if (config.dimensions < 1 || config.dimensions > kMostMapDimensions)
    refuse("expected between 1 and " + std::to_string(kMostMapDimensions) + " dimensions, found " + std::to_string(config.dimensions), "set clusters.umap.dimensions");
  if (config.negatives < 1 || config.epochs < 0) refuse("expected at least 1 negative and 0 or more epochs", "set clusters.umap");
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    if (!x.row(i).allFinite()) refuse("row " + std::to_string(i) + " has a value that is not finite", "leave such documents out");
}

/// Every dimension from 0 to 10, noise so that no two rows lie on each other.
void spread(MatrixF& map, const RunContext& context) {
  const float most = std::max(1e-12F, map.cwiseAbs().maxCoeff());
  for (Eigen::Index i = 0; i < map.rows(); ++i) {
    Rng rng(context.seed, "clusters.umap.start", static_cast<std::uint64_t>(i));
    for (Eigen::Index d = 0; d < map.cols(); ++d) map(i, d) = map(i, d) * kWidth / most + static_cast<float>(kNoise * rng.normal());
  }
  for (Eigen::Index d = 0; d < map.cols(); ++d) {
    const float low = map.col(d).minCoeff(), high = map.col(d).maxCoeff();
    map.col(d) = (map.col(d).array() - low) * (kWidth / std::max(1e-12F, high - low));
  }
}

/// The nearest rows of x to each of `added`.
Neighbours nearestAmong(const MatrixF& x, const MatrixF& added, int k, Metric metric, const RunContext& context) {
  Neighbours out{k, std::vector<std::int32_t>(static_cast<std::size_t>(added.rows() * k)), std::vector<float>(static_cast<std::size_t>(added.rows() * k))};
  const VectorF half = x.rowwise().squaredNorm() / 2;
  const algebra::SerialBlas guard;
  parallelFor((added.rows() + kBlockRows - 1) / kBlockRows, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    MatrixF products(kBlockRows, x.rows());
    std::vector<Neighbour> all(static_cast<std::size_t>(x.rows()));
    for (std::int64_t block = begin; block < end; ++block) {
      context.checkpoint();
      const Eigen::Index first = block * kBlockRows, rows = std::min(kBlockRows, added.rows() - first);
      algebra::multiplyTransposed(added.row(first).data(), x.data(), products.data(), rows, x.rows(), x.cols());
      for (Eigen::Index r = 0; r < rows; ++r) {
        for (Eigen::Index j = 0; j < x.rows(); ++j) all[static_cast<std::size_t>(j)] = {static_cast<double>(half[j] - products(r, j)), static_cast<std::int32_t>(j)};
        std::partial_sort(all.begin(), all.begin() + k, all.end());
        for (int j = 0; j < k; ++j) {
          const auto at = static_cast<std::size_t>((first + r) * k + j);
          const double squared = (x.row(all[static_cast<std::size_t>(j)].row) - added.row(first + r)).cast<double>().squaredNorm();
          out.rows[at] = all[static_cast<std::size_t>(j)].row;
          out.distances[at] = static_cast<float>(metric == Metric::Cosine ? squared / 2 : std::sqrt(squared));
        }
      }
    }
  });
  return out;
}

/// Rows of memberships as they are, in the order of the neighbours.
FuzzyGraph oneWay(const Neighbours& neighbours) {
  FuzzyGraph graph{{}, neighbours.rows, memberships(neighbours, false)};
  for (std::size_t at = 0; at <= neighbours.rows.size(); at += static_cast<std::size_t>(neighbours.k)) graph.begins.push_back(static_cast<std::int64_t>(at));
  for (float& weight : graph.weights) weight = std::max(weight, 1e-30F);
  return graph;
}

MatrixF weightedMeans(const FuzzyGraph& graph, const MatrixF& map) {
  MatrixF out = MatrixF::Zero(graph.rows(), map.cols());
  for (std::int64_t i = 0; i < graph.rows(); ++i) {
    float total = 0;
    for (auto e = static_cast<std::size_t>(graph.begins[static_cast<std::size_t>(i)]); e < static_cast<std::size_t>(graph.begins[static_cast<std::size_t>(i) + 1]); ++e) {
      out.row(i) += graph.weights[e] * map.row(graph.columns[e]);
      total += graph.weights[e];
    }
    out.row(i) /= total;
  }
  return out;
}

}  // namespace

MatrixF umap(const MatrixF& x, const UmapConfig& config, const RunContext& context) {
  check(x, config);
  context.report("Neighbours", 0, 1);
  const FuzzyGraph graph = fuzzyGraph(nearestNeighbours(x, config.neighbours - 1, config.metric, context));
  MatrixF map = config.start == MapStart::Spectral ? spectralStart(graph, x, config.dimensions, context) : principalStart(x, config.dimensions, context);
  spread(map, context);
  const int epochs = config.epochs > 0 ? config.epochs : x.rows() <= kManyRows ? 500 : 200;
  layOut(map, {graph, nullptr, epochs, config.negatives, fitCurve(config.minDist, config.spread), 1}, context);
  return map;
}

MatrixF umapTransform(const MatrixF& x, const MatrixF& map, const MatrixF& added, const UmapConfig& config, const RunContext& context) {
  check(x, config);
  LACUNA_CHECK(x.rows() == map.rows() && (added.rows() == 0 || added.cols() == x.cols()));
  if (added.rows() == 0) return MatrixF(0, map.cols());
  const FuzzyGraph graph = oneWay(nearestAmong(x, added, config.neighbours, config.metric, context));
  MatrixF places = weightedMeans(graph, map);
  const int epochs = config.epochs > 0 ? config.epochs / 3 : x.rows() <= kManyRows ? 100 : 30;
  layOut(places, {graph, &map, epochs, config.negatives, fitCurve(config.minDist, config.spread), .25F}, context);
  return places;
}

}  // namespace lacuna::clusters
