#pragma once

#include <string>

namespace lacuna::effects {

/// A number as people read it: `digits` significant digits, no trailing zeros.
std::string number(double value, int digits = 3);

}  // namespace lacuna::effects
