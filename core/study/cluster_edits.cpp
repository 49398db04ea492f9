#include "lacuna/study/cluster_edits.h"

#include <algorithm>
#include <map>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"

namespace lacuna::study {
namespace {

constexpr std::int32_t kAmbiguous = -2;

[[noreturn]] void refuse(const std::string& what) { throw Error("LAC-1503", "clusters: " + what, "nothing was changed; choose clusters and documents of this study"); }

const ClusterRow& clusterOf(const std::vector<ClusterRow>& all, ClusterId id) {
  const auto found = std::find_if(all.begin(), all.end(), [id](const ClusterRow& c) { return c.id == id && c.size > 0; });
  if (found == all.end()) refuse("there is no cluster " + std::to_string(id.value));
  return *found;
}

void moveAll(EditRow& row, const std::vector<DocumentRow>& documents) {
  for (const DocumentRow& d : documents)
    if (d.cluster == row.cluster.value) row.documents.push_back(d.id.value), row.before.push_back(d.cluster);
}

void moveSome(EditRow& row, const std::vector<std::int32_t>& wanted, const std::vector<DocumentRow>& documents) {
  const std::set<std::int32_t> chosen(wanted.begin(), wanted.end());
  std::map<std::int32_t, std::int64_t> left;
  for (const DocumentRow& d : documents) {
    left[d.cluster] += !chosen.contains(d.id.value);
    if (chosen.contains(d.id.value)) row.documents.push_back(d.id.value), row.before.push_back(d.cluster);
  }
  if (row.documents.empty()) refuse("no document is selected to split off");
  const std::set<std::int32_t> from(row.before.begin(), row.before.end());
  if (from.size() == 1 && left[*from.begin()] == 0) refuse("the selection is all of cluster " + std::to_string(*from.begin()) + ": nothing would stay");
  row.cluster = ClusterId(*from.begin());
}

/// Documents whose cluster was another one before a round of refining.
void moveBack(EditRow& row, const ClusterEdit& edit, const std::vector<DocumentRow>& documents) {
  if (edit.labels.size() != documents.size()) refuse("there is no round " + edit.value + " of refining to go back to");
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (documents[i].cluster == edit.labels[i]) continue;
    row.documents.push_back(documents[i].id.value);
    row.before.push_back(documents[i].cluster);
    row.after.push_back(edit.labels[i]);
  }
  if (row.documents.empty()) refuse("the clusters are those from before round " + edit.value + " already");
}

void change(EditRow& row, const std::string& value, const std::string& former) {
  if (value == former) refuse("cluster " + std::to_string(row.cluster.value) + " has that already");
  row.value = value;
  row.former = former;
}

}  // namespace

EditRow plannedEdit(const ClusterEdit& edit, const std::vector<ClusterRow>& all, const std::vector<DocumentRow>& documents) {
  EditRow row;
  row.kind = edit.kind;
  row.cluster = edit.cluster;
  if (edit.kind == "split") {
    row.target = ClusterId(std::ssize(all));
    row.value = edit.value;
    moveSome(row, edit.documents, documents);
    return row;
  }
  if (edit.kind == "revert") {
    row.value = edit.value;
    moveBack(row, edit, documents);
    return row;
  }
  const ClusterRow& own = clusterOf(all, edit.cluster);
  if (edit.kind == "rename") change(row, edit.value, own.label);
  else if (edit.kind == "recolour") change(row, edit.value, std::to_string(own.colour));
  else if (edit.kind == "merge") row.target = clusterOf(all, edit.target).id;
  else if (edit.kind == "exclude") row.target = ClusterId(kAmbiguous);
  else refuse("there is no edit '" + edit.kind + "'");
  if (row.target == row.cluster) refuse("a cluster cannot be merged with itself");
  if (edit.kind == "merge" || edit.kind == "exclude") moveAll(row, documents);
  return row;
}

EditHistory historyOf(const std::vector<EditRow>& log, const std::string& clustering) {
  EditHistory h;
  for (const EditRow& row : log) {
    if (row.clustering != clustering) continue;
    if (row.kind != "undo" && row.kind != "redo") {
      h.done.push_back(row);
      h.undone.clear();
      continue;
    }
    auto &from = row.kind == "undo" ? h.done : h.undone, &to = row.kind == "undo" ? h.undone : h.done;
    const auto found = std::find_if(from.begin(), from.end(), [&](const EditRow& e) { return e.number == row.of; });
    if (found == from.end()) continue;
    to.push_back(*found);
    from.erase(found);
  }
  return h;
}

std::int32_t wentTo(const EditRow& edit, std::size_t document) { return edit.after.empty() ? edit.target.value : edit.after.at(document); }

void applyEdits(const std::vector<EditRow>& done, const std::vector<DocumentId>& documents, std::vector<std::int32_t>& labels) {
  std::map<std::int32_t, std::int32_t> moved;
  for (const EditRow& edit : done)
    for (std::size_t i = 0; i < edit.documents.size(); ++i) moved[edit.documents[i]] = wentTo(edit, i);
  for (std::size_t i = 0; i < documents.size(); ++i)
    if (const auto at = moved.find(documents[i].value); at != moved.end()) labels[i] = at->second;
}

std::string editsHash(const std::vector<EditRow>& done) {
  Hasher hasher;
  bool any = false;
  for (const EditRow& edit : done) {
    if (edit.documents.empty()) continue;
    any = true;
    hasher.add(static_cast<std::int64_t>(edit.target.value)).add(std::ssize(edit.documents));
    for (const std::int32_t id : edit.documents) hasher.add(static_cast<std::int64_t>(id));
    for (const std::int32_t cluster : edit.after) hasher.add(static_cast<std::int64_t>(cluster));
  }
  return any ? hasher.hex() : "";
}

std::string editName(const EditRow& edit) {
  const std::string of = std::to_string(edit.cluster.value);
  if (edit.kind == "merge") return "merge of cluster " + of + " into " + std::to_string(edit.target.value);
  if (edit.kind == "split") return "split of " + std::to_string(edit.documents.size()) + " documents";
  if (edit.kind == "revert") return "return to the clusters before round " + edit.value + " of refining";
  if (edit.kind == "exclude") return "exclusion of cluster " + of;
  return (edit.kind == "rename" ? "rename of cluster " : "new colour of cluster ") + of;
}

}  // namespace lacuna::study
