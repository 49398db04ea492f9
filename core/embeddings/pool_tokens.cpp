#include "pool_tokens.h"

#include <algorithm>
#include <cmath>

namespace lacuna::embeddings {
namespace {

constexpr float masked = -1e9F;   // what the reference puts in place of a token that is left out of the maximum

/// Σ weight·state over the tokens from `hidden`; the weight of token t is 1, or t + 1.
std::vector<double> weightedSum(const float* states, std::int64_t tokens, std::int64_t width, std::int64_t hidden, bool byPosition) {
  std::vector<double> sum(static_cast<std::size_t>(width), 0.0);
  for (std::int64_t t = hidden; t < tokens; ++t) {
    const double weight = byPosition ? static_cast<double>(t + 1) : 1.0;
    for (std::int64_t i = 0; i < width; ++i) sum[static_cast<std::size_t>(i)] += weight * static_cast<double>(states[t * width + i]);
  }
  return sum;
}

void append(std::vector<float>& out, const std::vector<double>& sum, double divisor) {
  for (const double value : sum) out.push_back(static_cast<float>(value / std::max(divisor, 1e-9)));
}

}  // namespace

std::vector<float> poolTokens(const PoolingRecipe& recipe, const float* states, std::int64_t tokens, std::int64_t width, std::int64_t hidden) {
  hidden = std::min(hidden, tokens);
  const auto kept = static_cast<double>(tokens - hidden);
  std::vector<float> out;
  // The reference's maximum overwrites the tokens it leaves out, and its first token is a view of them.
  if (recipe.cls && recipe.max && hidden > 0) out.assign(static_cast<std::size_t>(width), masked);
  else if (recipe.cls) out.assign(states, states + width);
  if (recipe.max)
    for (std::int64_t i = 0; i < width; ++i) {
      float most = hidden > 0 ? masked : states[i];
      for (std::int64_t t = hidden; t < tokens; ++t) most = std::max(most, states[t * width + i]);
      out.push_back(most);
    }
  if (recipe.mean || recipe.meanSqrt) {
    const std::vector<double> sum = weightedSum(states, tokens, width, hidden, false);
    if (recipe.mean) append(out, sum, kept);
    if (recipe.meanSqrt) append(out, sum, std::sqrt(std::max(kept, 1e-9)));
  }
  if (recipe.weightedMean) {
    const auto last = static_cast<double>(tokens), before = static_cast<double>(hidden);
    append(out, weightedSum(states, tokens, width, hidden, true), (last * (last + 1) - before * (before + 1)) / 2);
  }
  if (recipe.last && hidden < tokens) out.insert(out.end(), states + (tokens - 1) * width, states + tokens * width);
  else if (recipe.last) out.insert(out.end(), static_cast<std::size_t>(width), 0.0F);
  return out;
}

}  // namespace lacuna::embeddings
