#include "grouping.h"

#include <algorithm>
#include <map>

namespace lacuna::clusters {

Grouping withoutGaps(const std::vector<std::int32_t>& labels) {
  std::map<std::int32_t, std::int32_t> compact;
  std::int32_t last = -1;   // runs of one label need one look
  for (const std::int32_t label : labels) {
    if (label >= 0 && label != last) compact.emplace(label, 0);
    last = label;
  }
  std::int32_t next = 0;
  for (auto& [label, index] : compact) index = next++;
  Grouping result{std::vector<std::int32_t>(labels.size(), -1), std::vector<double>(compact.size(), 0)};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) continue;
    result.labels[i] = compact.at(labels[i]);
    result.sizes[static_cast<std::size_t>(result.labels[i])] += 1;
  }
  return result;
}

double silhouetteFrom(double a, double b) {
  const double larger = std::max(a, b);
  return larger > 0 ? (b - a) / larger : 0;
}

}  // namespace lacuna::clusters
