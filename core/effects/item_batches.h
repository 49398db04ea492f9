#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/effects/screening.h"

namespace lacuna::effects {

/// Items side by side in one forest.
struct ItemBatch {
  std::size_t firstItem = 0;
  model::Forest forest;
  std::vector<model::ScoredToken> scored;
  std::vector<std::size_t> rowsBefore{0}, scoredBefore{0};   ///< [items + 1]
  std::size_t items() const { return rowsBefore.size() - 1; }
};

/// As many items a batch as about 2048 tokens hold: that bounds memory and never changes a bit.
std::vector<ItemBatch> batchesOf(std::span<const ScreeningItem> items);

/// The part of a batch's [scored] values that is one item's.
std::span<const float> ofItem(const ItemBatch& batch, std::size_t item, std::span<const float> logProbs);

/// By what the sum over a choice's tokens is divided.
double divisor(const ScreeningItem& item, std::size_t choice);
/// Log-likelihoods of an item's choices from its tokens' log-probabilities, in order.
std::vector<double> choiceScores(const ScreeningItem& item, std::span<const float> logProbs);

}  // namespace lacuna::effects
