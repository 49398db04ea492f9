#include <algorithm>
#include <cmath>

#include "backward.h"
#include "head.h"
#include "kernels.h"
#include "lacuna/base/run_context.h"
#include "normalise.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t blockRows = 60;  // rows whose logits are held together

/// Targets by the row that predicts them.
struct PredictingRow { std::int32_t row; std::vector<WeightedTarget> targets; };

std::vector<PredictingRow> byRow(std::span<const WeightedTarget> targets) {
  std::vector<WeightedTarget> sorted(targets.begin(), targets.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const WeightedTarget& a, const WeightedTarget& b) { return a.row < b.row; });
  std::vector<PredictingRow> rows;
  for (const WeightedTarget& target : sorted) {
    if (rows.empty() || rows.back().row != target.row) rows.push_back({target.row, {}});
    rows.back().targets.push_back(target);
  }
  return rows;
}

/// Logits of a row become the gradient with respect to them: Σ_t w_t (1[t] − softmax).
void logitsBack(float* logits, std::int64_t vocabulary, const std::vector<WeightedTarget>& targets) {
  const LogitSummary summary = kernels().summarise(logits, vocabulary);
  const auto logSum = static_cast<float>(static_cast<double>(summary.largest) + std::log(summary.sum));
  double total = 0;
  for (const WeightedTarget& target : targets) total += target.weight;
  for (std::int64_t v = 0; v < vocabulary; ++v) logits[v] -= logSum;
  kernels().exponentials(logits, vocabulary);
  for (std::int64_t v = 0; v < vocabulary; ++v) logits[v] *= -static_cast<float>(total);
  for (const WeightedTarget& target : targets) logits[target.id] += static_cast<float>(target.weight);
}

AlignedFloats project(const Linear& linear, const AlignedFloats& x, std::int64_t rows, int threads) {
  AlignedFloats y(rows * linear.outputs());
  apply(linear, {.x = x.data(), .y = y.data(), .rows = rows, .threads = threads});
  return y;
}

/// Gradient with respect to the normed states [rows, width] of some predicting rows.
AlignedFloats blockBack(const Decoder& decoder, const TransposedHead& back, const AlignedFloats& normed, std::span<const PredictingRow> rows, int threads) {
  const auto count = static_cast<std::int64_t>(rows.size());
  const bool narrow = !decoder.projectOut.empty();
  AlignedFloats states(narrow ? count * decoder.embeddingWidth : 0);
  if (narrow) states = project(decoder.projectOut, normed, count, threads);
  AlignedFloats logits(count * decoder.vocabulary);
  fullLogits(decoder, narrow ? states.data() : normed.data(), count, logits.data(), threads);
  parallelFor(count, threads, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) logitsBack(logits.data() + r * decoder.vocabulary, decoder.vocabulary, rows[static_cast<std::size_t>(r)].targets);
  });
  AlignedFloats gradient = project(back.head, logits, count, threads);
  return narrow ? project(back.projectOut, gradient, count, threads) : std::move(gradient);
}

}  // namespace

TransposedHead transposedHead(const Decoder& decoder) {
  return {decoder.head.transposed(), decoder.projectOut.empty() ? Linear() : decoder.projectOut.transposed()};
}

AlignedFloats headBackward(const Decoder& decoder, const TransposedHead& back, const float* x, std::int64_t tokens,
                           std::span<const WeightedTarget> targets, const GiveGradient& give, int threads) {
  const std::int64_t width = decoder.width;
  const std::vector<PredictingRow> rows = byRow(targets);
  AlignedFloats gradient(tokens * width);
  for (std::size_t first = 0; first < rows.size(); first += blockRows) {
    const auto block = std::span(rows).subspan(first, std::min<std::size_t>(blockRows, rows.size() - first));
    AlignedFloats normed(static_cast<std::int64_t>(block.size()) * width);
    for (std::size_t r = 0; r < block.size(); ++r)
      normaliseRows(decoder.finalNorm, x + block[r].row * width, normed.data() + static_cast<std::int64_t>(r) * width, 1, width, 1);
    const AlignedFloats part = blockBack(decoder, back, normed, block, threads);
    for (std::size_t r = 0; r < block.size(); ++r)
      std::copy_n(part.data() + static_cast<std::int64_t>(r) * width, width, gradient.data() + block[r].row * width);
  }
  give(Site::LastHidden, gradient.data());
  normaliseBack(decoder.finalNorm, x, gradient.data(), tokens, width, threads);
  return gradient;
}

}  // namespace lacuna::model
