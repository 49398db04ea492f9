#pragma once

#include <cstdint>
#include <vector>

#include "encoder_network.h"

namespace lacuna::model {

/// Rows of a batch that go through the layers together, one after the other.
struct EncoderPack {
  std::vector<std::int64_t> first;   ///< [rows + 1]: tokens before each row
  AlignedFloats x;                   ///< [tokens, width] at least
  std::int64_t tokens() const { return first.back(); }
  std::int64_t rows() const { return static_cast<std::int64_t>(first.size()) - 1; }
};

/// Runs layers over packs; keeps its working memory from one pack to the next. Every step treats each token alone, except attention,
/// which stays inside its row.
class EncoderRun {
 public:
  EncoderRun(const EncoderNetwork& network, int threads) : m_network(network), m_threads(threads) {}
  void layer(EncoderPack& pack, std::size_t index);
  /// The final norm of pre-norm networks.
  void finish(EncoderPack& pack) const;

 private:
  void attention(const EncoderPack& pack);
  void attendHead(const EncoderPack& pack, std::int64_t row, std::int64_t head);
  void mlp(float* x, std::int64_t tokens, const EncoderLayer& layer);

  const EncoderNetwork& m_network;
  int m_threads;
  AlignedFloats m_projected, m_normed, m_hidden;
};

}  // namespace lacuna::model
