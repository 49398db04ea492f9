#include "residual.h"

#include <algorithm>
#include <bit>
#include <cmath>

// One build serves every x86-64 processor: the loader picks the widest version. Sanitizers cannot run the picker.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define LACUNA_WIDEST __attribute__((target_clones("arch=skylake-avx512", "arch=haswell", "default"), optimize("O3")))
#else
#define LACUNA_WIDEST
#endif

namespace lacuna::probes {
namespace {

/// exp(x) for −87 ≤ x ≤ 0 to about one unit of fp32: x = k·ln 2 + r, Taylor in |r| ≤ ln 2 / 2, then 2^k by its bits.
/// Written out because a call of std::exp keeps the loop from being vectorised.
[[gnu::always_inline]] inline float expNegative(float x) {
  constexpr float kLog2E = 1.44269504088896341F, kLn2High = 0.693359375F, kLn2Low = -2.12194440e-4F;
  constexpr float kRound = 12582912.0F;  // 1.5·2²³: adding and subtracting it rounds to the nearest integer
  const float k = (x * kLog2E + kRound) - kRound;
  const float r = (x - k * kLn2High) - k * kLn2Low;
  float series = 1.0F / 5040.0F;
  series = series * r + 1.0F / 720.0F;
  series = series * r + 1.0F / 120.0F;
  series = series * r + 1.0F / 24.0F;
  series = series * r + 1.0F / 6.0F;
  series = series * r + 0.5F;
  series = series * r + 1.0F;
  series = series * r + 1.0F;
  return series * std::bit_cast<float>((static_cast<std::int32_t>(k) + 127) << 23);
}

/// Sums run in fixed lanes, so that vectorising them does not change their order.
constexpr std::int64_t kLanes = 16;

template <class Scalar>
void softmaxRows(const float* s, const std::int32_t* classes, Scalar* z, std::int64_t k, std::int64_t n, const double* b, double* sums) {
  std::fill(sums, sums + k, 0.0);
  for (std::int64_t i = 0; i < n; ++i) {
    double largest = static_cast<double>(z[i]) + b[0], total = 0;
    for (std::int64_t c = 1; c < k; ++c) largest = std::max(largest, static_cast<double>(z[c * n + i]) + b[c]);
    for (std::int64_t c = 0; c < k; ++c) {
      const double e = std::exp(static_cast<double>(z[c * n + i]) + b[c] - largest);
      z[c * n + i] = static_cast<Scalar>(e);
      total += e;
    }
    for (std::int64_t c = 0; c < k; ++c) {
      const double share = static_cast<double>(z[c * n + i]) / total - (classes[i] == c ? 1.0 : 0.0);
      z[c * n + i] = static_cast<Scalar>(s[i] == 0.0F ? 0.0 : s[i] * share);
      sums[c] += static_cast<double>(z[c * n + i]);
    }
  }
}

}  // namespace

LACUNA_WIDEST double lossDerivative(const float* q, float* z, std::int64_t n, float intercept) {
  float lanes[kLanes] = {};
  const auto derivative = [intercept](float weight, float logit) __attribute__((always_inline)) {
    const float margin = std::copysign(1.0F, weight) * (logit + intercept);
    const float e = expNegative(std::max(-std::abs(margin), -87.0F));
    const float wrong = (margin > 0.0F ? e : 1.0F) / (1.0F + e);
    return -weight * wrong;
  };
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes)
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      const float value = derivative(q[i + lane], z[i + lane]);
      z[i + lane] = value;
      lanes[lane] += value;
    }
  double sum = 0;
  for (const float lane : lanes) sum += lane;
  for (; i < n; ++i) sum += z[i] = derivative(q[i], z[i]);
  return sum;
}

double lossDerivative(const float* q, double* z, std::int64_t n, double intercept) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    const double margin = std::copysign(1.0, q[i]) * (z[i] + intercept);
    z[i] = q[i] == 0.0F ? 0.0 : -q[i] / (1.0 + std::exp(margin));
    sum += z[i];
  }
  return sum;
}

void softmaxDerivative(const float* s, const std::int32_t* classes, float* z, std::int64_t k, std::int64_t n, const double* b, double* sums) {
  softmaxRows(s, classes, z, k, n, b, sums);
}

void softmaxDerivative(const float* s, const std::int32_t* classes, double* z, std::int64_t k, std::int64_t n, const double* b, double* sums) {
  softmaxRows(s, classes, z, k, n, b, sums);
}

double loss(const float* q, const double* z, std::int64_t n, double intercept) {
  double sum = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    if (q[i] == 0.0F) continue;
    const double margin = std::copysign(1.0, q[i]) * (z[i] + intercept);
    sum += std::abs(q[i]) * (std::max(-margin, 0.0) + std::log1p(std::exp(-std::abs(margin))));
  }
  return sum;
}

}  // namespace lacuna::probes
