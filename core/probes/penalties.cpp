#include "lacuna/probes/penalties.h"

#include <algorithm>
#include <cmath>

#include "columns.h"
#include "group_basis.h"
#include "lacuna/base/error.h"
#include "lambda_choice.h"

namespace lacuna::probes {
namespace {

using Fill = std::function<void(std::int64_t, std::span<float>)>;

void requireLambdas(const double* begin, std::size_t count) {
  if (!std::all_of(begin, begin + count, [](double lambda) { return lambda >= 0; }))
    throw Error("LAC-3101", "A probe's λ must be a number ≥ 0.");
}

GroupPenalty split(double lambda, double l1Ratio) { return {lambda * l1Ratio, lambda * (1 - l1Ratio)}; }

LogisticSolution emptySolution(const Moments& moments, std::int64_t columns) {
  const auto count = static_cast<std::size_t>(columns);
  return {MatrixD::Zero(moments.mean.size(), columns), VectorD::Zero(columns), moments.mean, moments.sd,
          std::vector<std::uint8_t>(count, 0), std::vector<int>(count, 0)};
}

/// Weights of kept inputs in their places among all.
void scatter(const VectorD& weights, const Moments& moments, Eigen::Index column, MatrixD& out) {
  for (std::size_t j = 0; j < moments.kept.size(); ++j) out(moments.kept[j], column) = weights[static_cast<Eigen::Index>(j)];
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
  requireLambdas(paths.lambdas.data(), static_cast<std::size_t>(paths.lambdas.size()));
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

namespace {

/// The multinomial problem's rows as the solver wants them; every class must be there.
std::vector<float> usedWeights(const MultinomialProblem& p) {
  requireInputs(p.x, p.l1Ratio);
  requireLambdas(p.lambdas.data(), p.lambdas.size());
  const auto rows = static_cast<std::size_t>(p.x.rows());
  if (p.labels.size() != rows || (!p.weights.empty() && p.weights.size() != rows) || p.classes < 2)
    throw Error("LAC-3101", "A multinomial problem of " + std::to_string(rows) + " rows and " + std::to_string(p.classes) + " classes has " +
                                std::to_string(p.labels.size()) + " labels and " + std::to_string(p.weights.size()) + " weights.");
  std::vector<float> result(rows, 0.0F);
  std::vector<double> mass(static_cast<std::size_t>(p.classes), 0);
  for (std::size_t n = 0; n < rows; ++n) {
    if (p.labels[n] < 0) continue;
    if (p.labels[n] >= p.classes) throw Error("LAC-3101", "Row " + std::to_string(n) + " has the label " + std::to_string(p.labels[n]) +
                                                              "; expected less than " + std::to_string(p.classes) + ".");
    result[n] = p.weights.empty() ? 1.0F : p.weights[n];
    mass[static_cast<std::size_t>(p.labels[n])] += static_cast<double>(result[n]);
  }
  for (std::size_t k = 0; k < mass.size(); ++k)
    if (!(mass[k] > 0)) throw Error("LAC-3101", "Class " + std::to_string(k) + " of a multinomial problem has no rows.",
                                    "Leave the class out and number the others without a gap.");
  return result;
}

}  // namespace

MultinomialSolution solveMultinomial(const MultinomialProblem& problem, const RunContext& context) {
  const std::vector<float> weights = usedWeights(problem);
  const GroupBasis basis = problem.l1Ratio > 0 ? GroupBasis::plain(problem.x, context) : GroupBasis::rotated(problem.x, context);
  const GroupLoss loss{problem.classes, 0.5, problem.labels,
                       [&](std::int64_t, std::span<float> out) { std::copy(weights.begin(), weights.end(), out.begin()); }};
  const auto steps = static_cast<Eigen::Index>(problem.lambdas.size());
  MultinomialSolution solution{{}, MatrixD(steps, problem.classes), basis.moments().mean, basis.moments().sd, {}, {}};
  std::vector<GroupPoint> point(1);
  for (Eigen::Index l = 0; l < steps; ++l) {
    basis.solve(loss, {split(problem.lambdas[static_cast<std::size_t>(l)], problem.l1Ratio)}, problem.tolerance, problem.maxIterations, point, context);
    const MatrixD kept = basis.weights(point[0].w);
    solution.w.push_back(MatrixD::Zero(problem.x.cols(), problem.classes));
    for (Eigen::Index k = 0; k < problem.classes; ++k) scatter(kept.row(k), basis.moments(), k, solution.w.back());
    solution.b.row(l) = point[0].b;
    solution.converged.push_back(point[0].converged);
    solution.iterations.push_back(point[0].iterations);
  }
  return solution;
}

MatrixD MultinomialSolution::logits(const MatrixF& x, std::size_t lambda) const {
  const LogisticSolution one{w[lambda], b.row(static_cast<Eigen::Index>(lambda)).transpose(), mean, sd, {}, {}};
  return one.logits(x);
}

double lambdaMax(const MultinomialProblem& problem, const RunContext& context) {
  const std::vector<float> weights = usedWeights(problem);
  if (problem.l1Ratio == 0) throw Error("LAC-3101", "Without an L1 penalty no λ makes all weights 0.");
  MatrixD residuals = MatrixD::Zero(problem.classes, problem.x.rows());
  VectorD mass = VectorD::Zero(problem.classes);
  for (std::size_t n = 0; n < weights.size(); ++n)
    if (problem.labels[n] >= 0) mass[problem.labels[n]] += static_cast<double>(weights[n]);
  for (std::size_t n = 0; n < weights.size(); ++n)
    for (int k = 0; problem.labels[n] >= 0 && k < problem.classes; ++k)
      residuals(k, static_cast<Eigen::Index>(n)) = weights[n] * ((problem.labels[n] == k ? 1 : 0) - mass[k] / mass.sum()) / mass.sum();
  return largestLoadings(problem.x, columnMoments(problem.x, context), residuals, context).maxCoeff() / problem.l1Ratio;
}

}  // namespace lacuna::probes
