#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lacuna::effects {

/// One number a group, by group: items of one passage are no independent observations.
std::vector<double> groupMeans(std::span<const double> d, std::span<const std::int32_t> groups);

}  // namespace lacuna::effects
