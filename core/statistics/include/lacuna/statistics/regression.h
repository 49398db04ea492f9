#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/statistics/estimate.h"

/// Linear regression with standard errors that survive unequal variances and few clusters (methods.md 9.2).
/// Design matrices X [n, p] carry their own intercept column.
namespace lacuna::statistics {

struct LinearFit {
  VectorD b;                                ///< [p]; NaN for a dropped column
  VectorD residuals, leverages;             ///< [n]
  MatrixD x;                                ///< [n, rank] the columns that were kept
  MatrixD inverse;                          ///< (XᵀX)⁻¹ of these
  std::vector<Eigen::Index> kept, dropped;  ///< column numbers; dropped ones depend linearly on columns to their left
  double residualVariance = kMissing, rSquared = kMissing;
  Status status = Status::Ok;               ///< n − rank < 3 → NOT_IDENTIFIED (b stays), NaN in → NAN_INPUT
  Eigen::Index n() const { return x.rows(); }
  Eigen::Index rank() const { return x.cols(); }
};
/// Least squares by QR.
LinearFit leastSquares(const MatrixD& x, const VectorD& y);

/// Covariance of the coefficients, with the degrees of freedom that go with it. Dropped columns are NaN.
struct Covariance {
  MatrixD matrix;                           ///< [p, p]
  double degrees = 0;
  std::vector<Eigen::Index> guardedRows;    ///< leverage 1: fitted by a column of their own, which has no standard error
};
enum class Robust { Classic, HC0, HC1, HC2, HC3 };
/// MacKinnon & White 1985; t with n − p degrees. HC2 and HC3 leave out rows of leverage above 1 − 1e-8 (guardedRows) and
/// give NaN for the coefficients that only such a row determines.
Covariance robustCovariance(const LinearFit& fit, Robust kind = Robust::HC3);
/// CR1: G/(G − 1)·(n − 1)/(n − p), t with G − 1 degrees.
Covariance clusteredCovariance(const LinearFit& fit, std::span<const std::int32_t> clusters);
/// Two-way (Cameron, Gelbach & Miller 2011): V₁ + V₂ − V₁₂, negative eigenvalues set to 0; t with min(G₁, G₂) − 1 degrees.
Covariance twoWayCovariance(const LinearFit& fit, std::span<const std::int32_t> first, std::span<const std::int32_t> second);

/// Coefficient j with interval and two-sided t test of 0 (p in TestResult).
struct Coefficient { Estimate estimate; double t = kMissing, p = kMissing; };
std::vector<Coefficient> coefficients(const LinearFit& fit, const Covariance& covariance, double level = 0.95);

enum class WildWeights { Rademacher, Webb };
struct WildConfig {
  WildWeights weights = WildWeights::Rademacher;   ///< Webb's six points: finer p with fewer than 10 clusters
  int exhaustiveUpTo = 12;                         ///< all 2^G Rademacher signs up to this G
  int draws = 9999;
  std::uint64_t seed = 0;
};
/// Wild cluster restricted bootstrap of b_column = hypothesis (Cameron, Gelbach & Miller 2008), symmetric p. statistic t (CR1, or
/// two-way when `second` is given: weights then go by the dimension with fewer clusters), effect b, n clusters.
TestResult wildClusterTest(const MatrixD& x, const VectorD& y, Eigen::Index column, double hypothesis,
                           std::span<const std::int32_t> clusters, std::span<const std::int32_t> second = {}, const WildConfig& config = {});
/// The hypotheses which that test does not reject at 1 − level. Unbounded sides are infinite, status TOO_FEW.
Estimate wildClusterInterval(const MatrixD& x, const VectorD& y, Eigen::Index column, std::span<const std::int32_t> clusters,
                             std::span<const std::int32_t> second = {}, double level = 0.95, const WildConfig& config = {});

/// Variance inflation 1/(1 − R²) of every column of X on the others; NaN for constant columns, infinite when dependent.
std::vector<double> varianceInflation(const MatrixD& x);

}  // namespace lacuna::statistics
