#include <algorithm>

#include "group_basis.h"
#include "lacuna/base/error.h"
#include "lacuna/probes/penalties.h"

namespace lacuna::probes {
namespace {

/// The multinomial problem's rows as the solver wants them; every class must be there.
std::vector<float> usedWeights(const MultinomialProblem& p) {
  requireInputs(p.x, p.l1Ratio);
  requireLambdas(p.lambdas);
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
