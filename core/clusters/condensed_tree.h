#pragma once

#include <vector>

#include "lacuna/clusters/hdbscan.h"

namespace lacuna::clusters {

/// The condensed tree of a spanning tree (edges ascending, N − 1 of them) over N points.
std::vector<CondensedRow> condense(const std::vector<TreeEdge>& edges, int minClusterSize);

/// Fills births and stabilities of every node, chooses the clusters, and fills labels, strengths, selected and persistence.
void selectClusters(HdbscanResult& result, const HdbscanConfig& config);

/// λ = 1/distance; of duplicates 1/ε.
double lambdaOf(double distance);

}  // namespace lacuna::clusters
