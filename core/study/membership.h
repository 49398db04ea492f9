#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/store/store.h"

namespace lacuna::study {

/// [documents] 1 for members of a cluster. Without memberships a document is in the one cluster that its row names; else `shared` says it,
/// whose ids are places.
std::vector<std::uint8_t> membersOf(ClusterId cluster, const std::vector<store::DocumentRow>& documents, const std::vector<store::MembershipRow>& shared);

}  // namespace lacuna::study
