#include "group_basis.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "columns.h"
#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/base/rng.h"

namespace lacuna::probes {
namespace {

/// As in solveLogistic: below this the rounding of fp32 products shows; small problems gain nothing by it.
constexpr double kFloatTolerance = 2e-5;
constexpr Eigen::Index kFewestForFloat = 1 << 16;
constexpr int kPowerIterations = 60;
/// Power iteration ends below the largest eigenvalue.
constexpr double kSafety = 1.02;
/// The restricted problem is solved a little further, so that its inputs pass the check on all of them.
constexpr double kRestricted = 0.95;

MatrixD standardisedRows(const MatrixF& x, const Moments& moments, const RunContext& context) {
  MatrixD rows(x.rows(), static_cast<Eigen::Index>(moments.kept.size()));
  parallelFor(x.rows(), context.threadCount(), 256, [&](std::int64_t first, std::int64_t last) {
    standardiseRows(x, moments, first, last, rows.data() + first * rows.cols());
  });
  return rows;
}

/// XᵀXv/N, summed over blocks in their order.
VectorD applyMoments(const MatrixF& rows, const VectorD& v, const RowBlocks& blocks, const RunContext& context) {
  const VectorF direction = v.cast<float>();
  std::vector<VectorF> partial(static_cast<std::size_t>(blocks.count));
  parallelFor(blocks.count, context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t b = first; b < last; ++b) {
      const auto part = rows.middleRows(blocks.begin(b), blocks.length(b));
      partial[static_cast<std::size_t>(b)] = part.transpose() * (part * direction);
    }
  });
  VectorD sum = VectorD::Zero(v.size());
  for (const VectorF& part : partial) sum += part.cast<double>();
  return sum / static_cast<double>(rows.rows());
}

/// A bound of the largest eigenvalue of XᵀX/N, close to it.
double largestVariance(const MatrixF& rows, const RunContext& context) {
  if (rows.cols() == 0) return 0;
  const RowBlocks blocks(rows.rows());
  Rng rng(0, "probe-power-iteration");
  VectorD v(rows.cols());
  for (double& entry : v) entry = rng.normal();
  double value = 0;
  for (int i = 0; i < kPowerIterations; ++i) {
    context.checkpoint();
    const VectorD next = applyMoments(rows, v.normalized(), blocks, context);
    const double before = value;
    value = next.norm();
    v = next;
    if (value == 0 || std::abs(value - before) <= 1e-5 * value) break;
  }
  return value * kSafety;
}

GroupInputs<double> plainInputs(MatrixD rows, const RunContext& context) {
  const double bound = largestVariance(rows.cast<float>(), context);
  const Eigen::Index width = rows.cols();
  return {std::move(rows), VectorD::Constant(width, bound), VectorD::Ones(width), false};
}

/// What all groups of one call share.
struct Call {
  const GroupLoss& loss;
  const std::vector<GroupPenalty>& penalties;
  double tolerance;
  int maxIterations;
  const RunContext& context;
};

void solveInBothPrecisions(const GroupInputs<double>& inputs, const Call& call, std::vector<GroupPoint>& points) {
  if (call.tolerance >= kFloatTolerance && inputs.rows.size() >= kFewestForFloat) {
    const GroupInputs<float> single{inputs.rows.cast<float>(), inputs.bound, inputs.penalised, inputs.rotated};
    solveGroups(single, call.loss, call.penalties, 0.9 * call.tolerance, call.maxIterations, points, call.context);
  }
  solveGroups(inputs, call.loss, call.penalties, call.tolerance, call.maxIterations, points, call.context);
}

bool finished(const std::vector<GroupPoint>& points, int maxIterations) {
  return std::all_of(points.begin(), points.end(), [&](const GroupPoint& p) { return p.converged || p.iterations >= maxIterations; });
}

/// Inputs that have weight in a group or break the optimality of one.
std::vector<Eigen::Index> activeInputs(const std::vector<GroupPoint>& points, Eigen::Index width, double tolerance) {
  std::vector<std::uint8_t> active(static_cast<std::size_t>(width), 0);
  for (const GroupPoint& point : points)
    for (Eigen::Index j = 0; j < width; ++j)
      active[static_cast<std::size_t>(j)] |= (point.w.col(j).array() != 0).any() || (point.subgradient.col(j).array().abs() > tolerance).any();
  std::vector<Eigen::Index> result;
  for (Eigen::Index j = 0; j < width; ++j)
    if (active[static_cast<std::size_t>(j)] != 0) result.push_back(j);
  return result;
}

/// Solves on some of the inputs; the others have no weight before and after.
void solveOn(const std::vector<Eigen::Index>& active, const GroupInputs<double>& all, const Call& call, std::vector<GroupPoint>& points) {
  for (GroupPoint& point : points) point.w = MatrixD(point.w(Eigen::all, active));
  const GroupInputs<double> inputs = plainInputs(all.rows(Eigen::all, active), call.context);
  solveInBothPrecisions(inputs, {call.loss, call.penalties, kRestricted * call.tolerance, call.maxIterations, call.context}, points);
  for (GroupPoint& point : points) {
    MatrixD w = MatrixD::Zero(point.w.rows(), all.rows.cols());
    w(Eigen::all, active) = point.w;
    point.w = std::move(w);
  }
}

