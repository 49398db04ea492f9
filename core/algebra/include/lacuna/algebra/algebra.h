#pragma once

#include <cstdint>

#include "lacuna/base/matrix.h"

namespace lacuna::algebra {

/// Dense products over row-major memory, on OpenBLAS. On the calling thread alone while a SerialBlas lives: then the same shapes give
/// the same bytes at any thread count.
/// out [m, n] = a [m, k] · b [n, k]ᵀ
void multiplyTransposed(const float* a, const float* b, float* out, std::int64_t m, std::int64_t n, std::int64_t k);
void multiplyTransposed(const double* a, const double* b, double* out, std::int64_t m, std::int64_t n, std::int64_t k);
/// out [m, n] = a [m, k] · b [k, n]
void multiply(const float* a, const float* b, float* out, std::int64_t m, std::int64_t n, std::int64_t k);
void multiply(const double* a, const double* b, double* out, std::int64_t m, std::int64_t n, std::int64_t k);
/// out [m, n] = a [k, m]ᵀ · b [k, n]
void transposedMultiply(const double* a, const double* b, double* out, std::int64_t m, std::int64_t n, std::int64_t k);

/// Eigenvalues ascending and orthonormal eigenvectors (columns) of a symmetric [n, n] matrix (LAPACK dsyevd; the lower triangle is
/// read). Throws LAC-3102 when it fails, as it does for values that are not finite.
struct SymmetricEigen {
  VectorD values;   ///< [n]
  MatrixD vectors;  ///< [n, n]
};
SymmetricEigen symmetricEigen(const MatrixD& matrix);

/// OpenBLAS works on the calling thread alone while one of these lives. Work is shared out by parallelFor in blocks of fixed
/// size, so every number comes from the same calls at any thread count; a BLAS that splits a product itself promises no such thing.
class SerialBlas {
 public:
  SerialBlas();
  ~SerialBlas();
  SerialBlas(const SerialBlas&) = delete;
  SerialBlas& operator=(const SerialBlas&) = delete;
};

/// How many threads a product may take when nobody else works. For the program's start.
void setBlasThreads(int threads);

}  // namespace lacuna::algebra
