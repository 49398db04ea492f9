#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine.h"
#include "forest_plan.h"

namespace lacuna::model {

/// The matrices of a layer with inputs and outputs changed round.
struct TransposedLayer {
  Linear query, keyValue, attentionOut, gate, up, down;
};
TransposedLayer transposed(const DecoderLayer& layer);

struct TransposedHead { Linear head, projectOut; };
TransposedHead transposedHead(const Decoder& decoder);

/// Where the sweep back tells the gradient at a site: [tokens, width of the site].
using GiveGradient = std::function<void(Site site, const float* gradient)>;

/// How far down a layer the sweep has to go.
enum class Reach { Mlp, Attention, Through };

/// One layer, backwards: runs the layer again from its input x and carries the gradient of its output down.
class LayerBackward {
 public:
  LayerBackward(const Decoder& decoder, const ForestPlan& plan, std::size_t index, const DecoderLayer& layer, const TransposedLayer& back, int threads);
  /// gradient [tokens, width]: with respect to the layer's output; after Reach::Through with respect to its input.
  void run(const float* x, AlignedFloats& gradient, Reach reach, const GiveGradient& give);

 private:
  AlignedFloats floats(std::int64_t width) const { return AlignedFloats(m_rows * width); }
  AlignedFloats product(const Linear& linear, const float* x, const float* addend = nullptr) const;
  AlignedFloats normed(const Norm& norm, const float* x) const;
  void turned(float* rows, std::int64_t heads, std::int64_t stride, bool back) const;
  void runAttention(const float* x);
  void runMlp(const float* x);
  void mlpBack(const AlignedFloats& gradient, const GiveGradient& give);
  void attentionBack(const AlignedFloats& branch);
  void joinBranches(const float* x, AlignedFloats& gradient);

  const Decoder& m_decoder;
  const ForestPlan& m_plan;
  std::size_t m_index;
  const DecoderLayer& m_layer;
  const TransposedLayer& m_back;
  int m_threads;
  std::int64_t m_rows;
  bool m_parallel, m_postNorm;
  AlignedFloats m_queries, m_keyValues;        ///< turned
  AlignedFloats m_middle;                      ///< x + attention, before a norm that follows it
  AlignedFloats m_mlpInput, m_up, m_gate;      ///< up and gate before the activation
  AlignedFloats m_end;                         ///< PostNorm: what the last norm reads
  AlignedFloats m_mlpGradient, m_attentionGradient;   ///< with respect to the two branches' inputs (after their norms)
};

/// Attention backwards: queries [tokens, heads·headDim] and keyValues [tokens, 2·kvHeads·headDim] turned, `mixed` the gradient of the
/// mixed values. Both gradients come out with respect to the turned rows.
struct AttentionGradients { AlignedFloats queries, keyValues; };
AttentionGradients attentionBackward(const Decoder& decoder, const DecoderLayer& layer, const ForestPlan& plan, const float* queries,
                                     const float* keyValues, const float* mixed, int threads);

/// A token's log-probability with its weight in the outcome: predicted from forest row `row`.
struct WeightedTarget { std::int32_t row = 0, id = 0; double weight = 0; };

/// Final norm, projection and head backwards: x [tokens, width] the stream after the last layer. Gives LastHidden; returns the
/// gradient with respect to x.
AlignedFloats headBackward(const Decoder& decoder, const TransposedHead& back, const float* x, std::int64_t tokens,
                           std::span<const WeightedTarget> targets, const GiveGradient& give, int threads);

}  // namespace lacuna::model
