#pragma once

#include <string>
#include <vector>

#include "lacuna/study/results.h"

/// Clusters changed by hand. Every change is a row of a log that is only added to; an undo is a row too.
namespace lacuna::study {

/// What somebody asks for. Documents of an excluded cluster become ambiguous (−2): no probe sees them, the counts still do.
struct ClusterEdit {
  std::string kind;                          ///< "rename", "recolour", "merge", "split", "exclude", "revert" (to the clusters before a round of refining)
  ClusterId cluster;                         ///< split: not needed
  ClusterId target;                          ///< merge: the cluster that stays
  std::vector<std::int32_t> documents;       ///< split: that become a cluster of their own
  std::string value;                         ///< rename: the label; recolour: place in the palette; split: the label, may be empty; revert: the round, from 1
  std::vector<std::int32_t> labels = {};     ///< revert: clusters before that round [documents]; the session fills them in
};

/// The row that would be logged. `all`: every cluster of the study file, emptied ones too, by id. LAC-1503: it changes nothing or names
/// what is not there.
EditRow plannedEdit(const ClusterEdit& edit, const std::vector<ClusterRow>& all, const std::vector<DocumentRow>& documents);

/// What a log says is in force now, and what could be taken back or done again; rows of other clusterings are history.
struct EditHistory {
  std::vector<EditRow> done;                 ///< in force, oldest first; the last is the next undo
  std::vector<EditRow> undone;               ///< the last is the next redo
};
EditHistory historyOf(const std::vector<EditRow>& log, const std::string& clustering);

/// Where the edit's document of that place went.
std::int32_t wentTo(const EditRow& edit, std::size_t document);
/// Cluster of every document after the edits in force, from those of the clustering itself: labels [documents], by position.
void applyEdits(const std::vector<EditRow>& done, const std::vector<DocumentId>& documents, std::vector<std::int32_t>& labels);
/// Of the edits that move documents; empty when none does. Part of the key of all later stages.
std::string editsHash(const std::vector<EditRow>& done);

/// "rename of cluster 3", for menus and messages.
std::string editName(const EditRow& edit);

}  // namespace lacuna::study
