#pragma once

#include "lacuna/algebra/algebra.h"
#include "standardise.h"

namespace lacuna::probes {

template <class Scalar>
using RowMajor = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Rows are worked on in fixed blocks whose size depends on N alone; sums over blocks are taken in block order.
struct RowBlocks {
  std::int64_t rows = 0, size = 0, count = 0;
  explicit RowBlocks(std::int64_t n);
  std::int64_t begin(std::int64_t block) const { return block * size; }
  std::int64_t length(std::int64_t block) const { return std::min(size, rows - begin(block)); }
};

/// x̃ᵀx̃/N [kept, kept]: products of a block in Scalar, blocks summed in fp64 in their order.
template <class Scalar>
MatrixD secondMoments(const MatrixF& x, const Moments& moments, const RunContext& context);

/// The inputs of one site, standardised and turned to the principal axes: xRotated = x̃·rotation has uncorrelated columns
/// of mean square `variance`. With N < d only the row space is kept (exact by the representer theorem).
struct Design {
  Moments moments;
  MatrixD rotation;   ///< [kept, r] orthonormal columns
  VectorD variance;   ///< [r] mean squares ≥ 0 of the rotated inputs
  std::int64_t rank() const { return rotation.cols(); }
};
Design makeDesign(const MatrixF& x, Moments moments, const RunContext& context);
inline Design makeDesign(const MatrixF& x, const RunContext& context) { return makeDesign(x, columnMoments(x, context), context); }

/// x̃·rotation [N, r].
template <class Scalar>
RowMajor<Scalar> rotateInputs(const MatrixF& x, const Design& design, const RunContext& context);

}  // namespace lacuna::probes
