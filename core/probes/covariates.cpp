#include <cmath>

#include "group_basis.h"
#include "lacuna/base/error.h"
#include "lacuna/probes/penalties.h"

namespace lacuna::probes {
namespace {

/// Standardised covariates and an orthonormal basis of them: basis = standardised·turn, mean squares 1.
struct CovariateBasis {
  VectorD mean, sd;      ///< [q]
  MatrixD turn;          ///< [q, r]
  MatrixD basis;         ///< [N, r]
};

MatrixD standardise(const MatrixD& covariates, CovariateBasis& result) {
  MatrixD c = covariates;
  result.mean = c.colwise().mean();
  c.rowwise() -= result.mean.transpose();
  result.sd = (c.colwise().squaredNorm() / static_cast<double>(c.rows())).cwiseSqrt();
  for (Eigen::Index q = 0; q < c.cols(); ++q) {
    if (result.sd[q] <= 1e-12 * std::abs(result.mean[q])) result.sd[q] = 0;
    c.col(q) *= result.sd[q] > 0 ? 1 / result.sd[q] : 0;
  }
  return c;
}

CovariateBasis makeBasis(const MatrixD& covariates) {
  CovariateBasis result;
  const MatrixD c = standardise(covariates, result);
  const algebra::SymmetricEigen eigen = algebra::symmetricEigen(c.transpose() * c / static_cast<double>(c.rows()));
  Eigen::Index first = 0;
  while (first < c.cols() && eigen.values[first] <= 1e-10) ++first;
  const Eigen::Index rank = c.cols() - first;
  result.turn = eigen.vectors.rightCols(rank) * eigen.values.tail(rank).cwiseSqrt().cwiseInverse().asDiagonal();
  result.basis = c * result.turn;
  return result;
}

/// x without its linear part in the basis, in fp32; slopes [r, d] of the part taken away.
MatrixF residuals(const MatrixF& x, const Moments& moments, const MatrixD& basis, MatrixD& slopes) {
  slopes = MatrixD::Zero(basis.cols(), x.cols());
  for (Eigen::Index n = 0; n < x.rows(); ++n)
    slopes += basis.row(n).transpose() * (x.row(n).cast<double>() - moments.mean.transpose()) / static_cast<double>(x.rows());
  MatrixF result(x.rows(), x.cols());
  for (Eigen::Index n = 0; n < x.rows(); ++n) result.row(n) = (x.row(n).cast<double>() - basis.row(n) * slopes).cast<float>();
  return result;
}

void requireCovariates(const MatrixF& x, const MatrixD& covariates, const ColumnSet& columns) {
  requireInputs(x, 0);
  if (covariates.rows() != x.rows() || !covariates.allFinite())
    throw Error("LAC-3101", "Covariates must be finite and as many as the " + std::to_string(x.rows()) + " rows; found " +
                                std::to_string(covariates.rows()) + " rows.");
  requireLambdas(columns.lambdas);
}

}  // namespace

CovariateSolution solveWithCovariates(const MatrixF& x, const MatrixD& covariates, const ColumnSet& columns, double tolerance,
                                      int maxIterations, const RunContext& context) {
  requireCovariates(x, covariates, columns);
  const Moments moments = columnMoments(x, context);
  const CovariateBasis known = makeBasis(covariates);
  MatrixD slopes;
  const MatrixF rest = residuals(x, moments, known.basis, slopes);
  const GroupBasis basis = GroupBasis::rotatedWithFree(rest, moments, known.basis, context);
  const auto count = static_cast<Eigen::Index>(columns.lambdas.size());
  const auto kept = static_cast<Eigen::Index>(moments.kept.size()), free = known.basis.cols();

  CovariateSolution result{{MatrixD::Zero(x.cols(), count), VectorD::Zero(count), moments.mean, moments.sd,
                            std::vector<std::uint8_t>(columns.lambdas.size(), 1), std::vector<int>(columns.lambdas.size(), 0)},
                           MatrixD::Zero(covariates.cols(), count), known.mean, known.sd};
  std::vector<std::int64_t> open;
  std::vector<GroupPenalty> penalties;
  std::vector<float> weights(static_cast<std::size_t>(x.rows()));
  for (Eigen::Index c = 0; c < count; ++c) {
    columns.fill(c, weights);
    result.inputs.b[c] = degenerateIntercept(weights);
    if (!std::isnan(result.inputs.b[c])) continue;
    open.push_back(c);
    penalties.push_back({0, columns.lambdas[static_cast<std::size_t>(c)]});
  }
  const GroupLoss loss{1, 0.25, {}, [&](std::int64_t g, std::span<float> out) { columns.fill(open[static_cast<std::size_t>(g)], out); }};
  std::vector<GroupPoint> points(open.size());
  basis.solve(loss, penalties, tolerance, maxIterations, points, context);
  for (std::size_t i = 0; i < open.size(); ++i) {
    const VectorD all = basis.weights(points[i].w).row(0);
    VectorD gamma = all.tail(free);  // of the basis, with the inputs' linear part still in it
    for (Eigen::Index j = 0; j < kept; ++j) {
      const std::int64_t input = moments.kept[static_cast<std::size_t>(j)];
      result.inputs.w(input, open[i]) = all[j];
      gamma -= slopes.col(input) * (all[j] / moments.sd[input]);
    }
    result.covariates.col(open[i]) = known.turn * gamma;
    result.inputs.b[open[i]] = points[i].b[0];
    result.inputs.converged[static_cast<std::size_t>(open[i])] = points[i].converged;
    result.inputs.iterations[static_cast<std::size_t>(open[i])] = points[i].iterations;
  }
  return result;
}

}  // namespace lacuna::probes
