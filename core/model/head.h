#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/model/decoder.h"

namespace lacuna::model {

/// Tokens whose log-probability is asked of every row: those of row r are ids[first[r]] … ids[first[r + 1] − 1].
struct RowTargets {
  std::vector<std::int64_t> first;
  std::vector<std::int32_t> ids;
};

struct HeadRows {
  std::vector<double> logSum;        ///< [rows] log Σ exp(logit) over the vocabulary
  std::vector<std::int32_t> best;    ///< [rows] the largest logit, the first of equals
  std::vector<float> targetLogits;   ///< [repeats · ids]
};

/// The head over `states` [repeats · targetRows, embeddingWidth] without keeping logits: products, log-sum-exp, argmax and the asked
/// logits in one pass over slices of the vocabulary. Slices are fixed, and their sums are joined in order, in float64.
HeadRows scoreRows(const Decoder& decoder, const float* states, std::int64_t repeats, const RowTargets& targets, int threads);

/// Full rows of logits. `logits` [rows, vocabulary]
void fullLogits(const Decoder& decoder, const float* states, std::int64_t rows, float* logits, int threads);

}  // namespace lacuna::model
