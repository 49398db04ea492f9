#include "lacuna/effects/strength.h"
#include "lacuna/statistics/curves.h"

namespace lacuna::effects {

Hinge fitHinge(std::span<const double> x, std::span<const double> y, double level) {
  const statistics::Hinge fit = statistics::hinge(x, y, {}, {.level = level});
  return {fit.knee.value, fit.sse, fit.b0, fit.b1, fit.b2, fit.knee.low, fit.knee.high, fit.supF, fit.status};
}

}  // namespace lacuna::effects
