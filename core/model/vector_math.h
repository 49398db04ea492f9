#pragma once

// Elementary functions on sixteen lanes, to 2 units in the last place or better (tests/model/kernels_test.cpp measures it).
// The polynomials were fitted for this file (Chebyshev nodes, 40 digits). NaN goes through everything.

#include "simd.h"

namespace lacuna::model::LACUNA_ISA {

template <std::size_t N>
LACUNA_LANES F16 polynomial(F16 x, const float (&coefficients)[N]) {
  F16 sum = set(coefficients[0]);
  for (std::size_t i = 1; i < N; ++i) sum = fma(sum, x, set(coefficients[i]));
  return sum;
}

/// e^x; exactly 0 below −86.6 (so that masked scores of −∞ weigh nothing), saturates at e^88.37.
LACUNA_LANES F16 expOf(F16 x) {
  constexpr float roundingShift = 12582912.0F;  // 1.5 · 2^23: adding it leaves the nearest integer in the low bits
  const F16 bounded = minOf(set(88.37626F), x);
  const F16 shifted = fma(bounded, set(1.44269504F), set(roundingShift));
  const F16 n = shifted - set(roundingShift);
  const F16 r = fma(n, set(1.90465430e-9F), fma(n, set(-0.693147182F), bounded));  // ln 2 in two parts
  const F16 tail = polynomial(r, {1.392618404e-3F, 8.363178931e-3F, 4.166655615e-2F, 1.666657627e-1F, 0.5F});
  const F16 y = fma(tail, r * r, r) + set(1.0F);
  return ifNan(x, x, ifLess(x, set(-86.6F), set(0.0F), scaleByPowerOfTwo(y, shifted)));
}

/// x · σ(c): the shape of SiLU, of quick GELU and of the tanh GELU, because ½(1 + tanh u) = σ(2u) without cancellation.
LACUNA_LANES F16 timesSigmoid(F16 x, F16 c) { return x / (set(1.0F) + expOf(set(0.0F) - c)); }

LACUNA_LANES F16 geluTanhOf(F16 x) {
  constexpr float k = 1.59576912F;  // 2·√(2/π)
  return timesSigmoid(x, x * fma(x * x, set(k * 0.044715F), set(k)));
}

/// x·½·erfc(−x/√2); (1 + 2a)·e^(a²)·erfc(a) is smooth in (a − 2)/(a + 2).
LACUNA_LANES F16 geluErfOf(F16 x) {
  const F16 a = minOf(set(10.0F), absOf(x) * set(0.707106781F));
  const F16 t = (a - set(2.0F)) / (a + set(2.0F));
  const F16 scaled = polynomial(t, {-4.241225251e-4F, -1.264119521e-3F, 1.327790320e-3F, 8.664255030e-3F, -8.060825057e-3F,
                                    -5.421426520e-2F, 1.640549153e-1F, -1.660304219e-1F, -9.276395291e-2F, 1.276978374F});
  const F16 square = a * a, rest = fma(a, a, set(0.0F) - square);
  const F16 gauss = expOf(set(0.0F) - square) * (set(1.0F) - rest);
  const F16 erfc = scaled * gauss / fma(a, set(2.0F), set(1.0F));
  return x * set(0.5F) * ifLess(x, set(0.0F), erfc, set(2.0F) - erfc);
}

LACUNA_LANES F16 tanhOf(F16 x) {
  const F16 a = absOf(x), z = x * x;
  const F16 tail = polynomial(z, {2.292744815e-3F, -8.343945257e-3F, 2.176891826e-2F, -5.395925790e-2F, 1.333330423e-1F,
                                  -3.333333433e-1F});
  const F16 small = fma(tail * z, x, x);
  const F16 large = set(1.0F) - set(2.0F) / (expOf(a + a) + set(1.0F));
  return ifLess(a, set(0.625F), small, ifLess(x, set(0.0F), set(0.0F) - large, large));
}

}  // namespace lacuna::model::LACUNA_ISA
