#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/lab/lab.h"

namespace lacuna::lab {

/// Linear warm-up over the recipe's first share of steps, then a cosine down to a tenth. `step` counts from 0.
double learningRate(const TrainRecipe& recipe, std::int64_t step);

/// AdamW (Loshchilov and Hutter 2019) over one flat vector. Its two moments are all the state a checkpoint needs.
class AdamW {
 public:
  /// decays [n]: 1 where weight decay applies (matrices), 0 where not (biases, norms).
  AdamW(const TrainRecipe& recipe, std::vector<float> decays);
  /// Scales the gradients to norm ≤ clip, then updates `values` in place; both [n]. Returns the norm before clipping.
  double step(std::span<float> values, std::span<const float> gradients, std::int64_t number);

  std::vector<float>& first() { return m_first; }
  std::vector<float>& second() { return m_second; }

 private:
  TrainRecipe m_recipe;
  std::vector<float> m_decays, m_first, m_second;
};

}  // namespace lacuna::lab
