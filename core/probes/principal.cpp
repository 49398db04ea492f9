#include "principal.h"

#include <algorithm>

#include "design.h"

namespace lacuna::probes {
namespace {

constexpr double kCut = 1e-13;

/// Eigenvectors above the cut as rows, strongest first.
PrincipalAxes strongestFirst(const algebra::SymmetricEigen& eigen) {
  const Eigen::Index n = eigen.values.size();
  Eigen::Index count = 0;
  while (count < n && eigen.values[n - 1 - count] > kCut * eigen.values[n - 1] && eigen.values[n - 1 - count] > 0) ++count;
  PrincipalAxes result{MatrixD(count, n), VectorD(count)};
  for (Eigen::Index i = 0; i < count; ++i) {
    result.axes.row(i) = eigen.vectors.col(n - 1 - i);
    result.variance[i] = eigen.values[n - 1 - i];
  }
  return result;
}

}  // namespace

MatrixD gram(const MatrixD& rows, const RunContext& context) {
  const RowBlocks blocks(rows.rows());
  const Eigen::Index d = rows.cols();
  MatrixD sum = MatrixD::Zero(d, d), product(d, d);
  for (std::int64_t b = 0; b < blocks.count; ++b) {
    context.checkpoint();
    const MatrixD transposed = rows.middleRows(blocks.begin(b), blocks.length(b)).transpose();
    algebra::multiply(transposed.data(), rows.row(blocks.begin(b)).data(), product.data(), d, d, blocks.length(b));
    sum += product;
  }
  return sum;
}

PrincipalAxes principalAxes(const MatrixD& rows) {
  const Eigen::Index n = rows.rows(), d = rows.cols();
  if (n == 0 || d == 0) return {MatrixD(0, d), VectorD(0)};
  if (d <= n) return strongestFirst(algebra::symmetricEigen(gram(rows, {}) / static_cast<double>(n)));
  MatrixD inner(n, n);
  algebra::multiplyTransposed(rows.data(), rows.data(), inner.data(), n, n, d);
  PrincipalAxes left = strongestFirst(algebra::symmetricEigen(inner / static_cast<double>(n)));
  MatrixD axes(left.axes.rows(), d);
  algebra::multiply(left.axes.data(), rows.data(), axes.data(), axes.rows(), d, n);
  for (Eigen::Index i = 0; i < axes.rows(); ++i) axes.row(i).normalize();
  return {std::move(axes), std::move(left.variance)};
}

}  // namespace lacuna::probes
