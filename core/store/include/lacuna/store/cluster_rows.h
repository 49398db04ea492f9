#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lacuna/base/ids.h"

/// What a study knows about its clusters beside their members: the documents' metadata, members of several clusters, how they were refined.
namespace lacuna::store {

/// A field of the documents' metadata.
struct FieldRow {
  std::string name;
  std::string values;                        ///< JSON list of its values, the most frequent first
  std::vector<std::int32_t> codes;           ///< [documents] place of each one's value in that list; −1: it has none
};

/// Documents of a cluster where a document may be in several; without rows each is in the one that `document` names, at most.
struct MembershipRow { ClusterId cluster; std::vector<std::int32_t> documents; };   ///< ascending ids

/// A round of refining (methods.md 3.9). Means over clusters, each counting once; NaN: not known.
struct RefineRoundRow {
  std::int64_t round = 0;                    ///< from 0
  std::int64_t changed = 0;                  ///< documents with another label than before
  double purityBefore = 0, purityAfter = 0, silhouetteBefore = 0, silhouetteAfter = 0;
  std::int64_t clustersBefore = 0, clustersAfter = 0;
  std::vector<std::int32_t> labels;          ///< [documents] before the round: where undo goes back to
};

/// What a round did to a cluster.
struct RefineStepRow {
  std::int64_t number = 0, round = 0;        ///< number: from 0, in order
  std::string action;                        ///< "split", "merge", "ambiguous", "drop"
  std::int32_t cluster = -1, other = -1;     ///< other: the new cluster, the one merged into, −2 ambiguous, −1 dropped
  std::int64_t documents = 0;                ///< that moved
  double purity = 0, silhouette = 0;         ///< of the cluster before
};

/// All of it; written by the cluster stage as one.
struct ClusterRecord {
  std::vector<FieldRow> fields;
  std::vector<MembershipRow> memberships;
  std::vector<RefineRoundRow> rounds;
  std::vector<RefineStepRow> steps;
};

}  // namespace lacuna::store
