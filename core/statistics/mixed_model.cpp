#include <cmath>

#include <Eigen/Cholesky>

#include "partition.h"
#include "lacuna/base/error.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/meta_analysis.h"
#include "lacuna/statistics/regression.h"
#include "minimise.h"

namespace lacuna::statistics {
namespace {

constexpr double kSmallestLog = -16, kLargestLog = 16;   // log of variance ratios; the ends stand for 0 and for "all"

// Cross products of the model: everything a variance ratio needs, in the q random effects instead of the n rows.
struct CrossProducts {
  Eigen::MatrixXd zz, zx, xx;
  VectorD zy, xy, effectOf;             // effectOf[q]: 0 first factor, 1 second
  double yy = 0;
  Eigen::Index n = 0;
};

CrossProducts crossProducts(const MatrixD& x, const VectorD& y, const Partition& first, const Partition& second) {
  Eigen::MatrixXd z = Eigen::MatrixXd::Zero(x.rows(), first.count + second.count);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    z(i, first.of[static_cast<std::size_t>(i)]) = 1;
    if (second.count > 0) z(i, first.count + second.of[static_cast<std::size_t>(i)]) = 1;
  }
  CrossProducts products{z.transpose() * z, z.transpose() * x, x.transpose() * x, z.transpose() * y, x.transpose() * y, VectorD::Zero(z.cols()), y.squaredNorm(), x.rows()};
  products.effectOf.tail(second.count).setOnes();
  return products;
}

// Fit at fixed variance ratios λ = σ²_factor/σ²_residual.
struct Profile {
  double criterion = 0, residualVariance = 0;
  VectorD b;
  Eigen::MatrixXd covariance;           // of b
};

// With U = Z√λ: V⁻¹ = I − U (I + UᵀU)⁻¹ Uᵀ and |V| = |I + UᵀU|.
Profile profile(const CrossProducts& data, double firstRatio, double secondRatio) {
  const VectorD root = data.effectOf.unaryExpr([&](double factor) { return std::sqrt(factor == 0 ? firstRatio : secondRatio); });
  const Eigen::Index q = root.size();
  const Eigen::MatrixXd inner = Eigen::MatrixXd::Identity(q, q) + root.asDiagonal() * data.zz * root.asDiagonal();
  const Eigen::LLT<Eigen::MatrixXd> chol(inner);
  const Eigen::MatrixXd ux = chol.matrixL().solve(root.asDiagonal() * data.zx);
  const VectorD uy = chol.matrixL().solve(root.cwiseProduct(data.zy));
  const Eigen::MatrixXd information = data.xx - ux.transpose() * ux;
  const Eigen::LLT<Eigen::MatrixXd> fixed(information);
  Profile result;
  const VectorD right = data.xy - ux.transpose() * uy;
  result.b = fixed.solve(right);
  const double degrees = static_cast<double>(data.n - data.xx.rows());
  result.residualVariance = (data.yy - uy.squaredNorm() - result.b.dot(right)) / degrees;
  result.covariance = result.residualVariance * fixed.solve(Eigen::MatrixXd::Identity(data.xx.rows(), data.xx.rows()));
  const auto logDeterminant = [](const auto& factor) { return 2 * factor.matrixLLT().diagonal().array().log().sum(); };
  result.criterion = degrees * (1 + std::log(result.residualVariance)) + logDeterminant(chol) + logDeterminant(fixed);
  return result;
}

double ratioOf(double logRatio) {
  if (logRatio <= kSmallestLog) return 0;
  return std::exp(std::min(logRatio, kLargestLog));
}

}  // namespace

MixedModel mixedModel(const MatrixD& x, const VectorD& y, std::span<const std::int32_t> first, std::span<const std::int32_t> second, double level) {
  LACUNA_CHECK(static_cast<Eigen::Index>(first.size()) == x.rows() && (second.empty() || second.size() == first.size()));
  MixedModel result;
  const LinearFit fit = leastSquares(x, y);
  const Partition a = partition(first), b = second.empty() ? Partition{} : partition(second);
  result.status = fit.status;
  const bool crossedOut = a.count < 2 || a.count == x.rows() || b.count == 1 || b.count == x.rows();
  if (fit.status == Status::Ok && (!fit.dropped.empty() || crossedOut)) result.status = Status::NotIdentified;
  if (fit.status == Status::Ok && !(fit.residualVariance > 1e-24 * y.squaredNorm())) result.status = Status::ZeroVariance;
  result.b.resize(static_cast<std::size_t>(x.cols()));
  for (Estimate& estimate : result.b) estimate.status = result.status;
  if (result.status != Status::Ok) return result;
  // y without its least-squares part: b shifts by that part, and nothing is lost to cancellation.
  const CrossProducts data = crossProducts(x, fit.residuals, a, b);
  const auto at = [&](const Point& logs) { return profile(data, ratioOf(logs[0]), logs.size() > 1 ? ratioOf(logs[1]) : 0.0); };
  const auto criterion = [&](const Point& logs) {
    const double value = at(logs).criterion;
    return std::isfinite(value) ? value : std::numeric_limits<double>::max();
  };
  Point logs = {minimiseOnInterval([&](double log) { return criterion(second.empty() ? Point{log} : Point{log, 0}); }, kSmallestLog, kLargestLog, 65)};
  if (!second.empty()) logs = nelderMead(criterion, {logs[0], 0}, 2);
  const Profile best = at(logs);
  result.residualVariance = best.residualVariance;
  result.firstVariance = ratioOf(logs[0]) * best.residualVariance;
  if (!second.empty()) result.secondVariance = ratioOf(logs[1]) * best.residualVariance;
  result.criterion = best.criterion;
  const double z = normalQuantile(0.5 + level / 2);
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    const double value = fit.b(j) + best.b(j), se = std::sqrt(best.covariance(j, j));
    result.b[static_cast<std::size_t>(j)] = {value, value - z * se, value + z * se, se, level, x.rows(), a.count, "reml", Status::Ok};
  }
  return result;
}

}  // namespace lacuna::statistics
