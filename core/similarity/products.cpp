#include "products.h"

#include <algorithm>

#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"

namespace lacuna::similarity {
namespace {

constexpr Eigen::Index kTile = 512;

// The tile of every Gram matrix between the rows [i, i + rows) and [j, j + columns), one a row of the result: [matrices, rows × columns],
// in `buffer`, which holds matrices × kTile² numbers.
Eigen::Map<const MatrixD> gramTiles(std::span<const MatrixD* const> matrices, Eigen::Index i, Eigen::Index j, MatrixD& buffer) {
  const Eigen::Index n = matrices[0]->rows(), rows = std::min(kTile, n - i), columns = std::min(kTile, n - j), size = rows * columns;
  for (std::size_t k = 0; k < matrices.size(); ++k) {
    const MatrixD& x = *matrices[k];
    algebra::multiplyTransposed(x.data() + i * x.cols(), x.data() + j * x.cols(), buffer.data() + static_cast<Eigen::Index>(k) * size, rows, columns, x.cols());
  }
  return {buffer.data(), static_cast<Eigen::Index>(matrices.size()), size};
}

}  // namespace

double squaredNormOfProduct(const MatrixD& a, const MatrixD& b) {
  LACUNA_CHECK(a.rows() == b.rows());
  MatrixD product(a.cols(), b.cols());
  algebra::transposedMultiply(a.data(), b.data(), product.data(), a.cols(), b.cols(), a.rows());
  return product.squaredNorm();
}

MatrixD gram(const MatrixD& a) {
  MatrixD product(a.rows(), a.rows());
  algebra::multiplyTransposed(a.data(), a.data(), product.data(), a.rows(), a.rows(), a.cols());
  return product;
}

MatrixD gramProducts(std::span<const MatrixD* const> matrices) {
  const auto count = static_cast<Eigen::Index>(matrices.size());
  const Eigen::Index n = count > 0 ? matrices[0]->rows() : 0;
  MatrixD sums = MatrixD::Zero(count, count), products(count, count), buffer(count, std::min(n, kTile) * std::min(n, kTile));
  for (Eigen::Index i = 0; i < n; i += kTile)
    for (Eigen::Index j = i; j < n; j += kTile) {
      const auto tiles = gramTiles(matrices, i, j, buffer);
      algebra::multiplyTransposed(tiles.data(), tiles.data(), products.data(), count, count, tiles.cols());
      sums += (i == j ? 1.0 : 2.0) * products;
    }
  return sums;
}

}  // namespace lacuna::similarity
