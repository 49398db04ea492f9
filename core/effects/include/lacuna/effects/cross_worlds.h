#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/effects/screening.h"
#include "lacuna/statistics/mediation.h"

/// Cross-world outcomes of a matched input contrast (methods.md 6.3; Pearl 2001; Vig et al. 2020): a network can be run on one input while
/// some of its states are those that another input gives. An ablation's ACE is a controlled contrast and none of these.
namespace lacuna::effects {

/// The states that mediate: neurons (or coordinates) of one site, at every token, the first included.
struct Mediator { model::Capture place; std::vector<std::int32_t> neurons; };

/// May the states of one stand in for the other's, token by token: same segments, same choices, same lengths?
bool aligned(const ScreeningItem& base, const ScreeningItem& counterfactual);

/// Y(x, M(x')) of every mediator and item; 1 is the base prompt, 0 its counterfactual. Values are margins, larger is better. [mediators][items]
std::vector<std::vector<statistics::CrossWorld>> crossWorlds(const model::Model& model, std::span<const ScreeningItem> base,
                                                             std::span<const ScreeningItem> counterfactual, std::span<const Mediator> mediators,
                                                             const RunContext& context);

}  // namespace lacuna::effects
