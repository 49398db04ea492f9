#include "products.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>

#include "lacuna/base/error.h"

namespace lacuna::similarity {
namespace {

at::Tensor view(const MatrixD& matrix) {
  // Read only: the products below never write to their inputs.
  return at::from_blob(const_cast<double*>(matrix.data()), {matrix.rows(), matrix.cols()}, at::kDouble);
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

}  // namespace lacuna::similarity
