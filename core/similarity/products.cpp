#include "products.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/mm.h>

#include <algorithm>
#include <vector>

#include "lacuna/base/error.h"

namespace lacuna::similarity {
namespace {

at::Tensor view(const MatrixD& matrix) {
  // Read only: the products below never write to their inputs.
  return at::from_blob(const_cast<double*>(matrix.data()), {matrix.rows(), matrix.cols()}, at::kDouble);
}

constexpr std::int64_t kTile = 512;

// The tile of every Gram matrix between the rows [i, i + rows) and [j, j + columns), one a row of the result: [matrices, rows × columns],
// in `buffer`, which holds matrices × kTile² numbers.
at::Tensor gramTiles(const std::vector<at::Tensor>& states, std::int64_t i, std::int64_t j, const at::Tensor& buffer) {
  const std::int64_t n = states[0].size(0), rows = std::min(kTile, n - i), columns = std::min(kTile, n - j), size = rows * columns;
  const auto count = static_cast<std::int64_t>(states.size());
  for (std::int64_t k = 0; k < count; ++k) {
    at::Tensor tile = buffer.narrow(0, k * size, size).view({rows, columns});
    const at::Tensor& matrix = states[static_cast<std::size_t>(k)];
    at::mm_out(tile, matrix.narrow(0, i, rows), matrix.narrow(0, j, columns).t());
  }
  return buffer.narrow(0, 0, count * size).view({count, size});
}

template <class F>
auto atTheWall(F&& f) {
  try {
    return f();
  } catch (const c10::Error& error) {
    throw Error("LAC-2101", std::string("a matrix product of the similarity failed: ") + error.what_without_backtrace(),
                "take fewer documents: CKA needs memory for documents² or width² numbers");
  }
}

}  // namespace

double squaredNormOfProduct(const MatrixD& a, const MatrixD& b) {
  LACUNA_CHECK(a.rows() == b.rows());
  if (a.size() == 0 || b.size() == 0) return 0;
  return atTheWall([&] {
    const at::Tensor product = at::matmul(view(a).transpose(0, 1), view(b));
    return product.mul(product).sum().item<double>();
  });
}

MatrixD gram(const MatrixD& a) {
  if (a.size() == 0) return MatrixD::Zero(a.rows(), a.rows());
  return atTheWall([&] {
    const at::Tensor product = at::matmul(view(a), view(a).transpose(0, 1)).contiguous();
    return MatrixD(Eigen::Map<const MatrixD>(product.data_ptr<double>(), a.rows(), a.rows()));
  });
}

MatrixD gramProducts(std::span<const MatrixD* const> matrices) {
  const auto count = static_cast<Eigen::Index>(matrices.size());
  MatrixD sums = MatrixD::Zero(count, count);
  return atTheWall([&] {
    std::vector<at::Tensor> states;
    for (const MatrixD* matrix : matrices) states.push_back(view(*matrix));
    const std::int64_t n = states.empty() ? 0 : states[0].size(0);
    const at::Tensor buffer = at::empty({count * kTile * kTile}, at::kDouble);
    for (std::int64_t i = 0; i < n; i += kTile)
      for (std::int64_t j = i; j < n; j += kTile) {
        const at::Tensor tiles = gramTiles(states, i, j, buffer);
        const at::Tensor products = at::matmul(tiles, tiles.t()).contiguous();
        sums += (i == j ? 1.0 : 2.0) * Eigen::Map<const MatrixD>(products.data_ptr<double>(), count, count);
      }
    return sums;
  });
}

}  // namespace lacuna::similarity
