#include "backward.h"

#include <algorithm>

#include "kernels.h"
#include "keys.h"
#include "lacuna/base/run_context.h"
#include "normalise.h"
#include "slope.h"

namespace lacuna::model {
namespace {

Linear turnedRound(const Linear& linear) { return linear.empty() ? Linear() : linear.transposed(); }

void add(AlignedFloats& to, const AlignedFloats& what) {
  for (std::int64_t i = 0; i < to.size(); ++i) to.data()[i] += what.data()[i];
}

AlignedFloats copyOf(const float* from, std::int64_t count) {
  AlignedFloats out(count);
  std::copy_n(from, count, out.data());
  return out;
}

/// hidden = act(up), or act(gate)·up: the gradient of hidden becomes those of up and of gate.
void activationBack(Activation activation, const AlignedFloats& up, const AlignedFloats& gate, AlignedFloats& hidden, AlignedFloats& gateGradient, int threads) {
  const bool gated = gate.size() > 0;
  parallelFor(up.size(), threads, 4096, [&](std::int64_t begin, std::int64_t end) {
    AlignedFloats activated = copyOf((gated ? gate : up).data() + begin, end - begin);
    if (gated) kernels().activate(activated.data(), end - begin, activation);
    for (std::int64_t i = begin; i < end; ++i) {
      float& gradient = hidden.data()[i];
      const float slope = activationSlope(activation, (gated ? gate : up).data()[i]);
      if (gated) gateGradient.data()[i] = gradient * up.data()[i] * slope;
      gradient *= gated ? activated.data()[i - begin] : slope;
    }
  });
}

}  // namespace

TransposedLayer transposed(const DecoderLayer& layer) {
  return {turnedRound(layer.query), turnedRound(layer.keyValue), turnedRound(layer.attentionOut),
          turnedRound(layer.gate), turnedRound(layer.up), turnedRound(layer.down)};
}

LayerBackward::LayerBackward(const Decoder& decoder, const ForestPlan& plan, std::size_t index, const DecoderLayer& layer,
                             const TransposedLayer& back, int threads)
    : m_decoder(decoder), m_plan(plan), m_index(index), m_layer(layer), m_back(back), m_threads(threads), m_rows(plan.tokens()),
      m_parallel(decoder.residual == Residual::ParallelTwoNorms || decoder.residual == Residual::ParallelOneNorm),
      m_postNorm(decoder.residual == Residual::PostNorm) {}

AlignedFloats LayerBackward::product(const Linear& linear, const float* x, const float* addend) const {
  AlignedFloats y = floats(linear.outputs());
  apply(linear, {.x = x, .y = y.data(), .rows = m_rows, .addend = addend, .threads = m_threads});
  return y;
}

AlignedFloats LayerBackward::normed(const Norm& norm, const float* x) const {
  AlignedFloats y = floats(m_decoder.width);
  normaliseRows(norm, x, y.data(), m_rows, m_decoder.width, m_threads);
  return y;
}

void LayerBackward::turned(float* rows, std::int64_t heads, std::int64_t stride, bool back) const {
  if (m_decoder.rope.dims == 0) return;
  for (std::int64_t r = 0; r < m_rows; ++r) {
    const auto token = static_cast<std::size_t>(r);
    const RopeTable& table = *m_plan.pieces[static_cast<std::size_t>(m_plan.pieceOf[token])].rope;
    (back ? turnBack : turn)(m_decoder.rope, table, m_plan.positions[token], rows + r * stride, heads, m_decoder.headDim);
  }
}

void LayerBackward::runAttention(const float* x) {
  if (!m_decoder.hasAttention) {
    m_middle = copyOf(x, m_rows * m_decoder.width);
    return;
  }
  const std::int64_t pair = m_layer.keyValue.outputs();
  const AlignedFloats input = normed(m_postNorm ? Norm() : m_layer.attentionNorm, x);
  m_queries = product(m_layer.query, input.data());
  m_keyValues = AlignedFloats(m_rows * pair + 16);  // the value kernel reads whole vectors
  apply(m_layer.keyValue, {.x = input.data(), .y = m_keyValues.data(), .rows = m_rows, .threads = m_threads});
  turned(m_queries.data(), m_decoder.heads, m_layer.query.outputs(), false);
  turned(m_keyValues.data(), m_decoder.kvHeads, pair, false);
  Stack stack;
  stack.slots.push_back({{0}, false});
  for (std::int64_t r = 0; r < m_rows; ++r) stack.tokens.push_back(static_cast<std::int32_t>(r));
  ForestKeys keys(m_decoder, m_plan);
  keys.add(m_index, stack, m_keyValues.data(), m_threads);
  AlignedFloats mixed = copyOf(m_queries.data(), m_queries.size());
  attendForest(m_decoder, m_layer, m_index, m_plan, stack, keys, mixed.data(), m_threads);
  m_middle = product(m_layer.attentionOut, mixed.data(), x);
}

void LayerBackward::runMlp(const float* x) {
  if (m_postNorm) m_mlpInput = normed(m_layer.attentionNorm, m_middle.data());
  else if (m_parallel) m_mlpInput = normed(m_decoder.residual == Residual::ParallelOneNorm ? m_layer.attentionNorm : m_layer.mlpNorm, x);
  else m_mlpInput = normed(m_layer.mlpNorm, m_middle.data());
  m_up = product(m_layer.up, m_mlpInput.data());
  if (!m_layer.gate.empty()) m_gate = product(m_layer.gate, m_mlpInput.data());
  if (!m_postNorm) return;
  AlignedFloats hidden = copyOf((m_gate.size() > 0 ? m_gate : m_up).data(), m_up.size());
  kernels().activate(hidden.data(), hidden.size(), m_decoder.activation);
  for (std::int64_t i = 0; m_gate.size() > 0 && i < hidden.size(); ++i) hidden.data()[i] *= m_up.data()[i];
  m_end = product(m_layer.down, hidden.data(), m_mlpInput.data());
}

void LayerBackward::mlpBack(const AlignedFloats& gradient, const GiveGradient& give) {
  AlignedFloats hidden = product(m_back.down, gradient.data()), gate(m_gate.size());
  give(Site::MlpHidden, hidden.data());
  activationBack(m_decoder.activation, m_up, m_gate, hidden, gate, m_threads);
  m_mlpGradient = product(m_back.up, hidden.data());
  if (gate.size() > 0) add(m_mlpGradient, product(m_back.gate, gate.data()));
}

void LayerBackward::attentionBack(const AlignedFloats& branch) {
  const AlignedFloats mixed = product(m_back.attentionOut, branch.data());
  AttentionGradients inner = attentionBackward(m_decoder, m_layer, m_plan, m_queries.data(), m_keyValues.data(), mixed.data(), m_threads);
  turned(inner.queries.data(), m_decoder.heads, m_layer.query.outputs(), true);
  turned(inner.keyValues.data(), m_decoder.kvHeads, m_layer.keyValue.outputs(), true);
  m_attentionGradient = product(m_back.query, inner.queries.data());
  add(m_attentionGradient, product(m_back.keyValue, inner.keyValues.data()));
}

// `gradient` holds the part that goes straight down the stream; the branches' parts join it behind their norms.
void LayerBackward::joinBranches(const float* x, AlignedFloats& gradient) {
  const auto join = [&](const Norm& norm, AlignedFloats& part) {
    normaliseBack(norm, x, part.data(), m_rows, m_decoder.width, m_threads);
    add(gradient, part);
  };
  if (!m_decoder.hasAttention) m_attentionGradient = floats(m_decoder.width);
  if (m_postNorm) return add(gradient, m_attentionGradient);
  if (m_decoder.residual == Residual::ParallelOneNorm) add(m_attentionGradient, m_mlpGradient);
  join(m_layer.attentionNorm, m_attentionGradient);
  if (m_decoder.residual == Residual::ParallelTwoNorms) join(m_layer.mlpNorm, m_mlpGradient);
}

void LayerBackward::run(const float* x, AlignedFloats& gradient, Reach reach, const GiveGradient& give) {
  const std::int64_t width = m_decoder.width;
  runAttention(x);
  runMlp(x);
  if (m_postNorm) normaliseBack(m_layer.mlpNorm, m_end.data(), gradient.data(), m_rows, width, m_threads);
  give(Site::MlpOut, gradient.data());
  mlpBack(gradient, give);
  if (reach == Reach::Mlp) return;
  if (!m_parallel) {
    if (!m_postNorm) normaliseBack(m_layer.mlpNorm, m_middle.data(), m_mlpGradient.data(), m_rows, width, m_threads);
    add(gradient, m_mlpGradient);
    if (m_postNorm) normaliseBack(m_layer.attentionNorm, m_middle.data(), gradient.data(), m_rows, width, m_threads);
  }
  give(Site::AttnOut, gradient.data());
  if (reach == Reach::Attention) return;
  if (m_decoder.hasAttention) attentionBack(gradient);
  joinBranches(x, gradient);
  give(Site::ResidPre, gradient.data());
}

}  // namespace lacuna::model
