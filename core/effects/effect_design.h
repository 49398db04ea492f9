#pragma once

#include <set>
#include <string>
#include <vector>

#include "lacuna/effects/effect_regression.h"

namespace lacuna::effects {

/// Design matrix of some cells; columns named. Constant columns are left out with a notice.
struct EffectDesign {
  MatrixD x;                             ///< [n, p], intercept first
  VectorD y;
  std::vector<double> variances;
  std::vector<std::int32_t> clusters, tasks;   ///< [n]
  std::vector<std::string> names;
  std::vector<std::uint8_t> covariate, taskDummy;   ///< [p]
  std::vector<std::string> notices;
};
EffectDesign effectDesign(std::span<const EffectCell> cells, bool withNeurons);

template <class Values>
std::size_t distinct(const Values& values) { return std::set(values.begin(), values.end()).size(); }

}  // namespace lacuna::effects
