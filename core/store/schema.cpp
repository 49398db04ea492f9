#include "schema.h"

#include "lacuna/base/error.h"
#include "table.h"

namespace lacuna::store {
namespace {

template <class Row> struct Tag {};

/// Every table of rows with its key; creation and migration go over the same list.
template <class Visit> void eachTable(Visit visit) {
  visit(Tag<StageRecord>(), "stage", "name");
  visit(Tag<DocumentRow>(), "document", "id");
  visit(Tag<SourceRow>(), "source", "source");
  visit(Tag<CorpusFileRow>(), "corpus_file", "path");
  visit(Tag<ClusterRow>(), "cluster", "id");
  visit(Tag<FieldRow>(), "field", "name");
  visit(Tag<MembershipRow>(), "membership", "cluster");
  visit(Tag<RefineRoundRow>(), "refine_round", "round");
  visit(Tag<RefineStepRow>(), "refine_step", "number");
  visit(Tag<AnnotationRow>(), "annotation", "number");
  visit(Tag<EditRow>(), "edit", "number");
  visit(Tag<ProbeRow>(), "probe", "cluster, site, layer");
  visit(Tag<RankingRow>(), "ranking", "cluster, site, layer, first, second");
  visit(Tag<SiteStatsRow>(), "site_stats", "site, layer");
  visit(Tag<DirectionRow>(), "direction", "cluster, site, layer, kind");
  visit(Tag<SubspaceRow>(), "subspace", "cluster, site, layer, kind, start");
  visit(Tag<OnwardRow>(), "onward", "cluster, method, site, start, layer, draw");
  visit(Tag<StateBankRow>(), "state_bank", "site, layer");
  visit(Tag<TaskRow>(), "task", "name");
  visit(Tag<TaskItems>(), "task_items", "task");
  visit(Tag<RelationRow>(), "relation", "cluster, task");
  visit(Tag<OutcomeRow>(), "outcome", "arm, task, metric");
  visit(Tag<RunRow>(), "run", "number");
  visit(Tag<ArmRow>(), "arm", "run, draw");
  visit(Tag<EffectRow>(), "effect", "run, task, metric");
  visit(Tag<ControlRow>(), "control", "run, task, metric, kind");
  visit(Tag<CurveRow>(), "curve", "cluster, method, layer, task, metric");
  visit(Tag<SpecificityRow>(), "specificity", "cluster, method, task, epsilon");
  visit(Tag<RegressionRow>(), "regression", "model, term");
  visit(Tag<RobustnessRow>(), "robustness", "cluster, method, layer, task");
  visit(Tag<InteractionRow>(), "interaction", "run, task, metric");
  visit(Tag<MediationRow>(), "mediation", "run, task");
  visit(Tag<StrengthRow>(), "strength", "cluster, method, layer, budget");
  visit(Tag<StrengthEffectRow>(), "strength_effect", "cluster, method, layer, budget, task, metric");
  visit(Tag<CurationRow>(), "curation", "cluster");
  visit(Tag<CkaRow>(), "cka", "");
  visit(Tag<CkaMatrix>(), "cka_matrix", "");
}

/// What people said and did is only ever added to.
void protectLogs(SQLite::Database& db) {
  for (const std::string table : {"annotation", "edit"})
    for (const std::string act : {"UPDATE", "DELETE"})
      db.exec("CREATE TRIGGER IF NOT EXISTS " + table + "_no_" + act + " BEFORE " + act + " ON " + table + " BEGIN SELECT RAISE(ABORT, '" + table +
              " is a log: rows are only added'); END");
}

/// Brings an older file to this version: tables and columns are only ever added.
void migrate(SQLite::Database& db) {
  SQLite::Transaction transaction(db);
  eachTable([&]<class Row>(Tag<Row>, const char* name, const char* key) {
    if (!db.tableExists(name)) return createTable<Row>(db, name, key);
    addMissingColumns<Row>(db, name);
  });
  protectLogs(db);
  db.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
}

bool isSound(SQLite::Database& db) {
  SQLite::Statement check(db, "PRAGMA quick_check(1)");
  return check.executeStep() && check.getColumn(0).getString() == "ok";
}

int pragma(SQLite::Database& db, const char* name) {
  SQLite::Statement query(db, std::string("PRAGMA ") + name);
  return query.executeStep() ? query.getColumn(0).getInt() : 0;
}

}  // namespace

void createSchema(SQLite::Database& db) {
  db.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  SQLite::Transaction transaction(db);
  db.exec("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT)");
  db.exec("CREATE TABLE view_state (view_id TEXT PRIMARY KEY, json TEXT)");
  db.exec("CREATE TABLE run_hash (number INTEGER PRIMARY KEY, hash TEXT)");
  eachTable([&]<class Row>(Tag<Row>, const char* name, const char* key) { createTable<Row>(db, name, key); });
  protectLogs(db);
  db.exec("CREATE INDEX run_hash_by_hash ON run_hash (hash)");
  db.exec("CREATE INDEX document_by_cluster ON document (cluster)");
  db.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
}

void checkSchema(SQLite::Database& db, const std::filesystem::path& path, bool readOnly) {
  if (pragma(db, "application_id") != kApplicationId)
    throw Error("LAC-3004", path.string() + ": not a Lacuna study (application id differs)", "choose a .lacuna file");
  const int version = pragma(db, "user_version");
  if (version > kSchemaVersion)
    throw Error("LAC-3003", path.string() + ": written by a newer Lacuna (schema " + std::to_string(version) + ", this one knows " +
                                std::to_string(kSchemaVersion) + ")", "open it with that version");
  if (!isSound(db))
    throw Error("LAC-3004", path.string() + ": the study file is damaged", "open a backup; `sqlite3 FILE .recover` may save the rest");
  if (version == kSchemaVersion) return;
  if (readOnly)
    throw Error("LAC-3006", path.string() + ": written by an older Lacuna (schema " + std::to_string(version) + ")",
                "open it once for writing: it is brought up to date, and a copy of the old file is kept beside it");
  SQLite::Statement copy(db, "VACUUM INTO ?");
  const std::string backup = path.string() + ".v" + std::to_string(version) + ".bak";
  std::error_code absent;
  std::filesystem::remove(backup, absent);
  copy.bind(1, backup);
  copy.exec();
  migrate(db);
}

void configure(SQLite::Database& db, bool readOnly) {
  db.exec("PRAGMA trusted_schema = OFF");
  db.exec("PRAGMA mmap_size = 0");
  if (readOnly) {
    db.exec("PRAGMA query_only = ON");
    return;
  }
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
}

}  // namespace lacuna::store
