#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "input_hashes.h"
#include "lacuna/activations/activations.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/model/model.h"
#include "lacuna/store/store.h"
#include "lacuna/study/spec.h"
#include "lacuna/study/study.h"
#include "lacuna/tasks/judges.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::study {

/// What the stages of one run share: the spec, the study file, and inputs that are loaded when first needed.
class Workspace {
 public:
  Workspace(StudySpec spec, store::Store& store, const RunContext& context);

  const StudySpec& spec() const { return m_spec; }
  store::Store& store() { return m_store; }
  const RunContext& context() const { return m_context; }
  /// Another piece of work on the same inputs: its own stop token and progress.
  void work(const RunContext& context);

  const model::Model& model();
  const model::ModelInfo& modelInfo();
  const corpus::Corpus& corpus();
  const std::vector<tasks::Task>& tasks();
  /// The models that judge what a task generates, loaded when first asked for.
  const tasks::Judges& judges(std::size_t task);
  /// How a task is scored: with its judges; toxicity without one is left out.
  tasks::ScoreOptions scoring(std::size_t task, bool generate);
  std::filesystem::path resolve(const std::filesystem::path& path) const;
  /// The part of the cache for `what`; empty: there is none.
  std::filesystem::path cacheOf(const char* what) const;
  InputHashes& inputs() { return m_inputs; }

 private:
  StudySpec m_spec;
  store::Store& m_store;
  RunContext m_context;
  std::optional<model::ModelInfo> m_info;
  std::shared_ptr<const model::Model> m_model;
  std::optional<corpus::Corpus> m_corpus;
  std::optional<std::vector<tasks::Task>> m_tasks;
  std::map<std::size_t, tasks::Judges> m_judges;
  InputHashes m_inputs;
};

/// Reads the task files of a spec.
std::vector<tasks::Task> readTasks(const StudySpec& spec);

/// Input hashes of the stages: of configuration, code version and everything upstream. Equal hash: nothing to do.
struct StageKeys { std::string clustering, clusters, probes, tasks, cells, effects, similarity; };   ///< clustering: clusters before edits by hand
/// `edits`: the study file's log; those of this clustering that are in force count.
StageKeys stageKeys(const StudySpec& spec, const model::ModelInfo& model, const std::vector<EditRow>& edits, InputHashes& hashes);
/// Throws LAC-2005 unless the study holds what a stage computes under that key.
void requireStage(const store::Store& store, const std::string& name, const std::string& key);

/// Vectors of a corpus as the spec says. `more`: a further corpus that some of the documents come from; their pictures lie beside it.
embeddings::EmbeddingSet embed(Workspace& workspace, const corpus::Corpus& corpus, const std::filesystem::path& more = {});

/// The stages in order. Each replaces its tables in one transaction together with its record.
void runClusterStage(Workspace& workspace, const StageKeys& keys);
void runProbeStage(Workspace& workspace, const std::string& key);
void runTaskStage(Workspace& workspace, const std::string& key);
void runEffectStage(store::Store& store, const StudySpec& spec, const std::string& key, const RunContext& context);
void runSimilarityStage(Workspace& workspace, const std::string& key);

/// All of them that are not up to date, and the grid's cells. `stored` is called after each that ran, and when the run ends early.
RunSummary runStages(const StudySpec& spec, store::Store& store, const RunContext& context, const std::function<void()>& stored);

/// Clusters that hold documents; edits by hand may have emptied others, whose ids stay taken.
std::vector<ClusterRow> livingClusters(const store::Store& store);

/// The study file's UUID, name and paths, written when the file is new.
void initialiseStudy(store::Store& store, const StudySpec& spec);

/// Of the tokenizer's files in a model folder: models with the same one may be of one family. Empty when there is none.
std::string tokenizerHash(const std::filesystem::path& model);

/// Ids that sort by time of creation: 48 bits of milliseconds, 80 random ones (ULID, Crockford base 32).
std::string makeUlid();
std::string utcNow();

}  // namespace lacuna::study
