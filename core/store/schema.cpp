#include "schema.h"

#include "lacuna/base/error.h"
#include "table.h"

namespace lacuna::store {
namespace {

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
  createTable<StageRecord>(db, "stage", "name");
  createTable<DocumentRow>(db, "document", "id");
  createTable<ClusterRow>(db, "cluster", "id");
  createTable<ProbeRow>(db, "probe", "cluster, site, layer");
  createTable<SiteStatsRow>(db, "site_stats", "site, layer");
  createTable<DirectionRow>(db, "direction", "cluster, site, layer, kind");
  createTable<TaskRow>(db, "task", "name");
  createTable<TaskItems>(db, "task_items", "task");
  createTable<OutcomeRow>(db, "outcome", "arm, task, metric");
  createTable<RunRow>(db, "run", "number");
  createTable<ArmRow>(db, "arm", "run, draw");
  createTable<EffectRow>(db, "effect", "run, task, metric");
  createTable<CkaRow>(db, "cka", "");
  createTable<CkaMatrix>(db, "cka_matrix", "");
  db.exec("CREATE INDEX run_hash_by_hash ON run_hash (hash)");
  db.exec("CREATE INDEX document_by_cluster ON document (cluster)");
  db.exec("PRAGMA user_version = " + std::to_string(kSchemaVersion));
  transaction.commit();
}

void checkSchema(SQLite::Database& db, const std::filesystem::path& path) {
  if (pragma(db, "application_id") != kApplicationId)
    throw Error("LAC-3004", path.string() + ": not a Lacuna study (application id differs)", "choose a .lacuna file");
  const int version = pragma(db, "user_version");
  if (version > kSchemaVersion)
    throw Error("LAC-3003", path.string() + ": written by a newer Lacuna (schema " + std::to_string(version) + ", this one knows " +
                                std::to_string(kSchemaVersion) + ")", "open it with that version");
  SQLite::Statement check(db, "PRAGMA quick_check(1)");
  if (!check.executeStep() || check.getColumn(0).getString() != "ok")
    throw Error("LAC-3004", path.string() + ": the study file is damaged", "open a backup; `sqlite3 FILE .recover` may save the rest");
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
