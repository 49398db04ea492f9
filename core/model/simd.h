#pragma once

// Sixteen float lanes on every machine: one AVX-512 register, two AVX registers, or an array with std::fma. The lanes and the
// order of every reduction are the same in all three, and so are the bits of every result. A kernel file picks the face by its
// target pragma before including this; everything lives in LACUNA_ISA, a namespace of that file's own.

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#ifndef LACUNA_ISA
#error "define LACUNA_ISA before including simd.h"
#endif
// Development builds inline little on their own; a lane operation that is a call is a hundred times too slow.
#define LACUNA_LANES [[gnu::always_inline]] inline

namespace lacuna::model::LACUNA_ISA {

LACUNA_LANES float floatOf(std::uint16_t bfloat) { return std::bit_cast<float>(static_cast<std::uint32_t>(bfloat) << 16); }
/// toBfloat of bfloat.h, without a branch.
LACUNA_LANES std::uint16_t bfloatOf(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t size = bits & 0x7FFFFFFFU;
  const std::uint32_t rounded = size < 0x00800000U ? bits & 0x80000000U : bits + 0x7FFFU + ((bits >> 16) & 1U);
  return static_cast<std::uint16_t>((size > 0x7F800000U ? bits | 0x00400000U : rounded) >> 16);
}

#if defined(LACUNA_AVX512)

struct F16 { __m512 v; };
LACUNA_LANES F16 load(const float* p) { return {_mm512_loadu_ps(p)}; }
LACUNA_LANES void store(float* p, F16 a) { _mm512_storeu_ps(p, a.v); }
LACUNA_LANES __mmask16 firstLanes(std::int64_t n) { return static_cast<__mmask16>((1U << n) - 1U); }
LACUNA_LANES F16 loadPart(const float* p, std::int64_t n) { return {_mm512_maskz_loadu_ps(firstLanes(n), p)}; }
LACUNA_LANES void storePart(float* p, F16 a, std::int64_t n) { _mm512_mask_storeu_ps(p, firstLanes(n), a.v); }
LACUNA_LANES F16 keepFirst(F16 a, std::int64_t n) { return {_mm512_maskz_mov_ps(firstLanes(n), a.v)}; }
LACUNA_LANES F16 set(float x) { return {_mm512_set1_ps(x)}; }
LACUNA_LANES F16 operator+(F16 a, F16 b) { return {_mm512_add_ps(a.v, b.v)}; }
LACUNA_LANES F16 operator-(F16 a, F16 b) { return {_mm512_sub_ps(a.v, b.v)}; }
LACUNA_LANES F16 operator*(F16 a, F16 b) { return {_mm512_mul_ps(a.v, b.v)}; }
LACUNA_LANES F16 operator/(F16 a, F16 b) { return {_mm512_div_ps(a.v, b.v)}; }
LACUNA_LANES F16 fma(F16 a, F16 b, F16 c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
LACUNA_LANES F16 minOf(F16 a, F16 b) { return {_mm512_min_ps(a.v, b.v)}; }   // b where either is NaN
LACUNA_LANES F16 maxOf(F16 a, F16 b) { return {_mm512_max_ps(a.v, b.v)}; }   // b where either is NaN
LACUNA_LANES F16 absOf(F16 a) { return {_mm512_abs_ps(a.v)}; }
LACUNA_LANES F16 ifLess(F16 a, F16 b, F16 yes, F16 no) {
  return {_mm512_mask_blend_ps(_mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ), no.v, yes.v)};
}
LACUNA_LANES F16 ifNan(F16 a, F16 yes, F16 no) {
  return {_mm512_mask_blend_ps(_mm512_cmp_ps_mask(a.v, a.v, _CMP_UNORD_Q), no.v, yes.v)};
}
LACUNA_LANES bool anyEqual(F16 a, F16 b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_EQ_OQ) != 0; }
/// a · 2^k, k in the low bits of `shifted`.
LACUNA_LANES F16 scaleByPowerOfTwo(F16 a, F16 shifted) {
  return {_mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a.v), _mm512_slli_epi32(_mm512_castps_si512(shifted.v), 23)))};
}
/// The even, the odd numbers of sixteen pairs of bfloat16 numbers.
LACUNA_LANES F16 evenOfPairs(const std::uint16_t* p) { return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_loadu_si512(p), 16))}; }
LACUNA_LANES F16 oddOfPairs(const std::uint16_t* p) {
  return {_mm512_castsi512_ps(_mm512_and_si512(_mm512_loadu_si512(p), _mm512_set1_epi32(static_cast<int>(0xFFFF0000U))))};
}
LACUNA_LANES __m256 halves(F16 a, bool larger) {
  const __m256 low = _mm512_castps512_ps256(a.v), high = _mm512_extractf32x8_ps(a.v, 1);
  return larger ? _mm256_max_ps(low, high) : _mm256_add_ps(low, high);
}

