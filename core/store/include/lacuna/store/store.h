#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lacuna/store/analysis_rows.h"
#include "lacuna/store/cluster_rows.h"
#include "lacuna/store/people_rows.h"
#include "lacuna/store/rows.h"

namespace lacuna::store {

/// State of one stage of the study: what it was computed from.
struct StageRecord {
  std::string name, state;              ///< "done", "running", "failed"
  std::string inputHash;                ///< of configuration, code version and everything upstream
  std::string detail, errorCode;
  double wallSeconds = 0;
};

/// What a perturbation at one site needs beside the probe: moments of the reference tokens.
struct SiteStatsRow {
  std::string site;
  LayerIndex layer;
  VectorD mean, sd, meanSquare, outputNorm;    ///< [d]; outputNorm: ‖row of the down projection‖, MLP sites only
  MatrixD covariance;                          ///< [d, d] or empty
  double rho = 0;
  std::int64_t tokens = 0;
};

/// A direction of one cluster at one site, in unscaled space: "probe", "meandiff", "pca3/0", "inlp8/0", … (the number: the rank asked for); of
/// permuted labels "permuted-beta/0" (standardised), "permuted-probe/0", "permuted-pca3/0/0". "probe-scalars": bias, median logit outside.
struct DirectionRow { ClusterId cluster; std::string site; LayerIndex layer; std::string kind; VectorD values; };

/// A subspace of an onward recipe, fitted on states on which the edits of all layers from `start` to the one below act (methods.md 5.4).
struct OnwardRow {
  ClusterId cluster;
  std::string method, site;                    ///< recipe by name
  LayerIndex start, layer;
  std::int64_t draw = -1;                      ///< −1: the target's; else of permuted labels of that number
  MatrixD basis, readout;                      ///< [r, d], r = 0: nothing is left to take away; readout of leace alone
  VectorD centre;                              ///< [d] mean of the reference tokens under those edits
  double size = 0, spread = 0;                 ///< their RMS ‖Δ‖ at ε = 1 and RMS ‖h − centre‖
};

/// States of reference documents at one site, donors of resample ablation: one token a document, with the document's cluster.
struct StateBankRow {
  std::string site;
  LayerIndex layer;
  std::vector<std::int32_t> clusters, positions;   ///< [n]
  MatrixD states;                                  ///< [n, d]
};

/// Items of one task in the order in which outcomes are stored.
struct TaskItems {
  std::string task;
  std::vector<std::int64_t> items; std::vector<std::int32_t> groups; std::vector<std::uint8_t> evaluate;
  std::string questions = {}, golds = {};      ///< JSON lists of texts: the question without examples, the right answer
};

/// Values of one arm on one task, item order as in TaskItems. Arms: "clean", "null", the hash of a perturbation, "counterfactual" (the
/// other prompts, nothing changed), or the two exchanges of a mediation run.
struct OutcomeRow {
  std::string arm, task, metric;
  std::vector<double> values;                  ///< NaN: no value
  std::int64_t editedRows = 0;
  double deltaSquared = 0, stateSquared = 0;
  std::string answers = {};                    ///< of the clean arm and of targets, at the metric of `accuracy`: JSON list, null: not scored
};

/// A planned arm of a run: the target (draw −1) or a control (draws from 0 on, all kinds in one count).
struct ArmRow { std::int64_t run = 0; int draw = -1; std::string arm, parameters; std::string kind = "matched"; };

/// One study file: SQLite, WAL and synchronous=FULL, one writer. Every put… is one short transaction: committed or not begun.
/// Errors: LAC-3001 locked by another process, 3002 disk, 3003 newer version, 3004 damaged or not a study.
class Store {
 public:
  static std::unique_ptr<Store> create(const std::filesystem::path& file);          ///< must not exist
  static std::unique_ptr<Store> open(const std::filesystem::path& file, bool readOnly);
  virtual ~Store() = default;

  virtual const std::filesystem::path& path() const = 0;
  virtual bool readOnly() const = 0;
  virtual std::string meta(const std::string& key) const = 0;                        ///< empty when absent
  virtual void setMeta(const std::string& key, const std::string& value) = 0;
  /// Several puts as one transaction.
  virtual void transaction(const std::function<void()>& body) = 0;

