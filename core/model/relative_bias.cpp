#include "relative_bias.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace lacuna::model {

std::int64_t relativeBucket(std::int64_t distance) {
  constexpr std::int64_t half = 16, exact = 8;
  constexpr double furthest = 128;
  const std::int64_t side = distance > 0 ? half : 0, far = std::abs(distance);
  if (far < exact) return side + far;
  const float steps = std::log(static_cast<float>(far) / static_cast<float>(exact)) / static_cast<float>(std::log(furthest / static_cast<double>(exact)));
  return side + std::min<std::int64_t>(half - 1, exact + static_cast<std::int64_t>(steps * static_cast<float>(half - exact)));
}

std::vector<float> relativeBiases(const std::vector<float>& table, std::int64_t heads, std::int64_t positions) {
  const std::int64_t stride = relativeStride(positions);
  std::vector<float> out(static_cast<std::size_t>(heads * stride));
  for (std::int64_t distance = -positions; distance <= positions; ++distance)
    for (std::int64_t h = 0; h < heads; ++h)
      out[static_cast<std::size_t>(h * stride + distance + positions)] = table[static_cast<std::size_t>(relativeBucket(distance) * heads + h)];
  return out;
}

}  // namespace lacuna::model
