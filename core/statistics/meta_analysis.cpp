#include "lacuna/statistics/meta_analysis.h"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>
#include <Eigen/QR>

#include "lacuna/base/error.h"
#include "lacuna/statistics/distributions.h"

namespace lacuna::statistics {
namespace {

bool sound(std::span<const double> y, std::span<const double> v) {
  const auto finite = [](double value) { return std::isfinite(value); };
  return std::all_of(y.begin(), y.end(), finite) && std::all_of(v.begin(), v.end(), [](double value) { return std::isfinite(value) && value > 0; });
}

Estimate normalInterval(double value, double se, double level, std::int64_t n, const char* method) {
  const double half = normalQuantile(0.5 + level / 2) * se;
  return {value, value - half, value + half, se, level, n, n, method, Status::Ok};
}

// Weighted regression with weights 1/(v + τ²).
struct Weighted {
  VectorD b, weights;
  Eigen::MatrixXd inverse;    // (XᵀWX)⁻¹
  double q = 0;               // Σ w e²
};

Weighted weighted(const Eigen::MatrixXd& x, const VectorD& y, const VectorD& v, double tau2) {
  Weighted fit;
  fit.weights = (v.array() + tau2).inverse();
  const Eigen::MatrixXd information = x.transpose() * fit.weights.asDiagonal() * x;
  fit.inverse = information.ldlt().solve(Eigen::MatrixXd::Identity(x.cols(), x.cols()));
  fit.b = fit.inverse * (x.transpose() * fit.weights.cwiseProduct(y));
  fit.q = ((y - x * fit.b).array().square() * fit.weights.array()).sum();
  return fit;
}

double momentTau2(const Eigen::MatrixXd& x, const Weighted& fixed) {
  const Eigen::MatrixXd squared = x.transpose() * fixed.weights.array().square().matrix().asDiagonal() * x;
  const double scale = fixed.weights.sum() - (fixed.inverse * squared).trace();
  return std::max(0.0, (fixed.q - static_cast<double>(x.rows() - x.cols())) / scale);
}

// Fisher scoring on the restricted likelihood of τ²; negative steps stop at 0.
double remlTau2(const Eigen::MatrixXd& x, const VectorD& y, const VectorD& v, double start, bool& converged) {
  double tau2 = start;
  converged = false;
  for (int step = 0; step < 200 && !converged; ++step) {
    const Weighted fit = weighted(x, y, v, tau2);
    const Eigen::MatrixXd w = fit.weights.asDiagonal();
    const Eigen::MatrixXd p = w - w * x * fit.inverse * x.transpose() * w;
    const VectorD py = p * y;
    const double information = p.squaredNorm(), score = py.squaredNorm() - p.trace();
    const double next = std::max(0.0, tau2 + score / information);
    converged = std::abs(next - tau2) <= 1e-12 * (next + v.minCoeff());
    tau2 = next;
  }
  return tau2;
}

double heterogeneity(double q, double degrees) { return q > 0 ? std::max(0.0, (q - degrees) / q) : 0.0; }

}  // namespace

MetaAnalysis metaAnalysis(std::span<const double> y, std::span<const double> v, Between method, double level) {
  LACUNA_CHECK(y.size() == v.size());
  MetaAnalysis result;
  const auto k = static_cast<std::int64_t>(y.size());
  if (!sound(y, v)) result.status = Status::NanInput;
  else if (k < 2) result.status = Status::TooFew;
  if (result.status != Status::Ok) {
    result.fixed.status = result.random.status = result.prediction.status = result.status;
    return result;
  }
  const Eigen::MatrixXd ones = Eigen::MatrixXd::Ones(k, 1);
  const VectorD effects = Eigen::Map<const VectorD>(y.data(), k), variances = Eigen::Map<const VectorD>(v.data(), k);
  const Weighted fixed = weighted(ones, effects, variances, 0);
  const double degrees = static_cast<double>(k - 1);
  result.q = fixed.q;
  result.pHeterogeneity = chiSquaredUpper(fixed.q, degrees);
  result.i2 = heterogeneity(fixed.q, degrees);
  result.tau2 = momentTau2(ones, fixed);
  bool converged = true;
  if (method == Between::Reml) result.tau2 = remlTau2(ones, effects, variances, result.tau2, converged);
  if (!converged) result.status = Status::NotConverged;
  const Weighted random = weighted(ones, effects, variances, result.tau2);
  result.fixed = normalInterval(fixed.b(0), std::sqrt(fixed.inverse(0, 0)), level, k, "fixed-effect");
  result.random = normalInterval(random.b(0), std::sqrt(random.inverse(0, 0)), level, k, method == Between::Reml ? "reml" : "dersimonian-laird");
  result.random.status = result.status;
  result.prediction = result.random;
  result.prediction.method = "prediction";
  result.prediction.se = std::sqrt(result.tau2 + random.inverse(0, 0));
  const double half = k > 2 ? tQuantile(0.5 + level / 2, degrees - 1) * result.prediction.se : kMissing;
  result.prediction.low = result.random.value - half;
  result.prediction.high = result.random.value + half;
  if (k < 3) result.prediction.status = Status::TooFew;
  return result;
}

MetaRegression metaRegression(const MatrixD& x, std::span<const double> y, std::span<const double> v, double level) {
  LACUNA_CHECK(y.size() == v.size() && static_cast<Eigen::Index>(y.size()) == x.rows());
  MetaRegression result;
  result.b.resize(static_cast<std::size_t>(x.cols()));
  const Eigen::MatrixXd design = x;
  if (!sound(y, v) || !x.allFinite()) result.status = Status::NanInput;
  else if (x.rows() <= x.cols() || design.colPivHouseholderQr().rank() < x.cols()) result.status = Status::NotIdentified;
  if (result.status != Status::Ok) {
    for (Estimate& estimate : result.b) estimate.status = result.status;
    return result;
  }
  const VectorD effects = Eigen::Map<const VectorD>(y.data(), x.rows()), variances = Eigen::Map<const VectorD>(v.data(), x.rows());
  const Weighted fixed = weighted(design, effects, variances, 0);
  result.q = fixed.q;
  result.i2 = heterogeneity(fixed.q, static_cast<double>(x.rows() - x.cols()));
  result.tau2 = momentTau2(design, fixed);
  const Weighted random = weighted(design, effects, variances, result.tau2);
  for (Eigen::Index j = 0; j < x.cols(); ++j)
    result.b[static_cast<std::size_t>(j)] = normalInterval(random.b(j), std::sqrt(random.inverse(j, j)), level, x.rows(), "meta-regression");
  return result;
}

}  // namespace lacuna::statistics
