// AVX2 and FMA face of the kernels; see kernels_avx512.cpp.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)  // clang knows no #pragma GCC target
#include <immintrin.h>

#pragma GCC target("avx2,fma")
#pragma GCC optimize("O3,fp-contract=off")
#define LACUNA_AVX2
#define LACUNA_ISA avx2
#define LACUNA_ISA_NAME "avx2"
#include "kernels_body.h"
#endif
