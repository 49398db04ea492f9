#include "gemm.h"

#include <ATen/ATen.h>
#include <dlfcn.h>

#include "lacuna/base/error.h"

namespace lacuna::probes {
namespace {

using ThreadGetter = int (*)();
using ThreadSetter = void (*)(int);

/// OpenBLAS keeps its own pool whose size changes the order of sums. Other BLAS libraries lack these symbols and follow
/// ATen's setting.
template <class Function>
Function blasSymbol(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

template <class Scalar>
at::Tensor view(const Scalar* data, std::int64_t rows, std::int64_t columns) {
  return at::from_blob(const_cast<Scalar*>(data), {rows, columns}, at::CppTypeToScalarType<Scalar>::value);
}

template <class Scalar>
void product(const Scalar* a, const at::Tensor& b, Scalar* out, std::int64_t m, std::int64_t n, std::int64_t k) {
  const c10::InferenceMode guard;
  at::Tensor result = view(out, m, n);
  at::mm_out(result, view(a, m, k), b);
}

}  // namespace

void multiplyTransposed(const float* a, const float* b, float* out, std::int64_t m, std::int64_t n, std::int64_t k) {
  product(a, view(b, n, k).t(), out, m, n, k);
}

void multiplyTransposed(const double* a, const double* b, double* out, std::int64_t m, std::int64_t n, std::int64_t k) {
  product(a, view(b, n, k).t(), out, m, n, k);
}

void multiply(const float* a, const float* b, float* out, std::int64_t m, std::int64_t n, std::int64_t k) {
  product(a, view(b, k, n), out, m, n, k);
}

void multiply(const double* a, const double* b, double* out, std::int64_t m, std::int64_t n, std::int64_t k) {
  product(a, view(b, k, n), out, m, n, k);
}

SerialBlas::SerialBlas() {
  static const auto getThreads = blasSymbol<ThreadGetter>("openblas_get_num_threads");
  static const auto setThreads = blasSymbol<ThreadSetter>("openblas_set_num_threads");
  if (getThreads == nullptr || setThreads == nullptr) return;
  m_before = getThreads();
  setThreads(1);
}

SerialBlas::~SerialBlas() {
  static const auto setThreads = blasSymbol<ThreadSetter>("openblas_set_num_threads");
  if (m_before > 0 && setThreads != nullptr) setThreads(m_before);
}

SymmetricEigen symmetricEigen(const MatrixD& matrix) {
  const c10::InferenceMode guard;
  const std::int64_t n = matrix.rows();
  SymmetricEigen result{VectorD(n), MatrixD(n, n)};
  if (n == 0) return result;
  try {
    const auto [values, vectors] = at::linalg_eigh(view(matrix.data(), n, n), "L");
    view(result.values.data(), n, 1).copy_(values.unsqueeze(1));
    view(result.vectors.data(), n, n).copy_(vectors);
  } catch (const c10::Error& error) {
    throw Error("LAC-3102", "The eigendecomposition of a [" + std::to_string(n) + ", " + std::to_string(n) +
                                "] covariance failed: " + error.what_without_backtrace(),
                "Check the activations for values that are not finite.");
  }
  return result;
}

}  // namespace lacuna::probes
