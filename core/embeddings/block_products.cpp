#include "block_products.h"

#include <algorithm>
#include <vector>

namespace lacuna::embeddings {

namespace {

constexpr Eigen::Index kBlockRows = 1024;

Eigen::Index blocksOf(const MatrixF& y) { return (y.rows() + kBlockRows - 1) / kBlockRows; }

}  // namespace

Eigen::MatrixXd innerProducts(const MatrixF& a, const MatrixF& b, const RunContext& context) {
  constexpr Eigen::Index kWave = 8;   // products in memory at once
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(a.cols(), b.cols());
  for (Eigen::Index first = 0; first < blocksOf(a); first += kWave) {
    context.checkpoint();
    const Eigen::Index count = std::min(kWave, blocksOf(a) - first);
    std::vector<Eigen::MatrixXd> parts(static_cast<std::size_t>(count));
    parallelFor(count, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const Eigen::Index row = (first + i) * kBlockRows, rows = std::min(kBlockRows, a.rows() - row);
        const MatrixD left = a.middleRows(row, rows).cast<double>(), right = b.middleRows(row, rows).cast<double>();
        parts[static_cast<std::size_t>(i)].noalias() = left.transpose() * right;
      }
    });
    for (const Eigen::MatrixXd& part : parts) sum += part;
  }
  return sum;
}

MatrixF times(const MatrixF& y, const Eigen::MatrixXd& t, const RunContext& context) {
  MatrixF out(y.rows(), t.cols());
  const MatrixF factor = t.cast<float>();
  parallelFor(blocksOf(y), context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const Eigen::Index row = i * kBlockRows, rows = std::min(kBlockRows, y.rows() - row);
      out.middleRows(row, rows).noalias() = y.middleRows(row, rows) * factor;
    }
  });
  context.checkpoint();
  return out;
}

}  // namespace lacuna::embeddings
