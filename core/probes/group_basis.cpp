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

template <class Scalar>
RowMajor<Scalar> standardisedRows(const MatrixF& x, const Moments& moments, const RunContext& context) {
  RowMajor<Scalar> rows(x.rows(), static_cast<Eigen::Index>(moments.kept.size()));
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

/// The largest eigenvalue of x̃ᵀx̃/N.
double largestVariance(const MatrixF& x, const Moments& moments, const RunContext& context) {
  const MatrixF rows = standardisedRows<float>(x, moments, context);
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
  const SerialBlas serial;
  parallelFor(blocks.count, context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t b = first; b < last; ++b) {
      MatrixD rows(blocks.length(b), width);
      standardiseRows(x, moments, blocks.begin(b), blocks.begin(b) + blocks.length(b), rows.data());
      const MatrixD here = residuals.middleCols(blocks.begin(b), blocks.length(b));
      multiply(here.data(), rows.data(), partial[static_cast<std::size_t>(b)].data(), count, width, rows.rows());
    }
  });
  MatrixD sum = MatrixD::Zero(count, width);
  for (const MatrixD& part : partial) sum += part;
  return width > 0 ? VectorD(sum.cwiseAbs().rowwise().maxCoeff()) : VectorD::Zero(count);
}

GroupBasis GroupBasis::plain(const MatrixF& x, const RunContext& context) {
  GroupBasis basis(x, {columnMoments(x, context), MatrixD(0, 0), VectorD(0)});
  basis.m_bound = largestVariance(x, basis.moments(), context);
  return basis;
}

GroupBasis GroupBasis::rotated(const MatrixF& x, const RunContext& context) {
  return rotatedWithFree(x, columnMoments(x, context), MatrixD(x.rows(), 0), context);
}

GroupBasis GroupBasis::rotatedWithFree(const MatrixF& x, Moments moments, MatrixD freeColumns, const RunContext& context) {
  const SerialBlas serial;
  GroupBasis basis(x, makeDesign(x, std::move(moments), context));
  basis.m_free = std::move(freeColumns);
  basis.m_rotated = true;
  return basis;
}

template <class Scalar>
GroupInputs<Scalar> GroupBasis::inputs(const RunContext& context) const {
  GroupInputs<Scalar> result;
  result.rotated = m_rotated;
  if (!m_rotated) {
    result.rows = standardisedRows<Scalar>(*m_x, moments(), context);
    result.bound = VectorD::Constant(result.rows.cols(), m_bound);
    result.penalised = VectorD::Ones(result.rows.cols());
    return result;
  }
  const Eigen::Index rank = m_design.rank(), free = m_free.cols();
  const RowMajor<Scalar> rotated = rotateInputs<Scalar>(*m_x, m_design, context);
  result.rows.resize(m_x->rows(), rank + free);
  result.rows << rotated, m_free.cast<Scalar>();
  result.bound.resize(rank + free);
  result.bound << m_design.variance, VectorD::Ones(free);
  result.penalised.resize(rank + free);
  result.penalised << VectorD::Ones(rank), VectorD::Zero(free);
  return result;
}

MatrixD GroupBasis::weights(const MatrixD& point) const {
  if (!m_rotated) return point;
  const Eigen::Index kept = m_design.rotation.rows(), free = m_free.cols();
  MatrixD result(point.rows(), kept + free);
  result << point.leftCols(m_design.rank()) * m_design.rotation.transpose(), point.rightCols(free);
  return result;
}

void GroupBasis::solve(const GroupLoss& loss, const std::vector<GroupPenalty>& penalties, double tolerance, int maxIterations,
                       std::vector<GroupPoint>& points, const RunContext& context) const {
  const SerialBlas serial;
  for (GroupPoint& point : points) point.iterations = 0;
  if (tolerance >= kFloatTolerance && m_x->size() >= kFewestForFloat)
    solveGroups(inputs<float>(context), loss, penalties, 0.9 * tolerance, maxIterations, points, context);
  solveGroups(inputs<double>(context), loss, penalties, tolerance, maxIterations, points, context);
}

}  // namespace lacuna::probes
