#include "normalise.h"

#include <cmath>
#include <cstring>

#include "kernels.h"
#include "lacuna/base/run_context.h"

namespace lacuna::model {
namespace {

/// Scale and centre of a row: y = (x − mean)·factor before weight and bias.
struct Spread { double mean = 0, factor = 1; };

Spread spreadOf(const Norm& norm, const float* x, std::int64_t width) {
  const auto n = static_cast<double>(width);
  Spread spread;
  double squares = 0;
  if (norm.kind == NormKind::LayerNorm) {
    for (std::int64_t i = 0; i < width; ++i) spread.mean += static_cast<double>(x[i]);
    spread.mean /= n;
  }
  for (std::int64_t i = 0; i < width; ++i) squares += std::pow(static_cast<double>(x[i]) - spread.mean, 2);
  spread.factor = 1 / std::sqrt(squares / n + static_cast<double>(norm.epsilon));
  return spread;
}

// With u = (x − mean)·factor and g the gradient of u: factor·(g − mean g − u·mean(g·u)); RMSNorm has no mean to lose.
void rowBack(const Norm& norm, const float* x, float* gradient, std::int64_t width) {
  const Spread spread = spreadOf(norm, x, width);
  const auto weighted = [&](std::int64_t i) {
    return static_cast<double>(gradient[i]) * (norm.weight.empty() ? 1.0 : static_cast<double>(norm.weight[static_cast<std::size_t>(i)]));
  };
  const auto unit = [&](std::int64_t i) { return (static_cast<double>(x[i]) - spread.mean) * spread.factor; };
  double sum = 0, along = 0;
  for (std::int64_t i = 0; i < width; ++i) {
    sum += weighted(i);
    along += weighted(i) * unit(i);
  }
  const auto n = static_cast<double>(width);
  const double mean = norm.kind == NormKind::LayerNorm ? sum / n : 0;
  for (std::int64_t i = 0; i < width; ++i)
    gradient[i] = static_cast<float>(spread.factor * (weighted(i) - mean - unit(i) * along / n));
}

}  // namespace

void normaliseRows(const Norm& norm, const float* x, float* y, std::int64_t rows, std::int64_t width, int threads) {
  if (norm.kind == NormKind::None) {
    if (x != y) std::memcpy(y, x, static_cast<std::size_t>(rows * width) * sizeof(float));
    return;
  }
  const float* const weight = norm.weight.empty() ? nullptr : norm.weight.data();
  const float* const bias = norm.bias.empty() ? nullptr : norm.bias.data();
  parallelFor(rows, threads, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      if (norm.kind == NormKind::LayerNorm) kernels().layerNorm(x + r * width, y + r * width, weight, bias, width, norm.epsilon);
      else kernels().rmsNorm(x + r * width, y + r * width, weight, width, norm.epsilon);
    }
  });
}

void normaliseBack(const Norm& norm, const float* x, float* gradient, std::int64_t rows, std::int64_t width, int threads) {
  if (norm.kind == NormKind::None) return;
  parallelFor(rows, threads, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) rowBack(norm, x + r * width, gradient + r * width, width);
  });
}

}  // namespace lacuna::model
