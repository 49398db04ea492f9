#include <chrono>

#include "cells.h"
#include "lacuna/base/error.h"
#include "lacuna/base/log.h"

namespace lacuna::study {
namespace {

std::unique_ptr<store::Store> openOrCreate(const std::filesystem::path& file) {
  if (!file.parent_path().empty()) std::filesystem::create_directories(file.parent_path());
  return std::filesystem::exists(file) ? store::Store::open(file, false) : store::Store::create(file);
}

/// Runs one stage unless the study holds its result under the same key; a failure is written down before it travels on.
template <class Body>
void stage(store::Store& store, RunSummary& summary, const std::string& name, const std::string& key, Body&& body) {
  const auto record = store.stage(name);
  if (record && record->state == "done" && record->inputHash == key) return;
  try {
    body();
    summary.stagesRun.push_back(name);
  } catch (const Error& e) {
    store.putStage({name, "failed", "", e.message(), e.code(), 0});
    throw;
  }
}

}  // namespace

namespace {

/// Announces what is stored when it goes out of scope: an error or a stop, too, leaves finished work behind.
struct Announce {
  const std::function<void()>& stored;
  ~Announce() {
    try {
      if (stored) stored();
    } catch (const std::exception& e) {
      log::warning(std::string("the results of a stage could not be shown: ") + e.what());   // they are stored all the same
    }
  }
};

void noteModel(Workspace& w) {
  const model::ModelInfo& model = w.modelInfo();
  w.store().transaction([&] {
    w.store().setMeta("model_hash", model.hash);
    w.store().setMeta("model_architecture", model.architecture);
    w.store().setMeta("model_layers", std::to_string(model.layers));
    w.store().setMeta("model_width", std::to_string(model.width));
    w.store().setMeta("model_mlp_width", std::to_string(model.mlpWidth));
    w.store().setMeta("model_parameters", std::to_string(model.parameters));
    w.store().setMeta("model_tokenizer", tokenizerHash(w.resolve(w.spec().model)));
  });
}

}  // namespace

RunSummary runStages(const StudySpec& spec, store::Store& store, const RunContext& context, const std::function<void()>& stored) {
  const auto begin = std::chrono::steady_clock::now();
  Workspace w(spec, store, context);
  const StageKeys keys = stageKeys(spec, w.modelInfo(), store.edits(), w.inputs());
  RunSummary summary;
  noteModel(w);
  const auto announced = [&](const std::string& name, const std::string& key, const auto& body) {
    stage(store, summary, name, key, [&] {
      const Announce announce{stored};
      body();
    });
  };
  announced("clusters", keys.clusters, [&] { runClusterStage(w, keys); });
  announced("probes", keys.probes, [&] { runProbeStage(w, keys.probes); });
  announced("tasks", keys.tasks, [&] { runTaskStage(w, keys.tasks); });
  // The grid is looked through every time: new methods and doses of the spec are new cells under the same key.
  {
    const Announce announce{stored};
    const CellSummary cells = runCellStage(w, keys.cells);
    summary.cellsRun = cells.run;
    summary.cellsUpToDate = cells.upToDate;
    if (cells.run > 0) store.putStage({"effects", "stale", "", "", "", 0});
  }
  announced("effects", keys.effects, [&] { runEffectStage(store, spec, keys.effects, w.context()); });
  announced("similarity", keys.similarity, [&] { runSimilarityStage(w, keys.similarity); });
  summary.sources = store.sources();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

std::filesystem::path cacheFolder() { return files::cacheFolder(); }

RunSummary runStudy(const StudySpec& spec, const std::filesystem::path& study, const RunContext& context) {
  const std::unique_ptr<store::Store> store = openOrCreate(study);
  initialiseStudy(*store, spec);
  return runStages(spec, *store, context, {});
}

}  // namespace lacuna::study
