#include "lambda_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "design.h"

namespace lacuna::probes {
namespace {

struct Spread {
  double mean = 0, error = 0;
};

Spread spread(const std::vector<double>& values) {
  Spread result;
  const auto n = static_cast<double>(values.size());
  for (const double v : values) result.mean += v / n;
  for (const double v : values) result.error += (v - result.mean) * (v - result.mean);
  result.error = n > 1 ? std::sqrt(result.error / (n - 1) / n) : 0;
  return result;
}

std::vector<std::uint8_t> isClass(const std::vector<std::int32_t>& labels, const std::vector<std::int64_t>& rows, std::int32_t k) {
  std::vector<std::uint8_t> result;
  for (const std::int64_t row : rows) result.push_back(labels[static_cast<std::size_t>(row)] == k);
  return result;
}

/// Held-out losses of one fold into losses[class][λ][fold].
using Losses = std::vector<std::vector<std::vector<double>>>;
void scoreFold(const MatrixF& x, const FoldGrid& grid, const LogisticSolution& solution, int fold, Losses& losses,
               const RunContext& context) {
  std::vector<std::int64_t> rows, columns;
  for (std::size_t n = 0; n < grid.foldOf.size(); ++n)
    if (grid.foldOf[n] == fold) rows.push_back(static_cast<std::int64_t>(n));
  const int lambdas = static_cast<int>(grid.lambdas.size());
  for (int k = 0; k < grid.classes; ++k)
    for (int l = 0; l < lambdas; ++l) columns.push_back(grid.column(k, l, fold));
  const MatrixD logits = rowLogits(solution, columns, x, rows, context);
  for (int k = 0; k < grid.classes; ++k) {
    const std::vector<std::uint8_t> labels = isClass(grid.labels, rows, k);
    const auto all = std::count(grid.labels.begin(), grid.labels.end(), k), here = std::count(labels.begin(), labels.end(), 1);
    for (int l = 0; l < lambdas; ++l) {
      const VectorD column = logits.col(static_cast<Eigen::Index>(k) * lambdas + l);
      const bool untrained = all == here;  // no member in the training part
      losses[static_cast<std::size_t>(k)][static_cast<std::size_t>(l)][static_cast<std::size_t>(fold)] =
          untrained ? std::numeric_limits<double>::quiet_NaN() : balancedLogLoss({column.data(), column.data() + column.size()}, labels);
    }
  }
}

}  // namespace

double balancedLogLoss(const std::vector<double>& logits, const std::vector<std::uint8_t>& labels) {
  double sum[2] = {}, count[2] = {};
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double margin = labels[i] != 0 ? logits[i] : -logits[i];
    sum[labels[i] != 0] += std::max(-margin, 0.0) + std::log1p(std::exp(-std::abs(margin)));
    count[labels[i] != 0] += 1;
  }
  return 0.5 * (sum[0] / count[0] + sum[1] / count[1]);
}

double oneStandardErrorRule(const std::vector<double>& lambdas, const std::vector<std::vector<double>>& losses) {
  std::vector<Spread> spreads;
  for (const std::vector<double>& folds : losses) {
    std::vector<double> valid;
    std::copy_if(folds.begin(), folds.end(), std::back_inserter(valid), [](double v) { return !std::isnan(v); });
    if (valid.empty()) return *std::max_element(lambdas.begin(), lambdas.end());
    spreads.push_back(spread(valid));
  }
  const Spread best = *std::min_element(spreads.begin(), spreads.end(), [](const Spread& a, const Spread& b) { return a.mean < b.mean; });
  double chosen = 0;
  for (std::size_t l = 0; l < lambdas.size(); ++l)
    if (spreads[l].mean <= best.mean + best.error) chosen = std::max(chosen, lambdas[l]);
  return chosen;
}

MatrixD rowLogits(const LogisticSolution& solution, const std::vector<std::int64_t>& columns, const MatrixF& x,
                  const std::vector<std::int64_t>& rows, const RunContext& context) {
  const auto count = static_cast<std::int64_t>(columns.size());
  MatrixD raw(count, x.cols());
  VectorD shift(count);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t c = columns[static_cast<std::size_t>(i)];
    for (Eigen::Index j = 0; j < x.cols(); ++j) raw(i, j) = solution.sd[j] > 0 ? solution.w(j, c) / solution.sd[j] : 0;
    shift[i] = solution.b[c] - raw.row(i).dot(solution.mean);
  }
  MatrixD result(static_cast<Eigen::Index>(rows.size()), count);
  const RowBlocks blocks(result.rows());
  const algebra::SerialBlas serial;
  parallelFor(blocks.count, context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t b = first; b < last; ++b) {
      MatrixD block(blocks.length(b), x.cols());
      for (Eigen::Index i = 0; i < block.rows(); ++i)
        block.row(i) = x.row(rows[static_cast<std::size_t>(blocks.begin(b) + i)]).cast<double>();
      algebra::multiplyTransposed(block.data(), raw.data(), result.row(blocks.begin(b)).data(), block.rows(), count, x.cols());
    }
  });
  return result.rowwise() + shift.transpose();
}

std::vector<double> chooseLambdas(const MatrixF& x, const FoldGrid& grid, const ProbeConfig& config, const RunContext& context) {
  const auto classes = static_cast<std::size_t>(grid.classes);
  if (grid.lambdas.size() == 1) return std::vector<double>(classes, grid.lambdas.front());
  const LogisticSolution solution = solveFoldGrid(x, grid, config.tolerance, config.maxIterations, context);
  Losses losses(classes, {grid.lambdas.size(), std::vector<double>(static_cast<std::size_t>(grid.folds))});
  for (int f = 0; f < grid.folds; ++f) scoreFold(x, grid, solution, f, losses, context);
  std::vector<double> result;
  for (const auto& perLambda : losses) result.push_back(oneStandardErrorRule(grid.lambdas, perLambda));
  return result;
}

}  // namespace lacuna::probes
