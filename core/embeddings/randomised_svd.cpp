#include "randomised_svd.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "block_products.h"
#include "lacuna/base/rng.h"

namespace lacuna::embeddings {

namespace {

constexpr int kPowerIterations = 2, kOversampling = 10;
constexpr double kRankTolerance = 1e-10;   // of squared singular values: below, fp32 products leave nothing but rounding

/// Orthonormal basis of the columns of y: y·V·Λ^-½ of its Gram matrix V·Λ·Vᵀ (Stathopoulos & Wu 2002). Directions that rounding
/// alone spans are left out, so the basis may be narrower than y.
MatrixF orthonormalColumns(const MatrixF& y, const RunContext& context) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> gram(innerProducts(y, y, context));
  const VectorD& values = gram.eigenvalues();   // ascending
  const double smallest = kRankTolerance * std::max(0.0, values[values.size() - 1]);
  const Eigen::Index kept = (values.array() > smallest).count();
  const VectorD scale = values.tail(kept).cwiseSqrt().cwiseInverse();
  return times(y, gram.eigenvectors().rightCols(kept) * scale.asDiagonal(), context);
}

MatrixF gaussianRows(std::span<const std::int32_t> keys, Eigen::Index width, const RunContext& context) {
  MatrixF rows(static_cast<Eigen::Index>(keys.size()), width);
  parallelFor(rows.rows(), context.threadCount(), 256, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      Rng rng(context.seed, "embeddings.svd", static_cast<std::uint64_t>(keys[static_cast<std::size_t>(i)]));
      for (Eigen::Index j = 0; j < width; ++j) rows(i, j) = static_cast<float>(rng.normal());
    }
  });
  return rows;
}

void fixSigns(MatrixF& u) {
  for (Eigen::Index k = 0; k < u.cols(); ++k) {
    Eigen::Index largest = 0;
    u.col(k).cwiseAbs().maxCoeff(&largest);
    if (u(largest, k) < 0) u.col(k) = -u.col(k);
  }
}

}  // namespace

MatrixF randomisedSvd(const SparseRows& x, std::span<const std::int32_t> keys, int rank, const RunContext& context) {
  const Eigen::Index width = std::min<std::int64_t>(rank + kOversampling, std::min(x.rows(), x.columnCount));
  const SparseRows xt = transposed(x);
  constexpr int kSteps = kPowerIterations + 1;
  const auto report = [&](int step) { context.report("Embedding documents", static_cast<std::uint64_t>(step), kSteps + 1); };
  report(0);
  MatrixF q = orthonormalColumns(multiply(x, gaussianRows(keys, width, context), context), context);
  for (int i = 0; i < kPowerIterations; ++i) {
    report(i + 1);
    q = orthonormalColumns(multiplyByGram(x, xt, q, context), context);
  }
  report(kSteps);
  // Rayleigh–Ritz: qᵀ·x·xᵀ·q has the squared singular values, and its eigenvectors turn q into the left singular vectors.
  const Eigen::MatrixXd projected = innerProducts(q, multiplyByGram(x, xt, q, context), context);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver((projected + projected.transpose()) / 2);
  const VectorD squares = solver.eigenvalues().reverse();
  const Eigen::Index kept = std::min<Eigen::Index>(rank, (squares.array() > kRankTolerance * squares.maxCoeff()).count());
  const Eigen::MatrixXd turn = solver.eigenvectors().rowwise().reverse().leftCols(kept);
  MatrixF out = times(q, turn * squares.head(kept).cwiseSqrt().asDiagonal(), context);
  fixSigns(out);
  report(kSteps + 1);
  return out;
}

}  // namespace lacuna::embeddings
