#include "people_log.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "read_results.h"
#include "workspace.h"

namespace lacuna::study {
namespace {

ClusterRow& rowOf(std::map<std::int32_t, ClusterRow>& rows, std::int32_t id) {
  ClusterRow& row = rows[id];
  row.id = ClusterId(id);
  return row;
}

std::map<std::int32_t, ClusterRow> byId(const std::vector<ClusterRow>& all) {
  std::map<std::int32_t, ClusterRow> rows;
  for (const ClusterRow& row : all) rows[row.id.value] = row;
  return rows;
}

/// What was computed of a cluster whose documents changed is not known until the study is updated.
void forget(ClusterRow& row) {
  row.silhouette = row.shareNegative = row.population = row.populationLow = row.populationHigh = row.persistence = row.contaminated = std::nan("");
}

/// Documents to new clusters: sizes follow; terms of what changed stay until the study is updated.
void move(store::Store& store, std::map<std::int32_t, ClusterRow>& rows, const std::vector<std::int32_t>& documents,
          const std::vector<std::int32_t>& from, const std::vector<std::int32_t>& to) {
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (from[i] >= 0) --rowOf(rows, from[i]).size;
    if (to[i] >= 0) ++rowOf(rows, to[i]).size;
    for (const std::int32_t id : {from[i], to[i]})
      if (id >= 0) forget(rows[id]);
  }
  store.setMeta("silhouettes", "moved");
  store.moveDocuments(documents, to);
}

/// Puts one edit into force, or takes it back.
void apply(store::Store& store, const EditRow& edit, bool forward) {
  std::map<std::int32_t, ClusterRow> rows = byId(store.clusters());
  const std::string& value = forward ? edit.value : edit.former;
  if (edit.kind == "rename") rowOf(rows, edit.cluster.value).label = value;
  if (edit.kind == "recolour") rowOf(rows, edit.cluster.value).colour = std::stoi(value);
  if (edit.kind == "split") rowOf(rows, edit.target.value).label = edit.value.empty() ? "cluster " + std::to_string(edit.target.value) : edit.value;
  if (!edit.documents.empty()) {
    std::vector<std::int32_t> after;
    for (std::size_t i = 0; i < edit.documents.size(); ++i) after.push_back(wentTo(edit, i));
    move(store, rows, edit.documents, forward ? edit.before : after, forward ? after : edit.before);
    markStale(store);
  }
  for (const auto& [id, row] : rows) store.putCluster(row);
}

void log(store::Store& store, EditRow row) {
  row.clustering = clusteringOf(store);
  row.created = utcNow();
  store.addEdit(std::move(row));
}

/// Documents that are in several clusters cannot be moved from one to another.
void requireMovable(const store::Store& store, const ClusterEdit& edit) {
  if (edit.kind == "rename" || edit.kind == "recolour" || store.clusterRecord().memberships.empty()) return;
  throw Error("LAC-1503", "clusters: documents may be in several of these clusters (clusters.multi_label): there is no " + edit.kind,
              "change the filters in the spec, or run it without multi_label");
}

/// A return to an earlier round needs the labels that were kept of it.
ClusterEdit withLabels(const store::Store& store, ClusterEdit edit) {
  if (edit.kind != "revert") return edit;
  for (const store::RefineRoundRow& round : store.clusterRecord().rounds)
    if (std::to_string(round.round + 1) == edit.value) edit.labels = round.labels;
  return edit;
}

}  // namespace

void markStale(store::Store& store) {
  if (store.meta("clustering").empty()) store.setMeta("clustering", clusteringOf(store));   // marking the stage forgets its key
  for (store::StageRecord record : store.stages()) {
    record.state = "stale";
    record.inputHash.clear();
    store.putStage(record);
  }
}

std::string clusteringOf(const store::Store& store) {
  const std::string key = store.meta("clustering");
  const auto stage = store.stage("clusters");
  return key.empty() && stage ? stage->inputHash : key;
}

People readPeople(const store::Store& store, const Results& results, std::uint64_t seed) {
  People people{clusteringOf(store), seed, store.annotations(), store.edits(), {}};
  people.agreement = agreementOf(results.documents, results.clusters, people.annotations, people.clustering);
  return people;
}

void addAnswers(store::Store& store, std::vector<AnnotationRow>& rows, const std::string& clustering) {
  const std::string now = utcNow();
  for (AnnotationRow& row : rows) {
    if (row.clustering.empty()) row.clustering = clustering;   // a sheet may be of an earlier one
    row.created = now;
  }
  std::int64_t number = store.addAnnotations(rows) - std::ssize(rows);
  for (AnnotationRow& row : rows) row.number = ++number;
}

void editClusters(store::Store& store, const ClusterEdit& edit, const std::vector<DocumentRow>& documents) {
  requireMovable(store, edit);
  const EditRow row = plannedEdit(withLabels(store, edit), store.clusters(), documents);
  store.transaction([&] {
    log(store, row);
    apply(store, row, true);
  });
}

bool stepEdits(store::Store& store, const std::string& kind) {
  const EditHistory history = historyOf(store.edits(), clusteringOf(store));
  const std::vector<EditRow>& from = kind == "undo" ? history.done : history.undone;
  if (from.empty()) return false;
  const EditRow& edit = from.back();
  EditRow row;
  row.kind = kind;
  row.cluster = edit.cluster;
  row.target = edit.target;
  row.of = edit.number;
  store.transaction([&] {
    log(store, row);
    apply(store, edit, kind == "redo");
  });
  return true;
}

void exportSheet(const std::filesystem::path& study, const std::string& rater, const std::filesystem::path& to) {
  const auto store = store::Store::open(study, true);
  const Results results = readResults(*store);
  const std::uint64_t seed = parseSpec(results.specJson, store->meta("folder")).seed;
  files::writeFileAtomically(to, writeSheet(results, raterName(rater), seed, clusteringOf(*store)));
}

SheetImport importSheet(const std::filesystem::path& study, const std::string& rater, const std::filesystem::path& from) {
  const auto store = store::Store::open(study, false);
  const Results results = readResults(*store, Texts::Begun);
  const std::uint64_t seed = parseSpec(results.specJson, store->meta("folder")).seed;
  const std::string clustering = clusteringOf(*store);
  SheetImport import = importOf(readSheet(from, results, rater, seed, clustering), store->annotations(), results.documents, clustering);
  addAnswers(*store, import.rows, clustering);
  return import;
}

}  // namespace lacuna::study
