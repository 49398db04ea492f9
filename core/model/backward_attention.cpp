#include <algorithm>
#include <cmath>

#include "backward.h"
#include "lacuna/base/run_context.h"

namespace lacuna::model {
namespace {

/// y += factor · x: element by element, so that every sum is one fixed chain however the compiler groups the lanes.
void addTo(float* __restrict y, float factor, const float* __restrict x, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) y[i] += factor * x[i];
}

/// Keys and values of one head along the chain of a piece, with their gradients.
struct Chain {
  std::vector<std::int64_t> rows;                      ///< forest row of every position
  std::vector<float> keys, keysAcross, valuesAcross;   ///< [positions, dims], [dims, positions] twice
  std::vector<float> keyGradients, valueGradients;     ///< [positions, dims]
};

Chain chainOf(const ForestPlan& plan, const ForestPlan::Piece& piece, const float* keys, const float* values, std::int64_t dims, std::int64_t stride) {
  Chain chain;
  for (const int link : piece.chain)
    for (std::int64_t t = 0; t < plan.pieces[static_cast<std::size_t>(link)].length; ++t)
      chain.rows.push_back(plan.pieces[static_cast<std::size_t>(link)].row + t);
  const std::size_t positions = chain.rows.size(), all = positions * static_cast<std::size_t>(dims);
  chain.keys.resize(all);
  chain.keysAcross.resize(all);
  chain.valuesAcross.resize(all);
  chain.keyGradients.assign(all, 0.0F);
  chain.valueGradients.assign(all, 0.0F);
  for (std::size_t p = 0; p < positions; ++p)
    for (std::int64_t d = 0; d < dims; ++d) {
      const auto at = static_cast<std::size_t>(d);
      chain.keys[p * static_cast<std::size_t>(dims) + at] = chain.keysAcross[at * positions + p] = keys[chain.rows[p] * stride + d];
      chain.valuesAcross[at * positions + p] = values[chain.rows[p] * stride + d];
    }
  return chain;
}

/// Scores become weights.
void softmax(std::vector<float>& scores, std::size_t first, std::size_t limit) {
  const float largest = *std::max_element(scores.begin() + static_cast<std::ptrdiff_t>(first), scores.begin() + static_cast<std::ptrdiff_t>(limit));
  double sum = 0;
  for (std::size_t p = first; p < limit; ++p) sum += static_cast<double>(scores[p] = std::exp(scores[p] - largest));
  for (std::size_t p = first; p < limit; ++p) scores[p] = static_cast<float>(static_cast<double>(scores[p]) / sum);
}

/// One query of one head: its row's gradient, and its part in the chain's.
class QueryBackward {
 public:
  QueryBackward(Chain& chain, std::int64_t dims, float scale) : m_chain(chain), m_dims(dims), m_scale(scale), m_weights(chain.rows.size()), m_slopes(chain.rows.size()) {}

  void run(const float* query, const float* mixed, float* queryGradient, std::size_t first, std::size_t limit) {
    across(m_weights, m_chain.keysAcross, query, m_scale, first, limit);
    softmax(m_weights, first, limit);
    across(m_slopes, m_chain.valuesAcross, mixed, 1.0F, first, limit);
    double mean = 0;
    for (std::size_t p = first; p < limit; ++p) mean += static_cast<double>(m_weights[p]) * static_cast<double>(m_slopes[p]);
    for (std::size_t p = first; p < limit; ++p) {
      const float slope = m_weights[p] * (m_slopes[p] - static_cast<float>(mean)) * m_scale;
      const std::size_t at = p * static_cast<std::size_t>(m_dims);
      addTo(queryGradient, slope, m_chain.keys.data() + at, m_dims);
      addTo(m_chain.keyGradients.data() + at, slope, query, m_dims);
      addTo(m_chain.valueGradients.data() + at, m_weights[p], mixed, m_dims);
    }
  }

 private:
  /// out[p] = factor · row · column p.
  void across(std::vector<float>& out, const std::vector<float>& columns, const float* row, float factor, std::size_t first, std::size_t limit) const {
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(first), out.begin() + static_cast<std::ptrdiff_t>(limit), 0.0F);
    for (std::int64_t d = 0; d < m_dims; ++d)
      addTo(out.data() + first, factor * row[d], columns.data() + static_cast<std::size_t>(d) * out.size() + first, static_cast<std::int64_t>(limit - first));
  }

  Chain& m_chain;
  std::int64_t m_dims;
  float m_scale;
  std::vector<float> m_weights, m_slopes;
};

}  // namespace

AttentionGradients attentionBackward(const Decoder& decoder, const DecoderLayer& layer, const ForestPlan& plan, const float* queries,
                                     const float* keyValues, const float* mixed, int threads) {
  const std::int64_t dims = decoder.headDim, all = decoder.heads * dims, half = decoder.kvHeads * dims, group = decoder.heads / decoder.kvHeads;
  AttentionGradients out{AlignedFloats(plan.tokens() * all), AlignedFloats(plan.tokens() * 2 * half)};
  const auto pieceBack = [&](const ForestPlan::Piece& piece, std::int64_t kvHead) {
    Chain chain = chainOf(plan, piece, keyValues + kvHead * dims, keyValues + half + kvHead * dims, dims, 2 * half);
    QueryBackward query(chain, dims, layer.attentionScale);
    for (std::int64_t row = piece.row; row < piece.row + piece.length; ++row) {
      const std::int64_t limit = plan.positions[static_cast<std::size_t>(row)] + 1, first = layer.window > 0 ? std::max<std::int64_t>(0, limit - layer.window) : 0;
      for (std::int64_t head = kvHead * group; head < (kvHead + 1) * group; ++head) {
        const std::int64_t at = row * all + head * dims;
        query.run(queries + at, mixed + at, out.queries.data() + at, static_cast<std::size_t>(first), static_cast<std::size_t>(limit));
      }
    }
    for (std::size_t p = 0; p < chain.rows.size(); ++p) {
      float* const to = out.keyValues.data() + chain.rows[p] * 2 * half + kvHead * dims;
      const std::size_t from = p * static_cast<std::size_t>(dims);
      addTo(to, 1.0F, chain.keyGradients.data() + from, dims);
      addTo(to + half, 1.0F, chain.valueGradients.data() + from, dims);
    }
  };
  parallelFor(decoder.kvHeads, threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t kvHead = begin; kvHead < end; ++kvHead)
      for (const ForestPlan::Piece& piece : plan.pieces) pieceBack(piece, kvHead);
  });
  return out;
}

}  // namespace lacuna::model
