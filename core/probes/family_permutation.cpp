#include "family_permutation.h"

#include <map>

namespace lacuna::probes {

FamilyPermutation::FamilyPermutation(std::span<const std::int32_t> families, std::span<const std::int32_t> sources)
    : m_documents(families.size()) {
  std::map<std::int32_t, std::map<std::int32_t, std::vector<std::size_t>>> members;
  for (std::size_t n = 0; n < families.size(); ++n) members[sources.empty() ? 0 : sources[n]][families[n]].push_back(n);
  for (auto& [source, bySource] : members) {
    m_members.emplace_back();
    for (auto& [family, documents] : bySource) m_members.back().push_back(std::move(documents));
  }
}

std::vector<std::int32_t> FamilyPermutation::permute(std::span<const std::int32_t> labels, Rng& rng) const {
  std::vector<std::int32_t> result(m_documents);
  for (const auto& families : m_members) {
    const std::vector<std::int64_t> order = rng.permutation(static_cast<std::int64_t>(families.size()));
    for (std::size_t f = 0; f < families.size(); ++f) {
      const std::vector<std::size_t>& to = families[f];
      const std::vector<std::size_t>& from = families[static_cast<std::size_t>(order[f])];
      for (std::size_t i = 0; i < to.size(); ++i) result[to[i]] = labels[from[i * from.size() / to.size()]];
    }
  }
  return result;
}

}  // namespace lacuna::probes
