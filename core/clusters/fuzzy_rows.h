#pragma once

#include <vector>

#include "lacuna/clusters/umap.h"

namespace lacuna::clusters {

/// Membership [N · k] of every neighbour in its row's fuzzy set. New rows have no whole neighbour: their ρ is 0.
std::vector<float> memberships(const Neighbours& neighbours, bool nearestIsWhole);

}  // namespace lacuna::clusters
