#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/base/rng.h"

namespace lacuna::probes {

/// Grouped, stratified folds: whole families, dealt label by label to the fold that has fewest documents of that label.
/// Largest families first, so that folds come out even. Returns [N] 0 … folds − 1.
std::vector<std::int32_t> groupedFolds(std::span<const std::int32_t> labels, std::span<const std::int32_t> families, int folds);

/// Control labels (Hewitt and Liang 2019, on documents): whole families are drawn in random order until `share` of the
/// documents is positive. At least one family stays on either side. Returns [N] 0 or 1.
std::vector<std::uint8_t> controlLabels(std::span<const std::int32_t> families, double share, Rng& rng);

}  // namespace lacuna::probes
