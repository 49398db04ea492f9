#include "keys.h"

#include <algorithm>
#include <cstring>

#include "lacuna/base/run_context.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t slack = 16;  // the value kernel reads whole vectors

std::int64_t panelsFor(std::int64_t tokens) { return (tokens + 15) / 16; }

/// Keys of one token, all heads, into their lanes. `headStride`: floats between the panels of two heads.
void placeKey(const Decoder& decoder, const float* key, float* panels, std::int64_t headStride, std::int64_t token) {
  for (std::int64_t h = 0; h < decoder.kvHeads; ++h) {
    float* const lane = panels + h * headStride + token / 16 * decoder.headDim * 16 + token % 16;
    for (std::int64_t d = 0; d < decoder.headDim; ++d) lane[d * 16] = key[h * decoder.headDim + d];
  }
}

}  // namespace

ForestKeys::ForestKeys(const Decoder& decoder, const ForestPlan& plan) : m_decoder(decoder), m_plan(plan) {
  m_offsets.push_back(0);
  for (const ForestPlan::Piece& piece : plan.pieces)
    m_offsets.push_back(m_offsets.back() + decoder.kvHeads * panelsFor(piece.length) * decoder.headDim * 16);
}

void ForestKeys::add(std::size_t, const Stack& stack, const float* rows, int threads) {
  const std::int64_t needed = static_cast<std::int64_t>(stack.slots.size()) * m_offsets.back();
  if (m_panels.size() < needed) m_panels = AlignedFloats(needed);  // lanes past a piece stay zero: the layout never changes
  m_rows = rows;
  const auto pieces = static_cast<std::int64_t>(m_plan.pieces.size());
  const std::int64_t rowFloats = 2 * m_decoder.kvHeads * m_decoder.headDim;
  parallelFor(static_cast<std::int64_t>(stack.slots.size()) * pieces, threads, 4, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t slot = i / pieces;
      const auto p = static_cast<std::size_t>(i % pieces);
      const ForestPlan::Piece& piece = m_plan.pieces[p];
      float* const panels = m_panels.data() + slot * m_offsets.back() + m_offsets[p];
      for (std::int64_t t = 0; t < piece.length; ++t)
        placeKey(m_decoder, rows + (slot * m_plan.tokens() + piece.row + t) * rowFloats, panels,
                 panelsFor(piece.length) * m_decoder.headDim * 16, t);
    }
  });
}

void ForestKeys::spans(std::size_t, std::int64_t slot, int piece, std::int64_t kvHead, std::vector<KeySpan>& out) const {
  out.clear();
  const std::int64_t dims = m_decoder.headDim, half = m_decoder.kvHeads * dims;
  for (const int p : m_plan.pieces[static_cast<std::size_t>(piece)].chain) {
    const ForestPlan::Piece& link = m_plan.pieces[static_cast<std::size_t>(p)];
    const float* const panels = m_panels.data() + slot * m_offsets.back() + m_offsets[static_cast<std::size_t>(p)];
    out.push_back({panels + kvHead * panelsFor(link.length) * dims * 16,
                   m_rows + (slot * m_plan.tokens() + link.row) * 2 * half + half + kvHead * dims, 2 * half, link.length});
  }
}

KeyCache::KeyCache(const Decoder& decoder, std::vector<int> parents) : m_decoder(decoder) {
  for (std::size_t chain = 0; chain < parents.size(); ++chain) {
    m_ways.push_back(parents[chain] < 0 ? std::vector<std::size_t>() : m_ways[static_cast<std::size_t>(parents[chain])]);
    m_ways.back().push_back(chain);
  }
  for (std::size_t layer = 0; layer < decoder.layers.size(); ++layer) m_chains.emplace_back(parents.size());
}

std::int64_t KeyCache::bytesPerToken(const Decoder& decoder) {
  return static_cast<std::int64_t>(decoder.layers.size()) * 2 * decoder.kvHeads * decoder.headDim * static_cast<std::int64_t>(sizeof(float));
}

void KeyCache::setPieces(const ForestPlan& plan, std::vector<int> chains) {
  m_plan = &plan;
  m_pieceChains = std::move(chains);
}

void KeyCache::forget(std::size_t chain) {
  for (auto& layer : m_chains) layer[chain] = Chain();
}

void KeyCache::grow(Chain& chain, std::int64_t capacity) const {
  const std::int64_t dims = m_decoder.headDim, heads = m_decoder.kvHeads;
  AlignedFloats panels(heads * capacity * dims), values(capacity * heads * dims + slack);
  for (std::int64_t h = 0; h < heads && chain.tokens > 0; ++h)
    std::memcpy(panels.data() + h * capacity * dims, chain.panels.data() + h * chain.capacity * dims,
                static_cast<std::size_t>(chain.capacity * dims) * sizeof(float));
  if (chain.tokens > 0)
    std::memcpy(values.data(), chain.values.data(), static_cast<std::size_t>(chain.tokens * heads * dims) * sizeof(float));
  chain.panels = std::move(panels);
  chain.values = std::move(values);
  chain.capacity = capacity;
}

void KeyCache::append(Chain& chain, const float* rows, std::int64_t count) const {
  const std::int64_t half = m_decoder.kvHeads * m_decoder.headDim;
  if (chain.tokens + count > chain.capacity) grow(chain, (chain.tokens + count + 63) / 64 * 64);
  for (std::int64_t t = 0; t < count; ++t, ++chain.tokens, rows += 2 * half) {
    placeKey(m_decoder, rows, chain.panels.data(), chain.capacity * m_decoder.headDim, chain.tokens);
    std::memcpy(chain.values.data() + chain.tokens * half, rows + half, static_cast<std::size_t>(half) * sizeof(float));
  }
}

void KeyCache::add(std::size_t layer, const Stack&, const float* rows, int threads) {
  const std::int64_t rowFloats = 2 * m_decoder.kvHeads * m_decoder.headDim;
  parallelFor(static_cast<std::int64_t>(m_plan->pieces.size()), threads, 4, [&](std::int64_t begin, std::int64_t end) {
    for (auto p = static_cast<std::size_t>(begin); p < static_cast<std::size_t>(end); ++p)
      append(m_chains[layer][static_cast<std::size_t>(m_pieceChains[p])], rows + m_plan->pieces[p].row * rowFloats, m_plan->pieces[p].length);
  });
}

KeySpan KeyCache::spanOf(const Chain& chain, std::int64_t kvHead) const {
  const std::int64_t dims = m_decoder.headDim;
  return {chain.panels.data() + kvHead * chain.capacity * dims, chain.values.data() + kvHead * dims, m_decoder.kvHeads * dims, chain.tokens};
}

void KeyCache::spans(std::size_t layer, std::int64_t, int piece, std::int64_t kvHead, std::vector<KeySpan>& out) const {
  out.clear();
  for (const std::size_t chain : m_ways[static_cast<std::size_t>(m_pieceChains[static_cast<std::size_t>(piece)])])
    if (m_chains[layer][chain].tokens > 0) out.push_back(spanOf(m_chains[layer][chain], kvHead));
}

}  // namespace lacuna::model
