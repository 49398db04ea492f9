#include "spectral_start.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "disjoint_sets.h"
#include "lacuna/algebra/algebra.h"
#include "lacuna/base/rng.h"
#include "spectral_vectors.h"

namespace lacuna::clusters {

namespace {

constexpr Eigen::Index kBlockRows = 1024;

/// Parts of the graph, the largest first, then by first row: their rows, ascending.
std::vector<std::vector<std::int32_t>> connectedParts(const FuzzyGraph& graph) {
  DisjointSets sets(static_cast<std::size_t>(graph.rows()));
  for (std::int64_t i = 0; i < graph.rows(); ++i)
    for (std::int64_t e = graph.begins[static_cast<std::size_t>(i)]; e < graph.begins[static_cast<std::size_t>(i) + 1]; ++e)
      sets.join(static_cast<std::int32_t>(i), graph.columns[static_cast<std::size_t>(e)]);
  std::vector<std::int32_t> number(static_cast<std::size_t>(graph.rows()), -1);
  std::vector<std::vector<std::int32_t>> parts;
  for (std::int64_t i = 0; i < graph.rows(); ++i) {
    std::int32_t& n = number[static_cast<std::size_t>(sets.find(static_cast<std::int32_t>(i)))];
    if (n < 0) {
      n = static_cast<std::int32_t>(parts.size());
      parts.emplace_back();
    }
    parts[static_cast<std::size_t>(n)].push_back(static_cast<std::int32_t>(i));
  }
  std::stable_sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return parts;
}

/// A part of the graph as a graph of its own.
FuzzyGraph partOf(const FuzzyGraph& graph, const std::vector<std::int32_t>& rows, std::vector<std::int32_t>& position) {
  for (std::size_t i = 0; i < rows.size(); ++i) position[static_cast<std::size_t>(rows[i])] = static_cast<std::int32_t>(i);
  FuzzyGraph part;
  part.begins.push_back(0);
  for (const std::int32_t row : rows) {
    for (std::int64_t e = graph.begins[static_cast<std::size_t>(row)]; e < graph.begins[static_cast<std::size_t>(row) + 1]; ++e) {
      part.columns.push_back(position[static_cast<std::size_t>(graph.columns[static_cast<std::size_t>(e)])]);
      part.weights.push_back(graph.weights[static_cast<std::size_t>(e)]);
    }
    part.begins.push_back(static_cast<std::int64_t>(part.columns.size()));
  }
  return part;
}

MatrixF scattered(Eigen::Index rows, int dimensions, std::uint64_t part, const RunContext& context) {
  Rng rng(context.seed, "clusters.umap.part", part);
  MatrixF out(rows, dimensions);
  for (Eigen::Index i = 0; i < out.size(); ++i) out.data()[i] = static_cast<float>(2 * rng.uniform() - 1);
  return out;
}

/// A part's own places within [−1, 1].
MatrixF placesWithin(const FuzzyGraph& part, int dimensions, std::uint64_t number, const RunContext& context) {
  if (part.rows() <= 4 * (dimensions + 1)) return scattered(part.rows(), dimensions, number, context);
  MatrixF places = spectralVectors(part, dimensions, context);
  if (const float most = places.cwiseAbs().maxCoeff(); most > 0) places /= most;
  return places;
}

MatrixF meansOf(const std::vector<std::vector<std::int32_t>>& parts, const MatrixF& x) {
  MatrixF means(static_cast<Eigen::Index>(parts.size()), x.cols());
  for (std::size_t p = 0; p < parts.size(); ++p) {
    Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(x.cols());
    for (const std::int32_t row : parts[p]) sum += x.row(row).cast<double>();
    means.row(static_cast<Eigen::Index>(p)) = (sum / static_cast<double>(parts[p].size())).cast<float>();
  }
  return means;
}

/// Half the distance to the nearest other part's place, within which a part may spread.
float roomAround(const MatrixF& centres, Eigen::Index p) {
  float nearest = std::numeric_limits<float>::infinity();
  for (Eigen::Index q = 0; q < centres.rows(); ++q)
    if (q != p) nearest = std::min(nearest, (centres.row(p) - centres.row(q)).norm());
  return nearest / 2;
}

/// Where each part's middle goes. Up to two a dimension sit on the axes' ends; more lie along principal axes of their means.
MatrixF centresOf(const std::vector<std::vector<std::int32_t>>& parts, const MatrixF& x, int dimensions, const RunContext& context) {
  const auto count = static_cast<Eigen::Index>(parts.size());
  if (count <= 2 * dimensions) {
    MatrixF centres = MatrixF::Zero(count, dimensions);
    for (Eigen::Index p = 0; p < count; ++p) centres(p, p / 2) = p % 2 == 0 ? 1 : -1;
    return centres;
  }
  MatrixF centres = principalStart(meansOf(parts, x), dimensions, context);
  return centres / std::max(1e-6F, centres.cwiseAbs().maxCoeff());
}

}  // namespace

MatrixF principalStart(const MatrixF& x, int dimensions, const RunContext& context) {
  const Eigen::Index d = x.cols(), blocks = (x.rows() + kBlockRows - 1) / kBlockRows;
  const Eigen::RowVectorXd mean = x.cast<double>().colwise().mean();
  const algebra::SerialBlas guard;
  MatrixD covariance = MatrixD::Zero(d, d), part(d, d);
  for (Eigen::Index block = 0; block < blocks; ++block) {   // in order: the sum is the same at any thread count
    context.checkpoint();
    const Eigen::Index first = block * kBlockRows, rows = std::min(kBlockRows, x.rows() - first);
    const MatrixD centred = x.middleRows(first, rows).cast<double>().rowwise() - mean;
    algebra::transposedMultiply(centred.data(), centred.data(), part.data(), d, d, rows);
    covariance += part;
  }
  const algebra::SymmetricEigen eigen = algebra::symmetricEigen(covariance);
  const auto axes = std::min<Eigen::Index>(dimensions, d);
  MatrixF out = MatrixF::Zero(x.rows(), dimensions);
  for (Eigen::Index c = 0; c < axes; ++c) {
    VectorD axis = eigen.vectors.col(d - 1 - c);
    Eigen::Index largest = 0;
    axis.cwiseAbs().maxCoeff(&largest);
    if (axis[largest] < 0) axis = -axis;
    const auto offset = static_cast<float>(mean.dot(axis));
    const VectorF single = axis.cast<float>();
    for (Eigen::Index i = 0; i < x.rows(); ++i) out(i, c) = x.row(i).dot(single) - offset;
  }
  return out;
}

MatrixF spectralStart(const FuzzyGraph& graph, const MatrixF& x, int dimensions, const RunContext& context) {
  const std::vector<std::vector<std::int32_t>> parts = connectedParts(graph);
  if (parts.size() == 1) return placesWithin(graph, dimensions, 0, context);
  const MatrixF centres = centresOf(parts, x, dimensions, context);
  std::vector<std::int32_t> position(static_cast<std::size_t>(graph.rows()), -1);
  MatrixF out(graph.rows(), dimensions);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    context.checkpoint();
    const auto at = static_cast<Eigen::Index>(p);
    const MatrixF places = placesWithin(partOf(graph, parts[p], position), dimensions, p, context) * roomAround(centres, at);
    for (std::size_t i = 0; i < parts[p].size(); ++i) out.row(parts[p][i]) = centres.row(at) + places.row(static_cast<Eigen::Index>(i));
  }
  return out;
}

}  // namespace lacuna::clusters