  virtual std::vector<StageRecord> stages() const = 0;
  virtual std::optional<StageRecord> stage(const std::string& name) const = 0;
  virtual void putStage(const StageRecord& record) = 0;
  virtual void putDocuments(const std::vector<DocumentRow>& rows) = 0;               ///< replaces all; likewise below
  virtual std::vector<DocumentRow> documents() const = 0; virtual std::vector<DocumentRow> documentsBegun(std::int64_t characters) const = 0;  ///< of texts so many
  virtual void putSources(const std::vector<SourceRow>& sources, const std::vector<CorpusFileRow>& files) = 0;
  virtual std::vector<SourceRow> sources() const = 0; virtual std::vector<CorpusFileRow> corpusFiles() const = 0;
  virtual void putClusters(const std::vector<ClusterRow>& rows) = 0;
  virtual std::vector<ClusterRow> clusters() const = 0;
  virtual void putCluster(const ClusterRow& row) = 0;                                ///< one, replaced or added
  virtual void putClusterRecord(const ClusterRecord& record) = 0; virtual ClusterRecord clusterRecord() const = 0;
  virtual void moveDocuments(const std::vector<std::int32_t>& documents, const std::vector<std::int32_t>& clusters) = 0;   ///< silhouettes: then unknown
  virtual std::int64_t addAnnotations(std::vector<AnnotationRow> rows) = 0;   ///< a log, as edits: rows get numbers; gives the last
  virtual std::vector<AnnotationRow> annotations() const = 0; virtual std::int64_t addEdit(EditRow row) = 0; virtual std::vector<EditRow> edits() const = 0;
  virtual void putProbes(const std::vector<ProbeRow>& rows, const std::vector<SiteStatsRow>& stats,
                         const std::vector<DirectionRow>& directions) = 0;
  virtual std::vector<ProbeRow> probes() const = 0;
  virtual std::vector<SiteStatsRow> siteStats() const = 0;
  virtual std::vector<DirectionRow> directions() const = 0;
  virtual void putSubspaces(const std::vector<SubspaceRow>& rows) = 0;
  virtual std::vector<SubspaceRow> subspaces() const = 0;
  virtual void putOnward(const std::vector<OnwardRow>& rows) = 0; virtual std::vector<OnwardRow> onward() const = 0;
  virtual void putBanks(const std::vector<StateBankRow>& rows) = 0; virtual std::vector<StateBankRow> banks() const = 0;
  virtual void putRankings(const std::vector<RankingRow>& rows) = 0;
  virtual std::vector<RankingRow> rankings() const = 0;
  virtual void putTasks(const std::vector<TaskRow>& rows, const std::vector<TaskItems>& items) = 0;
  virtual std::vector<TaskRow> tasks() const = 0;
  virtual std::vector<TaskItems> taskItems() const = 0;
  virtual void putRelations(const std::vector<RelationRow>& rows) = 0; virtual std::vector<RelationRow> relations() const = 0;

  virtual void putOutcomes(const std::vector<OutcomeRow>& rows) = 0;                 ///< adds; same key again: replaced
  virtual std::vector<OutcomeRow> outcomes() const = 0;
  virtual bool hasOutcome(const std::string& arm, const std::string& task) const = 0;
  /// Forgets what depends on a changed model, corpus, clustering or probe; runs stay listed as "stale". The clean arm may stay.
  virtual void dropOutcomes(bool keepClean) = 0;

  virtual std::int64_t addRun(const RunRow& run, const std::string& hash, const std::vector<ArmRow>& arms) = 0;   ///< its number
  virtual std::optional<std::int64_t> findRun(const std::string& hash) const = 0;    ///< not stale ones
  virtual void finishRun(std::int64_t number, const std::string& status, double wallSeconds) = 0;
  virtual void annotateRun(std::int64_t number, const std::string& tags, const std::string& note) = 0;
  virtual std::vector<RunRow> runs() const = 0;
  virtual std::vector<ArmRow> arms() const = 0;

  virtual void putEffects(const std::vector<EffectRow>& rows) = 0;
  virtual std::vector<EffectRow> effects() const = 0;
  virtual void putAnalysis(const Analysis& analysis) = 0;
  virtual Analysis analysis() const = 0;
  virtual void putStrength(const StrengthRow& row, const std::vector<StrengthEffectRow>& effects) = 0;   ///< adds; same key: replaced
  virtual std::vector<StrengthEffectRow> strengthEffects() const = 0; virtual std::vector<StrengthRow> strengths() const = 0;
  virtual void putCka(const std::vector<CkaRow>& rows, const std::vector<CkaMatrix>& matrices) = 0;
  virtual std::vector<CkaRow> cka() const = 0; virtual std::vector<CkaMatrix> ckaMatrices() const = 0;

  virtual std::string viewState(const std::string& view) const = 0;
  virtual void setViewState(const std::string& view, const std::string& json) = 0;
};

}  // namespace lacuna::store
