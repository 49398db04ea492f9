// The kernels over sixteen lanes; included once by each kernel file, after its target pragma. No standard containers here: code
// compiled for one instruction set must not leak into functions that the linker shares.

#include "kernels.h"
#include "vector_math.h"

namespace lacuna::model::LACUNA_ISA {

// ---- products -------------------------------------------------------------------------------------------------------------

template <int Rows, int Vectors>
LACUNA_LANES void tileOf(const float* a, std::int64_t aStride, const float* b, std::int64_t depth, float* c, std::int64_t cStride,
                   bool accumulate) {
  F16 sum[Rows][Vectors];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) sum[r][v] = set(0.0F);
  for (std::int64_t k = 0; k < depth; ++k) {
    F16 column[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) column[v] = load(b + k * panelColumns + 16 * v);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const F16 element = set(a[r * aStride + k]);
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sum[r][v] = fma(element, column[v], sum[r][v]);
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) {
      float* target = c + r * cStride + 16 * v;
      store(target, accumulate ? load(target) + sum[r][v] : sum[r][v]);
    }
}

template <int Rows, int Vectors>
void tileRange(const float* a, std::int64_t aStride, int rows, const float* b, std::int64_t depth, float* c,
               std::int64_t cStride, bool accumulate) {
  if constexpr (Rows > 1) {
    if (rows < Rows) return tileRange<Rows - 1, Vectors>(a, aStride, rows, b, depth, c, cStride, accumulate);
  }
  for (int v = 0; v < 2; v += Vectors) tileOf<Rows, Vectors>(a, aStride, b + 16 * v, depth, c + 16 * v, cStride, accumulate);
}

void tile(const float* a, std::int64_t aStride, int rows, const float* b, std::int64_t depth, float* c, std::int64_t cStride,
          bool accumulate) {
#if defined(LACUNA_AVX512)
  tileRange<tileRows, 2>(a, aStride, rows, b, depth, c, cStride, accumulate);
#elif defined(LACUNA_AVX2)
  for (; rows > 0; rows -= 6, a += 6 * aStride, c += 6 * cStride)
    tileRange<6, 1>(a, aStride, rows < 6 ? rows : 6, b, depth, c, cStride, accumulate);
#else
  for (; rows > 0; --rows, a += aStride, c += cStride) tileRange<1, 1>(a, aStride, 1, b, depth, c, cStride, accumulate);
#endif
}

// ---- products in bfloat16 ----------------------------------------------------------------------------------------------------

void roundRow(const float* x, std::int64_t n, std::uint16_t* out) {
  for (std::int64_t k = 0; k < n; k += pairDepth, out += pairRows * pairDepth) {
    const std::int64_t part = n - k < pairDepth ? n - k : pairDepth;
    for (std::int64_t i = 0; i < part; ++i) out[i] = bfloatOf(x[k + i]);
    for (std::int64_t i = part; i < pairDepth; ++i) out[i] = 0;
  }
}

/// Rows of one group times sixteen columns (`columns` of each pair row) of one panel.
template <int Rows>
LACUNA_LANES void pairTile(const std::uint16_t* inputs, const std::uint16_t* weights, std::int64_t blocks, float* sums, std::int64_t stride) {
  F16 total[Rows];
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) total[r] = set(0.0F);
  for (std::int64_t block = 0; block < blocks; ++block, inputs += pairRows * pairDepth, weights += pairDepth * panelColumns) {
    F16 even[Rows], odd[Rows];
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) even[r] = odd[r] = set(0.0F);
    for (std::int64_t pair = 0; pair < pairDepth / 2; ++pair) {
      const F16 evenColumn = evenOfPairs(weights + pair * panelColumns * 2), oddColumn = oddOfPairs(weights + pair * panelColumns * 2);
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) {
        even[r] = fma(set(floatOf(inputs[r * pairDepth + 2 * pair])), evenColumn, even[r]);
        odd[r] = fma(set(floatOf(inputs[r * pairDepth + 2 * pair + 1])), oddColumn, odd[r]);
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) total[r] = total[r] + (even[r] + odd[r]);
  }
