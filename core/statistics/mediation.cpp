#include "lacuna/statistics/mediation.h"

#include <array>
#include <cmath>
#include <vector>

#include "lacuna/base/error.h"
#include "lacuna/statistics/descriptive.h"

namespace lacuna::statistics {

Effects decompose(const CrossWorld& y) {
  Effects effects{y.y11 - y.y00, y.y10 - y.y00, y.y11 - y.y10, y.y11 - y.y01, y.y01 - y.y00, 0};
  effects.interaction = effects.totalIndirect - effects.pureIndirect;
  return effects;
}

Mediation mediate(std::span<const CrossWorld> items, std::span<const std::int32_t> groups, const BootstrapConfig& config) {
  LACUNA_CHECK(items.size() == groups.size());
  MatrixD columns(static_cast<Eigen::Index>(items.size()), 6);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const Effects e = decompose(items[i]);
    columns.row(static_cast<Eigen::Index>(i)) << e.total, e.pureDirect, e.totalIndirect, e.totalDirect, e.pureIndirect, e.interaction;
  }
  const auto estimates = bcaMeans(columns, groups, config);
  Mediation result{estimates[0], estimates[1], estimates[2], estimates[3], estimates[4], estimates[5], estimates[0]};
  Estimate& share = result.proportion;
  share.low = share.high = share.se = kMissing;
  share.method = "percentile";
  const bool clear = result.total.status == Status::Ok || result.total.status == Status::ZeroVariance || result.total.status == Status::TooFew;
  if (!clear || !(std::abs(result.total.value) > 2 * result.total.se)) {
    share.value = kMissing;
    if (clear) share.status = Status::NotIdentified;
    return result;
  }
  share.value = result.totalIndirect.value / result.total.value;
  const MatrixD draws = bootstrapMeans(columns, groups, config);
  std::vector<double> shares;
  for (Eigen::Index b = 0; b < draws.rows(); ++b)
    if (draws(b, 0) != 0) shares.push_back(draws(b, 2) / draws(b, 0));
  const auto bounds = quantiles(shares, std::array{(1 - config.level) / 2, (1 + config.level) / 2});
  share.low = bounds[0];
  share.high = bounds[1];
  share.se = standardDeviation(shares);
  return result;
}

}  // namespace lacuna::statistics
