#include "membership.h"

namespace lacuna::study {

std::vector<std::uint8_t> membersOf(ClusterId cluster, const std::vector<store::DocumentRow>& documents, const std::vector<store::MembershipRow>& shared) {
  std::vector<std::uint8_t> members(documents.size(), 0);
  for (std::size_t i = 0; shared.empty() && i < documents.size(); ++i) members[i] = documents[i].cluster == cluster.value ? 1 : 0;
  for (const store::MembershipRow& row : shared)
    for (const std::int32_t id : row.documents)
      if (row.cluster == cluster && static_cast<std::size_t>(id) < members.size()) members[static_cast<std::size_t>(id)] = 1;
  return members;
}

}  // namespace lacuna::study
