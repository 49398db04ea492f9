#include "mediation.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "effect_data.h"
#include "lacuna/base/hash.h"
#include "lacuna/effects/cross_worlds.h"
#include "lacuna/model/model.h"
#include "lacuna/tasks/choice_forests.h"

namespace lacuna::study {
namespace {

constexpr const char* kOtherWorld = "counterfactual";

bool isFinished(const store::Store& store, const PlannedMediation& planned) {
  const auto number = store.findRun(planned.hash);
  const std::vector<RunRow> runs = store.runs();
  return number && std::any_of(runs.begin(), runs.end(), [&](const RunRow& run) { return run.number == *number && run.status != "queued"; });
}

store::ArmRow armRow(const PlannedMediation& planned, const std::string& arm, int draw, const char* kind) {
  const nlohmann::json what = {{"interchange", {{"site", planned.row.site}, {"layer", planned.row.layer.value}, {"neurons", planned.neurons},
                                                {"prompt", draw < 0 ? "base" : kOtherWorld}}}};
  return {0, draw, arm, what.dump(), kind};
}

std::int64_t storeRun(store::Store& store, const PlannedMediation& planned) {
  if (const auto known = store.findRun(planned.hash)) return *known;
  RunRow row = planned.row;
  row.id = makeUlid();
  row.created = utcNow();
  std::vector<store::ArmRow> arms;
  if (!planned.neurons.empty()) arms = {armRow(planned, planned.baseArm(), -1, ""), armRow(planned, planned.reverseArm(), 0, "reverse")};
  return store.addRun(row, planned.hash, arms);
}

/// Reported items whose two prompts have the same shape in tokens.
struct AlignedItems {
  std::vector<std::size_t> places;
  std::vector<effects::ScreeningItem> base, counterfactual;
};

AlignedItems alignedItems(const model::Model& model, const tasks::Task& task, const store::TaskItems& items, const RunContext& context) {
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < items.evaluate.size() && i < task.items.size(); ++i)
    if (items.evaluate[i] && !task.items[i].counterfactual.empty()) places.push_back(static_cast<std::int64_t>(i));
  std::vector<tasks::ChoiceForest> ones = tasks::choiceForests(model, task, places, context);
  std::vector<tasks::ChoiceForest> zeros = tasks::choiceForests(model, tasks::counterfactualTask(task), places, context);
  AlignedItems out;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (ones[i].status != "ok" || zeros[i].status != "ok") continue;
    effects::ScreeningItem one{std::move(ones[i].forest), std::move(ones[i].choices), ones[i].gold, ones[i].perToken, ones[i].golds};
    effects::ScreeningItem zero{std::move(zeros[i].forest), std::move(zeros[i].choices), zeros[i].gold, zeros[i].perToken, zeros[i].golds};
    if (!effects::aligned(one, zero)) continue;
    out.places.push_back(static_cast<std::size_t>(places[i]));
    out.base.push_back(std::move(one));
    out.counterfactual.push_back(std::move(zero));
  }
  return out;
}

/// One outcome of every item, NaN where there is none.
store::OutcomeRow outcome(const std::string& arm, const tasks::Task& task, const AlignedItems& items, const std::vector<statistics::CrossWorld>& worlds,
                          double statistics::CrossWorld::*which) {
  store::OutcomeRow row{arm, task.name, "margin", std::vector<double>(task.items.size(), std::nan("")), 0, 0, 0};
  for (std::size_t i = 0; i < items.places.size(); ++i) row.values[items.places[i]] = worlds[i].*which;
  return row;
}

void scoreTask(Workspace& w, const tasks::Task& task, const store::TaskItems& reported, const std::vector<PlannedMediation>& planned) {
  const AlignedItems items = alignedItems(w.model(), task, reported, w.context());
  std::vector<effects::Mediator> mediators;
  for (const PlannedMediation& run : planned) mediators.push_back({{*model::siteFromName(run.row.site), run.row.layer}, run.neurons});
  const auto worlds = effects::crossWorlds(w.model(), items.base, items.counterfactual, mediators, w.context());
  std::vector<store::OutcomeRow> rows;
  for (std::size_t m = 0; m < planned.size(); ++m) {
    if (m == 0) rows.push_back(outcome(kOtherWorld, task, items, worlds[m], &statistics::CrossWorld::y00));
    rows.push_back(outcome(planned[m].baseArm(), task, items, worlds[m], &statistics::CrossWorld::y10));
    rows.push_back(outcome(planned[m].reverseArm(), task, items, worlds[m], &statistics::CrossWorld::y01));
  }
  w.store().putOutcomes(rows);
}

