#pragma once

#include "lacuna/store/store.h"
#include "lacuna/study/cluster_edits.h"
#include "lacuna/study/people.h"

/// The logs of a study file: reading them, adding to them.
namespace lacuna::study {

/// Key of the stored clustering without edits by hand.
std::string clusteringOf(const store::Store& store);
People readPeople(const store::Store& store, const Results& results, std::uint64_t seed);
/// Adds answers and gives them numbers, time and, where they do not say, the clustering.
void addAnswers(store::Store& store, std::vector<AnnotationRow>& rows, const std::string& clustering);

/// Plans, logs and applies an edit; stages that depend on what moved are marked out of date. LAC-1503, 3005.
void editClusters(store::Store& store, const ClusterEdit& edit, const std::vector<DocumentRow>& documents);
/// "undo" or "redo" of the next edit; false: there is none.
bool stepEdits(store::Store& store, const std::string& kind);

/// What every stage holds is of other clusters or another spec than the study's.
void markStale(store::Store& store);

}  // namespace lacuna::study
