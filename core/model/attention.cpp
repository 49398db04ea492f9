#include <algorithm>

#include "engine.h"
#include "lacuna/base/run_context.h"

namespace lacuna::model {
namespace {

/// Rows of a slot that belong to one piece.
struct QueryRange { int piece; std::int64_t begin, end; };

std::vector<QueryRange> rangesOf(const ForestPlan& plan, const Stack& stack) {
  std::vector<QueryRange> ranges;
  for (std::int64_t i = 0; i < stack.perSlot(); ++i) {
    const int piece = plan.pieceOf[static_cast<std::size_t>(stack.tokens[static_cast<std::size_t>(i)])];
    if (ranges.empty() || ranges.back().piece != piece) ranges.push_back({piece, i, i});
    ranges.back().end = i + 1;
  }
  return ranges;
}

struct Scratch {
  std::vector<KeySpan> spans;
  std::vector<float> scores;
};

}  // namespace

void attendForest(const Decoder& decoder, const DecoderLayer& layer, std::size_t index, const ForestPlan& plan, const Stack& stack,
                  const KeyMemory& keys, float* queries, int threads) {
  const std::vector<QueryRange> ranges = rangesOf(plan, stack);
  const auto rangeCount = static_cast<std::int64_t>(ranges.size());
  const std::int64_t heads = decoder.heads, dims = decoder.headDim, group = heads / decoder.kvHeads;
  std::int64_t longest = 0;
  for (const std::int32_t position : plan.positions) longest = std::max<std::int64_t>(longest, position + 1);

  const auto one = [&](std::int64_t slot, const QueryRange& range, std::int64_t head, Scratch& scratch) {
    keys.spans(index, slot, range.piece, head / group, scratch.spans);
    AttentionBlock block;
    block.spans = scratch.spans.data();
    block.spanCount = static_cast<int>(scratch.spans.size());
    block.headDim = dims;
    block.scale = layer.attentionScale;
    block.scores = scratch.scores.data();
    block.scoreStride = longest + 48;
    for (std::int64_t i = range.begin; i < range.end; i += block.queries) {
      block.queries = static_cast<int>(std::min<std::int64_t>(AttentionBlock::maxQueries, range.end - i));
      for (int q = 0; q < block.queries; ++q) {
        float* const row = queries + ((slot * stack.perSlot() + i + q) * heads + head) * dims;
        const std::int64_t position = plan.positions[static_cast<std::size_t>(stack.tokens[static_cast<std::size_t>(i + q)])];
        block.query[q] = block.out[q] = row;
        block.limit[q] = position + 1;
        block.first[q] = layer.window > 0 ? std::max<std::int64_t>(0, position + 1 - layer.window) : 0;
      }
      kernels().attend(block);
    }
  };
  parallelFor(static_cast<std::int64_t>(stack.slots.size()) * rangeCount * heads, threads, heads, [&](std::int64_t begin, std::int64_t end) {
    Scratch scratch;
    scratch.scores.resize(static_cast<std::size_t>(AttentionBlock::maxQueries * (longest + 48)));
    for (std::int64_t i = begin; i < end; ++i)
      one(i / (rangeCount * heads), ranges[static_cast<std::size_t>(i / heads % rangeCount)], i % heads, scratch);
  });
}

}  // namespace lacuna::model
