#include <algorithm>
#include <array>
#include <cmath>

#include <Eigen/QR>

#include "lacuna/base/error.h"
#include "lacuna/statistics/curves.h"
#include "lacuna/statistics/descriptive.h"
#include "minimise.h"

namespace lacuna::statistics {
namespace {

constexpr double kDelta = 1e-3;                       // Huber's bend, in standard errors
constexpr double kSmallest = 0.01, kLargest = 2;      // exponents looked at

struct Data {
  VectorD logSizes, y, se;
  double origin = 0;                                  // ln of the geometric mean size: keeps the basis near 1
};

double huber(double r) { return std::abs(r) <= kDelta ? 0.5 * r * r : kDelta * (std::abs(r) - 0.5 * kDelta); }

struct LinearPart { VectorD b; double loss = 0; };

// Huber regression on given columns by reweighting; convex, so the end does not depend on the start.
LinearPart robustLinear(const Eigen::MatrixXd& columns, const Data& data) {
  const Eigen::MatrixXd x = data.se.cwiseInverse().asDiagonal() * columns;
  const VectorD y = data.y.cwiseQuotient(data.se);
  const auto loss = [&](const VectorD& b) { return (y - x * b).unaryExpr(&huber).sum(); };
  LinearPart result{Eigen::MatrixXd(x).colPivHouseholderQr().solve(y), 0};
  result.loss = loss(result.b);
  for (int step = 0; step < 200; ++step) {
    const VectorD residuals = y - x * result.b;
    const VectorD root = residuals.unaryExpr([](double r) { return std::abs(r) <= kDelta ? 1.0 : std::sqrt(kDelta / std::abs(r)); });
    const VectorD next = Eigen::MatrixXd(root.asDiagonal() * x).colPivHouseholderQr().solve(root.cwiseProduct(y));
    const double nextLoss = loss(next);
    if (!(nextLoss < result.loss * (1 - 1e-13))) break;
    result = {next, nextLoss};
  }
  return result;
}

Eigen::MatrixXd basis(const Data& data, Scaling kind, double exponent) {
  Eigen::MatrixXd columns = Eigen::MatrixXd::Ones(data.y.size(), kind == Scaling::Constant ? 1 : 2);
  if (kind == Scaling::LogLinear) columns.col(1) = data.logSizes;
  if (kind == Scaling::Power) columns.col(1) = (-exponent * (data.logSizes.array() - data.origin)).exp();
  return columns;
}

int parameters(Scaling kind) { return kind == Scaling::Constant ? 1 : kind == Scaling::LogLinear ? 2 : 3; }
std::size_t sizesNeeded(Scaling kind) { return kind == Scaling::Constant ? 3 : kind == Scaling::LogLinear ? 5 : 6; }

// The scale of the loss counts as a parameter. Losses below rounding count as equal.
double aicc(const Data& data, Scaling kind, double loss) {
  const double n = static_cast<double>(data.y.size()), k = parameters(kind) + 1;
  const double rounding = n * huber(1e-11 * data.y.cwiseQuotient(data.se).cwiseAbs().maxCoeff());
  if (n - k - 1 <= 0) return std::numeric_limits<double>::infinity();
  return 2 * n * std::log(std::max(loss, std::max(rounding, 1e-300)) / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1);
}

ScalingFit fit(const Data& data, Scaling kind) {
  ScalingFit result;
  result.kind = kind;
  if (kind == Scaling::Power)
    result.exponent = minimiseOnInterval([&](double a) { return robustLinear(basis(data, kind, a), data).loss; }, kSmallest, kLargest, 100);
  const LinearPart linear = robustLinear(basis(data, kind, result.exponent), data);
  result.offset = linear.b(0);
  if (kind == Scaling::LogLinear) result.slope = linear.b(1);
  if (kind == Scaling::Power) result.slope = linear.b(1) * std::exp(result.exponent * data.origin);
  result.loss = linear.loss;
  result.aicc = aicc(data, kind, linear.loss);
  return result;
}

Data dataOf(std::span<const double> sizes, std::span<const double> y, std::span<const double> se) {
  LACUNA_CHECK(sizes.size() == y.size() && (se.empty() || se.size() == y.size()));
  const auto n = static_cast<Eigen::Index>(y.size());
  Data data{Eigen::Map<const VectorD>(sizes.data(), n).array().log(), Eigen::Map<const VectorD>(y.data(), n), VectorD::Ones(n), 0};
  if (!se.empty()) data.se = Eigen::Map<const VectorD>(se.data(), n);
  data.origin = n > 0 ? data.logSizes.mean() : 0;
  return data;
}

bool sound(const Data& data) { return data.logSizes.allFinite() && data.y.allFinite() && data.se.allFinite() && (data.se.array() > 0).all(); }

}  // namespace

double ScalingFit::at(double n) const {
  if (kind == Scaling::Constant) return offset;
  return kind == Scaling::LogLinear ? offset + slope * std::log(n) : offset + slope * std::pow(n, -exponent);
}

ScalingFit fitScaling(std::span<const double> sizes, std::span<const double> y, std::span<const double> se, Scaling kind) {
  const Data data = dataOf(sizes, y, se);
  if (sound(data) && y.size() >= sizesNeeded(kind)) return fit(data, kind);
  ScalingFit result;
  result.kind = kind;
  result.status = sound(data) ? Status::NotIdentified : Status::NanInput;
  return result;
}

ScalingFit chooseScaling(std::span<const double> sizes, std::span<const double> y, std::span<const double> se) {
  ScalingFit best = fitScaling(sizes, y, se, Scaling::Constant);
  for (const Scaling kind : {Scaling::LogLinear, Scaling::Power}) {
    const ScalingFit next = fitScaling(sizes, y, se, kind);
    if (next.status == Status::Ok && next.aicc < best.aicc) best = next;
  }
  return best;
}

std::vector<Estimate> scalingIntervals(std::span<const double> sizes, const MatrixD& draws, std::span<const double> se, double level) {
  std::vector<std::vector<double>> values(3);
  for (Eigen::Index b = 0; b < draws.rows(); ++b) {
    const VectorD y = draws.row(b);
    const ScalingFit fitted = fitScaling(sizes, {y.data(), static_cast<std::size_t>(y.size())}, se, Scaling::Power);
    if (fitted.status != Status::Ok) continue;
    values[0].push_back(fitted.offset);
    values[1].push_back(fitted.slope);
    values[2].push_back(fitted.exponent);
  }
  std::vector<Estimate> result(3);
  for (std::size_t k = 0; k < 3; ++k) {
    const auto bounds = quantiles(values[k], std::array{(1 - level) / 2, (1 + level) / 2});
    const auto n = static_cast<std::int64_t>(values[k].size());
    result[k] = {median(values[k]), bounds[0], bounds[1], standardDeviation(values[k]), level, n, draws.cols(), "percentile",
                 n > 0 ? Status::Ok : Status::NotIdentified};
  }
  return result;
}

}  // namespace lacuna::statistics
