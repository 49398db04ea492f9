#include <cmath>

#include <Eigen/QR>

#include "lacuna/base/error.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/regression.h"

namespace lacuna::statistics {
namespace {

// Columns, from the left, that add a direction of their own (Gram–Schmidt, twice for accuracy).
void chooseColumns(const MatrixD& x, LinearFit& fit) {
  Eigen::MatrixXd basis(x.rows(), std::min(x.rows(), x.cols()));
  Eigen::Index rank = 0;
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    VectorD rest = x.col(j);
    const double size = rest.norm();
    for (int pass = 0; pass < 2; ++pass) rest -= basis.leftCols(rank) * (basis.leftCols(rank).transpose() * rest).eval();
    if (rank < x.rows() && rest.norm() > 1e-10 * size) {
      basis.col(rank++) = rest.normalized();
      fit.kept.push_back(j);
    } else {
      fit.dropped.push_back(j);
    }
  }
}

double rSquared(const VectorD& y, const VectorD& residuals) {
  const double total = (y.array() - y.mean()).square().sum();
  return total > 0 ? 1 - residuals.squaredNorm() / total : kMissing;
}

}  // namespace

LinearFit leastSquares(const MatrixD& x, const VectorD& y) {
  LACUNA_CHECK(x.rows() == y.size());
  LinearFit fit;
  fit.b = VectorD::Constant(x.cols(), kMissing);
  if (!x.allFinite() || !y.allFinite()) {
    fit.status = Status::NanInput;
    return fit;
  }
  chooseColumns(x, fit);
  const auto rank = static_cast<Eigen::Index>(fit.kept.size());
  fit.x.resize(x.rows(), rank);
  for (Eigen::Index k = 0; k < rank; ++k) fit.x.col(k) = x.col(fit.kept[static_cast<std::size_t>(k)]);
  fit.residuals = y;
  fit.leverages = VectorD::Zero(x.rows());
  fit.inverse.resize(rank, rank);
  if (rank > 0) {
    const Eigen::HouseholderQR<Eigen::MatrixXd> qr{Eigen::MatrixXd(fit.x)};
    const Eigen::MatrixXd r = qr.matrixQR().topRows(rank).triangularView<Eigen::Upper>();
    const Eigen::MatrixXd q = qr.householderQ() * Eigen::MatrixXd::Identity(x.rows(), rank);
    const VectorD b = r.triangularView<Eigen::Upper>().solve(q.transpose() * y);
    for (Eigen::Index k = 0; k < rank; ++k) fit.b(fit.kept[static_cast<std::size_t>(k)]) = b(k);
    fit.residuals = y - fit.x * b;
    fit.leverages = q.rowwise().squaredNorm();
    const Eigen::MatrixXd inverseR = r.triangularView<Eigen::Upper>().solve(Eigen::MatrixXd::Identity(rank, rank));
    fit.inverse = inverseR * inverseR.transpose();
  }
  if (x.rows() > rank) fit.residualVariance = fit.residuals.squaredNorm() / static_cast<double>(x.rows() - rank);
  fit.rSquared = rSquared(y, fit.residuals);
  if (x.rows() - rank < 3) fit.status = Status::NotIdentified;
  return fit;
}

std::vector<Coefficient> coefficients(const LinearFit& fit, const Covariance& covariance, double level) {
  std::vector<Coefficient> result(static_cast<std::size_t>(fit.b.size()));
  const double quantile = tQuantile(0.5 + level / 2, covariance.degrees);
  for (Eigen::Index j = 0; j < fit.b.size(); ++j) {
    Coefficient& coefficient = result[static_cast<std::size_t>(j)];
    Estimate& estimate = coefficient.estimate;
    estimate.value = fit.b(j);
    estimate.level = level;
    estimate.n = fit.n();
    estimate.method = "t";
    estimate.status = fit.status;
    if (std::isnan(fit.b(j)) && fit.status != Status::NanInput) estimate.status = Status::NotIdentified;
    if (estimate.status != Status::Ok) continue;
    const double variance = covariance.matrix(j, j);
    if (!(variance > 0) || std::isnan(quantile)) {
      estimate.status = variance == 0 ? Status::ZeroVariance : Status::NotIdentified;
      continue;
    }
    estimate.se = std::sqrt(variance);
    estimate.low = estimate.value - quantile * estimate.se;
    estimate.high = estimate.value + quantile * estimate.se;
    coefficient.t = estimate.value / estimate.se;
    coefficient.p = tTwoSided(coefficient.t, covariance.degrees);
  }
  return result;
}

std::vector<double> varianceInflation(const MatrixD& x) {
  std::vector<double> result(static_cast<std::size_t>(x.cols()), kMissing);
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    const VectorD column = x.col(j);
    if (!((column.array() - column.mean()).square().sum() > 1e-20 * column.squaredNorm())) continue;
    MatrixD others(x.rows(), x.cols());
    others << x.leftCols(j), x.rightCols(x.cols() - j - 1), MatrixD::Ones(x.rows(), 1);
    const double r2 = leastSquares(others, column).rSquared;
    result[static_cast<std::size_t>(j)] = r2 < 1 - 1e-12 ? 1 / (1 - r2) : std::numeric_limits<double>::infinity();
  }
  return result;
}

}  // namespace lacuna::statistics
