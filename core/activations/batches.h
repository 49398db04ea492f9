#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lacuna/activations/activations.h"

namespace lacuna::activations {

struct Texts {
  std::vector<std::vector<std::int32_t>> ids;   ///< [nDocs], cut to the length limit
  std::int64_t truncated = 0;
};

/// As the model was trained to read them: special tokens of the tokenizer are added, those written in a text are plain text.
Texts tokenise(const corpus::Corpus& corpus, const model::Model& model, int maxTokens, const RunContext& context);

struct Batch {
  model::Forest forest;
  std::vector<std::size_t> documents;
};

/// Documents of two tokens or more, in their order, in batches of at most `budget` tokens (a longer document has one to itself).
std::vector<Batch> batchesOf(const Texts& texts, std::size_t budget);

/// Tokens whose states at all sites and under all arms together stay within a fixed memory; at most 4096.
std::size_t tokenBudget(const model::ModelInfo& info, const std::vector<model::Capture>& sites, std::size_t arms = 1);

}  // namespace lacuna::activations