Ranged ranged(const statistics::Estimate& e) { return {e.value, e.low, e.high}; }

MediationRow blank(const RunRow& run, const std::string& task) {
  constexpr Ranged kNone{statistics::kMissing, statistics::kMissing, statistics::kMissing};
  MediationRow row;
  row.run = run.number;
  row.cluster = run.cluster;
  row.task = task;
  row.site = run.site;
  row.layer = run.layer;
  row.base = row.counterfactual = statistics::kMissing;
  row.total = row.pureDirect = row.totalIndirect = row.totalDirect = row.pureIndirect = row.interaction = row.proportion = kNone;
  row.status = statistics::statusName(statistics::Status::NotIdentified);
  row.reason = run.note;
  return row;
}

struct Worlds {
  std::vector<statistics::CrossWorld> items;
  std::vector<std::int32_t> groups;
  std::int64_t reported = 0;
};

Worlds worldsOf(const store::TaskItems& items, const store::OutcomeRow* const (&arms)[4]) {
  Worlds out;
  std::map<std::int32_t, std::int32_t> dense;
  for (std::size_t i = 0; i < items.evaluate.size(); ++i) {
    if (!items.evaluate[i]) continue;
    ++out.reported;
    const statistics::CrossWorld y{arms[0]->values[i], arms[1]->values[i], arms[2]->values[i], arms[3]->values[i]};
    if (!std::isfinite(y.y11) || !std::isfinite(y.y10) || !std::isfinite(y.y01) || !std::isfinite(y.y00)) continue;
    out.items.push_back(y);
    out.groups.push_back(dense.emplace(items.groups[i], static_cast<std::int32_t>(dense.size())).first->second);
  }
  return out;
}

double mean(const std::vector<statistics::CrossWorld>& items, double statistics::CrossWorld::*which) {
  double sum = 0;
  for (const statistics::CrossWorld& y : items) sum += y.*which;
  return items.empty() ? statistics::kMissing : sum / static_cast<double>(items.size());
}

void fill(MediationRow& row, const Worlds& worlds, const StudySpec& spec) {
  const statistics::Mediation m = statistics::mediate(worlds.items, worlds.groups, {spec.bootstrapDraws, spec.level, spec.seed});
  row.base = mean(worlds.items, &statistics::CrossWorld::y11);
  row.counterfactual = mean(worlds.items, &statistics::CrossWorld::y00);
  row.total = ranged(m.total);
  row.pureDirect = ranged(m.pureDirect);
  row.totalIndirect = ranged(m.totalIndirect);
  row.totalDirect = ranged(m.totalDirect);
  row.pureIndirect = ranged(m.pureIndirect);
  row.interaction = ranged(m.interaction);
  row.proportion = ranged(m.proportion);
  row.level = m.total.level;
  row.groups = m.total.groups;
  row.intervalMethod = m.total.method;
  row.status = statistics::statusName(m.total.status);
}

MediationRow measure(MediationRow row, const Worlds& worlds, const StudySpec& spec) {
  row.n = static_cast<std::int64_t>(worlds.items.size());
  row.leftOut = worlds.reported - row.n;
  if (row.n > 0) fill(row, worlds, spec);
  else row.status = statistics::statusName(statistics::Status::TooFew);
  if (row.leftOut > 0)
    row.reason = std::to_string(row.leftOut) + " of " + std::to_string(worlds.reported) + " items have no counterfactual prompt with as many tokens";
  return row;
}

}  // namespace

