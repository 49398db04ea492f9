#include "optimiser.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "lacuna/base/error.h"

namespace lacuna::lab {
namespace {

constexpr double Beta1 = 0.9, Tiny = 1e-8, LastShare = 0.1;

double norm(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * value;
  return std::sqrt(sum);
}

}  // namespace

double learningRate(const TrainRecipe& recipe, std::int64_t step) {
  const double warm = std::max(1.0, std::round(recipe.warmup * static_cast<double>(recipe.steps)));
  const double at = static_cast<double>(step) + 1;
  if (at <= warm) return recipe.learningRate * at / warm;
  const double share = (at - warm) / std::max(1.0, static_cast<double>(recipe.steps) - warm);
  return recipe.learningRate * (LastShare + (1 - LastShare) * 0.5 * (1 + std::cos(std::numbers::pi * share)));
}

AdamW::AdamW(const TrainRecipe& recipe, std::vector<float> decays)
    : m_recipe(recipe), m_decays(std::move(decays)), m_first(m_decays.size(), 0.0f), m_second(m_decays.size(), 0.0f) {}

double AdamW::step(std::span<float> values, std::span<const float> gradients, std::int64_t number) {
  LACUNA_CHECK(values.size() == m_first.size() && gradients.size() == m_first.size());
  const double size = norm(gradients), rate = learningRate(m_recipe, number), t = static_cast<double>(number) + 1;
  const auto scale = static_cast<float>(size > m_recipe.clip ? m_recipe.clip / size : 1.0);
  const auto b1 = static_cast<float>(Beta1), b2 = static_cast<float>(m_recipe.beta2), tiny = static_cast<float>(Tiny);
  const auto rateNow = static_cast<float>(rate / (1 - std::pow(Beta1, t)));
  const auto correction = static_cast<float>(1 / std::sqrt(1 - std::pow(m_recipe.beta2, t)));
  const auto decay = static_cast<float>(rate * m_recipe.weightDecay);
  float *const v = values.data(), *const m = m_first.data(), *const s = m_second.data();
  const float *const g = gradients.data(), *const d = m_decays.data();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float gradient = g[i] * scale;
    m[i] = b1 * m[i] + (1 - b1) * gradient;
    s[i] = b2 * s[i] + (1 - b2) * gradient * gradient;
    v[i] -= decay * d[i] * v[i] + rateNow * m[i] / (std::sqrt(s[i]) * correction + tiny);
  }
  return size;
}

}  // namespace lacuna::lab
