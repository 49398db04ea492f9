#include "lacuna/statistics/auc.h"

#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/probes/probes.h"

namespace lacuna::probes {

double auc(const std::vector<double>& scores, const std::vector<std::uint8_t>& labels) {
  LACUNA_CHECK(scores.size() == labels.size());
  const double value = statistics::auc(scores, labels);
  return std::isnan(value) ? 0.5 : value;
}

}  // namespace lacuna::probes
