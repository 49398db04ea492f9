#include "engine.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "bfloat.h"
#include "lacuna/base/error.h"
#include "normalise.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t blockRows = 480;  // rows that go through the MLP together: their hidden states stay in the cache

void ensure(AlignedFloats& buffer, std::int64_t floats) {
  if (buffer.size() < floats) buffer = AlignedFloats(floats);
}

void copyFloats(float* to, const float* from, std::int64_t count) {
  std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(float));
}

}  // namespace

Engine::Engine(const Decoder& decoder, const ForestPlan& plan, Hooks& hooks, KeyMemory& keys, int threads)
    : m_decoder(decoder), m_plan(plan), m_hooks(hooks), m_keys(keys), m_threads(threads) {}

template <class Use>
void Engine::forBlocks(Stack& stack, const Use& use) const {
  for (std::int64_t first = 0; first < stack.rows(); first += blockRows)
    use(Rows{first, std::min(blockRows, stack.rows() - first), stack.x.data() + first * m_decoder.width});
}

void Engine::normalise(const Norm& norm, const float* x, float* y, std::int64_t rows, std::int64_t width) const {
  normaliseRows(norm, x, y, rows, width, m_threads);
}

void Engine::embed(Stack& stack) {
  const std::int64_t tokens = m_plan.tokens(), width = m_decoder.width, inner = m_decoder.embeddingWidth;
  stack.tokens.resize(static_cast<std::size_t>(tokens));
  for (std::size_t t = 0; t < stack.tokens.size(); ++t) stack.tokens[t] = static_cast<std::int32_t>(t);
  stack.x = AlignedFloats(tokens * width);
  AlignedFloats narrow(m_decoder.projectIn.empty() ? 0 : tokens * inner);
  float* const rows = m_decoder.projectIn.empty() ? stack.x.data() : narrow.data();
  parallelFor(tokens, m_threads, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = begin; t < end; ++t) {
      const std::int64_t id = m_plan.ids[static_cast<std::size_t>(t)];
      if (m_decoder.readTokenRow) m_decoder.readTokenRow(id, rows + t * inner);
      else if (m_decoder.tokenTable.empty()) m_decoder.head.readRow(id, rows + t * inner);
      else copyFloats(rows + t * inner, m_decoder.tokenTable.data() + id * inner, inner);
      if (m_decoder.precision == Precision::Bf16) roundToBfloat(rows + t * inner, inner);   // as the rows of a tied head are
    }
  });
  if (!m_decoder.projectIn.empty()) apply(m_decoder.projectIn, {.x = rows, .y = stack.x.data(), .rows = tokens, .threads = m_threads});
  if (m_decoder.positionTable.empty()) return;
  for (std::int64_t t = 0; t < tokens; ++t) {
    const float* const position =
        m_decoder.positionTable.data() + (m_plan.positions[static_cast<std::size_t>(t)] + m_decoder.positionOffset) * width;
    for (std::int64_t i = 0; i < width; ++i) stack.x.data()[t * width + i] += position[i];
  }
}

void Engine::turnRows(const Stack& stack, float* rows, std::int64_t heads, std::int64_t stride) const {
  if (m_decoder.rope.dims == 0) return;
  parallelFor(stack.rows(), m_threads, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const auto token = static_cast<std::size_t>(stack.tokens[static_cast<std::size_t>(r % stack.perSlot())]);
      const RopeTable& table = *m_plan.pieces[static_cast<std::size_t>(m_plan.pieceOf[token])].rope;
      turn(m_decoder.rope, table, m_plan.positions[token], rows + r * stride, heads, m_decoder.headDim);
    }
  });
}

void Engine::project(Stack& stack, const DecoderLayer& layer, bool queriesToo) {
  const std::int64_t width = m_decoder.width, pair = layer.keyValue.outputs(), all = layer.query.outputs();
  const Norm identity;
  const Norm& norm = m_decoder.residual == Residual::PostNorm ? identity : layer.attentionNorm;
  ensure(m_keyValues, stack.rows() * pair + 16);
  ensure(m_queries, stack.rows() * all);
  forBlocks(stack, [&](const Rows& rows) {
    normalise(norm, rows.x, m_normed.data(), rows.count, width);
    apply(layer.keyValue, {.x = m_normed.data(), .y = m_keyValues.data() + rows.first * pair, .rows = rows.count, .threads = m_threads});
    if (queriesToo)
      apply(layer.query, {.x = m_normed.data(), .y = m_queries.data() + rows.first * all, .rows = rows.count, .threads = m_threads});
  });
  turnRows(stack, m_keyValues.data(), m_decoder.kvHeads, pair);
}

