#include "lacuna/statistics/effect_size.h"

#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/estimate.h"

namespace lacuna::statistics {

double dz(std::span<const double> d) {
  const double sd = standardDeviation(d);
  return sd > 0 ? mean(d) / sd : kMissing;
}

double hedges(std::span<const double> d) {
  const double degrees = static_cast<double>(d.size()) - 1;
  return dz(d) * (1 - 3 / (4 * degrees - 1));
}

}  // namespace lacuna::statistics
