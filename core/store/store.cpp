#include "lacuna/store/store.h"

#include <system_error>

#include "guarded.h"
#include "lacuna/base/error.h"
#include "lock.h"
#include "schema.h"
#include "table.h"

namespace lacuna::store {
namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(std::filesystem::path path, bool readOnly, bool create)
      : m_path(std::move(path)), m_readOnly(readOnly), m_lock(readOnly ? nullptr : std::make_unique<WriterLock>(m_path)) {
    guarded(m_path, [&] {
      const int flags = readOnly ? SQLite::OPEN_READONLY : SQLite::OPEN_READWRITE | (create ? SQLite::OPEN_CREATE : 0);
      m_db = std::make_unique<SQLite::Database>(m_path.string(), flags, 5000);
      if (create) createSchema(*m_db);
      else checkSchema(*m_db, m_path, readOnly);
      configure(*m_db, readOnly);
    });
  }
  ~SqliteStore() override {
    if (m_readOnly) return;
    try {  // one file is left to copy
      m_db->exec("PRAGMA wal_checkpoint(TRUNCATE)");
      m_db->exec("PRAGMA journal_mode=DELETE");
    } catch (const SQLite::Exception&) {
      // A reader elsewhere keeps the -wal file alive: it belongs to the study and is read at the next opening.
    }
  }

  const std::filesystem::path& path() const override { return m_path; }
  bool readOnly() const override { return m_readOnly; }

