#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lacuna/base/ids.h"

/// What people said about the clusters and did to them. Both tables are logs: rows are added and never changed; the study file refuses
/// anything else.
namespace lacuna::store {

/// One answer. A later row of the same rater, kind, cluster and item takes the place of an earlier one; an empty value withdraws it.
struct AnnotationRow {
  std::int64_t number = 0;                   ///< from 1, in the order of answering
  std::string rater;
  std::string kind;                          ///< "topic": a name for the cluster; "fits": one document; "intruder": which one is of another cluster
  ClusterId cluster;
  std::int64_t item = 0;                     ///< place in the cluster's sheet; topic: 0
  std::vector<std::int32_t> documents;       ///< that were shown, in that order
  std::string expected;                      ///< intruder: the id of the document of another cluster
  std::string value;                         ///< the topic; "fits", "not", "unsure"; the id of the chosen document
  double seconds = 0;                        ///< from showing to answering; NaN: not measured
  std::string clustering;                    ///< key of the clustering that was judged
  std::string created;                       ///< UTC
};

/// One change of the clusters by hand, or an "undo" or "redo" of one.
struct EditRow {
  std::int64_t number = 0;                   ///< from 1
  std::string kind;                          ///< "rename", "recolour", "merge", "split", "exclude", "revert", "undo", "redo"
  ClusterId cluster, target;                 ///< that was changed; that its documents went to (exclude: −2; revert: none, `after` says it)
  std::vector<std::int32_t> documents;       ///< that moved, ascending
  std::vector<std::int32_t> before;          ///< the cluster each of them came from
  std::vector<std::int32_t> after = {};      ///< the cluster each of them went to, where that is not one for all; else empty
  std::string value, former;                 ///< label or number of the colour, new and old; revert: the round of refining (from 1) and nothing
  std::int64_t of = 0;                       ///< undo, redo: the number of the edit
  std::string clustering, created;
};

}  // namespace lacuna::store
