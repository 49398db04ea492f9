#pragma once

#include <bit>
#include <cstdint>

namespace lacuna::files {

inline float fromBfloat16(std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); }

/// IEEE 754 binary16 → binary32; exact, subnormals, infinities and NaN included. Without a branch: exponent and mantissa moved into
/// place make a number that is 2^112 too small.
inline float fromFloat16(std::uint16_t bits) {
  const float magnitude = std::bit_cast<float>(std::uint32_t{bits & 0x7FFFu} << 13) * 0x1p112f;
  const std::uint32_t notFinite = (bits & 0x7C00u) == 0x7C00u ? 0x7F800000u : 0u, sign = std::uint32_t{bits & 0x8000u} << 16;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(magnitude) | notFinite | sign);
}

/// binary32 → binary16, to nearest, ties to even.
inline std::uint16_t toFloat16(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return static_cast<std::uint16_t>(sign | 0x7E00u | ((magnitude >> 13) & 0x3FFu));
  if (magnitude >= 0x477FF000u) return static_cast<std::uint16_t>(sign | 0x7C00u);  // 65520 and above round to infinity
  if (magnitude < 0x38800000u) {  // below 2⁻¹⁴: adding 0.5 leaves the subnormal, rounded, in the low mantissa bits
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000u));
  }
  const std::uint32_t rounded = magnitude + 0xFFFu + ((magnitude >> 13) & 1u);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

}  // namespace lacuna::files