#pragma GCC unroll 8
  for (int r = 0; r < Rows; ++r) store(sums + r * stride, total[r]);
}

void multiplyPairs(const PairProduct& product) {
#if defined(LACUNA_AVX512)
  constexpr int rows = 8;
#elif defined(LACUNA_AVX2)
  constexpr int rows = 2;
#else
  constexpr int rows = 1;
#endif
  const std::int64_t width = product.panels * panelColumns;
  for (std::int64_t panel = 0; panel < product.panels; ++panel)
    for (std::int64_t r = 0; r < product.groups * pairRows; r += rows)
      for (std::int64_t column = 0; column < panelColumns; column += 16)
        pairTile<rows>(product.inputs + r / pairRows * product.blocks * pairRows * pairDepth + r % pairRows * pairDepth,
                       product.weights + panel * product.blocks * pairDepth * panelColumns + column * 2, product.blocks,
                       product.sums + r * width + panel * panelColumns + column, width);
}

// ---- rows -----------------------------------------------------------------------------------------------------------------

LACUNA_LANES F16 activated(F16 x, Activation activation) {
  switch (activation) {
    case Activation::None: return x;
    case Activation::Relu: return maxOf(set(0.0F), x);
    case Activation::Gelu: return geluErfOf(x);
    case Activation::GeluTanh: return geluTanhOf(x);
    case Activation::QuickGelu: return timesSigmoid(x, x * set(1.702F));
    case Activation::Silu: return timesSigmoid(x, x);
    case Activation::Tanh: return tanhOf(x);
    case Activation::Gelu10: return minOf(set(10.0F), maxOf(set(-10.0F), geluErfOf(x)));
  }
  return x;
}

LACUNA_LANES F16 loadUpTo(const float* p, std::int64_t n) { return n >= 16 ? load(p) : loadPart(p, n); }
LACUNA_LANES void storeUpTo(float* p, F16 x, std::int64_t n) {
  if (n >= 16) store(p, x);
  else storePart(p, x, n);
}

void finishRow(const float* accumulated, float* y, std::int64_t n, const RowEpilogue& epilogue) {
  for (std::int64_t i = 0; i < n; i += 16) {
    const std::int64_t rest = n - i;
    F16 x = loadUpTo(accumulated + i, rest);
    if (epilogue.bias) x = x + loadUpTo(epilogue.bias + i, rest);
    x = activated(x, epilogue.activation);
    if (epilogue.factor) x = x * loadUpTo(epilogue.factor + i, rest);
    if (epilogue.addend) x = loadUpTo(epilogue.addend + i, rest) + x;
    storeUpTo(y + i, x, rest);
  }
}

void activate(float* x, std::int64_t n, Activation activation) {
  RowEpilogue epilogue;
  epilogue.activation = activation;
  finishRow(x, x, n, epilogue);
}

void exponentials(float* x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; i += 16) storeUpTo(x + i, expOf(loadUpTo(x + i, n - i)), n - i);
}

void layerNorm(const float* x, float* y, const float* weight, const float* bias, std::int64_t n, float epsilon) {
  F16 sum = set(0.0F), squares = set(0.0F);
  for (std::int64_t i = 0; i < n; i += 16) sum = sum + loadUpTo(x + i, n - i);
  const F16 mean = set(sumOf(sum) / static_cast<float>(n));
  for (std::int64_t i = 0; i < n; i += 16) {
    F16 centred = loadUpTo(x + i, n - i) - mean;
    if (n - i < 16) centred = keepFirst(centred, n - i);
    squares = fma(centred, centred, squares);
  }
  const F16 factor = set(1.0F / std::sqrt(sumOf(squares) / static_cast<float>(n) + epsilon));
  for (std::int64_t i = 0; i < n; i += 16) {
    F16 out = (loadUpTo(x + i, n - i) - mean) * factor;
    if (weight) out = out * loadUpTo(weight + i, n - i);
    if (bias) out = out + loadUpTo(bias + i, n - i);
    storeUpTo(y + i, out, n - i);
  }
}

