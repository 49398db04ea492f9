#pragma once

#include "lacuna/model/linear.h"

namespace lacuna::model {

/// Derivative of the activation at x; 0 where ReLU bends, as usual.
float activationSlope(Activation activation, float x);

}  // namespace lacuna::model
