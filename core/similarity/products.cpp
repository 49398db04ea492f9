#include "products.h"

#include <algorithm>
#include <vector>

#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"
#include "lacuna/base/run_context.h"

namespace lacuna::similarity {
namespace {

constexpr Eigen::Index kTile = 256;   // the tiles of some dozens of layers stay in the cache

// One tile of every Gram matrix.
struct Tile { Eigen::Index row, column, rows, columns; };

// Σ Kᵢ∘Kⱼ over a tile and its mirror image; `buffer` holds matrices × kTile² numbers.
MatrixD tileProducts(std::span<const MatrixD* const> matrices, const Tile& tile, MatrixD& buffer) {
  const auto count = static_cast<Eigen::Index>(matrices.size());
  const Eigen::Index size = tile.rows * tile.columns;
  for (Eigen::Index k = 0; k < count; ++k) {
    const MatrixD& x = *matrices[static_cast<std::size_t>(k)];
    algebra::multiplyTransposed(x.data() + tile.row * x.cols(), x.data() + tile.column * x.cols(), buffer.data() + k * size, tile.rows, tile.columns, x.cols());
  }
  MatrixD products(count, count);
  algebra::multiplyTransposed(buffer.data(), buffer.data(), products.data(), count, count, size);
  return (tile.row == tile.column ? 1.0 : 2.0) * products;
}

std::vector<Tile> upperTiles(Eigen::Index n) {
  std::vector<Tile> tiles;
  for (Eigen::Index i = 0; i < n; i += kTile)
    for (Eigen::Index j = i; j < n; j += kTile) tiles.push_back({i, j, std::min(kTile, n - i), std::min(kTile, n - j)});
  return tiles;
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

MatrixD gramProducts(std::span<const MatrixD* const> matrices, int threads) {
  const auto count = static_cast<Eigen::Index>(matrices.size());
  const std::vector<Tile> tiles = upperTiles(count > 0 ? matrices[0]->rows() : 0);
  std::vector<MatrixD> parts(tiles.size());
  const algebra::SerialBlas serial;
  parallelFor(static_cast<std::int64_t>(tiles.size()), threads, 1, [&](std::int64_t begin, std::int64_t end) {
    MatrixD buffer(count, kTile * kTile);
    for (auto t = static_cast<std::size_t>(begin); t < static_cast<std::size_t>(end); ++t) parts[t] = tileProducts(matrices, tiles[t], buffer);
  });
  MatrixD sums = MatrixD::Zero(count, count);
  for (const MatrixD& part : parts) sums += part;
  return sums;
}

}  // namespace lacuna::similarity
