#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "cluster_sums.h"
#include "kmeans_parts.h"
#include "kmeans_seeding.h"
#include "lacuna/base/error.h"
#include "lacuna/clusters/clusters.h"
#include "spherical_assignment.h"

namespace lacuna::clusters {

namespace {

constexpr double kTolerance = 1e-4;
constexpr float kSomethingToGain = 1e-6F;   // a row nearer to its centre than this is its centre, up to rounding

/// Rows by increasing similarity to their centre, ties by row: the order in which they are given to empty clusters.
std::vector<std::size_t> worstFitFirst(const std::vector<float>& similarity) {
  std::vector<std::size_t> order(similarity.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return similarity[a] < similarity[b]; });
  return order;
}

/// c_k = s_k/‖s_k‖; a cluster whose rows cancel starts again at the worst-fitting row; an empty one keeps its centre.
MatrixF centresOf(const MatrixD& sums, const MatrixF& before, const MatrixF& x, const Assignment& assignment) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(sums.rows()), 0);
  for (const std::int32_t label : assignment.labels) ++sizes[static_cast<std::size_t>(label)];
  MatrixF centres = before;
  std::vector<std::size_t> order;
  std::size_t next = 0;
  for (Eigen::Index c = 0; c < sums.rows(); ++c) {
    const auto size = static_cast<double>(sizes[static_cast<std::size_t>(c)]);
    const double norm = sums.row(c).norm();
    if (size == 0) continue;
    if (norm > 1e-9 * size) {
      centres.row(c) = (sums.row(c) / norm).cast<float>();
      continue;
    }
    if (order.empty()) order = worstFitFirst(assignment.similarity);
    centres.row(c) = x.row(static_cast<Eigen::Index>(order[next++ % order.size()]));
  }
  return centres;
}

std::vector<float> misfitsOf(const Assignment& assignment) {
  std::vector<float> misfits;
  for (const float similarity : assignment.similarity) misfits.push_back(1 - similarity);
  return misfits;
}

double objectiveOf(const MatrixD& sums) { return sums.rowwise().norm().sum(); }

struct Restart {
  std::vector<std::int32_t> labels;
  double objective = 0;
};

/// Lloyd's iterations from seeds. Stops when no label changes, or the centres' squared shift is within tolerance × mean variance.
Restart lloyd(const MatrixF& x, MatrixF centres, int iterations, double tolerance, const RunContext& context) {
  const int threads = context.threadCount(), k = static_cast<int>(centres.rows());
  const VectorD ones = VectorD::Ones(x.rows());
  std::vector<std::int32_t> labels;
  MatrixD sums;
  for (int iteration = 0; iteration < std::max(1, iterations); ++iteration) {
    context.checkpoint();
    Assignment assignment = assignToCentres(x, centres, context);
    std::vector<float> misfits = misfitsOf(assignment);
    fillEmptyClusters(assignment.labels, misfits, k, kSomethingToGain);
    for (std::size_t i = 0; i < misfits.size(); ++i) assignment.similarity[i] = 1 - misfits[i];
    if (labels.empty()) sums = clusterSums(x, ones, assignment.labels, k, threads);
    else if (labels == assignment.labels) break;
    else moveSums(sums, x, labels, assignment.labels, threads);
    labels = assignment.labels;
    const MatrixF moved = centresOf(sums, centres, x, assignment);
    const double shift = (moved - centres).cast<double>().squaredNorm();
    centres = moved;
    if (shift <= tolerance) break;
  }
  // What moved in and out left rounding behind: the objective that restarts are compared by is summed afresh.
  return {labels, objectiveOf(clusterSums(x, ones, labels, k, threads))};
}

MatrixF usableRows(const MatrixF& x, const VectorD& inverse, std::vector<Eigen::Index>& rows) {
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    if (inverse[i] > 0 && std::isfinite(inverse[i])) rows.push_back(i);
  MatrixF unit(static_cast<Eigen::Index>(rows.size()), x.cols());
  for (std::size_t i = 0; i < rows.size(); ++i)
    unit.row(static_cast<Eigen::Index>(i)) = (x.row(rows[i]).cast<double>() * inverse[rows[i]]).cast<float>();
  return unit;
}

double meanVariance(const MatrixF& unit) {
  const VectorD mean = unit.cast<double>().colwise().mean().transpose();
  return std::max(0.0, 1 - mean.squaredNorm()) / static_cast<double>(unit.cols());
}

SphericalResult finished(const MatrixF& all, const MatrixF& unit, const std::vector<Eigen::Index>& rows, Restart best, int k, int threads) {
  const int found = sortBySize(best.labels, k);
  const MatrixD sums = clusterSums(unit, VectorD::Ones(unit.rows()), best.labels, found, threads);
  SphericalResult result;
  result.objective = objectiveOf(sums);
  result.centres = MatrixF::Zero(found, unit.cols());
  for (Eigen::Index c = 0; c < found; ++c)
    if (const double norm = sums.row(c).norm(); norm > 0) result.centres.row(c) = (sums.row(c) / norm).cast<float>();
  result.labels.assign(static_cast<std::size_t>(all.rows()), -1);
  for (std::size_t i = 0; i < rows.size(); ++i) result.labels[static_cast<std::size_t>(rows[i])] = best.labels[i];
  return result;
}

}  // namespace

SphericalResult sphericalKMeans(const MatrixF& unitVectors, int k, int restarts, int iterations, const RunContext& context) {
  if (k < 1) throw Error("LAC-1601", "k-means: expected at least 1 cluster, found k = " + std::to_string(k), "set clustering.k to 2 or more");
  std::vector<Eigen::Index> rows;
  const MatrixF unit = usableRows(unitVectors, inverseNorms(unitVectors, context.threadCount()), rows);
  if (rows.empty())
    throw Error("LAC-1601", "k-means: none of the " + std::to_string(unitVectors.rows()) + " vectors has a direction",
                "the documents share no words; choose another embedding");
  const int wanted = static_cast<int>(std::min<Eigen::Index>(k, unit.rows()));
  const double tolerance = kTolerance * meanVariance(unit);
  std::optional<Restart> best;
  const std::vector<MatrixF> seeds = kMeansPlusPlus(unit, wanted, std::max(1, restarts), cosineDistances, context);
  for (std::size_t restart = 0; restart < seeds.size(); ++restart) {
    context.report("Clustering", restart, seeds.size());
    Restart found = lloyd(unit, seeds[restart], iterations, tolerance, context);
    if (!best || found.objective > best->objective) best = std::move(found);
  }
  return finished(unitVectors, unit, rows, std::move(*best), wanted, context.threadCount());
}

}  // namespace lacuna::clusters
