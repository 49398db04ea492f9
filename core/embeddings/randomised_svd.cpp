#include "randomised_svd.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>

#include "lacuna/base/rng.h"

namespace lacuna::embeddings {
namespace {

constexpr int kPowerIterations = 2, kOversampling = 10;

/// The transpose as rows, so that both products run row by row and in one order at any thread count.
SparseRows transposed(const SparseRows& x) {
  SparseRows t;
  t.columnCount = x.rows();
  t.offsets.assign(static_cast<std::size_t>(x.columnCount) + 1, 0);
  for (const std::int32_t c : x.columns) ++t.offsets[static_cast<std::size_t>(c) + 1];
  for (std::size_t c = 1; c < t.offsets.size(); ++c) t.offsets[c] += t.offsets[c - 1];
  t.columns.resize(x.columns.size());
  t.values.resize(x.values.size());
  std::vector<std::int64_t> next(t.offsets.begin(), t.offsets.end() - 1);
  for (std::int64_t row = 0; row < x.rows(); ++row)
    for (std::int64_t k = x.offsets[static_cast<std::size_t>(row)]; k < x.offsets[static_cast<std::size_t>(row) + 1]; ++k) {
      const auto at = static_cast<std::size_t>(next[static_cast<std::size_t>(x.columns[static_cast<std::size_t>(k)])]++);
      t.columns[at] = static_cast<std::int32_t>(row);
      t.values[at] = x.values[static_cast<std::size_t>(k)];
    }
  return t;
}

MatrixD multiply(const SparseRows& x, const MatrixD& y, const RunContext& context) {
  MatrixD out(x.rows(), y.cols());
  parallelFor(x.rows(), context.threadCount(), 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      out.row(row).setZero();
      for (std::int64_t k = x.offsets[static_cast<std::size_t>(row)]; k < x.offsets[static_cast<std::size_t>(row) + 1]; ++k)
        out.row(row) += static_cast<double>(x.values[static_cast<std::size_t>(k)]) * y.row(x.columns[static_cast<std::size_t>(k)]);
    }
  });
  context.checkpoint();
  return out;
}

MatrixD orthonormalColumns(const MatrixD& y) {
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr{Eigen::MatrixXd(y)};
  return qr.householderQ() * Eigen::MatrixXd::Identity(y.rows(), std::min(y.rows(), y.cols()));
}

}  // namespace

MatrixD randomisedSvd(const SparseRows& x, int rank, const RunContext& context) {
  const std::int64_t limit = std::min(x.rows(), x.columnCount);
  const std::int64_t width = std::min<std::int64_t>(rank + kOversampling, limit);
  const SparseRows xt = transposed(x);
  MatrixD start(x.columnCount, width);
  Rng rng(context.seed, "randomised-svd");
  for (Eigen::Index i = 0; i < start.size(); ++i) start.data()[i] = rng.normal();
  MatrixD q = orthonormalColumns(multiply(x, start, context));
  for (int i = 0; i < kPowerIterations; ++i) {
    context.report("Embedding documents", static_cast<std::uint64_t>(i), kPowerIterations);
    const MatrixD z = orthonormalColumns(multiply(xt, q, context));
    q = orthonormalColumns(multiply(x, z, context));
  }
  const MatrixD bt = multiply(xt, q, context);  // [columns, width] = (QᵀX)ᵀ
  // Eigenvectors of B·Bᵀ (width × width) give the left singular vectors of B: small and exact enough, as the spectrum is read at its top.
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> small{Eigen::MatrixXd(bt.transpose() * bt)};
  const Eigen::MatrixXd rotation = small.eigenvectors().rowwise().reverse();
  const std::int64_t kept = std::min<std::int64_t>(rank, width);
  const MatrixD u = q * rotation.leftCols(kept);
  const MatrixD vs = bt * rotation.leftCols(kept);  // V·S
  MatrixD out = MatrixD::Zero(x.rows(), rank);
  for (std::int64_t k = 0; k < kept; ++k) {
    Eigen::Index largest = 0;
    vs.col(k).cwiseAbs().maxCoeff(&largest);
    out.col(k) = u.col(k) * vs.col(k).norm() * (vs(largest, k) < 0 ? -1.0 : 1.0);
  }
  return out;
}

}  // namespace lacuna::embeddings
