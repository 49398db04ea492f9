#include <algorithm>
#include <cmath>
#include <numeric>

#include "columns.h"
#include "lacuna/base/error.h"
#include "lambda_choice.h"
#include "prepared.h"
#include "residual.h"

namespace lacuna::probes {
namespace {

/// Below this the rounding of fp32 products shows in the gradient; such columns are finished in fp64.
constexpr double kFloatTolerance = 2e-5;
/// The iteration stops a little early, so that the fp64 check of the same point agrees.
constexpr double kMargin = 0.95;

void requireSound(const MatrixF& x, const ColumnSet& columns) {
  if (x.rows() < 2 || !columns.fill)
    throw Error("LAC-3101", "A probe needs at least two rows, found " + std::to_string(x.rows()) + ".");
  if (!x.allFinite())
    throw Error("LAC-3101", "The inputs of a probe hold values that are not finite.",
                "Drop the documents whose states overflowed, or run the model in fp32.");
  for (const double lambda : columns.lambdas)
    if (!(lambda >= 0)) throw Error("LAC-3101", "A probe's λ must be a number ≥ 0.");
}

/// One problem from start to end: rotate, solve in fp32, check in fp64, finish in fp64 what did not pass.
class LogisticRun {
 public:
  LogisticRun(PreparedInputs& inputs, const ColumnSet& columns, double tolerance, int maxIterations, const RunContext& context)
      : m_inputs(inputs), m_x(inputs.x()), m_columns(columns), m_tolerance(tolerance), m_maxIterations(maxIterations),
        m_context(context), m_design(inputs.design()), m_blocks(m_x.rows()) {}

  LogisticSolution solve() {
    const auto count = static_cast<std::int64_t>(m_columns.lambdas.size());
    const auto width = static_cast<std::int64_t>(m_design.moments.kept.size());
    m_w = MatrixD::Zero(count, width);
    m_result = {MatrixD::Zero(m_x.cols(), count), VectorD::Zero(count), m_design.moments.mean, m_design.moments.sd,
                std::vector<std::uint8_t>(static_cast<std::size_t>(count), 0), std::vector<int>(static_cast<std::size_t>(count), 0)};
    std::vector<std::int64_t> open = settleDegenerate();
    if (m_tolerance >= kFloatTolerance && m_x.size() >= 1 << 16) open = round<float>(open);
    if (!open.empty()) round<double>(open);
    for (std::int64_t j = 0; j < width; ++j) m_result.w.row(m_design.moments.kept[static_cast<std::size_t>(j)]) = m_w.col(j);
    return std::move(m_result);
  }

 private:
  /// Columns without two classes have no finite minimum: weights 0 and a certain intercept; without rows all 0.
  std::vector<std::int64_t> settleDegenerate() {
    std::vector<std::int64_t> open;
    std::vector<float> weights(static_cast<std::size_t>(m_x.rows()));
    for (std::size_t c = 0; c < m_columns.lambdas.size(); ++c) {
      m_columns.fill(static_cast<std::int64_t>(c), weights);
      const ColumnWeights sums = summarise(weights.data(), m_x.rows());
      if (!sums.oneClass()) {
        open.push_back(static_cast<std::int64_t>(c));
        continue;
      }
      m_result.b[static_cast<Eigen::Index>(c)] = sums.total <= 0 ? 0 : sums.positive > 0 ? kCertain : -kCertain;
      m_result.converged[c] = 1;
    }
    return open;
  }

  /// Solves and checks; returns the columns that did not pass and may go on.
  template <class Scalar>
  std::vector<std::int64_t> round(const std::vector<std::int64_t>& open) {
    std::vector<ColumnPoint<Scalar>> points(m_columns.lambdas.size());
    warmStart(open, points);
    solveColumns(m_inputs.rotated<Scalar>(m_context), m_design, m_columns, open, m_tolerance * kMargin, m_maxIterations,
                 points, m_context);
    for (const std::int64_t c : open) {
      const ColumnPoint<Scalar>& point = points[static_cast<std::size_t>(c)];
      const auto rotated = Eigen::Map<const Eigen::Matrix<Scalar, Eigen::Dynamic, 1>>(point.w.data(), m_design.rank());
      m_w.row(c) = m_design.rotation * rotated.template cast<double>();
      m_result.b[c] = point.b;
      m_result.iterations[static_cast<std::size_t>(c)] = point.iterations;
    }
    return failing(open);
  }

  template <class Scalar>
  void warmStart(const std::vector<std::int64_t>& open, std::vector<ColumnPoint<Scalar>>& points) const {
    for (const std::int64_t c : open) {
      const int iterations = m_result.iterations[static_cast<std::size_t>(c)];
      if (iterations == 0) continue;
      const Eigen::Matrix<Scalar, Eigen::Dynamic, 1> start = (m_w.row(c) * m_design.rotation).transpose().template cast<Scalar>();
      points[static_cast<std::size_t>(c)] = {{start.data(), start.data() + start.size()}, m_result.b[c], iterations};
    }
  }