void Engine::keepOnly(Stack& stack, const std::vector<std::int32_t>& keep) const {
  const std::int64_t width = m_decoder.width, kept = static_cast<std::int64_t>(keep.size());
  AlignedFloats x(static_cast<std::int64_t>(stack.slots.size()) * kept * width);
  for (std::size_t slot = 0; slot < stack.slots.size(); ++slot)
    for (std::int64_t i = 0; i < kept; ++i)
      copyFloats(x.data() + (static_cast<std::int64_t>(slot) * kept + i) * width,
                 stack.x.data() + (static_cast<std::int64_t>(slot) * stack.perSlot() + keep[static_cast<std::size_t>(i)]) * width, width);
  stack.x = std::move(x);
  stack.tokens = keep;
}

void Engine::attend(Stack& stack, const DecoderLayer& layer, std::size_t index, const std::vector<std::int32_t>& keep) {
  const bool all = keep.empty();
  project(stack, layer, all);
  m_keys.add(index, stack, m_keyValues.data(), m_threads);
  if (!all) {
    keepOnly(stack, keep);
    const Norm identity;
    forBlocks(stack, [&](const Rows& rows) {
      normalise(m_decoder.residual == Residual::PostNorm ? identity : layer.attentionNorm, rows.x, m_normed.data(), rows.count, m_decoder.width);
      apply(layer.query, {.x = m_normed.data(), .y = m_queries.data() + rows.first * layer.query.outputs(), .rows = rows.count, .threads = m_threads});
    });
  }
  turnRows(stack, m_queries.data(), m_decoder.heads, layer.query.outputs());
  attendForest(m_decoder, layer, index, m_plan, stack, m_keys, m_queries.data(), m_threads);
}

// x ← x + linear(input), in place where nobody looks at the branch. The two ways round alike: one addition after the product.
void Engine::addBranch(Site site, Stack& stack, std::size_t index, const Rows& rows, const Linear& linear, const float* input, bool inPlace) {
  if (inPlace) return apply(linear, {.x = input, .y = rows.x, .rows = rows.count, .addend = rows.x, .threads = m_threads});
  const std::int64_t width = m_decoder.width;
  ensure(m_branch, rows.count * width);
  apply(linear, {.x = input, .y = m_branch.data(), .rows = rows.count, .threads = m_threads});
  m_hooks.visit(site, index, stack, rows.first, rows.count, m_branch.data(), width);
  for (std::int64_t i = 0; i < rows.count * width; ++i) rows.x[i] = rows.x[i] + m_branch.data()[i];
}

// Attention's output joins the stream; the MLP's hidden states of the block are left in m_hidden.
void Engine::firstHalf(Stack& stack, const DecoderLayer& layer, std::size_t index, const Rows& rows) {
  const std::int64_t width = m_decoder.width;
  const Residual residual = m_decoder.residual;
  const bool parallel = residual == Residual::ParallelTwoNorms || residual == Residual::ParallelOneNorm;
  if (parallel)
    normalise(residual == Residual::ParallelOneNorm ? layer.attentionNorm : layer.mlpNorm, rows.x, m_normed.data(), rows.count, width);
  if (m_decoder.hasAttention)
    addBranch(Site::AttnOut, stack, index, rows, layer.attentionOut, m_queries.data() + rows.first * layer.attentionOut.inputs(),
              !m_hooks.wanted(Site::AttnOut, index, stack));
  if (residual == Residual::PostNorm) normalise(layer.attentionNorm, rows.x, rows.x, rows.count, width);
  if (residual == Residual::Sequential) normalise(layer.mlpNorm, rows.x, m_normed.data(), rows.count, width);
  const float* const input = residual == Residual::PostNorm ? rows.x : m_normed.data();
  const bool gated = !layer.gate.empty();
  apply(layer.up, {.x = input, .y = m_hidden.data(), .rows = rows.count, .activation = gated ? Activation::None : m_decoder.activation,
                   .threads = m_threads});
  if (gated)
    apply(layer.gate, {.x = input, .y = m_hidden.data(), .rows = rows.count, .factor = m_hidden.data(), .activation = m_decoder.activation,
                       .threads = m_threads});
}

void Engine::secondHalf(Stack& stack, const DecoderLayer& layer, std::size_t index, const Rows& rows) {
  m_hooks.visit(Site::MlpHidden, index, stack, rows.first, rows.count, m_hidden.data(), m_decoder.mlpWidth);
  addBranch(Site::MlpOut, stack, index, rows, layer.down, m_hidden.data(), !m_hooks.wanted(Site::MlpOut, index, stack));
  if (m_decoder.residual == Residual::PostNorm) normalise(layer.mlpNorm, rows.x, rows.x, rows.count, m_decoder.width);
  m_hooks.visit(Site::ResidPost, index, stack, rows.first, rows.count, rows.x, m_decoder.width);
}

