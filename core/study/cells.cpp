#include "cells.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "effect_data.h"
#include "item_scores.h"
#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "mediation.h"
#include "pairs.h"

namespace lacuna::study {
namespace {

PlannedArm named(perturbation::PerturbationSet set, std::string kind) {
  std::string hash = perturbation::hash(set);
  return {std::move(hash), std::move(set), std::move(kind)};
}

TargetRequest targetOf(const BlockRequest& request, LayerIndex layer, double dose) {
  return {request.cluster, request.recipe, layer, request.tau, {dose, request.recipe.equalDose()}};
}

std::string parametersOf(const BlockRequest& request, const RunRow& row, bool controlled) {
  const PerturbationSpec& p = request.recipe;
  nlohmann::json json = {{"cluster", row.cluster.value}, {"method", p.method}, {"site", p.site}, {"layer", row.layer.value}, {"epsilon", row.epsilon},
                         {"tau_rule", tauRuleName(request.tau.rule)}, {"tau", request.tau.value}, {"tokens", p.tokens}, {"keep_norm", p.keepNorm},
                         {"span", p.span}, {"controls", controlled ? request.controlDraws : 0}, {"control_kinds", request.controlKinds}, {"seed", request.seed}};
  if (!p.subspace.empty()) json["subspace"] = p.subspace, json["rank"] = p.rank;
  if (p.span == "window") json["width"] = p.width;
  if (row.equalDose) json["displacement"] = row.dose;
  return json.dump();
}

/// The controls of one kind; why there is none, where there is none.
struct Controls { std::vector<perturbation::PerturbationSet> sets; std::string why; };

Controls othersOf(const Material& material, const BlockRequest& request, TargetRequest beside) {
  Controls out;
  for (const ClusterId other : request.others) {
    beside.cluster = other;
    if (other == request.cluster) continue;
    Target target = material.target(beside);
    if (target.set.empty()) out.why = "cluster " + std::to_string(other.value) + ", " + target.why;
    else out.sets.push_back(std::move(target.set));
  }
  return out;
}

Controls controlsOf(const Material& material, const BlockRequest& request, const TargetRequest& wanted, const Target& target, const std::string& kind) {
  if (kind == "other") return othersOf(material, request, wanted);
  Controls out;
  for (int draw = 0; draw < request.controlDraws; ++draw) {
    Target control;
    if (kind == "permuted") control = material.permuted(wanted, target.epsilon, draw);
    else control.set = kind == "noise" ? material.noise(target, request.seed, draw) : material.matched(target, request.seed, draw);
    if (control.set.empty()) out.why = control.why;
    else out.sets.push_back(std::move(control.set));
  }
  return out;
}

void addControls(const Material& material, const BlockRequest& request, const TargetRequest& wanted, const Target& target, PlannedRun& run) {
  for (const std::string& kind : request.controlKinds) {
    Controls controls = controlsOf(material, request, wanted, target, kind);
    if (controls.sets.empty() && !controls.why.empty()) run.row.note += (run.row.note.empty() ? "" : "; ") + ("no " + kind + " controls: " + controls.why);
    for (perturbation::PerturbationSet& set : controls.sets) run.controls.push_back(named(std::move(set), kind));
  }
}

const store::TaskItems& itemsOf(const std::vector<store::TaskItems>& all, const std::string& task) {
  for (const store::TaskItems& items : all)
    if (items.task == task) return items;
  throw Error("LAC-2005", "the study holds no items of task '" + task + "'", "run the study again");
}

/// An edit that should have touched something and did not is an error, never a silent 0.
void requireEdit(const PlannedArm& arm, const model::EditReport& report, const std::string& task) {
  if (report.rows > 0 && report.deltaSquared > 0) return;
  if (report.rows == 0 && report.candidates > 0) return;  // a gate that no token passed: no effect, and that is the finding
  throw Error("LAC-2004", "perturbation " + perturbation::describe(arm.set) + " changed nothing on task '" + task + "' (" +
                              std::to_string(report.rows) + " positions edited)",
              "check the layer, the token scope, and whether the prompts have more than one token");
}

std::vector<PlannedArm> armsOf(const Block& block) {
  std::vector<PlannedArm> arms;
  const auto add = [&](const PlannedArm& arm) {
    if (std::none_of(arms.begin(), arms.end(), [&](const PlannedArm& other) { return other.hash == arm.hash; })) arms.push_back(arm);
  };
  for (const PlannedRun& run : block.runs) {
    if (run.target.hash.empty()) continue;
    add(run.target);
    for (const PlannedArm& control : run.controls) add(control);
  }
  return arms;
}

std::int64_t storeRun(store::Store& store, const PlannedRun& run) {
  if (const auto known = store.findRun(run.hash)) return *known;
  RunRow row = run.row;
  row.id = makeUlid();
  row.created = utcNow();
  std::vector<store::ArmRow> arms;
  if (!run.target.hash.empty()) arms.push_back({0, -1, run.target.hash, perturbation::toJson(run.target.set).dump(), ""});
  for (std::size_t r = 0; r < run.controls.size(); ++r)
    arms.push_back({0, static_cast<int>(r), run.controls[r].hash, perturbation::toJson(run.controls[r].set).dump(), run.controls[r].kind});
  return store.addRun(row, run.hash, arms);
}

void scoreUnit(Workspace& w, std::size_t taskPlace, const store::TaskItems& items, const std::vector<PlannedArm>& arms) {
  const tasks::Task& task = w.tasks()[taskPlace];
  std::vector<model::Arm> built;
  for (const PlannedArm& arm : arms) built.push_back(perturbation::makeArm(arm.set));
  const std::vector<std::int64_t> places = reportedItems(items);
  if (places.empty()) return;
  const auto scores = tasks::scoreItems(w.model(), task, places, built, w.scoring(taskPlace, w.spec().tasks[taskPlace].generate == Generate::Always), w.context());
  std::vector<store::OutcomeRow> rows;
  for (std::size_t a = 0; a < arms.size(); ++a) {
    requireEdit(arms[a], scores[a].edits, task.name);
    for (store::OutcomeRow& row : outcomeRows(arms[a].hash, task, places, scores[a], arms[a].kind.empty())) rows.push_back(std::move(row));
  }
  w.store().putOutcomes(rows);
}

}  // namespace

Block planBlock(const Material& material, const BlockRequest& request, const std::string& upstream) {
  const PerturbationSpec& recipe = request.recipe;
  Block block{request.cluster, recipeName(recipe), {}};
  const LayerIndex layer = request.layer.valid() ? request.layer : material.bestLayer(request.cluster, recipe.site);
  for (const double dose : recipe.doses()) {
    const bool controlled = request.controlDraws > 0 && (request.controlAllDoses || dose == recipe.controlEpsilon);
    const TargetRequest wanted = targetOf(request, layer, dose);
    const Target target = material.target(wanted);
    PlannedRun run;
    run.row.kind = "cell";
    run.row.status = target.set.empty() ? "not_identified" : "queued";
    run.row.note = target.set.empty() ? target.why : "";
    run.row.cluster = request.cluster;
    run.row.method = block.method;
    run.row.site = recipe.site;
    run.row.layer = layer;
    run.row.dose = dose;
    run.row.equalDose = recipe.equalDose();
    run.row.epsilon = target.set.empty() ? (recipe.equalDose() ? std::nan("") : dose) : target.epsilon;
    run.row.seed = request.seed;
    run.row.dtype = request.dtype;
    run.row.parameters = parametersOf(request, run.row, controlled);
    run.hash = Hasher().add("run").add(upstream).add(run.row.parameters).hex();
    if (!target.set.empty()) {
      run.target = named(target.set, "");
      if (controlled) addControls(material, request, wanted, target, run);
    }
    block.runs.push_back(std::move(run));
  }
  return block;
}

std::vector<Block> planBlocks(const Material& material, const StudySpec& spec, const std::vector<ClusterRow>& clusters,
                              const std::string& upstream) {
  std::vector<ClusterId> all;
  for (const ClusterRow& cluster : clusters) all.push_back(cluster.id);
  std::vector<Block> blocks;
  for (const PerturbationSpec& p : spec.perturbations)
    for (const ClusterId cluster : all)
      blocks.push_back(planBlock(material, {cluster, p, LayerIndex(p.layer), spec.tau, spec.controlDoses == "all", spec.controlDraws, spec.controlKinds, all, spec.seed, model::precisionName(spec.precision)},
                                 upstream));
  return blocks;
}

std::vector<std::int64_t> runBlock(Workspace& w, const Block& block) {
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::int64_t> numbers;
  w.store().transaction([&] {
    for (const PlannedRun& run : block.runs) numbers.push_back(storeRun(w.store(), run));
  });
  const std::vector<PlannedArm> arms = armsOf(block);
  const std::vector<store::TaskItems> items = w.store().taskItems();
  for (std::size_t t = 0; t < w.tasks().size(); ++t) {
    w.context().checkpoint();
    std::vector<PlannedArm> missing;
    for (const PlannedArm& arm : arms)
      if (!w.store().hasOutcome(arm.hash, w.tasks()[t].name)) missing.push_back(arm);
    const bool known = std::any_of(items.begin(), items.end(), [&](const store::TaskItems& x) { return x.task == w.tasks()[t].name; });
    if (known && !missing.empty()) scoreUnit(w, t, itemsOf(items, w.tasks()[t].name), missing);   // a task just added is scored by the next update
  }
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  w.store().transaction([&] {
    for (std::size_t i = 0; i < numbers.size(); ++i)
      if (!block.runs[i].target.hash.empty()) w.store().finishRun(numbers[i], "done", wall.count() / static_cast<double>(numbers.size()));
  });
  return numbers;
}

void runNull(Workspace& w, const Material& material) {
  const model::Arm null = perturbation::makeArm(material.null());
  const std::vector<store::TaskItems> items = w.store().taskItems();
  std::vector<store::OutcomeRow> clean = w.store().outcomes();
  for (std::size_t t = 0; t < w.tasks().size(); ++t) {
    const tasks::Task& task = w.tasks()[t];
    if (w.store().hasOutcome("null", task.name)) continue;
    const std::vector<std::int64_t> places = reportedItems(itemsOf(items, task.name));
    if (places.empty()) continue;
    const auto scores = tasks::scoreItems(w.model(), task, places, std::span(&null, 1), w.scoring(t, w.spec().tasks[t].generate == Generate::Always), w.context());
    const std::vector<store::OutcomeRow> rows = outcomeRows("null", task, places, scores[0]);
    for (const store::OutcomeRow& row : rows)
      for (const store::OutcomeRow& base : clean) {
        if (base.arm != "clean" || base.task != row.task || base.metric != row.metric) continue;
        for (const std::int64_t place : places) {
          const double a = base.values[static_cast<std::size_t>(place)], b = row.values[static_cast<std::size_t>(place)];
          if (a != b && !(std::isnan(a) && std::isnan(b)))
            throw Error("LAC-2006", "the null perturbation changed task '" + task.name + "', item " + std::to_string(place),
                        "this is a defect of the engine: no number of this study can be trusted; please report it");
        }
      }
    w.store().putOutcomes(rows);
  }
}

CellSummary runCellStage(Workspace& w, const std::string& key) {
  const auto record = w.store().stage("cells");
  if (!record || record->inputHash != key)
    w.store().transaction([&] {
      w.store().dropOutcomes(true);
      w.store().putStage({"cells", "running", key, "", "", 0});
    });
  const auto begin = std::chrono::steady_clock::now();
  const Material material(w.store());
  runNull(w, material);
  std::vector<Block> blocks = planBlocks(material, w.spec(), livingClusters(w.store()), key);
  for (Block& pairs : planPairs(material, w.spec(), livingClusters(w.store()), key)) blocks.push_back(std::move(pairs));
  std::vector<RunRow> known = w.store().runs();
  CellSummary summary;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    w.context().report("Perturbing and scoring", b, blocks.size());
    const bool done = std::all_of(blocks[b].runs.begin(), blocks[b].runs.end(), [&](const PlannedRun& run) {
      const auto number = w.store().findRun(run.hash);
      return number && std::any_of(known.begin(), known.end(), [&](const RunRow& r) {
               return r.number == *number && (r.status == "done" || r.status == "not_identified");
             });
    });
    if (!done) runBlock(w, blocks[b]);
    (done ? summary.upToDate : summary.run) += static_cast<std::int64_t>(blocks[b].runs.size());
  }
  const CellSummary mediation = runMediation(w, material, key);
  summary.run += mediation.run;
  summary.upToDate += mediation.upToDate;
  w.context().report("Perturbing and scoring", blocks.size(), blocks.size());
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  w.store().putStage({"cells", "done", key, std::to_string(summary.run + summary.upToDate) + " cells", "", wall.count()});
  return summary;
}

}  // namespace lacuna::study
