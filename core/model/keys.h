#pragma once

#include <cstdint>
#include <vector>

#include "forest_plan.h"
#include "kernels.h"
#include "stack.h"

namespace lacuna::model {

/// Where the keys and values of a layer lie. A forest's are made and read layer by layer; a generation keeps them.
class KeyMemory {
 public:
  virtual ~KeyMemory() = default;
  /// Takes a layer's keys (already turned) and values of all rows of a stack: [rows, 2 · kvHeads · headDim]. `rows` is read again
  /// through spans() until the next add().
  virtual void add(std::size_t layer, const Stack& stack, const float* rows, int threads) = 0;
  /// The chain of a piece in the order of its text, for one head; replaces the contents of `out`.
  virtual void spans(std::size_t layer, std::int64_t slot, int piece, std::int64_t kvHead, std::vector<KeySpan>& out) const = 0;
};

class ForestKeys final : public KeyMemory {
 public:
  ForestKeys(const Decoder& decoder, const ForestPlan& plan);
  void add(std::size_t layer, const Stack& stack, const float* rows, int threads) override;
  void spans(std::size_t layer, std::int64_t slot, int piece, std::int64_t kvHead, std::vector<KeySpan>& out) const override;
  void releaseBuffers() { m_panels = AlignedFloats(); }   ///< between two layers

 private:
  const Decoder& m_decoder;
  const ForestPlan& m_plan;
  std::vector<std::int64_t> m_offsets;   ///< [pieces + 1] floats before each piece's panels
  AlignedFloats m_panels;                ///< [slots][piece][kvHeads][panels][headDim][16]
  const float* m_rows = nullptr;
};

/// Keys and values of growing texts: a forest of chains. A text's keys are those of its chain after those of the chains above it.
class KeyCache final : public KeyMemory {
 public:
  /// parents: [chain] the chain above, an earlier one; −1: none.
  KeyCache(const Decoder& decoder, std::vector<int> parents);
  /// Chain that every piece of the coming stacks goes on.
  void setPieces(const ForestPlan& plan, std::vector<int> chains);
  void forget(std::size_t chain);
  void add(std::size_t layer, const Stack& stack, const float* rows, int threads) override;
  void spans(std::size_t layer, std::int64_t slot, int piece, std::int64_t kvHead, std::vector<KeySpan>& out) const override;
  /// Bytes a token takes in all layers.
  static std::int64_t bytesPerToken(const Decoder& decoder);

 private:
  struct Chain {
    AlignedFloats panels;                ///< [kvHeads][capacity / 16][headDim][16]
    AlignedFloats values;                ///< [capacity, kvHeads · headDim]
    std::int64_t tokens = 0, capacity = 0;
  };
  void append(Chain& chain, const float* rows, std::int64_t count) const;
  void grow(Chain& chain, std::int64_t capacity) const;
  KeySpan spanOf(const Chain& chain, std::int64_t kvHead) const;

  const Decoder& m_decoder;
  const ForestPlan* m_plan = nullptr;
  std::vector<std::vector<std::size_t>> m_ways;   ///< [chain] from the first above it to itself
  std::vector<int> m_pieceChains;
  std::vector<std::vector<Chain>> m_chains;       ///< [layer][chain]
};

}  // namespace lacuna::model
