#pragma once

#include <nlohmann/json.hpp>

#include "lacuna/clusters/clusters.h"
#include "spec_reader.h"

namespace lacuna::study {

/// The section `clusters` of a spec (docs/study-spec.md). Throws LAC-1401 with the key, what was expected and found; LAC-1104 for a filter.
void readClusterSection(SpecReader& reader, clusters::ClusterConfig& clusters);
/// Canonical: what the method does not have is left out.
nlohmann::json clustersJson(const clusters::ClusterConfig& clusters);

}  // namespace lacuna::study