  /// The gradient of the objective itself, in fp64 on standardised, unrotated inputs. Passing columns are marked.
  std::vector<std::int64_t> failing(const std::vector<std::int64_t>& columns) {
    constexpr std::size_t kAtOnce = 128;
    std::vector<std::int64_t> failed;
    for (std::size_t first = 0; first < columns.size(); first += kAtOnce) {
      m_context.checkpoint();
      const std::vector<std::int64_t> group(columns.begin() + static_cast<std::ptrdiff_t>(first),
                                            columns.begin() + static_cast<std::ptrdiff_t>(std::min(columns.size(), first + kAtOnce)));
      const VectorD largest = largestGradients(group);
      for (std::size_t i = 0; i < group.size(); ++i) {
        const bool passed = largest[static_cast<Eigen::Index>(i)] <= m_tolerance;
        m_result.converged[static_cast<std::size_t>(group[i])] = passed;
        if (!passed) failed.push_back(group[i]);
      }
    }
    return failed;
  }

  VectorD largestGradients(const std::vector<std::int64_t>& group) const {
    const auto count = static_cast<std::int64_t>(group.size());
    const std::int64_t width = m_w.cols();
    MatrixD w(count, width);
    MatrixF weights(count, m_x.rows());
    for (std::int64_t i = 0; i < count; ++i) {
      w.row(i) = m_w.row(group[static_cast<std::size_t>(i)]);
      m_columns.fill(group[static_cast<std::size_t>(i)], {weights.row(i).data(), static_cast<std::size_t>(m_x.rows())});
    }
    std::vector<MatrixD> partial(static_cast<std::size_t>(m_blocks.count));  // [count, width + 1], the intercept last
    parallelFor(m_blocks.count, m_context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t b = begin; b < end; ++b) partial[static_cast<std::size_t>(b)] = blockGradient(b, group, w, weights);
    });
    MatrixD gradient = MatrixD::Zero(count, width + 1);
    for (const MatrixD& part : partial) gradient += part;
    VectorD largest(count);
    for (std::int64_t i = 0; i < count; ++i) {
      gradient.row(i) /= summarise(weights.row(i).data(), m_x.rows()).total;
      gradient.row(i).head(width) += m_columns.lambdas[static_cast<std::size_t>(group[static_cast<std::size_t>(i)])] * w.row(i);
      largest[i] = gradient.row(i).cwiseAbs().maxCoeff();
    }
    return largest;
  }

  MatrixD blockGradient(std::int64_t block, const std::vector<std::int64_t>& group, const MatrixD& w, const MatrixF& weights) const {
    const std::int64_t begin = m_blocks.begin(block), length = m_blocks.length(block), count = w.rows(), width = w.cols();
    MatrixD rows(length, width), z(count, length), product(count, width), result(count, width + 1);
    standardiseRows(m_x, m_design.moments, begin, begin + length, rows.data());
    algebra::multiplyTransposed(w.data(), rows.data(), z.data(), count, length, width);
    for (std::int64_t i = 0; i < count; ++i)
      result(i, width) = lossDerivative(weights.row(i).data() + begin, z.row(i).data(), length, m_result.b[group[static_cast<std::size_t>(i)]]);
    algebra::multiply(z.data(), rows.data(), product.data(), count, width, length);
    result.leftCols(width) = product;
    return result;
  }

  PreparedInputs& m_inputs;
  const MatrixF& m_x;
  const ColumnSet& m_columns;
  double m_tolerance;
  int m_maxIterations;
  const RunContext& m_context;
  const Design& m_design;
  RowBlocks m_blocks;
  MatrixD m_w;  ///< [C, kept] unrotated
  LogisticSolution m_result;
};

}  // namespace

MatrixD LogisticSolution::logits(const MatrixF& x) const {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(x.rows())), columns(static_cast<std::size_t>(w.cols()));
  std::iota(rows.begin(), rows.end(), 0);
  std::iota(columns.begin(), columns.end(), 0);
  return rowLogits(*this, columns, x, rows, {});
}

LogisticSolution solveLogistic(const MatrixF& x, const ColumnSet& columns, double tolerance, int maxIterations,
                               const RunContext& context) {
  requireSound(x, columns);
  PreparedInputs inputs(x, context);
  return solveLogistic(inputs, columns, tolerance, maxIterations, context);
}

LogisticSolution solveLogistic(PreparedInputs& inputs, const ColumnSet& columns, double tolerance, int maxIterations,
                               const RunContext& context) {
  requireSound(inputs.x(), columns);
  const algebra::SerialBlas serial;
  return LogisticRun(inputs, columns, tolerance, maxIterations, context).solve();
}

LogisticSolution solveLogistic(const LogisticProblem& problem, const RunContext& context) {
  const auto count = static_cast<Eigen::Index>(problem.lambdas.size());
  if (problem.targets.rows() != problem.x.rows() || problem.weights.rows() != problem.x.rows() ||
      problem.targets.cols() != count || problem.weights.cols() != count)
    throw Error("LAC-3101", "A logistic problem of " + std::to_string(problem.x.rows()) + " rows and " + std::to_string(count) +
                                " columns has targets or weights of another shape.");
  ColumnSet columns{problem.lambdas, [&](std::int64_t c, std::span<float> signedWeights) {
    for (std::size_t n = 0; n < signedWeights.size(); ++n) {
      const auto row = static_cast<Eigen::Index>(n);
      signedWeights[n] = problem.targets(row, c) > 0.5F ? problem.weights(row, c) : -problem.weights(row, c);
    }
  }};
  return solveLogistic(problem.x, columns, problem.tolerance, problem.maxIterations, context);
}

}  // namespace lacuna::probes