void rmsNorm(const float* x, float* y, const float* weight, std::int64_t n, float epsilon) {
  F16 squares = set(0.0F);
  for (std::int64_t i = 0; i < n; i += 16) {
    const F16 part = loadUpTo(x + i, n - i);
    squares = fma(part, part, squares);
  }
  const F16 factor = set(1.0F / std::sqrt(sumOf(squares) / static_cast<float>(n) + epsilon));
  for (std::int64_t i = 0; i < n; i += 16) {
    F16 out = loadUpTo(x + i, n - i) * factor;
    if (weight) out = loadUpTo(weight + i, n - i) * out;
    storeUpTo(y + i, out, n - i);
  }
}

LogitSummary summarise(const float* logits, std::int64_t n) {
  LogitSummary out;
  F16 largest = set(-INFINITY);
  for (std::int64_t i = 0; i + 16 <= n; i += 16) largest = maxOf(load(logits + i), largest);
  out.largest = largestOf(largest);
  for (std::int64_t i = n - n % 16; i < n; ++i) out.largest = logits[i] > out.largest ? logits[i] : out.largest;
  const F16 top = set(out.largest);
  std::int64_t block = 0;
  while (block + 16 <= n && !anyEqual(load(logits + block), top)) block += 16;
  out.at = block;
  while (out.at + 1 < n && logits[out.at] != out.largest) ++out.at;
  F16 sum = set(0.0F);
  for (std::int64_t i = 0; i < n; i += 16) {
    F16 weight = expOf(loadUpTo(logits + i, n - i) - top);
    if (n - i < 16) weight = keepFirst(weight, n - i);
    sum = sum + weight;
  }
  out.sum = static_cast<double>(sumOf(sum));
  return out;
}

// ---- attention ------------------------------------------------------------------------------------------------------------

template <int Queries, int Panels>
LACUNA_LANES void scorePanels(const AttentionBlock& block, const float* keys, std::int64_t at) {
  F16 sum[Queries][Panels];
#pragma GCC unroll 8
  for (int q = 0; q < Queries; ++q)
#pragma GCC unroll 4
    for (int p = 0; p < Panels; ++p) sum[q][p] = set(0.0F);
  const std::int64_t dims = block.headDim;
  for (std::int64_t d = 0; d < dims; ++d) {
    F16 key[Panels];
#pragma GCC unroll 4
    for (int p = 0; p < Panels; ++p) key[p] = load(keys + (p * dims + d) * 16);
#pragma GCC unroll 8
    for (int q = 0; q < Queries; ++q) {
      const F16 element = set(block.query[q][d]);
#pragma GCC unroll 4
      for (int p = 0; p < Panels; ++p) sum[q][p] = fma(element, key[p], sum[q][p]);
    }
  }
  const F16 scale = set(block.scale);
#pragma GCC unroll 8
  for (int q = 0; q < Queries; ++q)
#pragma GCC unroll 4
    for (int p = 0; p < Panels; ++p) store(block.scores + q * block.scoreStride + at + 16 * p, sum[q][p] * scale);
}

// Chain positions [from, to) are the ones any query of the block sees. What a panel writes past its own tokens is written
// again by the next span, or lies beyond every limit.
template <int Queries>
LACUNA_LANES void scoreChain(const AttentionBlock& block, std::int64_t from, std::int64_t to) {
  std::int64_t start = 0;
  for (int s = 0; s < block.spanCount && start < to; ++s) {
    const KeySpan& span = block.spans[s];
    const std::int64_t last = span.tokens < to - start ? span.tokens : to - start;
    std::int64_t t = from > start ? (from - start) / 16 * 16 : 0;
#if defined(LACUNA_AVX512)
    for (; t + 16 < last; t += 32) scorePanels<Queries, 2>(block, span.keys + t * block.headDim, start + t);
#endif
    for (; t < last; t += 16) scorePanels<Queries, 1>(block, span.keys + t * block.headDim, start + t);
    start += span.tokens;
  }
}

