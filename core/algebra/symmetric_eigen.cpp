#include <cblas.h>

#include <string>
#include <vector>

#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"

// LAPACK as OpenBLAS carries it: Fortran linkage, everything by address, string lengths at the end.
extern "C" void dsyevd_(const char* job, const char* triangle, const blasint* n, double* a, const blasint* lda, double* values, double* work,
                        const blasint* workSize, blasint* integers, const blasint* integersSize, blasint* info, std::size_t, std::size_t);

namespace lacuna::algebra {
namespace {

// `a` [n, n] column by column becomes the eigenvectors. The sizes −1 ask how much room is wanted.
blasint decompose(Eigen::MatrixXd& a, VectorD& values) {
  const auto n = static_cast<blasint>(a.rows());
  blasint workSize = -1, integersSize = -1, firstInteger = 0, info = 0;
  double firstWork = 0;
  dsyevd_("V", "L", &n, a.data(), &n, values.data(), &firstWork, &workSize, &firstInteger, &integersSize, &info, 1, 1);
  if (info != 0) return info;
  std::vector<double> work(static_cast<std::size_t>(firstWork));
  std::vector<blasint> integers(static_cast<std::size_t>(firstInteger));
  workSize = static_cast<blasint>(work.size());
  integersSize = static_cast<blasint>(integers.size());
  dsyevd_("V", "L", &n, a.data(), &n, values.data(), work.data(), &workSize, integers.data(), &integersSize, &info, 1, 1);
  return info;
}

}  // namespace

SymmetricEigen symmetricEigen(const MatrixD& matrix) {
  LACUNA_CHECK(matrix.rows() == matrix.cols());
  const Eigen::Index n = matrix.rows();
  if (n == 0) return {VectorD(0), MatrixD(0, 0)};
  SymmetricEigen result{VectorD(n), {}};
  Eigen::MatrixXd vectors = matrix;
  if (!matrix.allFinite() || decompose(vectors, result.values) != 0)
    throw Error("LAC-3102", "The eigendecomposition of a [" + std::to_string(n) + ", " + std::to_string(n) + "] matrix failed",
                "its states may hold values that are not finite");
  result.vectors = vectors;
  return result;
}

}  // namespace lacuna::algebra
