#include "head.h"

#include <algorithm>
#include <cmath>

#include "kernels.h"
#include "lacuna/base/run_context.h"

namespace lacuna::model {
namespace {

constexpr std::int64_t slice = 1024;    // logits of a row that are looked at together
constexpr std::int64_t rowBlock = 120;  // so many slices stay in the second cache

void joinSlices(const LogitSummary* parts, std::int64_t slices, double& logSum, std::int32_t& best) {
  float largest = parts[0].largest;
  std::int64_t where = 0;
  for (std::int64_t s = 1; s < slices; ++s)
    if (parts[s].largest > largest) {
      largest = parts[s].largest;
      where = s;
    }
  double sum = 0;
  for (std::int64_t s = 0; s < slices; ++s)
    sum += parts[s].sum * std::exp(static_cast<double>(parts[s].largest) - static_cast<double>(largest));
  logSum = static_cast<double>(largest) + std::log(sum);
  best = static_cast<std::int32_t>(where * slice + parts[where].at);
}

}  // namespace

HeadRows scoreRows(const Decoder& decoder, const float* states, std::int64_t repeats, const RowTargets& targets, int threads) {
  const auto wanted = static_cast<std::int64_t>(targets.first.size()) - 1, asked = static_cast<std::int64_t>(targets.ids.size());
  const std::int64_t rows = repeats * wanted, inner = decoder.head.inputs(), vocabulary = decoder.vocabulary;
  const std::int64_t slices = (vocabulary + slice - 1) / slice, blocks = (rows + rowBlock - 1) / rowBlock;
  HeadRows out;
  out.logSum.resize(static_cast<std::size_t>(rows));
  out.best.resize(static_cast<std::size_t>(rows));
  out.targetLogits.resize(static_cast<std::size_t>(repeats * asked));
  std::vector<LogitSummary> parts(static_cast<std::size_t>(rows * slices));

  Decoder::HeadPart part;
  const auto task = [&](std::int64_t s, std::int64_t block, float* logits) {
    const std::int64_t first = s * slice, count = std::min(slice, vocabulary - first);
    const std::int64_t row = block * rowBlock, rowCount = std::min(rowBlock, rows - row);
    apply(*part.linear, {.x = states + row * inner, .y = logits, .rows = rowCount, .firstOutput = first - part.base, .outputCount = count, .yStride = slice});
    for (std::int64_t r = 0; r < rowCount; ++r) {
      parts[static_cast<std::size_t>((row + r) * slices + s)] = kernels().summarise(logits + r * slice, count);
      const auto of = static_cast<std::size_t>((row + r) % wanted);
      for (std::int64_t t = targets.first[of]; t < targets.first[of + 1]; ++t) {
        const std::int64_t id = targets.ids[static_cast<std::size_t>(t)] - first;
        if (id >= 0 && id < count) out.targetLogits[static_cast<std::size_t>((row + r) / wanted * asked + t)] = logits[r * slice + id];
      }
    }
  };
  for (std::int64_t first = 0; first < vocabulary; first += decoder.headStep()) {
    const std::int64_t count = std::min(decoder.headStep(), vocabulary - first), firstSlice = first / slice;
    part = decoder.headPart(first, count);
    parallelFor((count + slice - 1) / slice * blocks, threads, 1, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> logits(static_cast<std::size_t>(std::min(rows, rowBlock) * slice));
      for (std::int64_t t = begin; t < end; ++t) task(firstSlice + t / blocks, t % blocks, logits.data());
    });
  }
  for (std::int64_t r = 0; r < rows; ++r)
    joinSlices(parts.data() + r * slices, slices, out.logSum[static_cast<std::size_t>(r)], out.best[static_cast<std::size_t>(r)]);
  return out;
}

void fullLogits(const Decoder& decoder, const float* states, std::int64_t rows, float* logits, int threads) {
  for (std::int64_t first = 0; first < decoder.vocabulary; first += decoder.headStep()) {
    const std::int64_t count = std::min(decoder.headStep(), decoder.vocabulary - first);
    const Decoder::HeadPart part = decoder.headPart(first, count);
    apply(*part.linear, {.x = states, .y = logits + first, .rows = rows, .firstOutput = first - part.base, .outputCount = count,
                         .yStride = decoder.vocabulary, .threads = threads});
  }
}

}  // namespace lacuna::model
