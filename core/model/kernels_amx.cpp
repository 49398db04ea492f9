// AMX face: products of bfloat16 tiles; everything else is the AVX-512 face. Reached only after a look at the processor and the
// operating system's leave to use the tiles.
#include <cstdint>

#include "kernels.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)  // clang knows no #pragma GCC target
#include <asm/prctl.h>
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#pragma GCC target("amx-tile,amx-bf16,avx512f")

namespace lacuna::model {
namespace avx512 { extern const KernelTable table; }

namespace amx {
namespace {

struct alignas(64) TileShapes {
  std::uint8_t palette = 1, start = 0, unused[14] = {};
  std::uint16_t bytes[16] = {};
  std::uint8_t rows[16] = {};
};

/// Eight tiles of 16 rows of 64 bytes: 0 … 3 sums, 4 and 5 inputs, 6 and 7 weights.
void shapeTiles() {
  TileShapes shapes;
  for (int tile = 0; tile < 8; ++tile) {
    shapes.bytes[tile] = 64;
    shapes.rows[tile] = 16;
  }
  _tile_loadconfig(&shapes);
}

constexpr std::int64_t groupBlock = pairRows * pairDepth, panelBlock = pairDepth * panelColumns;   // numbers
constexpr std::int64_t inputBytes = pairDepth * 2, weightBytes = panelColumns * 4;                 // from row to row

/// Two groups of rows times one panel.
void twoGroups(const std::uint16_t* a, std::int64_t groupStride, const std::uint16_t* b, std::int64_t blocks, float* sums, std::int64_t width) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (std::int64_t k = 0; k < blocks; ++k, a += groupBlock, b += panelBlock) {
    _tile_loadd(6, b, weightBytes);
    _tile_loadd(4, a, inputBytes);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b + panelColumns, weightBytes);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, a + groupStride, inputBytes);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  const std::int64_t stride = width * static_cast<std::int64_t>(sizeof(float));
  _tile_stored(0, sums, stride);
  _tile_stored(1, sums + 16, stride);
  _tile_stored(2, sums + pairRows * width, stride);
  _tile_stored(3, sums + pairRows * width + 16, stride);
}

void oneGroup(const std::uint16_t* a, const std::uint16_t* b, std::int64_t blocks, float* sums, std::int64_t width) {
  _tile_zero(0);
  _tile_zero(1);
  for (std::int64_t k = 0; k < blocks; ++k, a += groupBlock, b += panelBlock) {
    _tile_loadd(4, a, inputBytes);
    _tile_loadd(6, b, weightBytes);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, b + panelColumns, weightBytes);
    _tile_dpbf16ps(1, 4, 7);
  }
  const std::int64_t stride = width * static_cast<std::int64_t>(sizeof(float));
  _tile_stored(0, sums, stride);
  _tile_stored(1, sums + 16, stride);
}

void multiplyPairs(const PairProduct& product) {
  shapeTiles();
  const std::int64_t width = product.panels * panelColumns, groupStride = product.blocks * groupBlock;
  for (std::int64_t panel = 0; panel < product.panels; ++panel) {
    const std::uint16_t* const b = product.weights + panel * product.blocks * panelBlock;
    for (std::int64_t g = 0; g < product.groups; g += 2) {
      const std::uint16_t* const a = product.inputs + g * groupStride;
      float* const sums = product.sums + g * pairRows * width + panel * panelColumns;
      if (g + 1 < product.groups) twoGroups(a, groupStride, b, product.blocks, sums, width);
      else oneGroup(a, b, product.blocks, sums, width);
    }
  }
  _tile_release();
}

/// CPUID leaf 7: AMX-BF16 is bit 22 of edx, AMX-TILE bit 24. Linux hands the tiles out on request.
bool available() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d >> 22 & 1U) == 0 || (d >> 24 & 1U) == 0) return false;
  constexpr long requestPermission = 0x1023, tileData = 18;   // ARCH_REQ_XCOMP_PERM, the state component of the tiles
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}

}  // namespace

const KernelTable* table() {
  static const bool there = available();
  static const KernelTable table = [] {
    KernelTable out = avx512::table;
    out.name = "amx";
    out.multiplyPairs = multiplyPairs;
    return out;
  }();
  return there ? &table : nullptr;
}

}  // namespace amx
}  // namespace lacuna::model
#endif
