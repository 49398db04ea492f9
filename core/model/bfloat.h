#pragma once

#include <bit>
#include <cstdint>

namespace lacuna::model {

inline float fromBfloat(std::uint16_t x) { return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16); }

/// To the nearest, ties to even; what is too small for a normal number becomes zero (as AMX reads it), NaN stays NaN.
inline std::uint16_t toBfloat(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t size = bits & 0x7FFFFFFFU;
  if (size > 0x7F800000U) return static_cast<std::uint16_t>((bits >> 16) | 0x40U);
  const std::uint32_t rounded = size < 0x00800000U ? bits & 0x80000000U : bits + 0x7FFFU + ((bits >> 16) & 1U);
  return static_cast<std::uint16_t>(rounded >> 16);
}

inline void roundToBfloat(float* x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) x[i] = fromBfloat(toBfloat(x[i]));
}

}  // namespace lacuna::model
