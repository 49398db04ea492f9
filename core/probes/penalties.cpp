#include "lacuna/probes/penalties.h"

#include <algorithm>
#include <cmath>

#include "columns.h"
#include "group_basis.h"
#include "lacuna/base/error.h"

namespace lacuna::probes {
namespace {

using Fill = std::function<void(std::int64_t, std::span<float>)>;

LogisticSolution emptySolution(const Moments& moments, std::int64_t columns) {
  const auto count = static_cast<std::size_t>(columns);
  return {MatrixD::Zero(moments.mean.size(), columns), VectorD::Zero(columns), moments.mean, moments.sd,
          std::vector<std::uint8_t>(count, 0), std::vector<int>(count, 0)};
}

/// Targets that have two classes; the others get their certain intercept in every given column.
std::vector<std::int64_t> settleDegenerate(const Fill& fill, std::int64_t targets, std::int64_t steps, std::int64_t rows,
                                           LogisticSolution& solution) {
  std::vector<std::int64_t> open;
  std::vector<float> weights(static_cast<std::size_t>(rows));
  for (std::int64_t t = 0; t < targets; ++t) {
    fill(t, weights);
    const double intercept = degenerateIntercept(weights);
    if (std::isnan(intercept)) open.push_back(t);
    for (std::int64_t c = t * steps; !std::isnan(intercept) && c < (t + 1) * steps; ++c) {
      solution.b[c] = intercept;
      solution.converged[static_cast<std::size_t>(c)] = 1;
    }
  }
  return open;
}

void store(const GroupBasis& basis, const GroupPoint& point, std::int64_t column, LogisticSolution& solution) {
  scatter(basis.weights(point.w).row(0), basis.moments(), column, solution.w);
  solution.b[column] = point.b[0];
  solution.converged[static_cast<std::size_t>(column)] = point.converged;
  solution.iterations[static_cast<std::size_t>(column)] = point.iterations;
}

/// s(y − ȳ)/Σs of a target with two classes, 0 otherwise.
void nullResidual(std::span<const float> signedWeights, Eigen::Ref<Eigen::RowVectorXd> out) {
  const ColumnWeights sums = summarise(signedWeights.data(), static_cast<std::int64_t>(signedWeights.size()));
  out.setZero();
  if (sums.oneClass()) return;
  const double mean = sums.positive / sums.total;
  for (std::size_t n = 0; n < signedWeights.size(); ++n)
    out[static_cast<Eigen::Index>(n)] = std::abs(signedWeights[n]) * ((signedWeights[n] > 0 ? 1 : 0) - mean) / sums.total;
}

}  // namespace

LogisticSolution solvePath(const MatrixF& x, const PathSet& paths, double tolerance, int maxIterations, const RunContext& context) {
  requireInputs(x, paths.l1Ratio);
  requireLambdas({paths.lambdas.data(), static_cast<std::size_t>(paths.lambdas.size())});
  const GroupBasis basis = paths.l1Ratio > 0 ? GroupBasis::plain(x, context) : GroupBasis::rotated(x, context);
  const std::int64_t targets = paths.lambdas.rows(), steps = paths.lambdas.cols();
  LogisticSolution solution = emptySolution(basis.moments(), targets * steps);
  const std::vector<std::int64_t> open = settleDegenerate(paths.fill, targets, steps, x.rows(), solution);
  const GroupLoss loss{1, 0.25, {}, [&](std::int64_t g, std::span<float> out) { paths.fill(open[static_cast<std::size_t>(g)], out); }};
  std::vector<GroupPoint> points(open.size());
  for (std::int64_t l = 0; l < steps; ++l) {
    std::vector<GroupPenalty> penalties;
    for (const std::int64_t t : open) penalties.push_back(split(paths.lambdas(t, l), paths.l1Ratio));
    basis.solve(loss, penalties, tolerance, maxIterations, points, context);
    for (std::size_t i = 0; i < open.size(); ++i) store(basis, points[i], open[i] * steps + l, solution);
  }
  return solution;
}

LogisticSolution solveElasticNet(const MatrixF& x, const ColumnSet& columns, double l1Ratio, double tolerance, int maxIterations,
                                 const RunContext& context) {
  if (l1Ratio == 0) return solveLogistic(x, columns, tolerance, maxIterations, context);
  const auto count = static_cast<Eigen::Index>(columns.lambdas.size());
  const PathSet paths{Eigen::Map<const VectorD>(columns.lambdas.data(), count), l1Ratio, columns.fill};
  return solvePath(x, paths, tolerance, maxIterations, context);
}

VectorD lambdaMax(const MatrixF& x, std::int64_t targets, const Fill& fill, double l1Ratio, const RunContext& context) {
  requireInputs(x, l1Ratio);
  if (l1Ratio == 0) throw Error("LAC-3101", "Without an L1 penalty no λ makes all weights 0.");
  constexpr std::int64_t kAtOnce = 64;
  const Moments moments = columnMoments(x, context);
  std::vector<float> weights(static_cast<std::size_t>(x.rows()));
  VectorD result(targets);
  for (std::int64_t first = 0; first < targets; first += kAtOnce) {
    context.checkpoint();
    MatrixD residuals(std::min(kAtOnce, targets - first), x.rows());
    for (std::int64_t i = 0; i < residuals.rows(); ++i) {
      fill(first + i, weights);
      nullResidual(weights, residuals.row(i));
    }
    result.segment(first, residuals.rows()) = largestLoadings(x, moments, residuals, context) / l1Ratio;
  }
  return result;
}

std::vector<double> lambdaPath(double largest, int steps, double ratio) {
  LACUNA_CHECK(steps >= 1 && ratio > 0 && ratio <= 1);
  std::vector<double> result;
  for (int l = 0; l < steps; ++l) result.push_back(steps == 1 ? largest : largest * std::pow(ratio, static_cast<double>(l) / (steps - 1)));
  return result;
}

}  // namespace lacuna::probes
