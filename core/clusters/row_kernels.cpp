#include "row_kernels.h"

// Plain loops, compiled once for each kind of processor: the same operations in the same order, more of them at a time.
#define LACUNA_VERSIONS [[gnu::target_clones("avx512f", "avx2", "default"), gnu::optimize("O3")]]

namespace lacuna::clusters {

namespace {

constexpr std::int64_t kLanes = 16;

}  // namespace

LACUNA_VERSIONS double squaredNorm(const float* x, std::int64_t n) {
  double lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::int64_t l = 0; l < kLanes; ++l) lanes[l] += static_cast<double>(x[i + l]) * static_cast<double>(x[i + l]);
  for (; i < n; ++i) lanes[i % kLanes] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

LACUNA_VERSIONS void scaleRow(double scale, const float* x, double* out, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) out[i] = scale * static_cast<double>(x[i]);
}

LACUNA_VERSIONS void addScaled(double scale, const float* x, double* sum, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) sum[i] += scale * static_cast<double>(x[i]);
}

LACUNA_VERSIONS void addRow(const double* x, double* sum, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) sum[i] += x[i];
}

}  // namespace lacuna::clusters
