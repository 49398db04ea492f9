#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lacuna/perturbation/perturbation.h"

namespace lacuna::perturbation {

std::string scopeName(model::TokenScope scope);   ///< "all", "prompt", "answer", "last"
std::optional<model::TokenScope> scopeFromName(std::string_view name);
bool editsNeurons(Method method);                 ///< zero, mean, set: the others move the whole row

}  // namespace lacuna::perturbation