void Engine::run(Stack& stack, std::size_t index, const std::vector<std::int32_t>& keep, MlpFork* fork) {
  const auto layer = m_decoder.layer(index);
  const std::int64_t width = m_decoder.width, mlpWidth = m_decoder.mlpWidth;
  ensure(m_normed, std::min(blockRows, stack.rows()) * width);
  ensure(m_hidden, std::min(blockRows, stack.rows()) * mlpWidth);
  m_hooks.visit(Site::ResidPre, index, stack, 0, stack.rows(), stack.x.data(), width);
  if (m_decoder.hasAttention) attend(stack, *layer, index, keep);
  else if (!keep.empty()) keepOnly(stack, keep);
  if (fork) {
    fork->base = AlignedFloats(stack.rows() * width);
    fork->hidden = AlignedFloats(stack.rows() * mlpWidth);
  }
  forBlocks(stack, [&](const Rows& rows) {
    firstHalf(stack, *layer, index, rows);
    if (fork) {
      copyFloats(fork->base.data() + rows.first * width, rows.x, rows.count * width);
      copyFloats(fork->hidden.data() + rows.first * mlpWidth, m_hidden.data(), rows.count * mlpWidth);
    }
    secondHalf(stack, *layer, index, rows);
  });
}

void Engine::resume(Stack& stack, std::size_t index, const MlpFork& fork) {
  const auto layer = m_decoder.layer(index);
  const std::int64_t width = m_decoder.width, mlpWidth = m_decoder.mlpWidth, perSlot = stack.perSlot();
  ensure(m_hidden, std::min(blockRows, stack.rows()) * mlpWidth);
  forBlocks(stack, [&](const Rows& rows) {
    for (std::int64_t r = 0; r < rows.count; ++r) {
      const std::int64_t token = (rows.first + r) % perSlot;
      copyFloats(rows.x + r * width, fork.base.data() + token * width, width);
      copyFloats(m_hidden.data() + r * mlpWidth, fork.hidden.data() + token * mlpWidth, mlpWidth);
    }
    secondHalf(stack, *layer, index, rows);
  });
}

AlignedFloats Engine::finalStates(Stack& stack, const std::vector<std::int32_t>& rows) {
  const std::int64_t width = m_decoder.width, perSlot = stack.perSlot(), wanted = static_cast<std::int64_t>(rows.size());
  const auto slots = static_cast<std::int64_t>(stack.slots.size());
  const bool hooked = m_hooks.wanted(Site::LastHidden, 0, stack);
  AlignedFloats everyRow;
  if (hooked) {
    everyRow = AlignedFloats(stack.rows() * width);
    normalise(m_decoder.finalNorm, stack.x.data(), everyRow.data(), stack.rows(), width);
    m_hooks.visit(Site::LastHidden, 0, stack, 0, stack.rows(), everyRow.data(), width);
  }
  AlignedFloats states(slots * wanted * width);
  for (std::int64_t i = 0; i < slots * wanted; ++i) {
    const std::int32_t token = rows[static_cast<std::size_t>(i % wanted)];
    const auto at = std::lower_bound(stack.tokens.begin(), stack.tokens.end(), token) - stack.tokens.begin();
    copyFloats(states.data() + i * width, (hooked ? everyRow : stack.x).data() + (i / wanted * perSlot + at) * width, width);
  }
  if (!hooked) normalise(m_decoder.finalNorm, states.data(), states.data(), slots * wanted, width);
  if (m_decoder.projectOut.empty()) return states;
  AlignedFloats narrow(slots * wanted * m_decoder.embeddingWidth);
  apply(m_decoder.projectOut, {.x = states.data(), .y = narrow.data(), .rows = slots * wanted, .threads = m_threads});
  return narrow;
}

void Engine::releaseBuffers() {
  for (AlignedFloats* const buffer : {&m_queries, &m_keyValues, &m_normed, &m_hidden, &m_branch}) *buffer = AlignedFloats();
}

void Engine::checkFinite(const Stack& stack, std::size_t layer) const {
  const std::int64_t width = m_decoder.width;
  for (std::int64_t r = 0; r < stack.rows(); ++r) {
    float zero = 0;
    for (std::int64_t i = 0; i < width; ++i) zero += stack.x.data()[r * width + i] * 0.0F;
    if (zero == 0.0F) continue;
    const auto token = static_cast<std::size_t>(stack.tokens[static_cast<std::size_t>(r % stack.perSlot())]);
    throw Error("LAC-2002", "The state after layer " + std::to_string(layer) + " is not finite for the token at position " +
                                std::to_string(m_plan.positions[token]) + " (id " + std::to_string(m_plan.ids[token]) + ")",
                "the weights are damaged, or an edit is far too strong");
  }
}

}  // namespace lacuna::model
