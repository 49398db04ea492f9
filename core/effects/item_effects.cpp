#include "item_effects.h"

#include <map>

namespace lacuna::effects {

std::vector<double> groupMeans(std::span<const double> d, std::span<const std::int32_t> groups) {
  struct Sum { double total = 0; std::int64_t n = 0; };
  std::map<std::int32_t, Sum> sums;
  for (std::size_t i = 0; i < d.size(); ++i) {
    sums[groups[i]].total += d[i];
    ++sums[groups[i]].n;
  }
  std::vector<double> means;
  for (const auto& [group, sum] : sums) means.push_back(sum.total / static_cast<double>(sum.n));
  return means;
}

}  // namespace lacuna::effects
