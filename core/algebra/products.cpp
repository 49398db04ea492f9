#include <cblas.h>

#include "lacuna/algebra/algebra.h"

namespace lacuna::algebra {
namespace {

blasint size(std::int64_t value) { return static_cast<blasint>(value); }
// BLAS wants strides of at least one, also where there is nothing to step over.
blasint stride(std::int64_t columns) { return size(columns > 0 ? columns : 1); }

}  // namespace

void multiplyTransposed(const float* a, const float* b, float* out, std::int64_t m, std::int64_t n, std::int64_t k) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, size(m), size(n), size(k), 1, a, stride(k), b, stride(k), 0, out, stride(n));
}

void multiplyTransposed(const double* a, const double* b, double* out, std::int64_t m, std::int64_t n, std::int64_t k) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, size(m), size(n), size(k), 1, a, stride(k), b, stride(k), 0, out, stride(n));
}

void multiply(const float* a, const float* b, float* out, std::int64_t m, std::int64_t n, std::int64_t k) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size(m), size(n), size(k), 1, a, stride(k), b, stride(n), 0, out, stride(n));
}

void multiply(const double* a, const double* b, double* out, std::int64_t m, std::int64_t n, std::int64_t k) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size(m), size(n), size(k), 1, a, stride(k), b, stride(n), 0, out, stride(n));
}

void transposedMultiply(const double* a, const double* b, double* out, std::int64_t m, std::int64_t n, std::int64_t k) {
  cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, size(m), size(n), size(k), 1, a, stride(m), b, stride(n), 0, out, stride(n));
}

}  // namespace lacuna::algebra
