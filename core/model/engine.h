#pragma once

#include <cstdint>
#include <vector>

#include "forest_plan.h"
#include "hooks.h"
#include "keys.h"
#include "stack.h"

namespace lacuna::model {

/// States of a layer between the two halves of its MLP, for arms that part there.
struct MlpFork {
  AlignedFloats base;     ///< [tokens, width] what the MLP's output is added to
  AlignedFloats hidden;   ///< [tokens, mlpWidth]
};

/// Runs layers over stacks. Every step treats each row alone, except attention, which follows the forest; so stacks may be cut and
/// joined at will without changing a bit.
class Engine {
 public:
  Engine(const Decoder& decoder, const ForestPlan& plan, Hooks& hooks, KeyMemory& keys, int threads);

  /// Token and position embeddings of every row, in one slot.
  void embed(Stack& stack);
  /// One layer. `keep`: the forest rows still wanted after it, ascending (empty: all); then nothing may hook into this layer.
  /// `fork` receives the states in the middle of the MLP.
  void run(Stack& stack, std::size_t layer, const std::vector<std::int32_t>& keep = {}, MlpFork* fork = nullptr);
  /// The rest of a layer from a fork, for a stack of new arms.
  void resume(Stack& stack, std::size_t layer, const MlpFork& fork);
  /// Hooks at the final norm and the norm itself: [rows.size() per slot, embeddingWidth], what the head reads.
  AlignedFloats finalStates(Stack& stack, const std::vector<std::int32_t>& rows);
  /// Gives the working memory back; the next layer takes it anew.
  void releaseBuffers();
  /// Throws LAC-2002 when a state is NaN or infinite.
  void checkFinite(const Stack& stack, std::size_t layer) const;

 private:
  struct Rows { std::int64_t first, count; float* x; };   ///< a block of a stack's rows
  template <class Use> void forBlocks(Stack& stack, const Use& use) const;
  void normalise(const Norm& norm, const float* x, float* y, std::int64_t rows, std::int64_t width) const;
  void attend(Stack& stack, const DecoderLayer& layer, std::size_t index, const std::vector<std::int32_t>& keep);
  void project(Stack& stack, const DecoderLayer& layer, bool queriesToo);
  void turnRows(const Stack& stack, float* rows, std::int64_t heads, std::int64_t stride) const;
  void keepOnly(Stack& stack, const std::vector<std::int32_t>& keep) const;
  void addBranch(Site site, Stack& stack, std::size_t index, const Rows& rows, const Linear& linear, const float* input, bool inPlace);
  void firstHalf(Stack& stack, const DecoderLayer& layer, std::size_t index, const Rows& rows);
  void secondHalf(Stack& stack, const DecoderLayer& layer, std::size_t index, const Rows& rows);

  const Decoder& m_decoder;
  const ForestPlan& m_plan;
  Hooks& m_hooks;
  KeyMemory& m_keys;
  int m_threads;
  AlignedFloats m_queries, m_keyValues, m_normed, m_hidden, m_branch;
};

/// Attention of every row of a stack; `queries` [rows, heads · headDim] become the mixed values.
void attendForest(const Decoder& decoder, const DecoderLayer& layer, std::size_t index, const ForestPlan& plan, const Stack& stack,
                  const KeyMemory& keys, float* queries, int threads);

}  // namespace lacuna::model
