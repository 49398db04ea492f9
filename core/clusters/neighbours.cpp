#include "lacuna/clusters/neighbours.h"

#include <algorithm>
#include <cmath>

#include "kd_tree.h"
#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"
#include "tile_neighbours.h"

namespace lacuna::clusters {

namespace {

constexpr Eigen::Index kTreeColumns = 16, kBlockRows = 256;

std::vector<Neighbour> byTree(const MatrixF& x, int k, const RunContext& context) {
  const KdTree tree(x.cast<double>());
  std::vector<Neighbour> out(static_cast<std::size_t>(x.rows()) * static_cast<std::size_t>(k));
  parallelFor(x.rows(), context.threadCount(), 256, [&](std::int64_t begin, std::int64_t end) {
    context.checkpoint();
    for (auto position = static_cast<std::int32_t>(begin); position < end; ++position) {
      const std::int32_t row = tree.rowAt(position);
      const std::vector<Neighbour> found = tree.nearest(tree.point(position), k, row);
      std::copy(found.begin(), found.end(), out.begin() + static_cast<std::ptrdiff_t>(row) * k);
    }
  });
  return out;
}

/// How many rows of the data are nearer to row i than each of `wanted`, given i's products with all rows.
double excessRanks(const float* products, const VectorF& halfNorms, std::int64_t i, const std::vector<std::int32_t>& wanted, int k) {
  double sum = 0;
  for (const std::int32_t j : wanted) {
    const float limit = halfNorms[j] - products[j];
    std::int64_t nearer = 0;
    for (Eigen::Index c = 0; c < halfNorms.size(); ++c) nearer += halfNorms[c] - products[c] < limit ? 1 : 0;
    const bool selfCounted = halfNorms[i] - products[i] < limit;
    sum += std::max(0.0, static_cast<double>(nearer - (selfCounted ? 1 : 0) + 1 - k));
  }
  return sum;
}

/// Of row i: neighbours in `map` that are not among those in `data`.
std::vector<std::int32_t> intruders(const Neighbours& data, const Neighbours& map, std::int64_t i) {
  const auto begin = data.rows.begin() + i * data.k, end = begin + data.k;
  std::vector<std::int32_t> found;
  for (auto at = map.rows.begin() + i * map.k; at != map.rows.begin() + (i + 1) * map.k; ++at)
    if (std::find(begin, end, *at) == end) found.push_back(*at);
  return found;
}

}  // namespace

Neighbours nearestNeighbours(const MatrixF& x, int k, Metric metric, const RunContext& context) {
  if (k < 1 || k >= x.rows())
    throw Error("LAC-1601", "nearest neighbours: expected between 1 and " + std::to_string(x.rows() - 1) + " of " + std::to_string(x.rows()) +
                                " rows, found " + std::to_string(k), "ask for fewer neighbours or give more documents");
  const std::vector<Neighbour> found = x.cols() <= kTreeColumns ? byTree(x, k, context) : tileNeighbours(x, k, context);
  Neighbours out{k, std::vector<std::int32_t>(found.size()), std::vector<float>(found.size())};
  for (std::size_t i = 0; i < found.size(); ++i) {
    out.rows[i] = found[i].row;
    out.distances[i] = static_cast<float>(metric == Metric::Cosine ? found[i].squared / 2 : std::sqrt(found[i].squared));
  }
  return out;
}

double trustworthiness(const MatrixF& data, const MatrixF& map, int k, Metric metric, const RunContext& context) {
  LACUNA_CHECK(data.rows() == map.rows());
  const Neighbours inData = nearestNeighbours(data, k, metric, context), inMap = nearestNeighbours(map, k, Metric::Euclidean, context);
  const VectorF halfNorms = data.rowwise().squaredNorm() / 2;
  const Eigen::Index n = data.rows();
  std::vector<double> sums(static_cast<std::size_t>(n), 0);
  const algebra::SerialBlas guard;
  parallelFor((n + kBlockRows - 1) / kBlockRows, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    MatrixF products(kBlockRows, n);
    for (std::int64_t block = begin; block < end; ++block) {
      context.checkpoint();
      const Eigen::Index first = block * kBlockRows, rows = std::min(kBlockRows, n - first);
      algebra::multiplyTransposed(data.row(first).data(), data.data(), products.data(), rows, n, data.cols());
      for (Eigen::Index r = 0; r < rows; ++r)
        sums[static_cast<std::size_t>(first + r)] = excessRanks(products.row(r).data(), halfNorms, first + r, intruders(inData, inMap, first + r), k);
    }
  });
  double sum = 0;
  for (const double value : sums) sum += value;
  const auto rows = static_cast<double>(n), neighbours = static_cast<double>(k);
  return 1 - 2 * sum / (rows * neighbours * (2 * rows - 3 * neighbours - 1));
}

double neighboursKept(const MatrixF& data, const MatrixF& map, int k, Metric metric, const RunContext& context) {
  LACUNA_CHECK(data.rows() == map.rows());
  const Neighbours inData = nearestNeighbours(data, k, metric, context), inMap = nearestNeighbours(map, k, Metric::Euclidean, context);
  std::int64_t lost = 0;
  for (Eigen::Index i = 0; i < data.rows(); ++i) lost += static_cast<std::int64_t>(intruders(inData, inMap, i).size());
  return 1 - static_cast<double>(lost) / (static_cast<double>(data.rows()) * k);
}

}  // namespace lacuna::clusters