std::vector<PlannedMediation> planMediation(const Material& material, const StudySpec& spec, const std::vector<ClusterRow>& clusters,
                                            const std::string& upstream) {
  std::vector<PlannedMediation> all;
  const std::string site = defaultSite("mean");
  for (const ClusterRow& cluster : clusters) {
    PlannedMediation planned;
    RunRow& row = planned.row;
    const LayerIndex fixed(spec.mediation.layer);
    row.layer = fixed.valid() ? fixed : material.bestLayer(cluster.id, site);
    planned.neurons = material.select(cluster.id, site, row.layer, spec.tau);
    std::sort(planned.neurons.begin(), planned.neurons.end());
    row.kind = "mediation";
    row.method = "interchange";
    row.cluster = cluster.id;
    row.site = site;
    row.dose = row.epsilon = 1;
    row.seed = spec.seed;
    row.dtype = model::precisionName(spec.precision);
    row.status = planned.neurons.empty() ? "not_identified" : "queued";
    row.note = planned.neurons.empty() ? "S is empty: no neuron was selected" : "";
    row.parameters = nlohmann::json{{"cluster", cluster.id.value}, {"method", row.method}, {"site", site}, {"layer", row.layer.value},
                                    {"tau_rule", tauRuleName(spec.tau.rule)}, {"tau", spec.tau.value}, {"seed", spec.seed}}.dump();
    planned.hash = Hasher().add("mediation").add(upstream).add(row.parameters).hex();
    all.push_back(std::move(planned));
  }
  return all;
}

CellSummary runMediation(Workspace& w, const Material& material, const std::string& upstream) {
  CellSummary summary;
  std::vector<const tasks::Task*> tasks;
  for (const tasks::Task& task : w.tasks())
    if (w.spec().mediation.run && tasks::hasCounterfactuals(task)) tasks.push_back(&task);
  if (tasks.empty()) return summary;
  const auto begin = std::chrono::steady_clock::now();
  std::vector<PlannedMediation> wanted;
  for (PlannedMediation& planned : planMediation(material, w.spec(), livingClusters(w.store()), upstream)) {
    if (isFinished(w.store(), planned)) ++summary.upToDate;
    else wanted.push_back(std::move(planned));
  }
  summary.run = static_cast<std::int64_t>(wanted.size());
  if (wanted.empty()) return summary;
  for (const PlannedMediation& planned : wanted) storeRun(w.store(), planned);
  std::erase_if(wanted, [](const PlannedMediation& planned) { return planned.neurons.empty(); });
  for (std::size_t t = 0; t < tasks.size() && !wanted.empty(); ++t) {
    w.context().report("Exchanging states with counterfactual prompts", t, tasks.size());
    for (const store::TaskItems& items : w.store().taskItems())
      if (items.task == tasks[t]->name) scoreTask(w, *tasks[t], items, wanted);
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  w.store().transaction([&] {
    for (const PlannedMediation& planned : wanted)
      w.store().finishRun(*w.store().findRun(planned.hash), "done", wall.count() / static_cast<double>(wanted.size()));
  });
  return summary;
}

std::vector<MediationRow> mediationOf(const EffectData& data, const StudySpec& spec, const RunContext& context) {
  std::vector<MediationRow> rows;
  for (const RunRow& run : data.runs) {
    if (run.kind != "mediation" || (run.status != "done" && run.status != "not_identified")) continue;
    context.checkpoint();
    std::string base, reverse;
    std::int64_t neurons = 0;
    for (const store::ArmRow& arm : data.arms) {
      if (arm.run != run.number) continue;
      (arm.draw < 0 ? base : reverse) = arm.arm;
      neurons = static_cast<std::int64_t>(nlohmann::json::parse(arm.parameters).at("interchange").at("neurons").size());
    }
    for (const store::TaskItems& items : data.items) {
      const store::OutcomeRow* const arms[4] = {data.outcome("clean", items.task, "margin"), data.outcome(base, items.task, "margin"),
                                                data.outcome(reverse, items.task, "margin"), data.outcome(kOtherWorld, items.task, "margin")};
      if (!arms[0] || !arms[3]) continue;
      MediationRow row = blank(run, items.task);
      row.neurons = neurons;
      rows.push_back(arms[1] && arms[2] ? measure(row, worldsOf(items, arms), spec) : row);
    }
  }
  return rows;
}

}  // namespace lacuna::study
