#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"

namespace lacuna::probes {

/// Row-major products over raw memory, through libtorch's BLAS. One call runs on the calling thread only while a
/// SerialBlas is alive, so the same shapes give the same bytes at any thread count.
/// out [m, n] = a [m, k] · b [n, k]ᵀ
void multiplyTransposed(const float* a, const float* b, float* out, std::int64_t m, std::int64_t n, std::int64_t k);
void multiplyTransposed(const double* a, const double* b, double* out, std::int64_t m, std::int64_t n, std::int64_t k);
/// out [m, n] = a [m, k] · b [k, n]
void multiply(const float* a, const float* b, float* out, std::int64_t m, std::int64_t n, std::int64_t k);
void multiply(const double* a, const double* b, double* out, std::int64_t m, std::int64_t n, std::int64_t k);

/// Keeps the BLAS library to one thread for its lifetime; the work is split by parallelFor instead.
class SerialBlas {
 public:
  SerialBlas();
  ~SerialBlas();
  SerialBlas(const SerialBlas&) = delete;
  SerialBlas& operator=(const SerialBlas&) = delete;

 private:
  int m_before = 0;
};

/// Eigenvalues ascending and orthonormal eigenvectors (columns) of a symmetric [n, n] matrix; LAPACK in fp64.
struct SymmetricEigen {
  VectorD values;   ///< [n]
  MatrixD vectors;  ///< [n, n]
};
SymmetricEigen symmetricEigen(const MatrixD& matrix);

}  // namespace lacuna::probes
