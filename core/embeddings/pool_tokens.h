#pragma once

#include <cstdint>
#include <vector>

#include "sentence_folder.h"

namespace lacuna::embeddings {

/// Joins the states [tokens, width] of a text as the recipe says; the first `hidden` tokens (a prompt) are left out.
/// Sums run in float64 in the order of the tokens.
std::vector<float> poolTokens(const PoolingRecipe& recipe, const float* states, std::int64_t tokens, std::int64_t width, std::int64_t hidden);

}  // namespace lacuna::embeddings