/// Few inputs have weight under an L1 penalty: the products shrink to those, and so does the bound on the curvature.
void solveOnActive(const GroupInputs<double>& all, const Call& call, std::vector<GroupPoint>& points) {
  std::vector<Eigen::Index> before;
  while (true) {
    solveGroups(all, call.loss, call.penalties, call.tolerance, 0, points, call.context);  // judges the points as they are
    if (finished(points, call.maxIterations)) return;
    std::vector<Eigen::Index> active = activeInputs(points, all.rows.cols(), call.tolerance);
    const bool worthwhile = static_cast<Eigen::Index>(active.size()) <= all.rows.cols() / 2;
    if (!worthwhile || active == before) return solveInBothPrecisions(all, call, points);
    solveOn(active, all, call, points);
    before = std::move(active);
  }
}

}  // namespace

void requireInputs(const MatrixF& x, double l1Ratio) {
  if (x.rows() < 2) throw Error("LAC-3101", "A probe needs at least two rows, found " + std::to_string(x.rows()) + ".");
  if (!x.allFinite())
    throw Error("LAC-3101", "The inputs of a probe hold values that are not finite.",
                "Drop the documents whose states overflowed, or run the model in fp32.");
  if (!(l1Ratio >= 0 && l1Ratio <= 1))
    throw Error("LAC-3101", "The share of the L1 penalty is " + formatNumber(l1Ratio) + "; expected a number from 0 to 1.");
}

void requireLambdas(std::span<const double> lambdas) {
  if (!std::all_of(lambdas.begin(), lambdas.end(), [](double lambda) { return lambda >= 0; }))
    throw Error("LAC-3101", "A probe's λ must be a number ≥ 0.");
}

void scatter(const VectorD& weights, const Moments& moments, Eigen::Index column, MatrixD& out) {
  for (std::size_t j = 0; j < moments.kept.size(); ++j) out(moments.kept[j], column) = weights[static_cast<Eigen::Index>(j)];
}

double degenerateIntercept(std::span<const float> signedWeights) {
  const ColumnWeights sums = summarise(signedWeights.data(), static_cast<std::int64_t>(signedWeights.size()));
  if (!sums.oneClass()) return std::numeric_limits<double>::quiet_NaN();
  return sums.total <= 0 ? 0 : sums.positive > 0 ? kCertain : -kCertain;
}

VectorD largestLoadings(const MatrixF& x, const Moments& moments, const MatrixD& residuals, const RunContext& context) {
  const RowBlocks blocks(x.rows());
  const auto width = static_cast<std::int64_t>(moments.kept.size());
  const std::int64_t count = residuals.rows();
  std::vector<MatrixD> partial(static_cast<std::size_t>(blocks.count), MatrixD(count, width));
  const algebra::SerialBlas serial;
  parallelFor(blocks.count, context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t b = first; b < last; ++b) {
      MatrixD rows(blocks.length(b), width);
      standardiseRows(x, moments, blocks.begin(b), blocks.begin(b) + blocks.length(b), rows.data());
      const MatrixD here = residuals.middleCols(blocks.begin(b), blocks.length(b));
      algebra::multiply(here.data(), rows.data(), partial[static_cast<std::size_t>(b)].data(), count, width, rows.rows());
    }
  });
  MatrixD sum = MatrixD::Zero(count, width);
  for (const MatrixD& part : partial) sum += part;
  return width > 0 ? VectorD(sum.cwiseAbs().rowwise().maxCoeff()) : VectorD::Zero(count);
}

GroupBasis GroupBasis::plain(const MatrixF& x, const RunContext& context) {
  GroupBasis basis({columnMoments(x, context), MatrixD(0, 0), VectorD(0)});
  basis.m_inputs = plainInputs(standardisedRows(x, basis.moments(), context), context);
  return basis;
}

GroupBasis GroupBasis::rotated(const MatrixF& x, const RunContext& context) {
  return rotatedWithFree(x, columnMoments(x, context), MatrixD(x.rows(), 0), context);
}

GroupBasis GroupBasis::rotatedWithFree(const MatrixF& x, Moments moments, const MatrixD& freeColumns, const RunContext& context) {
  const algebra::SerialBlas serial;
  GroupBasis basis(makeDesign(x, std::move(moments), context));
  const Eigen::Index rank = basis.m_design.rank(), free = basis.m_free = freeColumns.cols();
  const MatrixD rotated = rotateInputs<double>(x, basis.m_design, context);
  GroupInputs<double>& inputs = basis.m_inputs;
  inputs.rotated = true;
  inputs.rows.resize(x.rows(), rank + free);
  inputs.rows << rotated, freeColumns;
  inputs.bound.resize(rank + free);
  inputs.bound << basis.m_design.variance, VectorD::Ones(free);
  inputs.penalised.resize(rank + free);
  inputs.penalised << VectorD::Ones(rank), VectorD::Zero(free);
  return basis;
}

MatrixD GroupBasis::weights(const MatrixD& point) const {
  if (!m_inputs.rotated) return point;
  MatrixD result(point.rows(), m_design.rotation.rows() + m_free);
  result << point.leftCols(m_design.rank()) * m_design.rotation.transpose(), point.rightCols(m_free);
  return result;
}

void GroupBasis::solve(const GroupLoss& loss, const std::vector<GroupPenalty>& penalties, double tolerance, int maxIterations,
                       std::vector<GroupPoint>& points, const RunContext& context) const {
  const algebra::SerialBlas serial;
  for (GroupPoint& point : points) point.iterations = 0;
  const Call call{loss, penalties, tolerance, maxIterations, context};
  if (m_inputs.rotated) solveInBothPrecisions(m_inputs, call, points);
  else solveOnActive(m_inputs, call, points);
}

}  // namespace lacuna::probes
