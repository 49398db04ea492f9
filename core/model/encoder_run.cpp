#include "encoder_run.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels.h"
#include "lacuna/base/run_context.h"
#include "normalise.h"
#include "relative_bias.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t blockTokens = 480;  // tokens that go through the MLP together: their hidden states stay in the cache

void ensure(AlignedFloats& buffer, std::int64_t floats) {
  if (buffer.size() < floats) buffer = AlignedFloats(floats);
}

/// Keys of one head as the kernel reads them: [panels][dims][16]; lanes past the last token are zero.
void packKeys(const float* keys, std::int64_t stride, std::int64_t tokens, std::int64_t dims, float* panels) {
  std::memset(panels + tokens / 16 * dims * 16, 0, static_cast<std::size_t>(tokens % 16 ? dims * 16 : 0) * sizeof(float));
  for (std::int64_t t = 0; t < tokens; ++t) {
    float* const lane = panels + t / 16 * dims * 16 + t % 16;
    for (std::int64_t d = 0; d < dims; ++d) lane[d * 16] = keys[t * stride + d];
  }
}

}  // namespace

void EncoderRun::attendHead(const EncoderPack& pack, std::int64_t row, std::int64_t head) {
  thread_local std::vector<float> panels, scores;
  const std::int64_t dims = m_network.headDim, width = m_network.width, stride = 3 * width;
  const std::int64_t first = pack.first[static_cast<std::size_t>(row)], tokens = pack.first[static_cast<std::size_t>(row) + 1] - first;
  float* const projected = m_projected.data() + first * stride + head * dims;
  panels.resize(std::max(panels.size(), static_cast<std::size_t>((tokens + 15) / 16 * 16 * dims)));
  scores.resize(std::max(scores.size(), static_cast<std::size_t>(AttentionBlock::maxQueries * (tokens + 48))));
  packKeys(projected + width, stride, tokens, dims, panels.data());
  const KeySpan span{panels.data(), projected + 2 * width, stride, tokens};
  AttentionBlock block;
  block.spans = &span;
  block.spanCount = 1;
  block.headDim = dims;
  block.scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(dims)));
  block.scores = scores.data();
  block.scoreStride = tokens + 48;
  const float* const bias =
      m_network.relativeBias.empty() ? nullptr : m_network.relativeBias.data() + head * relativeStride(m_network.positions) + m_network.positions;
  for (std::int64_t i = 0; i < tokens; i += block.queries) {
    block.queries = static_cast<int>(std::min<std::int64_t>(AttentionBlock::maxQueries, tokens - i));
    for (int q = 0; q < block.queries; ++q) {
      block.query[q] = block.out[q] = projected + (i + q) * stride;
      block.first[q] = 0;
      block.limit[q] = tokens;
      block.bias[q] = bias ? bias - (i + q) : nullptr;
    }
    kernels().attend(block);
  }
}

/// Queries in m_projected become the mixed values.
void EncoderRun::attention(const EncoderPack& pack) {
  parallelFor(pack.rows() * m_network.heads, m_threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) attendHead(pack, i / m_network.heads, i % m_network.heads);
  });
}

void EncoderRun::mlp(float* x, std::int64_t tokens, const EncoderLayer& layer) {
  const std::int64_t width = m_network.width;
  ensure(m_hidden, std::min(blockTokens, tokens) * m_network.mlpWidth);
  for (std::int64_t first = 0; first < tokens; first += blockTokens) {
    const std::int64_t count = std::min(blockTokens, tokens - first);
    float* const block = x + first * width;
    const float* input = block;
    if (m_network.preNorm) {
      normaliseRows(layer.mlpNorm, block, m_normed.data(), count, width, m_threads);
      input = m_normed.data();
    }
    const bool gated = !layer.gate.empty();
    apply(layer.up, {.x = input, .y = m_hidden.data(), .rows = count, .activation = gated ? Activation::None : m_network.activation, .threads = m_threads});
    if (gated)
      apply(layer.gate, {.x = input, .y = m_hidden.data(), .rows = count, .factor = m_hidden.data(), .activation = m_network.activation, .threads = m_threads});
    apply(layer.down, {.x = m_hidden.data(), .y = block, .rows = count, .addend = block, .threads = m_threads});
    if (!m_network.preNorm) normaliseRows(layer.mlpNorm, block, block, count, width, m_threads);
  }
}

void EncoderRun::layer(EncoderPack& pack, std::size_t index) {
  const EncoderLayer& layer = m_network.layers[index];
  const std::int64_t width = m_network.width, tokens = pack.tokens();
  float* const x = pack.x.data();
  ensure(m_projected, tokens * 3 * width + 16);
  const float* input = x;
  if (m_network.preNorm) {
    ensure(m_normed, tokens * width);
    normaliseRows(layer.attentionNorm, x, m_normed.data(), tokens, width, m_threads);
    input = m_normed.data();
  }
  apply(layer.queryKeyValue, {.x = input, .y = m_projected.data(), .rows = tokens, .threads = m_threads});
  attention(pack);
  apply(layer.attentionOut, {.x = m_projected.data(), .y = x, .rows = tokens, .xStride = 3 * width, .addend = x, .threads = m_threads});
  if (!m_network.preNorm) normaliseRows(layer.attentionNorm, x, x, tokens, width, m_threads);
  mlp(x, tokens, layer);
}

void EncoderRun::finish(EncoderPack& pack) const {
  if (m_network.preNorm) normaliseRows(m_network.finalNorm, pack.x.data(), pack.x.data(), pack.tokens(), m_network.width, m_threads);
}

}  // namespace lacuna::model
