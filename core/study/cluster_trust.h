#pragma once

#include <string>

#include "lacuna/clusters/clusters.h"
#include "workspace.h"

namespace lacuna::study {

/// What the cluster stage finds out about its own clustering, as texts of rows that the study keeps in `meta` under these names (FORMAT.md;
/// study/evidence.h reads them), and rows of their own.
struct ClusterTrust {
  std::string curve;      ///< `k_curve`; empty: k was given
  std::string validity;   ///< `cluster_validity`; empty: no field has two values
  std::string euclidean;  ///< `euclidean_silhouette`; empty: clusters of another method
  std::string stability;  ///< `cluster_stability`; empty: not asked for
  std::string stopped;    ///< `refine_stopped`
  std::string words;      ///< what of it belongs into the description of the stage
  store::ClusterRecord record;
};

/// Fields that group the documents, those of 2 to 1,000 values: the source first, then by name, at most 16.
std::vector<store::FieldRow> fieldsOf(const corpus::Corpus& corpus);
/// Chooses k where the spec gives a grid (methods.md 3.8) and puts it into `config`.
void chooseClusters(Workspace& workspace, const MatrixF& unitVectors, clusters::ClusterConfig& config, ClusterTrust& trust);
/// Refines the clusters where the spec asks for rounds (methods.md 3.9). LAC-1605: no document has the field.
clusters::ClusterSet refineClusters(Workspace& workspace, clusters::ClusterSet set, const MatrixF& unitVectors, ClusterTrust& trust);
/// Euclidean silhouettes of clusters that were found by Euclidean distance; refits on subsamples where the spec asks for them.
void checkClusters(Workspace& workspace, const clusters::ClusterSet& set, const MatrixF& unitVectors, const clusters::ClusterConfig& config, ClusterTrust& trust);
/// Compares the clusters with every field.
void compareWithFields(Workspace& workspace, const clusters::ClusterSet& set, ClusterTrust& trust);

/// The clusters of the condensed tree, points left out, and the topics that became part of others: `condensed_tree`, `topic_merges`; empty
/// for methods without them.
std::string treeText(const clusters::ClusterSet& set);
std::string mergesText(const clusters::ClusterSet& set);

}  // namespace lacuna::study