/// Scores of positions [from, to), a multiple of 16 at both ends, become weights; what the query does not see weighs exactly 0.
/// Lane and order depend on the position alone.
LACUNA_LANES float softmaxRow(float* scores, const float* bias, std::int64_t from, std::int64_t to, std::int64_t first, std::int64_t limit) {
  for (std::int64_t p = from; bias && p < to; p += 16) store(scores + p, load(scores + p) + load(bias + p));
  for (std::int64_t p = from; p < first; ++p) scores[p] = -INFINITY;
  for (std::int64_t p = limit; p < to; ++p) scores[p] = -INFINITY;
  F16 largest = set(-INFINITY), sum = set(0.0F);
  for (std::int64_t p = from; p < to; p += 16) largest = maxOf(load(scores + p), largest);
  const F16 top = set(largestOf(largest));
  for (std::int64_t p = from; p < to; p += 16) {
    const F16 weight = expOf(load(scores + p) - top);
    store(scores + p, weight);
    sum = sum + weight;
  }
  return sumOf(sum);
}

template <int Queries, int Vectors>
LACUNA_LANES void mixValues(const AttentionBlock& block, std::int64_t from, std::int64_t to, std::int64_t dim, const float* sums) {
  F16 mixed[Queries][Vectors];
#pragma GCC unroll 8
  for (int q = 0; q < Queries; ++q)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) mixed[q][v] = set(0.0F);
  std::int64_t start = 0;
  for (int s = 0; s < block.spanCount && start < to; ++s) {
    const KeySpan& span = block.spans[s];
    const std::int64_t last = span.tokens < to - start ? span.tokens : to - start;
    for (std::int64_t t = from > start ? from - start : 0; t < last; ++t) {
      F16 value[Vectors];
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) value[v] = load(span.values + t * span.valueStride + dim + 16 * v);
#pragma GCC unroll 8
      for (int q = 0; q < Queries; ++q) {
        const F16 weight = set(block.scores[q * block.scoreStride + start + t]);
#pragma GCC unroll 4
        for (int v = 0; v < Vectors; ++v) mixed[q][v] = fma(weight, value[v], mixed[q][v]);
      }
    }
    start += span.tokens;
  }
#pragma GCC unroll 8
  for (int q = 0; q < Queries; ++q)
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v)
      storeUpTo(block.out[q] + dim + 16 * v, mixed[q][v] / set(sums[q]), block.headDim - dim - 16 * v);
}

template <int Queries>
void attendOf(const AttentionBlock& block) {
  std::int64_t from = block.first[0], to = block.limit[0];
  for (int q = 1; q < Queries; ++q) {
    from = block.first[q] < from ? block.first[q] : from;
    to = block.limit[q] > to ? block.limit[q] : to;
  }
  const std::int64_t begin = from / 16 * 16, end = (to + 15) / 16 * 16;
  scoreChain<Queries>(block, from, to);
  float sums[Queries];
  for (int q = 0; q < Queries; ++q)
    sums[q] = softmaxRow(block.scores + q * block.scoreStride, block.bias[q], begin, end, block.first[q], block.limit[q]);
  std::int64_t dim = 0;
#if defined(LACUNA_AVX512)
  for (; dim + 48 < block.headDim; dim += 64) mixValues<Queries, 4>(block, from, to, dim, sums);
  for (; dim + 16 < block.headDim; dim += 32) mixValues<Queries, 2>(block, from, to, dim, sums);
#endif
  for (; dim < block.headDim; dim += 16) mixValues<Queries, 1>(block, from, to, dim, sums);
}

void attend(const AttentionBlock& block) {
  switch (block.queries) {
    case 1: return attendOf<1>(block);
    case 2: return attendOf<2>(block);
    case 3: return attendOf<3>(block);
    case 4: return attendOf<4>(block);
    case 5: return attendOf<5>(block);
    default: return attendOf<6>(block);
  }
}

extern const KernelTable table;
const KernelTable table{LACUNA_ISA_NAME, tile, finishRow, activate, layerNorm, rmsNorm, attend, summarise, exponentials, roundRow, multiplyPairs};

}  // namespace lacuna::model::LACUNA_ISA
