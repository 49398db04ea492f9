#pragma once

#include <string>

namespace lacuna::study {

/// Whether a metric counts right answers: then guessing has the task's chance level, and a model that does not beat it has nothing to lose.
/// Sides taken in pairs, toxicity, F1, bits a byte and the like are no accuracy.
bool countsRight(const std::string& metric);

}  // namespace lacuna::study
