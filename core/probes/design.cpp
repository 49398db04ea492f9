#include "design.h"

#include <algorithm>
#include <cmath>

namespace lacuna::probes {
namespace {

constexpr std::int64_t kSmallestBlock = 512, kMostBlocks = 32;

Design principalAxes(const MatrixF& x, Moments moments, const RunContext& context) {
  algebra::SymmetricEigen eigen = algebra::symmetricEigen(secondMoments<float>(x, moments, context));
  return {std::move(moments), std::move(eigen.vectors), eigen.values.cwiseMax(0.0)};
}

/// N < d: the Gram matrix has the same non-zero spectrum. Its null directions carry no gradient and are left out.
Design rowSpaceAxes(const MatrixF& x, Moments moments) {
  const std::int64_t n = x.rows(), width = static_cast<std::int64_t>(moments.kept.size());
  MatrixD rows(n, width);
  standardiseRows(x, moments, 0, n, rows.data());
  MatrixD gram(n, n);
  algebra::multiplyTransposed(rows.data(), rows.data(), gram.data(), n, n, width);
  const algebra::SymmetricEigen eigen = algebra::symmetricEigen(gram);
  const double cut = 1e-13 * std::max(eigen.values[n - 1], 0.0);
  std::int64_t first = 0;
  while (first < n && eigen.values[first] <= cut) ++first;
  const std::int64_t rank = n - first;
  const VectorD kept = eigen.values.tail(rank);
  const MatrixD left = eigen.vectors.rightCols(rank) * kept.cwiseSqrt().cwiseInverse().asDiagonal();
  const MatrixD transposed = rows.transpose();
  MatrixD rotation(width, rank);
  algebra::multiply(transposed.data(), left.data(), rotation.data(), width, rank, n);
  return {std::move(moments), std::move(rotation), kept / static_cast<double>(n)};
}

}  // namespace

RowBlocks::RowBlocks(std::int64_t n) : rows(n) {
  const std::int64_t even = (n + kMostBlocks - 1) / kMostBlocks;
  size = std::max(kSmallestBlock, (even + 63) / 64 * 64);
  count = (n + size - 1) / size;
}

template <class Scalar>
MatrixD secondMoments(const MatrixF& x, const Moments& moments, const RunContext& context) {
  const RowBlocks blocks(x.rows());
  const auto width = static_cast<std::int64_t>(moments.kept.size());
  MatrixD sum = MatrixD::Zero(width, width);
  // A few blocks at a time: every partial product is as large as the result.
  constexpr std::int64_t kAtOnce = 4;
  std::vector<RowMajor<Scalar>> partial(kAtOnce, RowMajor<Scalar>(width, width));
  for (std::int64_t first = 0; first < blocks.count; first += kAtOnce) {
    context.checkpoint();
    const std::int64_t here = std::min(kAtOnce, blocks.count - first);
    parallelFor(here, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t row = blocks.begin(first + i), length = blocks.length(first + i);
        RowMajor<Scalar> block(length, width);
        standardiseRows(x, moments, row, row + length, block.data());
        const RowMajor<Scalar> transposed = block.transpose();
        algebra::multiply(transposed.data(), block.data(), partial[static_cast<std::size_t>(i)].data(), width, width, length);
      }
    });
    for (std::int64_t i = 0; i < here; ++i) sum += partial[static_cast<std::size_t>(i)].template cast<double>();
  }
  return sum / static_cast<double>(x.rows());
}

template MatrixD secondMoments<float>(const MatrixF&, const Moments&, const RunContext&);
template MatrixD secondMoments<double>(const MatrixF&, const Moments&, const RunContext&);

Design makeDesign(const MatrixF& x, Moments moments, const RunContext& context) {
  const auto width = static_cast<std::int64_t>(moments.kept.size());
  if (width == 0) return {std::move(moments), MatrixD(0, 0), VectorD(0)};
  return x.rows() < width ? rowSpaceAxes(x, std::move(moments)) : principalAxes(x, std::move(moments), context);
}

template <class Scalar>
RowMajor<Scalar> rotateInputs(const MatrixF& x, const Design& design, const RunContext& context) {
  const RowBlocks blocks(x.rows());
  const std::int64_t width = design.rotation.rows(), rank = design.rank();
  const RowMajor<Scalar> rotation = design.rotation.cast<Scalar>();
  RowMajor<Scalar> rotated(x.rows(), rank);
  parallelFor(blocks.count, context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t b = first; b < last; ++b) {
      RowMajor<Scalar> block(blocks.length(b), width);
      standardiseRows(x, design.moments, blocks.begin(b), blocks.begin(b) + blocks.length(b), block.data());
      algebra::multiply(block.data(), rotation.data(), rotated.data() + blocks.begin(b) * rank, blocks.length(b), rank, width);
    }
  });
  return rotated;
}

template RowMajor<float> rotateInputs<float>(const MatrixF&, const Design&, const RunContext&);
template RowMajor<double> rotateInputs<double>(const MatrixF&, const Design&, const RunContext&);

}  // namespace lacuna::probes
