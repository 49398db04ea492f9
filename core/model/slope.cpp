#include "slope.h"

#include <cmath>
#include <numbers>

namespace lacuna::model {
namespace {

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

/// Of x·σ(c(x)), given c and its derivative.
float timesSigmoidSlope(float x, float c, float slope) {
  const float s = sigmoid(c);
  return s + x * s * (1.0F - s) * slope;
}

float geluSlope(float x) {
  constexpr float density = static_cast<float>(std::numbers::inv_sqrtpi / std::numbers::sqrt2);
  return 0.5F * std::erfc(-x / std::numbers::sqrt2_v<float>) + x * density * std::exp(-0.5F * x * x);
}

// ½(1 + tanh u) = σ(2u), u = √(2/π)(x + 0.044715 x³).
float geluTanhSlope(float x) {
  constexpr float k = static_cast<float>(2 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi), cubic = 0.044715F;
  return timesSigmoidSlope(x, k * (x + cubic * x * x * x), k * (1.0F + 3.0F * cubic * x * x));
}

}  // namespace

float activationSlope(Activation activation, float x) {
  switch (activation) {
    case Activation::None: return 1.0F;
    case Activation::Relu: return x > 0.0F ? 1.0F : 0.0F;
    case Activation::Gelu: return geluSlope(x);
    case Activation::GeluTanh: return geluTanhSlope(x);
    case Activation::QuickGelu: return timesSigmoidSlope(x, 1.702F * x, 1.702F);
    case Activation::Silu: return timesSigmoidSlope(x, x, 1.0F);
    case Activation::Tanh: return 1.0F - std::tanh(x) * std::tanh(x);
    case Activation::Gelu10: return x < 10.0F ? geluSlope(x) : 0.0F;
  }
  return 0.0F;
}

}  // namespace lacuna::model
