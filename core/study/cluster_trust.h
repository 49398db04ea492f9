#pragma once

#include <string>

#include "lacuna/clusters/clusters.h"
#include "workspace.h"

namespace lacuna::study {

/// What the cluster stage finds out about its own clustering, as texts of numbers that the study keeps (meta `k_curve`, `cluster_validity`).
struct ClusterTrust {
  std::string curve;      ///< [[k, macro silhouette, SE, mean ARI of refits, its sd, AMI with sources, chosen], …]; empty: k was given
  std::string validity;   ///< [[purity, expected by chance, adjusted, NMI, AMI, ARI, homogeneity, completeness, documents]] against sources; empty: one source
  std::string words;      ///< what of it belongs into the description of the stage
};

/// Chooses k where the spec gives a grid (methods.md 3.8) and puts it into `config`.
ClusterTrust chooseClusters(Workspace& workspace, const MatrixF& unitVectors, clusters::ClusterConfig& config);
/// Compares the clusters with the documents' sources.
void compareWithSources(Workspace& workspace, const clusters::ClusterSet& set, ClusterTrust& trust);

}  // namespace lacuna::study
