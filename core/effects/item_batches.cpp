#include "item_batches.h"

#include "lacuna/base/error.h"

namespace lacuna::effects {
namespace {

constexpr std::int64_t batchTokens = 2048;

std::int64_t tokensOf(const model::Forest& forest) {
  std::int64_t tokens = 0;
  for (const model::Segment& segment : forest) tokens += static_cast<std::int64_t>(segment.ids.size());
  return tokens;
}

void append(ItemBatch& batch, const ScreeningItem& item) {
  LACUNA_CHECK(item.gold >= 0 && static_cast<std::size_t>(item.gold + item.golds) <= item.choices.size());
  const auto shift = static_cast<int>(batch.forest.size());
  for (model::Segment segment : item.forest) {
    if (segment.parent >= 0) segment.parent += shift;
    batch.forest.push_back(std::move(segment));
  }
  for (const auto& choice : item.choices)
    for (const model::ScoredToken& token : choice) batch.scored.push_back({token.segment + shift, token.offset});
  batch.rowsBefore.push_back(batch.rowsBefore.back() + static_cast<std::size_t>(tokensOf(item.forest)));
  batch.scoredBefore.push_back(batch.scored.size());
}

}  // namespace

std::vector<ItemBatch> batchesOf(std::span<const ScreeningItem> items) {
  std::vector<ItemBatch> batches;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (batches.empty() || static_cast<std::int64_t>(batches.back().rowsBefore.back()) + tokensOf(items[i].forest) > batchTokens) {
      batches.emplace_back();
      batches.back().firstItem = i;
    }
    append(batches.back(), items[i]);
  }
  return batches;
}

double divisor(const ScreeningItem& item, std::size_t choice) { return item.perToken ? static_cast<double>(item.choices[choice].size()) : 1.0; }

std::vector<double> choiceScores(const ScreeningItem& item, std::span<const float> logProbs) {
  std::vector<double> scores;
  std::size_t next = 0;
  for (std::size_t c = 0; c < item.choices.size(); ++c) {
    double sum = 0;
    for (std::size_t t = 0; t < item.choices[c].size(); ++t) sum += static_cast<double>(logProbs[next++]);
    scores.push_back(sum / divisor(item, c));
  }
  return scores;
}

std::span<const float> ofItem(const ItemBatch& batch, std::size_t item, std::span<const float> logProbs) {
  return logProbs.subspan(batch.scoredBefore[item], batch.scoredBefore[item + 1] - batch.scoredBefore[item]);
}

}  // namespace lacuna::effects
