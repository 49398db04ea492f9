#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/study/cluster_edits.h"
#include "lacuna/study/people.h"
#include "lacuna/study/task_pages.h"

namespace lacuna::study {

/// What the perturbation panel says; also what `run` stores.
struct PanelParameters {
  ClusterId cluster;
  std::string method = "mean";              ///< a method of study/spec.h, or the name of one of the spec's recipes
  LayerIndex layer;
  std::string tauRule = "mass";             ///< "mass", "topk", "uniform", "perm-null"
  double tau = 0.25;
  double epsilon = 1;                       ///< or the relative displacement δ
  bool equalDose = false;
  std::uint64_t seed = 0;
  std::vector<std::string> tasks;
};

struct PreviewTask { std::string task; double ace = 0, low = 0, high = 0; std::int64_t n = 0; std::string status; };
struct PreviewResult {
  std::vector<PreviewTask> tasks;
  std::int64_t selected = 0, width = 0;     ///< |S| of d
  double seconds = 0;
};

/// One open study file: its results, view state, and the work that can be done on it. Thread-safe.
class Session {
 public:
  /// `cache`: of vectors (study/spec.h). LAC-3001 … 3004
  static std::shared_ptr<Session> open(const std::filesystem::path& file, bool readOnly = false, const std::filesystem::path& cache = {});
  virtual ~Session() = default;

  virtual std::shared_ptr<const Results> results() const = 0;
  virtual bool readOnly() const = 0;
  /// A document's whole text (results() have its beginning), read from the study file; cheap. Empty for an id that the study lacks.
  virtual std::string documentText(DocumentId id) const = 0;
  /// Every document's text by ascending id, one after another from the file: for searches, on a worker.
  virtual void eachDocumentText(const std::function<void(DocumentId, std::string_view)>& use, const RunContext& context) const = 0;
  /// JSON by view id; kept in the study file (empty when never set).
  virtual std::string viewState(const std::string& view) const = 0;
  virtual void setViewState(const std::string& view, const std::string& json) = 0;
  virtual void setRunNote(std::int64_t run, const std::string& tags, const std::string& note) = 0;

  /// What people said about the clusters and did to them; immutable, renewed by each of the calls below.
  virtual std::shared_ptr<const People> people() const = 0;
  /// Adds answers to the log; time and, where it is empty, clustering are filled in. Cheap: agreement is worked out anew by refreshAgreement alone. LAC-3005
  virtual void annotate(std::vector<AnnotationRow> rows) = 0;
  virtual void refreshAgreement() = 0;
  /// Changes clusters and logs it; results() are new, later stages out of date. Undo and redo give false when there is nothing left to do.
  virtual void editClusters(const ClusterEdit& edit) = 0;                              ///< LAC-1503
  virtual bool undoEdit() = 0;
  virtual bool redoEdit() = 0;

  /// Neurons selected by the panel's τ at its layer: cheap, for the live |S|.
  virtual std::vector<std::int32_t> select(const PanelParameters& panel) const = 0;
  /// Estimate and interval on a fixed sample of n items a task; stores nothing; loads the model on first use.
  virtual PreviewResult preview(const PanelParameters& panel, std::int64_t n, const RunContext& context) = 0;
  /// Runs the cell with its controls on all evaluation items and stores it; gives the run's number. What was already run under the
  /// same parameters is not computed again.
  virtual std::int64_t run(const PanelParameters& panel, const RunContext& context) = 0;
  /// Runs what is not up to date with the study's spec (study.h); results() are new after every stage. What a stopped update finished is kept.
  virtual void update(const RunContext& context) = 0;
  /// The largest ε of the panel's perturbation that keeps a loss budget (nats a token) on unrelated data; stores the row and what every
  /// ability loses at that ε (study/tune.h; results()->strengthEffects).
  virtual StrengthRow tune(const PanelParameters& panel, double budget, const RunContext& context) = 0;
  /// Perturbs every two clusters together (study/spec.h: the spec's pairs, or all of them, which the study's spec then says), with the
  /// first recipe that has ε as doses; stores them and their interactions. LAC-1401 where there is no such recipe.
  virtual void runPairs(const RunContext& context) = 0;
  /// Sets one value of the study's spec ("clusters/choose_k=[4,8]"); all stages are out of date until the next update.
  /// LAC-1401 where that is no spec.
  virtual void changeSpec(const std::string& assignment) = 0;
  virtual std::optional<std::int64_t> existingRun(const PanelParameters& panel) const = 0;
  /// Seconds a run of this panel would take, from measured speed; 0 when not known yet.
  virtual double estimatedSeconds(const PanelParameters& panel) const = 0;

  /// Adds a task file (a sidecar, or data in a public format) to the study's spec; gives its name. Scoring it waits for update(): what depends on
  /// the tasks is out of date, the corpus too where it loses what tasks hold (`corpus.decontaminate`). LAC-1301 for the file, LAC-1401 for a name that the study has already, LAC-3005 when read-only.
  virtual std::string addTask(const std::filesystem::path& file) = 0;
  /// Pages of the study's tasks; reads the task files, no model. LAC-1301, 2005.
  virtual std::vector<TaskPage> taskPages() const = 0;
  /// One item (by its place) as the model sees it; loads the model on first use.
  virtual ItemView itemView(const std::string& task, std::int64_t place, const RunContext& context) = 0;
  /// What a run changed, item by item. LAC-1404.
  virtual Examples examples(std::int64_t run, const std::string& task) const = 0;

  /// Tidy CSV tables into a folder; names as `lacuna-cli export --what`. Gives the files written.
  virtual std::vector<std::filesystem::path> exportTables(const std::filesystem::path& folder, const std::vector<std::string>& what) const = 0;
};

}  // namespace lacuna::study
