#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/model/forward.h"

namespace lacuna::tasks {

/// Texts whose equal beginnings are computed once: a radix tree over tokens. Prompt and answer tokens are never mixed in one
/// segment, and the last token of a prompt is shared only with texts whose prompt ends there too (edits may ask for it).
class TokenForest {
 public:
  /// A text: prompt, then answer (may be empty). Returns a handle that stays valid.
  std::size_t add(std::span<const std::int32_t> ids, std::size_t promptLength);
  std::int64_t tokens() const { return m_tokens; }

  /// The tree as segments, parents first; every answer token is scored.
  struct Layout {
    model::Forest forest;
    std::vector<model::ScoredToken> scored;
    std::vector<std::vector<std::size_t>> answers;   ///< [handle] positions in `scored` of its answer's tokens, in order
    std::vector<model::TokenAt> ends;                ///< [handle] its last token
  };
  Layout layout() const;

 private:
  using Key = std::uint64_t;                         ///< token with its part of the text
  struct Node { std::vector<Key> keys; int parent = -1; std::vector<int> children; };
  const std::vector<int>& childrenOf(int node) const { return node < 0 ? m_roots : m_nodes[static_cast<std::size_t>(node)].children; }
  std::vector<int>& childrenOf(int node) { return node < 0 ? m_roots : m_nodes[static_cast<std::size_t>(node)].children; }
  std::size_t shared(int node, std::span<const Key> keys) const;
  int append(int parent, std::span<const Key> keys);
  int split(int node, std::size_t at);
  int place(std::span<const Key> keys);
  std::vector<Node> m_nodes;
  std::vector<int> m_roots, m_ends;                  ///< m_ends: [handle] its last node
  std::int64_t m_tokens = 0;
};

}  // namespace lacuna::tasks