  std::string meta(const std::string& key) const override { return text("SELECT value FROM meta WHERE key = ?", key); }
  void setMeta(const std::string& key, const std::string& value) override {
    transaction([&] { run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value); });
  }
  std::string viewState(const std::string& view) const override { return text("SELECT json FROM view_state WHERE view_id = ?", view); }
  void setViewState(const std::string& view, const std::string& json) override {
    transaction([&] { run("INSERT OR REPLACE INTO view_state (view_id, json) VALUES (?, ?)", view, json); });
  }

  void transaction(const std::function<void()>& body) override {
    if (m_readOnly) throw Error("LAC-3005", m_path.string() + ": the study is open read-only", "save a copy and work in that");
    if (m_depth > 0) return body();
    guarded(m_path, [&] {
      SQLite::Transaction transaction(*m_db, SQLite::TransactionBehavior::IMMEDIATE);
      const DepthGuard guard(m_depth);
      body();
      transaction.commit();
    });
  }

  std::vector<StageRecord> stages() const override { return all<StageRecord>("stage"); }
  std::optional<StageRecord> stage(const std::string& name) const override {
    for (StageRecord& record : stages())
      if (record.name == name) return record;
    return std::nullopt;
  }
  void putStage(const StageRecord& record) override { add("stage", std::vector<StageRecord>{record}); }

  void putDocuments(const std::vector<DocumentRow>& rows) override { replace("document", rows); }
  std::vector<DocumentRow> documents() const override { return all<DocumentRow>("document", "id"); }
  std::vector<DocumentRow> documentsBegun(std::int64_t characters) const override {
    std::string columns = columnsOf<DocumentRow>().names;
    const std::string whole = ", text,";
    columns.replace(columns.find(whole), whole.size(), ", substr(text, 1, " + std::to_string(characters) + "),");
    return guarded(m_path, [&] { return selectRows<DocumentRow>(*m_db, "document", "id", columns); });
  }
  void putSources(const std::vector<SourceRow>& sources, const std::vector<CorpusFileRow>& files) override {
    transaction([&] {
      replace("source", sources);
      replace("corpus_file", files);
    });
  }
  std::vector<SourceRow> sources() const override { return all<SourceRow>("source", "source"); }
  std::vector<CorpusFileRow> corpusFiles() const override { return all<CorpusFileRow>("corpus_file"); }
  void putClusters(const std::vector<ClusterRow>& rows) override { replace("cluster", rows); }
  std::vector<ClusterRow> clusters() const override { return all<ClusterRow>("cluster", "id"); }
  void putCluster(const ClusterRow& row) override { add("cluster", std::vector<ClusterRow>{row}); }
  void putClusterRecord(const ClusterRecord& record) override {
    transaction([&] {
      replace("field", record.fields);
      replace("membership", record.memberships);
      replace("refine_round", record.rounds);
      replace("refine_step", record.steps);
    });
  }
  ClusterRecord clusterRecord() const override {
    return {all<FieldRow>("field"), all<MembershipRow>("membership", "cluster"), all<RefineRoundRow>("refine_round", "round"), all<RefineStepRow>("refine_step", "number")};
  }
  void moveDocuments(const std::vector<std::int32_t>& documents, const std::vector<std::int32_t>& clusters) override {
    transaction([&] {
      SQLite::Statement move(*m_db, "UPDATE document SET cluster = ?, silhouette = NULL WHERE id = ?");
      for (std::size_t i = 0; i < documents.size(); ++i) {
        move.bind(1, clusters[i]);
        move.bind(2, documents[i]);
        move.exec();
        move.reset();
      }
    });
  }
  std::int64_t addAnnotations(std::vector<AnnotationRow> rows) override { return append("annotation", rows); }
  std::vector<AnnotationRow> annotations() const override { return all<AnnotationRow>("annotation", "number"); }
  std::int64_t addEdit(EditRow row) override {
    std::vector<EditRow> rows{std::move(row)};
    return append("edit", rows);
  }
  std::vector<EditRow> edits() const override { return all<EditRow>("edit", "number"); }
  void putProbes(const std::vector<ProbeRow>& rows, const std::vector<SiteStatsRow>& stats,
                 const std::vector<DirectionRow>& directions) override {
    transaction([&] {
      replace("probe", rows);
      replace("site_stats", stats);
      replace("direction", directions);
    });
  }
  std::vector<ProbeRow> probes() const override { return all<ProbeRow>("probe"); }
  std::vector<SiteStatsRow> siteStats() const override { return all<SiteStatsRow>("site_stats"); }
  std::vector<DirectionRow> directions() const override { return all<DirectionRow>("direction"); }
  void putSubspaces(const std::vector<SubspaceRow>& rows) override { replace("subspace", rows); }
  std::vector<SubspaceRow> subspaces() const override { return all<SubspaceRow>("subspace"); }
  void putOnward(const std::vector<OnwardRow>& rows) override { replace("onward", rows); }
  std::vector<OnwardRow> onward() const override { return all<OnwardRow>("onward"); }
  void putBanks(const std::vector<StateBankRow>& rows) override { replace("state_bank", rows); }
  std::vector<StateBankRow> banks() const override { return all<StateBankRow>("state_bank"); }
  void putRankings(const std::vector<RankingRow>& rows) override { replace("ranking", rows); }
  std::vector<RankingRow> rankings() const override { return all<RankingRow>("ranking"); }
  void putTasks(const std::vector<TaskRow>& rows, const std::vector<TaskItems>& items) override {
    transaction([&] {
      replace("task", rows);
      replace("task_items", items);
    });
  }
  std::vector<TaskRow> tasks() const override { return all<TaskRow>("task"); }
  std::vector<TaskItems> taskItems() const override { return all<TaskItems>("task_items"); }

  void putRelations(const std::vector<RelationRow>& rows) override { replace("relation", rows); }
  std::vector<RelationRow> relations() const override { return all<RelationRow>("relation"); }

  void putOutcomes(const std::vector<OutcomeRow>& rows) override { add("outcome", rows); }
  std::vector<OutcomeRow> outcomes() const override { return all<OutcomeRow>("outcome"); }
  bool hasOutcome(const std::string& arm, const std::string& task) const override {
    return guarded(m_path, [&] {
      SQLite::Statement query(*m_db, "SELECT 1 FROM outcome WHERE arm = ? AND task = ? LIMIT 1");
      query.bind(1, arm);
      query.bind(2, task);
      return query.executeStep();
    });
  }
  void dropOutcomes(bool keepClean) override {
    transaction([&] {
      run(keepClean ? "DELETE FROM outcome WHERE arm <> 'clean'" : "DELETE FROM outcome");
      run("DELETE FROM effect");
      run("UPDATE run SET status = 'stale' WHERE status <> 'stale'");
    });
  }

  std::int64_t addRun(const RunRow& row, const std::string& hash, const std::vector<ArmRow>& arms) override {
    std::int64_t number = 0;
    transaction([&] {
      number = next("run");
      RunRow copy = row;
      copy.number = number;
      insertRows(*m_db, "run", std::vector<RunRow>{copy});
      run("INSERT INTO run_hash (number, hash) VALUES (?, ?)", number, hash);
      std::vector<ArmRow> own = arms;
      for (ArmRow& arm : own) arm.run = number;
      insertRows(*m_db, "arm", own);
    });
    return number;
  }
  std::optional<std::int64_t> findRun(const std::string& hash) const override {
    return guarded(m_path, [&]() -> std::optional<std::int64_t> {
      SQLite::Statement query(*m_db, "SELECT h.number FROM run_hash h JOIN run r ON r.number = h.number "
                                     "WHERE h.hash = ? AND r.status <> 'stale' ORDER BY h.number LIMIT 1");
      query.bind(1, hash);
      if (!query.executeStep()) return std::nullopt;
      return query.getColumn(0).getInt64();
    });
  }
  void finishRun(std::int64_t number, const std::string& status, double wallSeconds) override {
    transaction([&] { run("UPDATE run SET status = ?, wall_s = ? WHERE number = ?", status, wallSeconds, number); });
  }
  void annotateRun(std::int64_t number, const std::string& tags, const std::string& note) override {
    transaction([&] { run("UPDATE run SET tags = ?, note = ? WHERE number = ?", tags, note, number); });
  }
  std::vector<RunRow> runs() const override { return all<RunRow>("run", "number"); }
  std::vector<ArmRow> arms() const override { return all<ArmRow>("arm", "run, draw"); }

  void putEffects(const std::vector<EffectRow>& rows) override { replace("effect", rows); }
  std::vector<EffectRow> effects() const override { return all<EffectRow>("effect"); }
  void putAnalysis(const Analysis& a) override {
    transaction([&] {
      replace("control", a.controls);
      replace("curve", a.curves);
      replace("specificity", a.specificity);
      replace("regression", a.regression);
      replace("robustness", a.robustness);
      replace("curation", a.curation);
      replace("interaction", a.interactions);
      replace("mediation", a.mediation);
    });
  }
  Analysis analysis() const override {
    return {all<ControlRow>("control"), all<CurveRow>("curve"), all<SpecificityRow>("specificity"),
            all<RegressionRow>("regression"), all<RobustnessRow>("robustness"), all<CurationRow>("curation"),
            all<InteractionRow>("interaction"), all<MediationRow>("mediation")};
  }
  void putStrength(const StrengthRow& row, const std::vector<StrengthEffectRow>& effects) override {
    transaction([&] {
      run("DELETE FROM strength_effect WHERE cluster = ? AND method = ? AND layer = ? AND budget = ?", row.cluster.value, row.method, row.layer.value, row.budget);
      insertRows(*m_db, "strength", std::vector<StrengthRow>{row});
      insertRows(*m_db, "strength_effect", effects);
    });
  }
  std::vector<StrengthEffectRow> strengthEffects() const override { return all<StrengthEffectRow>("strength_effect"); }
  std::vector<StrengthRow> strengths() const override { return all<StrengthRow>("strength"); }
  void putCka(const std::vector<CkaRow>& rows, const std::vector<CkaMatrix>& matrices) override {
    transaction([&] {
      replace("cka", rows);
      replace("cka_matrix", matrices);
    });
  }
  std::vector<CkaRow> cka() const override { return all<CkaRow>("cka"); }
  std::vector<CkaMatrix> ckaMatrices() const override { return all<CkaMatrix>("cka_matrix"); }

 private:
  struct DepthGuard {
    int& depth;
    explicit DepthGuard(int& d) : depth(d) { ++depth; }
    ~DepthGuard() { --depth; }
    DepthGuard(const DepthGuard&) = delete;
    DepthGuard& operator=(const DepthGuard&) = delete;
  };

  template <class Row> std::vector<Row> all(const std::string& table, const std::string& order = "rowid") const {
    return guarded(m_path, [&] { return selectRows<Row>(*m_db, table, order); });
  }
  template <class Row> void add(const std::string& table, const std::vector<Row>& rows) {
    transaction([&] { insertRows(*m_db, table, rows); });
  }
  /// Rows of a log get the next numbers.
  template <class Row> std::int64_t append(const std::string& table, std::vector<Row>& rows) {
    std::int64_t last = 0;
    transaction([&] {
      last = next(table) - 1;
      for (Row& row : rows) row.number = ++last;
      insertRows(*m_db, table, rows);
    });
    return last;
  }
  std::int64_t next(const std::string& table) const {
    SQLite::Statement query(*m_db, "SELECT COALESCE(MAX(number), 0) + 1 FROM " + table);
    query.executeStep();
    return query.getColumn(0).getInt64();
  }
  template <class Row> void replace(const std::string& table, const std::vector<Row>& rows) {
    transaction([&] {
      run("DELETE FROM " + table);
      insertRows(*m_db, table, rows);
    });
  }
  template <class... Values> void run(const std::string& sql, const Values&... values) {
    SQLite::Statement statement(*m_db, sql);
    int index = 0;
    (statement.bind(++index, values), ...);
    statement.exec();
  }
  std::string text(const char* sql, const std::string& key) const {
    return guarded(m_path, [&] {
      SQLite::Statement query(*m_db, sql);
      query.bind(1, key);
      return query.executeStep() ? query.getColumn(0).getString() : std::string();
    });
  }

  std::filesystem::path m_path;
  bool m_readOnly;
  std::unique_ptr<WriterLock> m_lock;
  std::unique_ptr<SQLite::Database> m_db;
  int m_depth = 0;
};

}  // namespace

std::unique_ptr<Store> Store::create(const std::filesystem::path& file) {
  if (std::filesystem::exists(file))
    throw Error("LAC-3002", file.string() + ": exists already", "choose another name, or open it");
  return std::make_unique<SqliteStore>(file, false, true);
}

std::unique_ptr<Store> Store::open(const std::filesystem::path& file, bool readOnly) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed))
    throw Error("LAC-3004", file.string() + ": no such study file", "check the path; `lacuna-cli run SPEC.json --study FILE` makes one");
  return std::make_unique<SqliteStore>(file, readOnly, false);
}

}  // namespace lacuna::store
