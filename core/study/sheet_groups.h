#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lacuna/base/ids.h"

/// Names of clusters in sheets for raters elsewhere: they tell neither the cluster's number nor its size or neighbours, and lead back to it.
namespace lacuna::study {

struct SheetGroup {
  ClusterId cluster;
  std::string clustering;                    ///< empty: the clustering at hand; "sheet 7f3a": another
};
/// "g7f3a-1c09e2b4": four digits of the clustering, then the cluster's number under a permutation that seed and clustering choose.
std::string groupName(ClusterId cluster, std::uint64_t seed, const std::string& clustering);
/// What groupName wrote, or a plain number (sheets of before there were names); none where it is neither.
std::optional<SheetGroup> groupOf(const std::string& name, std::uint64_t seed, const std::string& clustering);

}  // namespace lacuna::study