#elif defined(LACUNA_AVX2)

struct F16 { __m256 a, b; };
LACUNA_LANES F16 load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
LACUNA_LANES void store(float* p, F16 x) { _mm256_storeu_ps(p, x.a); _mm256_storeu_ps(p + 8, x.b); }
LACUNA_LANES F16 loadPart(const float* p, std::int64_t n) {
  float lanes[16] = {};
  for (std::int64_t i = 0; i < n; ++i) lanes[i] = p[i];
  return load(lanes);
}
LACUNA_LANES void storePart(float* p, F16 x, std::int64_t n) {
  float lanes[16];
  store(lanes, x);
  for (std::int64_t i = 0; i < n; ++i) p[i] = lanes[i];
}
LACUNA_LANES F16 keepFirst(F16 x, std::int64_t n) {
  float lanes[16];
  store(lanes, x);
  return loadPart(lanes, n);
}
LACUNA_LANES F16 set(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
LACUNA_LANES F16 operator+(F16 x, F16 y) { return {_mm256_add_ps(x.a, y.a), _mm256_add_ps(x.b, y.b)}; }
LACUNA_LANES F16 operator-(F16 x, F16 y) { return {_mm256_sub_ps(x.a, y.a), _mm256_sub_ps(x.b, y.b)}; }
LACUNA_LANES F16 operator*(F16 x, F16 y) { return {_mm256_mul_ps(x.a, y.a), _mm256_mul_ps(x.b, y.b)}; }
LACUNA_LANES F16 operator/(F16 x, F16 y) { return {_mm256_div_ps(x.a, y.a), _mm256_div_ps(x.b, y.b)}; }
LACUNA_LANES F16 fma(F16 x, F16 y, F16 z) { return {_mm256_fmadd_ps(x.a, y.a, z.a), _mm256_fmadd_ps(x.b, y.b, z.b)}; }
LACUNA_LANES F16 minOf(F16 x, F16 y) { return {_mm256_min_ps(x.a, y.a), _mm256_min_ps(x.b, y.b)}; }
LACUNA_LANES F16 maxOf(F16 x, F16 y) { return {_mm256_max_ps(x.a, y.a), _mm256_max_ps(x.b, y.b)}; }
LACUNA_LANES F16 absOf(F16 x) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  return {_mm256_andnot_ps(sign, x.a), _mm256_andnot_ps(sign, x.b)};
}
LACUNA_LANES F16 ifLess(F16 x, F16 y, F16 yes, F16 no) {
  return {_mm256_blendv_ps(no.a, yes.a, _mm256_cmp_ps(x.a, y.a, _CMP_LT_OQ)),
          _mm256_blendv_ps(no.b, yes.b, _mm256_cmp_ps(x.b, y.b, _CMP_LT_OQ))};
}
LACUNA_LANES F16 ifNan(F16 x, F16 yes, F16 no) {
  return {_mm256_blendv_ps(no.a, yes.a, _mm256_cmp_ps(x.a, x.a, _CMP_UNORD_Q)),
          _mm256_blendv_ps(no.b, yes.b, _mm256_cmp_ps(x.b, x.b, _CMP_UNORD_Q))};
}
LACUNA_LANES bool anyEqual(F16 x, F16 y) {
  return (_mm256_movemask_ps(_mm256_cmp_ps(x.a, y.a, _CMP_EQ_OQ)) | _mm256_movemask_ps(_mm256_cmp_ps(x.b, y.b, _CMP_EQ_OQ))) != 0;
}
LACUNA_LANES __m256 scaleHalf(__m256 x, __m256 shifted) {
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(x), _mm256_slli_epi32(_mm256_castps_si256(shifted), 23)));
}
LACUNA_LANES F16 scaleByPowerOfTwo(F16 x, F16 shifted) { return {scaleHalf(x.a, shifted.a), scaleHalf(x.b, shifted.b)}; }
LACUNA_LANES __m256i eightPairs(const std::uint16_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
LACUNA_LANES __m256 evenOfEight(const std::uint16_t* p) { return _mm256_castsi256_ps(_mm256_slli_epi32(eightPairs(p), 16)); }
LACUNA_LANES __m256 oddOfEight(const std::uint16_t* p) {
  return _mm256_castsi256_ps(_mm256_and_si256(eightPairs(p), _mm256_set1_epi32(static_cast<int>(0xFFFF0000U))));
}
LACUNA_LANES F16 evenOfPairs(const std::uint16_t* p) { return {evenOfEight(p), evenOfEight(p + 16)}; }
LACUNA_LANES F16 oddOfPairs(const std::uint16_t* p) { return {oddOfEight(p), oddOfEight(p + 16)}; }
LACUNA_LANES __m256 halves(F16 x, bool larger) { return larger ? _mm256_max_ps(x.a, x.b) : _mm256_add_ps(x.a, x.b); }

#else

struct F16 { float v[16]; };
template <class Operation>
LACUNA_LANES F16 each(Operation operation) {
  F16 out;
  for (int i = 0; i < 16; ++i) out.v[i] = operation(i);
  return out;
}
LACUNA_LANES F16 load(const float* p) { return each([&](int i) { return p[i]; }); }
LACUNA_LANES void store(float* p, F16 a) { std::memcpy(p, a.v, sizeof a.v); }
LACUNA_LANES F16 loadPart(const float* p, std::int64_t n) { return each([&](int i) { return i < n ? p[i] : 0.0F; }); }
LACUNA_LANES void storePart(float* p, F16 a, std::int64_t n) { for (std::int64_t i = 0; i < n; ++i) p[i] = a.v[i]; }
LACUNA_LANES F16 keepFirst(F16 a, std::int64_t n) { return each([&](int i) { return i < n ? a.v[i] : 0.0F; }); }
LACUNA_LANES F16 set(float x) { return each([&](int) { return x; }); }
LACUNA_LANES F16 operator+(F16 a, F16 b) { return each([&](int i) { return a.v[i] + b.v[i]; }); }
LACUNA_LANES F16 operator-(F16 a, F16 b) { return each([&](int i) { return a.v[i] - b.v[i]; }); }
LACUNA_LANES F16 operator*(F16 a, F16 b) { return each([&](int i) { return a.v[i] * b.v[i]; }); }
LACUNA_LANES F16 operator/(F16 a, F16 b) { return each([&](int i) { return a.v[i] / b.v[i]; }); }
LACUNA_LANES F16 fma(F16 a, F16 b, F16 c) { return each([&](int i) { return std::fma(a.v[i], b.v[i], c.v[i]); }); }
LACUNA_LANES F16 minOf(F16 a, F16 b) { return each([&](int i) { return a.v[i] < b.v[i] ? a.v[i] : b.v[i]; }); }
LACUNA_LANES F16 maxOf(F16 a, F16 b) { return each([&](int i) { return a.v[i] > b.v[i] ? a.v[i] : b.v[i]; }); }
LACUNA_LANES F16 absOf(F16 a) { return each([&](int i) { return std::fabs(a.v[i]); }); }
LACUNA_LANES F16 ifLess(F16 a, F16 b, F16 yes, F16 no) { return each([&](int i) { return a.v[i] < b.v[i] ? yes.v[i] : no.v[i]; }); }
LACUNA_LANES F16 ifNan(F16 a, F16 yes, F16 no) { return each([&](int i) { return a.v[i] != a.v[i] ? yes.v[i] : no.v[i]; }); }
LACUNA_LANES bool anyEqual(F16 a, F16 b) {
  for (int i = 0; i < 16; ++i) if (a.v[i] == b.v[i]) return true;
  return false;
}
LACUNA_LANES F16 evenOfPairs(const std::uint16_t* p) { return each([&](int i) { return floatOf(p[2 * i]); }); }
LACUNA_LANES F16 oddOfPairs(const std::uint16_t* p) { return each([&](int i) { return floatOf(p[2 * i + 1]); }); }
LACUNA_LANES F16 scaleByPowerOfTwo(F16 a, F16 shifted) {
  return each([&](int i) {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(a.v[i]) + (std::bit_cast<std::uint32_t>(shifted.v[i]) << 23));
  });
}

#endif

// Lane i with lane i + 8, then + 4, + 2, + 1: one tree on every machine.
#if defined(LACUNA_AVX512) || defined(LACUNA_AVX2)
LACUNA_LANES float sumOf(F16 a) {
  const __m256 eight = halves(a, false);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}
LACUNA_LANES float largestOf(F16 a) {
  const __m256 eight = halves(a, true);
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}
#else
LACUNA_LANES float sumOf(F16 a) {
  for (int step = 8; step > 0; step /= 2)
    for (int i = 0; i < step; ++i) a.v[i] = a.v[i] + a.v[i + step];
  return a.v[0];
}
LACUNA_LANES float largestOf(F16 a) {
  for (int step = 8; step > 0; step /= 2)
    for (int i = 0; i < step; ++i) a.v[i] = a.v[i] > a.v[i + step] ? a.v[i] : a.v[i + step];
  return a.v[0];
}
#endif

}  // namespace lacuna::model::LACUNA_ISA
