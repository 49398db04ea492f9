#pragma once

#include <string>
#include <vector>

#include "lacuna/clusters/clusters.h"

namespace lacuna::clusters {

/// Labels and the names of the clusters; a cluster without a name gets its terms as one.
struct Division {
  std::vector<std::int32_t> labels = {};
  std::vector<std::string> names = {};
  double objective = 0;
  std::string description = {};
  std::vector<double> strengths = {}, persistence = {};
  std::vector<CondensedRow> condensedTree = {};
  std::vector<TopicMerge> merges = {};
  std::vector<TreeCluster> treeClusters = {};
  std::vector<std::vector<std::int64_t>> members = {};   ///< where documents may be in several clusters
};

Division bySphericalKMeans(const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context);
Division byEuclideanKMeans(const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context);
/// Rows without a direction are noise; so are those HDBSCAN calls so. Clusters by decreasing size.
Division byDensity(const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context);
Division byTopics(const corpus::Corpus& corpus, const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context);

/// Labels of some rows by the method of the config, found anew; topics before they are merged by their words. Empty for metadata and filters.
std::vector<std::int32_t> refitted(const MatrixF& unitVectors, const ClusterConfig& config, const RunContext& context);

}  // namespace lacuna::clusters
