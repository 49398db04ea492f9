#include <chrono>

#include "cells.h"
#include "lacuna/base/error.h"

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

RunSummary runStudy(const StudySpec& spec, const std::filesystem::path& study, const RunContext& context) {
  const auto begin = std::chrono::steady_clock::now();
  const std::unique_ptr<store::Store> store = openOrCreate(study);
  initialiseStudy(*store, spec);
  Workspace w(spec, *store, context);
  const StageKeys keys = stageKeys(spec, w.modelInfo());
  RunSummary summary;
  store->transaction([&] {
    store->setMeta("model_hash", w.modelInfo().hash);
    store->setMeta("model_architecture", w.modelInfo().architecture);
    store->setMeta("model_layers", std::to_string(w.modelInfo().layers));
    store->setMeta("model_width", std::to_string(w.modelInfo().width));
    store->setMeta("model_mlp_width", std::to_string(w.modelInfo().mlpWidth));
    store->setMeta("model_parameters", std::to_string(w.modelInfo().parameters));
    store->setMeta("model_tokenizer", tokenizerHash(w.resolve(spec.model)));
  });
  stage(*store, summary, "clusters", keys.clusters, [&] { runClusterStage(w, keys.clusters); });
  stage(*store, summary, "probes", keys.probes, [&] { runProbeStage(w, keys.probes); });
  stage(*store, summary, "tasks", keys.tasks, [&] { runTaskStage(w, keys.tasks); });
  // The grid is looked through every time: new methods and doses of the spec are new cells under the same key.
  const CellSummary cells = runCellStage(w, keys.cells);
  summary.cellsRun = cells.run;
  summary.cellsUpToDate = cells.upToDate;
  if (cells.run > 0) store->putStage({"effects", "stale", "", "", "", 0});
  stage(*store, summary, "effects", keys.effects, [&] { runEffectStage(*store, spec, keys.effects, w.context()); });
  stage(*store, summary, "similarity", keys.similarity, [&] { runSimilarityStage(w, keys.similarity); });
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return summary;
}

}  // namespace lacuna::study
