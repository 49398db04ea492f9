#include <cmath>

#include <Eigen/Eigenvalues>

#include "partition.h"
#include "lacuna/base/error.h"
#include "lacuna/statistics/regression.h"

namespace lacuna::statistics {
namespace {

constexpr double kFullLeverage = 1 - 1e-8;

// From the kept columns to all p of them.
Covariance spread(const LinearFit& fit, const MatrixD& kept, double degrees) {
  Covariance result;
  result.matrix = MatrixD::Constant(fit.b.size(), fit.b.size(), kMissing);
  result.degrees = degrees;
  for (std::size_t i = 0; i < fit.kept.size(); ++i)
    for (std::size_t j = 0; j < fit.kept.size(); ++j)
      result.matrix(fit.kept[i], fit.kept[j]) = kept(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
  return result;
}

Covariance none(const LinearFit& fit) { return spread(fit, MatrixD::Constant(fit.rank(), fit.rank(), kMissing), 0); }

// Divisor of e² for each kind; 0 where the row has to stay out.
double inflation(Robust kind, double leverage) {
  if (kind == Robust::HC2) return 1 / (1 - leverage);
  return kind == Robust::HC3 ? 1 / ((1 - leverage) * (1 - leverage)) : 1.0;
}

// A coefficient that moves with a row of leverage 1 is determined by that row alone.
void forgetDeterminedBy(Eigen::Index row, const LinearFit& fit, MatrixD& covariance) {
  const VectorD influence = fit.inverse * fit.x.row(row).transpose();
  for (Eigen::Index j = 0; j < influence.size(); ++j) {
    if (std::abs(influence(j)) <= 1e-9 * std::sqrt(fit.inverse(j, j))) continue;
    covariance.row(j).setConstant(kMissing);
    covariance.col(j).setConstant(kMissing);
  }
}

// (XᵀX)⁻¹ Σ_g s_g s_gᵀ (XᵀX)⁻¹ with s_g the score of cluster g, times the small-sample factor.
MatrixD sandwich(const LinearFit& fit, const Partition& clusters) {
  MatrixD scores = MatrixD::Zero(clusters.count, fit.rank());
  for (Eigen::Index i = 0; i < fit.n(); ++i) scores.row(clusters.of[static_cast<std::size_t>(i)]) += fit.residuals(i) * fit.x.row(i);
  const MatrixD projected = scores * fit.inverse;
  return crFactor(clusters.count, fit.n(), fit.rank()) * (projected.transpose() * projected);
}

MatrixD withoutNegativeEigenvalues(const MatrixD& matrix) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen{Eigen::MatrixXd(0.5 * (matrix + matrix.transpose()))};
  if (eigen.eigenvalues().size() == 0 || eigen.eigenvalues()(0) >= 0) return matrix;
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).asDiagonal() * eigen.eigenvectors().transpose();
}

}  // namespace

Covariance robustCovariance(const LinearFit& fit, Robust kind) {
  if (fit.status != Status::Ok) return none(fit);
  const double degrees = static_cast<double>(fit.n() - fit.rank());
  if (kind == Robust::Classic) return spread(fit, fit.residualVariance * fit.inverse, degrees);
  const bool guarded = kind == Robust::HC2 || kind == Robust::HC3;
  VectorD weights = fit.residuals.array().square();
  std::vector<Eigen::Index> rows;
  for (Eigen::Index i = 0; i < fit.n(); ++i) {
    if (guarded && fit.leverages(i) > kFullLeverage) {
      rows.push_back(i);
      weights(i) = 0;
    } else {
      weights(i) *= inflation(kind, fit.leverages(i));
    }
  }
  if (kind == Robust::HC1) weights *= static_cast<double>(fit.n()) / degrees;
  const MatrixD projected = fit.x * fit.inverse;
  MatrixD covariance = projected.transpose() * weights.asDiagonal() * projected;
  for (const Eigen::Index row : rows) forgetDeterminedBy(row, fit, covariance);
  Covariance result = spread(fit, covariance, degrees);
  result.guardedRows = rows;
  return result;
}

Covariance clusteredCovariance(const LinearFit& fit, std::span<const std::int32_t> clusters) {
  LACUNA_CHECK(fit.status == Status::NanInput || static_cast<Eigen::Index>(clusters.size()) == fit.n());
  const Partition groups = partition(clusters);
  if (fit.status != Status::Ok || groups.count < 2) return none(fit);
  return spread(fit, sandwich(fit, groups), static_cast<double>(groups.count - 1));
}

Covariance twoWayCovariance(const LinearFit& fit, std::span<const std::int32_t> first, std::span<const std::int32_t> second) {
  LACUNA_CHECK(first.size() == second.size());
  const Partition a = partition(first), b = partition(second);
  if (fit.status != Status::Ok || a.count < 2 || b.count < 2) return none(fit);
  const MatrixD matrix = sandwich(fit, a) + sandwich(fit, b) - sandwich(fit, crossed(a, b));
  return spread(fit, withoutNegativeEigenvalues(matrix), static_cast<double>(std::min(a.count, b.count) - 1));
}

}  // namespace lacuna::statistics
