#include <cmath>
#include <map>
#include <set>

#include "lacuna/effects/effect_regression.h"

namespace lacuna::effects {
namespace {

using statistics::Status;

constexpr std::size_t sizesForALaw = 6;

struct Pooled { double weighted = 0, weight = 0; };

}  // namespace

ScaleLaw scaleLaw(std::span<const EffectCell> cells) {
  std::map<double, Pooled> bySize;
  std::set<std::int32_t> families;
  for (const EffectCell& cell : cells) {
    if (!std::isfinite(cell.effect) || !(cell.variance > 0) || !std::isfinite(cell.lnParameters)) continue;
    families.insert(cell.family);
    Pooled& pooled = bySize[cell.lnParameters];
    pooled.weighted += cell.effect / cell.variance;
    pooled.weight += 1 / cell.variance;
  }
  ScaleLaw law;
  for (const auto& [size, pooled] : bySize) {
    law.sizes.push_back(std::exp(size));
    law.effects.push_back(pooled.weighted / pooled.weight);
    law.se.push_back(1 / std::sqrt(pooled.weight));
  }
  if (families.size() > 1) law.reason = "the models are of several families, which differ in corpus and tokenizer too";
  else if (law.sizes.size() < sizesForALaw) law.reason = std::to_string(law.sizes.size()) + " model sizes; a law needs 6";
  if (!law.reason.empty()) {
    law.status = law.chosen.status = law.constant.status = law.line.status = law.power.status = Status::NotIdentified;
    return law;
  }
  law.constant = statistics::fitScaling(law.sizes, law.effects, law.se, statistics::Scaling::Constant);
  law.line = statistics::fitScaling(law.sizes, law.effects, law.se, statistics::Scaling::LogLinear);
  law.power = statistics::fitScaling(law.sizes, law.effects, law.se, statistics::Scaling::Power);
  law.chosen = statistics::chooseScaling(law.sizes, law.effects, law.se);
  return law;
}

}  // namespace lacuna::effects
