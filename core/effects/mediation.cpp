#include "lacuna/effects/mediation.h"

#include <cmath>
#include <vector>

#include "lacuna/base/error.h"

namespace lacuna::effects {

MediationEffects mediation(const MediationOutcomes& y) {
  MediationEffects e;
  e.total = y.y11 - y.y00;
  e.pureDirect = y.y10 - y.y00;
  e.totalIndirect = y.y11 - y.y10;
  e.totalDirect = y.y11 - y.y01;
  e.pureIndirect = y.y01 - y.y00;
  e.interaction = e.totalIndirect - e.pureIndirect;
  return e;
}

MediationEstimates mediation(std::span<const MediationOutcomes> items, std::span<const std::int32_t> groups,
                             const statistics::BootstrapConfig& config) {
  LACUNA_CHECK(items.size() == groups.size());
  const auto meanOf = [&](double MediationEffects::*part) {
    std::vector<double> values;
    for (const MediationOutcomes& item : items) values.push_back(mediation(item).*part);
    return statistics::bcaMean(values, groups, config);
  };
  MediationEstimates result;
  result.total = meanOf(&MediationEffects::total);
  result.pureDirect = meanOf(&MediationEffects::pureDirect);
  result.totalIndirect = meanOf(&MediationEffects::totalIndirect);
  result.totalDirect = meanOf(&MediationEffects::totalDirect);
  result.pureIndirect = meanOf(&MediationEffects::pureIndirect);
  result.interaction = meanOf(&MediationEffects::interaction);
  // A share of an effect that may be zero says nothing.
  const bool clear = std::isfinite(result.total.se) && std::abs(result.total.value) > 2 * result.total.se;
  if (!clear) return result;
  result.proportionMediated = result.totalIndirect.value / result.total.value;
  result.proportionStatus = statistics::Status::Ok;
  return result;
}

}  // namespace lacuna::effects
