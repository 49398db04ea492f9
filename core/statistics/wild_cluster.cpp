#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "partition.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/statistics/regression.h"

namespace lacuna::statistics {
namespace {

// A part of the variance of b_column: factor · Σ_h (C w)_h², C [clusters of this part, weight clusters].
struct Part {
  const Partition* groups;
  double factor;
};

struct Problem {
  LinearFit fit;
  Eigen::Index column = 0;              // among the kept columns
  Partition first, second, cells;
  std::vector<Part> parts;
  const Partition* weighted = nullptr;  // clusters that share a weight
};

// What a hypothesis changes: the draws are linear in the weights w [G].
struct Restricted {
  VectorD shift;                        // b* − hypothesis = shift · w
  std::vector<MatrixD> scores;          // a matrix C for every part
};

Problem problemOf(const MatrixD& x, const VectorD& y, Eigen::Index column, std::span<const std::int32_t> clusters, std::span<const std::int32_t> second) {
  LACUNA_CHECK(static_cast<Eigen::Index>(clusters.size()) == x.rows() && (second.empty() || second.size() == clusters.size()));
  Problem problem;
  problem.fit = leastSquares(x, y);
  const auto& kept = problem.fit.kept;
  const auto at = std::find(kept.begin(), kept.end(), column);
  problem.column = at == kept.end() ? -1 : at - kept.begin();
  problem.first = partition(clusters);
  if (!second.empty()) {
    problem.second = partition(second);
    problem.cells = crossed(problem.first, problem.second);
  }
  return problem;
}

// Pointers into the problem itself: set once it lies where it will stay.
void connect(Problem& problem) {
  const Eigen::Index n = problem.fit.n(), p = problem.fit.rank();
  const auto part = [&](const Partition& groups, double sign) { return Part{&groups, sign * crFactor(groups.count, n, p)}; };
  problem.weighted = &problem.first;
  problem.parts = {part(problem.first, 1)};
  if (problem.second.count == 0) return;
  problem.parts.push_back(part(problem.second, 1));
  problem.parts.push_back(part(problem.cells, -1));
  if (problem.second.count < problem.first.count) problem.weighted = &problem.second;
}

bool usable(const Problem& problem) {
  return problem.fit.status == Status::Ok && problem.column >= 0 && problem.first.count > 1 && problem.second.count != 1;
}

// Residuals under b_column = hypothesis.
VectorD restrictedResiduals(const Problem& problem, const VectorD& y, double hypothesis) {
  const Eigen::Index p = problem.fit.rank(), j = problem.column;
  MatrixD others(problem.fit.n(), p - 1);
  others << problem.fit.x.leftCols(j), problem.fit.x.rightCols(p - j - 1);
  const VectorD target = y - hypothesis * problem.fit.x.col(j);
  return p == 1 ? target : leastSquares(others, target).residuals;
}

Restricted restricted(const Problem& problem, const VectorD& y, double hypothesis) {
  const LinearFit& fit = problem.fit;
  const VectorD residuals = restrictedResiduals(problem, y, hypothesis);
  const VectorD influence = fit.x * fit.inverse.col(problem.column);      // row i's pull on b_column
  const Eigen::Index weights = problem.weighted->count;
  MatrixD scoreOf = MatrixD::Zero(weights, fit.rank());                   // X_gᵀ u_g
  Restricted result{VectorD::Zero(weights), {}};
  for (Eigen::Index i = 0; i < fit.n(); ++i) {
    const Eigen::Index g = problem.weighted->of[static_cast<std::size_t>(i)];
    scoreOf.row(g) += residuals(i) * fit.x.row(i);
    result.shift(g) += influence(i) * residuals(i);
  }
  const MatrixD moves = fit.inverse * scoreOf.transpose();                // [rank, G]: what weight g does to b*
  for (const Part& part : problem.parts) {
    MatrixD c = MatrixD::Zero(part.groups->count, weights);
    MatrixD pulls = MatrixD::Zero(part.groups->count, fit.rank());
    for (Eigen::Index i = 0; i < fit.n(); ++i) {
      const Eigen::Index h = part.groups->of[static_cast<std::size_t>(i)];
      c(h, problem.weighted->of[static_cast<std::size_t>(i)]) += influence(i) * residuals(i);
      pulls.row(h) += influence(i) * fit.x.row(i);
    }
    c -= pulls * moves;
    result.scores.push_back(std::move(c));
  }
  return result;
}

MatrixD drawnWeights(Eigen::Index groups, const WildConfig& config) {
  static const std::array<double, 6> webb = {-std::sqrt(1.5), -1, -std::sqrt(0.5), std::sqrt(0.5), 1, std::sqrt(1.5)};
  MatrixD weights(config.draws, groups);
  for (Eigen::Index b = 0; b < weights.rows(); ++b) {
    Rng rng(config.seed, "statistics.wild-cluster", static_cast<std::uint64_t>(b));
    for (Eigen::Index g = 0; g < groups; ++g)
      weights(b, g) = config.weights == WildWeights::Webb ? webb[rng.below(6)] : rng.below(2) == 0 ? 1.0 : -1.0;
  }
  return weights;
}

MatrixD allSigns(Eigen::Index groups) {
  MatrixD weights(Eigen::Index{1} << groups, groups);
  for (Eigen::Index b = 0; b < weights.rows(); ++b)
    for (Eigen::Index g = 0; g < groups; ++g) weights(b, g) = b >> g & 1 ? -1.0 : 1.0;
  return weights;
}

bool exhaustive(Eigen::Index groups, const WildConfig& config) {
  return config.weights == WildWeights::Rademacher && groups <= config.exhaustiveUpTo;
}

MatrixD weightsOf(Eigen::Index groups, const WildConfig& config) {
  return exhaustive(groups, config) ? allSigns(groups) : drawnWeights(groups, config);
}

double observedError(const Problem& problem) {
  double variance = 0;
  const VectorD influence = problem.fit.x * problem.fit.inverse.col(problem.column);
  for (const Part& part : problem.parts) {
    VectorD scores = VectorD::Zero(part.groups->count);
    for (Eigen::Index i = 0; i < problem.fit.n(); ++i) scores(part.groups->of[static_cast<std::size_t>(i)]) += influence(i) * problem.fit.residuals(i);
    variance += part.factor * scores.squaredNorm();
  }
  return variance > 0 ? std::sqrt(variance) : kMissing;
}

struct WildP { double t = kMissing, p = kMissing; };

WildP wildP(const Problem& problem, const VectorD& y, double hypothesis, const MatrixD& weights, bool all) {
  const double b = problem.fit.b(problem.fit.kept[static_cast<std::size_t>(problem.column)]);
  WildP result;
  result.t = (b - hypothesis) / observedError(problem);
  if (std::isnan(result.t)) return result;
  const Restricted null = restricted(problem, y, hypothesis);
  const VectorD shifts = weights * null.shift;
  VectorD variances = VectorD::Zero(weights.rows());
  for (std::size_t k = 0; k < null.scores.size(); ++k)
    variances += problem.parts[k].factor * (weights * null.scores[k].transpose()).rowwise().squaredNorm();
  std::int64_t hits = 0, counted = 0;
  for (Eigen::Index d = 0; d < shifts.size(); ++d) {
    if (!(variances(d) > 0)) continue;    // a two-way variance may come out negative: that draw has no t
    ++counted;
    hits += std::abs(shifts(d)) >= std::abs(result.t) * std::sqrt(variances(d)) * (1 - 1e-9);
  }
  if (counted > 0) result.p = all ? static_cast<double>(hits) / static_cast<double>(counted) : static_cast<double>(hits + 1) / static_cast<double>(counted + 1);
  return result;
}

// Border of the hypotheses that are not rejected, on the side of `direction`; infinite when none is rejected within 1e6 se.
double border(const std::function<double(double)>& p, double b, double error, double direction, double alpha) {
  double inside = b, outside = b + direction * error;
  for (int step = 0; p(outside) > alpha; ++step) {
    if (step == 20) return direction * std::numeric_limits<double>::infinity();
    inside = outside;
    outside = b + 2 * (outside - b);
  }
  for (int step = 0; step < 50; ++step) {
    const double middle = 0.5 * (inside + outside);
    (p(middle) > alpha ? inside : outside) = middle;
  }
  return inside;
}

}  // namespace

TestResult wildClusterTest(const MatrixD& x, const VectorD& y, Eigen::Index column, double hypothesis,
                           std::span<const std::int32_t> clusters, std::span<const std::int32_t> second, const WildConfig& config) {
  TestResult result;
  Problem problem = problemOf(x, y, column, clusters, second);
  connect(problem);
  result.n = problem.weighted->count;
  const bool all = exhaustive(problem.weighted->count, config);
  result.method = all ? "wild-cluster-exhaustive" : config.weights == WildWeights::Webb ? "wild-cluster-webb" : "wild-cluster-rademacher";
  if (!usable(problem)) {
    result.status = problem.fit.status == Status::NanInput ? Status::NanInput : Status::NotIdentified;
    return result;
  }
  result.effect = problem.fit.b(column);
  const WildP p = wildP(problem, y, hypothesis, weightsOf(problem.weighted->count, config), all);
  result.statistic = p.t;
  result.p = p.p;
  if (std::isnan(p.p)) result.status = Status::ZeroVariance;
  else if (result.n < 6) result.status = Status::TooFew;    // 2^(1 − G) cannot reach .05
  return result;
}

Estimate wildClusterInterval(const MatrixD& x, const VectorD& y, Eigen::Index column, std::span<const std::int32_t> clusters,
                             std::span<const std::int32_t> second, double level, const WildConfig& config) {
  Estimate result;
  result.level = level;
  result.method = "wild-cluster";
  result.n = x.rows();
  Problem problem = problemOf(x, y, column, clusters, second);
  connect(problem);
  result.groups = problem.weighted->count;
  if (!usable(problem)) {
    result.status = problem.fit.status == Status::NanInput ? Status::NanInput : Status::NotIdentified;
    return result;
  }
  result.value = problem.fit.b(column);
  result.se = observedError(problem);
  if (std::isnan(result.se)) {
    result.status = Status::ZeroVariance;
    return result;
  }
  const MatrixD weights = weightsOf(problem.weighted->count, config);
  const bool all = exhaustive(problem.weighted->count, config);
  const auto p = [&](double hypothesis) { return wildP(problem, y, hypothesis, weights, all).p; };
  result.low = border(p, result.value, result.se, -1, 1 - level);
  result.high = border(p, result.value, result.se, +1, 1 - level);
  if (std::isinf(result.low) || std::isinf(result.high)) result.status = Status::TooFew;
  return result;
}

}  // namespace lacuna::statistics
