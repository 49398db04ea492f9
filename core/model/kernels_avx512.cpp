// AVX-512 face of the kernels. Everything after the pragma is compiled for it and reached only after a look at the processor.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "kernels.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)  // clang knows no #pragma GCC target
#include <immintrin.h>

// GCC 12 warns of its own _mm512_undefined_ps (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#pragma GCC target("avx512f,avx512dq,avx512bw,avx512vl,avx2,fma")
#pragma GCC optimize("O3,fp-contract=off")
#define LACUNA_AVX512
#define LACUNA_ISA avx512
#define LACUNA_ISA_NAME "avx512"
#include "kernels_body.h"
#endif
