#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "cells.h"
#include "lacuna/base/error.h"
#include "lacuna/model/forward.h"
#include "lacuna/statistics/power.h"
#include "lacuna/tasks/choice_forests.h"

namespace lacuna::study {
namespace {

constexpr const char* kStageNames[] = {"clusters", "probes", "tasks", "cells", "effects", "similarity"};

std::string keyOf(const StageKeys& keys, const std::string& stage) {
  const std::map<std::string, std::string> byName = {{"clusters", keys.clusters}, {"probes", keys.probes}, {"tasks", keys.tasks},
                                                     {"cells", keys.cells}, {"effects", keys.effects}, {"similarity", keys.similarity}};
  return byName.at(stage);
}

Plan::Stage planStage(const store::Store* store, const std::string& name, const std::string& key) {
  const auto record = store ? store->stage(name) : std::nullopt;
  if (!record) return {name, false, "not run yet"};
  if (record->state == "failed") return {name, false, "failed: " + record->detail};
  if (record->inputHash != key) return {name, false, "its inputs or settings changed"};
  return {name, record->state == "done", record->state == "done" ? "" : "was interrupted"};
}

/// Multiply-adds of one token through one block, twice (a multiply and an add).
double flopsPerTokenLayer(const model::ModelInfo& m) {
  const double d = static_cast<double>(m.width), f = static_cast<double>(m.mlpWidth), kv = static_cast<double>(m.kvHeads * m.headDim);
  return 2 * (2 * d * d + 2 * d * kv + 2 * d * f);
}

/// Bytes of task text stand for tokens (four to one is typical of English and errs to the safe side for small vocabularies).
double textTokens(const tasks::Task& task) {
  double bytes = 0;
  for (const tasks::Item& item : task.items) {
    bytes += static_cast<double>(item.prompt.size());
    for (const std::string& choice : item.choices) bytes += static_cast<double>(choice.size());
    for (const std::string& reference : item.references) bytes += static_cast<double>(reference.size());
  }
  return bytes / 3;
}

/// Control arms of one cell, all kinds.
std::int64_t controlsOf(const StudySpec& spec, std::int64_t clusters) {
  std::int64_t count = 0;
  for (const std::string& kind : spec.controlKinds) count += kind == "other" ? (spec.controlDraws > 0 ? clusters - 1 : 0) : spec.controlDraws;
  return count;
}

/// Seconds per floating-point operation of this machine on this model: a forward of 512 random tokens, timed twice.
double secondsPerFlop(const model::Model& model, const RunContext& context) {
  model::Forest forest;
  const auto length = static_cast<std::size_t>(std::min<std::int64_t>(64, std::max<std::int64_t>(2, model.info().maxPositions)));
  for (int s = 0; s < 8; ++s) forest.push_back({std::vector<std::int32_t>(length, s % 4), -1, false});
  const model::Arm clean;
  double best = 1e9;
  for (int repeat = 0; repeat < 2; ++repeat) {
    const auto begin = std::chrono::steady_clock::now();
    model::forward(model, forest, std::span(&clean, 1), {{{0, 1}}, {}, {}, false}, context);
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best / (flopsPerTokenLayer(model.info()) * static_cast<double>(model.info().layers) * static_cast<double>(8 * length));
}

}  // namespace

Plan planStudy(const StudySpec& spec, const std::filesystem::path& study, const RunContext& context) {
  const auto resolve = [&](const std::filesystem::path& path) { return path.is_absolute() ? path : spec.folder / path; };
  const model::ModelInfo info = model::inspectModel(resolve(spec.model));
  std::unique_ptr<store::Store> store;
  if (!study.empty() && std::filesystem::exists(study)) store = store::Store::open(study, true);
  InputHashes inputs(store ? store->corpusFiles() : std::vector<store::CorpusFileRow>());
  const StageKeys keys = stageKeys(spec, info, store ? store->edits() : std::vector<EditRow>(), inputs);

  Plan plan;
  for (const char* name : kStageNames) plan.stages.push_back(planStage(store.get(), name, keyOf(keys, name)));
  plan.clusters = plan.stages[0].upToDate ? std::ssize(livingClusters(*store)) : spec.clusters.k;
  for (const PerturbationSpec& p : spec.perturbations) {
    const auto doses = static_cast<std::int64_t>(p.doses().size());
    plan.cells += plan.clusters * doses;
    plan.arms += plan.clusters * (doses + controlsOf(spec, plan.clusters) * (spec.controlDoses == "all" ? doses : 1));
  }
  // Each cluster of a pair alone is a cell of the grid already.
  const std::int64_t pairs = spec.interactions.all ? plan.clusters * (plan.clusters - 1) / 2 : static_cast<std::int64_t>(spec.interactions.pairs.size());
  plan.cells += pairs;
  plan.arms += pairs;
  const std::vector<tasks::Task> tasks = readTasks(spec);
  if (spec.mediation.run && std::any_of(tasks.begin(), tasks.end(), tasks::hasCounterfactuals)) {
    plan.cells += plan.clusters;
    plan.arms += 2 * plan.clusters;
  }
  if (store && plan.stages[3].upToDate)
    for (const RunRow& run : store->runs())
      if (run.status == "done" || run.status == "not_identified") ++plan.cellsDone;

  double tokens = 0;
  for (const tasks::Task& task : tasks) {
    std::set<std::string> groups;
    for (const tasks::Item& item : task.items) groups.insert(item.group.empty() ? std::to_string(item.index) : item.group);
    Plan::Task row{task.name, static_cast<std::int64_t>(task.items.size()), 0, static_cast<std::int64_t>(groups.size()), 0};
    row.evaluated = static_cast<std::int64_t>(static_cast<double>(row.items) * (1 - spec.tuneShare));
    const double family = std::max<double>(1, static_cast<double>(plan.cells) * static_cast<double>(spec.tasks.size()));
    // Until the clean run is there, dependence within groups is unknown: items count as independent, which is said with the number.
    row.minimumEffect = statistics::mdePairedMean(1.0, static_cast<double>(std::max<std::int64_t>(row.evaluated, 1)), {spec.alpha / family, 0.8});
    tokens += textTokens(task) * (1 - spec.tuneShare);
    plan.tasks.push_back(row);
  }
  const double remaining = plan.cells > 0 ? 1 - static_cast<double>(std::min(plan.cellsDone, plan.cells)) / static_cast<double>(plan.cells) : 0;
  plan.forwardTokens = tokens * static_cast<double>(plan.arms) * remaining;
  plan.flops = plan.forwardTokens * flopsPerTokenLayer(info) * static_cast<double>(info.layers);
  const auto model = model::Model::load(resolve(spec.model), context, {.precision = spec.precision});
  plan.seconds = plan.flops * secondsPerFlop(*model, context);
  plan.memoryBytes = static_cast<std::uint64_t>(info.bytesFp32()) * 11 / 10 + (256u << 20);
  return plan;
}

}  // namespace lacuna::study
