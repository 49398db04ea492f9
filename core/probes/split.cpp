#include "split.h"

#include <algorithm>
#include <map>

namespace lacuna::probes {
namespace {

struct Family {
  std::int32_t id = 0, label = 0;   ///< label: its most frequent one, the lower of equals
  std::int64_t size = 0;
};

std::vector<Family> summarise(std::span<const std::int32_t> labels, std::span<const std::int32_t> families) {
  std::map<std::int32_t, std::map<std::int32_t, std::int64_t>> counts;
  for (std::size_t i = 0; i < families.size(); ++i) ++counts[families[i]][labels[i]];
  std::vector<Family> result;
  for (const auto& [id, byLabel] : counts) {
    Family family{id, byLabel.begin()->first, 0};
    for (const auto& [label, count] : byLabel) {
      family.size += count;
      if (count > byLabel.at(family.label)) family.label = label;
    }
    result.push_back(family);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Family& a, const Family& b) { return a.label != b.label ? a.label < b.label : a.size > b.size; });
  return result;
}

}  // namespace

std::vector<std::int32_t> groupedFolds(std::span<const std::int32_t> labels, std::span<const std::int32_t> families, int folds) {
  std::vector<std::int64_t> total(static_cast<std::size_t>(folds), 0);
  std::map<std::int32_t, std::vector<std::int64_t>> perLabel;
  std::map<std::int32_t, std::int32_t> foldOf;
  for (const Family& family : summarise(labels, families)) {
    std::vector<std::int64_t>& here = perLabel.try_emplace(family.label, total.size(), 0).first->second;
    std::size_t best = 0;
    for (std::size_t f = 1; f < total.size(); ++f)
      if (std::pair(here[f], total[f]) < std::pair(here[best], total[best])) best = f;
    here[best] += family.size;
    total[best] += family.size;
    foldOf[family.id] = static_cast<std::int32_t>(best);
  }
  std::vector<std::int32_t> result;
  for (const std::int32_t family : families) result.push_back(foldOf.at(family));
  return result;
}

std::vector<std::uint8_t> controlLabels(std::span<const std::int32_t> families, double share, Rng& rng) {
  std::map<std::int32_t, std::int64_t> sizes;
  for (const std::int32_t family : families) ++sizes[family];
  std::vector<std::int32_t> ids;
  for (const auto& [id, size] : sizes) ids.push_back(id);
  const double goal = share * static_cast<double>(families.size());
  std::map<std::int32_t, bool> chosen;
  double positives = 0;
  for (const std::int64_t at : rng.permutation(static_cast<std::int64_t>(ids.size()))) {
    const std::int32_t id = ids[static_cast<std::size_t>(at)];
    const double size = static_cast<double>(sizes[id]);
    const bool closer = std::abs(positives + size - goal) < std::abs(positives - goal);
    if (chosen.size() + 1 < ids.size() && (chosen.empty() || closer)) chosen[id] = true, positives += size;
    if (positives >= goal) break;
  }
  std::vector<std::uint8_t> result;
  for (const std::int32_t family : families) result.push_back(chosen.contains(family));
  return result;
}

}  // namespace lacuna::probes
