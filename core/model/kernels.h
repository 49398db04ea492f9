#pragma once

#include <cstdint>

#include "lacuna/model/decoder.h"

namespace lacuna::model {

/// Keys and values of consecutive tokens, for one head. `keys` is [panels][headDim][16]: sixteen tokens a panel, the last one
/// padded with zeros; `values` has one row of headDim floats a token, `valueStride` floats apart, readable 15 floats past its end.
struct KeySpan {
  const float* keys = nullptr;
  const float* values = nullptr;
  std::int64_t valueStride = 0;
  std::int64_t tokens = 0;
};

/// At most six queries of one head over one chain of keys. Query i sees chain positions first[i] ≤ p < limit[i].
struct AttentionBlock {
  static constexpr int maxQueries = 6;
  int queries = 0;
  const float* query[maxQueries];
  float* out[maxQueries];               ///< headDim floats each
  std::int64_t first[maxQueries], limit[maxQueries];
  const float* bias[maxQueries] = {};   ///< added to the scaled scores, by chain position; readable 15 floats past the last; null: none
  const KeySpan* spans = nullptr;
  int spanCount = 0;
  std::int64_t headDim = 0;
  float scale = 1;
  float* scores = nullptr;              ///< scratch, maxQueries · scoreStride floats
  std::int64_t scoreStride = 0;         ///< at least the longest limit + 32
};

/// Largest logit of a stretch, where it stands first, and Σ exp(logit − largest).
struct LogitSummary {
  float largest = 0;
  std::int64_t at = 0;
  double sum = 0;
};

/// What is done with a finished row of a product: y = addend + (act(acc + bias) · factor); absent parts are null.
struct RowEpilogue {
  const float* bias = nullptr;
  const float* factor = nullptr;
  const float* addend = nullptr;
  Activation activation = Activation::None;
};

constexpr std::int64_t panelColumns = 32;
constexpr int tileRows = 12;
constexpr std::int64_t pairRows = 16, pairDepth = 32;   ///< of a block of bfloat16 inputs: what one AMX tile holds

/// Products in bfloat16: sums [groups · 16, panels · 32] of inputs [group][block][16][32] and weights [panel][block][16][32][2]. An element
/// is a sum over the blocks, in their order, of (chain over the even inputs + chain over the odd ones), each chain sixteen fused
/// multiply-adds from 0: what one TDPBF16PS does. (That one also makes sums below 1.2e-38 zero.)
struct PairProduct {
  const std::uint16_t* inputs = nullptr;
  std::int64_t groups = 0;
  const std::uint16_t* weights = nullptr;
  std::int64_t panels = 0;
  std::int64_t blocks = 0;
  float* sums = nullptr;
};

/// The inner loops, once for every instruction set. All give the same bits.
struct KernelTable {
  const char* name;
  /// c[rows ≤ 12, 32] (+)= a[rows, depth] · b[depth, 32]: each element one chain of fused multiply-adds over depth, from 0.
  void (*tile)(const float* a, std::int64_t aStride, int rows, const float* b, std::int64_t depth, float* c, std::int64_t cStride,
               bool accumulate);
  void (*finishRow)(const float* accumulated, float* y, std::int64_t n, const RowEpilogue& epilogue);
  void (*activate)(float* x, std::int64_t n, Activation activation);
  void (*layerNorm)(const float* x, float* y, const float* weight, const float* bias, std::int64_t n, float epsilon);
  void (*rmsNorm)(const float* x, float* y, const float* weight, std::int64_t n, float epsilon);
  void (*attend)(const AttentionBlock& block);
  LogitSummary (*summarise)(const float* logits, std::int64_t n);
  void (*exponentials)(float* x, std::int64_t n);   ///< x ← e^x, for the tests
  /// x [n] in bfloat16 as one row of a group of inputs: out[block · 512 + i], the last block padded with zeros.
  void (*roundRow)(const float* x, std::int64_t n, std::uint16_t* out);
  void (*multiplyPairs)(const PairProduct& product);
};

enum class InstructionSet { Portable, Avx2, Avx512, Amx };   ///< Amx: Avx512 with products of bfloat16 tiles
/// nullptr where the processor lacks it.
const KernelTable* kernelsFor(InstructionSet set);
/// The best the processor has.
const KernelTable& kernels();

}  // namespace lacuna::model
