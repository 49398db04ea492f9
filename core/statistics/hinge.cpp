#include <algorithm>
#include <array>
#include <cmath>

#include <Eigen/QR>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/statistics/curves.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"

namespace lacuna::statistics {
namespace {

constexpr int kGrid = 161;
constexpr std::size_t kMinDoses = 6;

// Orthonormal bases of the line and of every hinge on the grid: the sum of squares of any y is then one small product.
struct Grid {
  VectorD knees, root;                    // root: √weights
  Eigen::MatrixXd line;                   // [n, 2]
  std::vector<Eigen::MatrixXd> hinges;    // [n, 3]
};

Eigen::MatrixXd orthonormal(const Eigen::MatrixXd& columns) {
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(columns);
  return qr.householderQ() * Eigen::MatrixXd::Identity(columns.rows(), columns.cols());
}

Eigen::MatrixXd design(const VectorD& e, double knee) {
  Eigen::MatrixXd x(e.size(), 3);
  x << VectorD::Ones(e.size()), e, (e.array() - knee).cwiseMax(0).matrix();
  return x;
}

Grid gridOf(const VectorD& e, const VectorD& root) {
  const double low = e.minCoeff(), range = e.maxCoeff() - low;
  Grid grid{VectorD::LinSpaced(kGrid, low + 0.1 * range, low + 0.9 * range), root, {}, {}};
  grid.line = orthonormal(root.asDiagonal() * design(e, 0).leftCols(2));
  for (const double knee : grid.knees) grid.hinges.push_back(orthonormal(root.asDiagonal() * design(e, knee)));
  return grid;
}

double sse(const Eigen::MatrixXd& q, const VectorD& weighted) { return (weighted - q * (q.transpose() * weighted)).squaredNorm(); }

struct Best { Eigen::Index at = 0; VectorD sse; double supF = 0; };

// Profile over ψ; a tie but for rounding keeps the smaller ψ.
Best profile(const Grid& grid, const VectorD& y) {
  const VectorD weighted = grid.root.cwiseProduct(y);
  Best best{0, VectorD(kGrid), 0};
  for (Eigen::Index k = 0; k < kGrid; ++k) best.sse(k) = sse(grid.hinges[static_cast<std::size_t>(k)], weighted);
  const double rounding = 1e-24 * weighted.squaredNorm();
  for (Eigen::Index k = 1; k < kGrid; ++k)
    if (best.sse(k) < best.sse(best.at) - rounding) best.at = k;
  const double left = best.sse(best.at), straight = sse(grid.line, weighted);
  if (straight <= rounding) return best;
  best.supF = (straight - left) / (std::max(left, rounding) / static_cast<double>(y.size() - 4));
  return best;
}

// sup-F under "a line is enough": fitted line plus its residuals with random signs.
double nullP(const Grid& grid, const VectorD& y, double observed, const HingeConfig& config) {
  const VectorD weighted = grid.root.cwiseProduct(y), fitted = grid.line * (grid.line.transpose() * weighted);
  const VectorD residuals = weighted - fitted;
  int hits = 0;
  for (int draw = 0; draw < config.nullDraws; ++draw) {
    Rng rng(config.seed, "statistics.hinge", static_cast<std::uint64_t>(draw));
    VectorD drawn = fitted;
    for (Eigen::Index i = 0; i < drawn.size(); ++i) drawn(i) += rng.below(2) == 0 ? residuals(i) : -residuals(i);
    hits += profile(grid, drawn.cwiseQuotient(grid.root)).supF >= observed * (1 - 1e-12);
  }
  return static_cast<double>(hits + 1) / static_cast<double>(config.nullDraws + 1);
}

VectorD vectorOf(std::span<const double> values) { return Eigen::Map<const VectorD>(values.data(), static_cast<Eigen::Index>(values.size())); }

void setInterval(Estimate& knee, const Grid& grid, const Best& best, double level) {
  const double degrees = static_cast<double>(knee.n - 4);
  const double bound = best.sse(best.at) * (1 + fQuantile(level, 1, degrees) / degrees);
  for (Eigen::Index k = 0; k < kGrid; ++k) {
    if (best.sse(k) > bound && k != best.at) continue;
    if (std::isnan(knee.low)) knee.low = grid.knees(k);
    knee.high = grid.knees(k);
  }
}

}  // namespace

Hinge hinge(std::span<const double> doses, std::span<const double> y, std::span<const double> weights, const HingeConfig& config) {
  LACUNA_CHECK(doses.size() == y.size() && (weights.empty() || weights.size() == y.size()));
  Hinge result;
  result.knee.level = config.level;
  result.knee.method = "profile";
  result.knee.n = result.knee.groups = static_cast<std::int64_t>(doses.size());
  const VectorD e = vectorOf(doses), values = vectorOf(y);
  const VectorD root = weights.empty() ? VectorD::Ones(e.size()) : VectorD(vectorOf(weights).cwiseSqrt());
  if (!e.allFinite() || !values.allFinite() || !root.allFinite()) result.status = Status::NanInput;
  else if (doses.size() < kMinDoses || !(e.maxCoeff() > e.minCoeff())) result.status = Status::TooFew;
  result.knee.status = result.status;
  if (result.status != Status::Ok) return result;
  const Grid grid = gridOf(e, root);
  const Best best = profile(grid, values);
  result.knee.value = grid.knees(best.at);
  result.sse = best.sse(best.at);
  const VectorD b = (root.asDiagonal() * design(e, result.knee.value)).colPivHouseholderQr().solve(root.cwiseProduct(values));
  result.b0 = b(0);
  result.b1 = b(1);
  result.b2 = b(2);
  setInterval(result.knee, grid, best, config.level);
  result.supF = best.supF;
  result.p = best.supF > 0 ? nullP(grid, values, best.supF, config) : 1.0;
  const double range = e.maxCoeff() - e.minCoeff();
  if (result.p > 0.05 || result.knee.high - result.knee.low > 0.5 * range) result.status = result.knee.status = Status::NotIdentified;
  return result;
}

Estimate kneeInterval(std::span<const double> doses, const MatrixD& draws, double level, std::span<const double> weights) {
  LACUNA_CHECK(draws.cols() == static_cast<Eigen::Index>(doses.size()) && (weights.empty() || weights.size() == doses.size()));
  Estimate result;
  result.level = level;
  result.method = "percentile";
  result.n = draws.rows();
  result.groups = draws.cols();
  if (doses.size() < kMinDoses || draws.rows() < 2) {
    result.status = Status::TooFew;
    return result;
  }
  const VectorD e = vectorOf(doses);
  const Grid grid = gridOf(e, weights.empty() ? VectorD::Ones(e.size()) : VectorD(vectorOf(weights).cwiseSqrt()));
  std::vector<double> knees;
  for (Eigen::Index b = 0; b < draws.rows(); ++b) knees.push_back(grid.knees(profile(grid, draws.row(b).transpose()).at));
  const auto bounds = quantiles(knees, std::array{(1 - level) / 2, (1 + level) / 2});
  result.value = median(knees);
  result.low = bounds[0];
  result.high = bounds[1];
  result.se = standardDeviation(knees);
  return result;
}

}  // namespace lacuna::statistics
