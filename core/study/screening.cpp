#include "lacuna/study/screening.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "cells.h"
#include "item_scores.h"
#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/effects/screening.h"
#include "lacuna/tasks/choice_forests.h"

namespace lacuna::study {
namespace {

using statistics::Status;

/// The grid's targets in its order; those that exist as arms.
struct Grid {
  std::vector<PlannedRun> runs;
  std::vector<model::Arm> arms;
  std::vector<std::size_t> runOf;          ///< [arms]
};

Grid gridOf(const Material& material, StudySpec spec, const store::Store& store) {
  spec.controlDraws = 0;
  Grid grid;
  for (Block& block : planBlocks(material, spec, livingClusters(store), "screen"))
    for (PlannedRun& run : block.runs) {
      if (!run.target.set.empty()) {
        grid.arms.push_back(perturbation::makeArm(run.target.set));
        grid.runOf.push_back(grid.runs.size());
      }
      grid.runs.push_back(std::move(run));
    }
  return grid;
}

/// A task's tuning items as screens want them, and why some are left out.
struct TuningItems {
  std::vector<effects::ScreeningItem> items;
  std::map<std::string, std::int64_t> leftOut;   ///< status, items
};

TuningItems itemsOf(const model::Model& model, const tasks::Task& task, const std::vector<store::TaskItems>& all, const RunContext& context) {
  TuningItems out;
  for (tasks::ChoiceForest& item : tasks::choiceForests(model, task, tuningItems(task, all), context))
    if (item.status == "ok") out.items.push_back({std::move(item.forest), std::move(item.choices), item.gold, item.perToken, item.golds});
    else ++out.leftOut[item.status];
  return out;
}

ScreenRow rowOf(const PlannedRun& run, const std::string& task) {
  ScreenRow row;
  row.cluster = run.row.cluster;
  row.method = run.row.method;
  row.task = task;
  row.layer = run.row.layer;
  row.dose = run.row.dose;
  row.equalDose = run.row.equalDose;
  row.epsilon = run.row.epsilon;
  row.estimate = row.exact = statistics::kMissing;
  row.status = statistics::statusName(Status::NotIdentified);
  row.reason = run.row.note;
  return row;
}

/// One task under every arm: estimates, and exact effects where they are verified. [arms]
struct TaskScreen {
  std::int64_t items = 0, leftOut = 0;
  std::string why;                         ///< of those left out
  std::vector<double> estimates, exact;
  effects::Verification verification;
};

TaskScreen nothingYet(const TuningItems& from, std::size_t arms) {
  TaskScreen out;
  out.items = static_cast<std::int64_t>(from.items.size());
  for (const auto& [status, count] : from.leftOut) {
    out.leftOut += count;
    out.why += (out.why.empty() ? "left out: " : ", ") + std::to_string(count) + " " + status;
  }
  out.estimates = out.exact = std::vector<double>(arms, statistics::kMissing);
  return out;
}

TaskScreen screenTask(const model::Model& model, const TuningItems& from, const std::vector<model::Arm>& arms,
                      const effects::VerificationConfig& config, const RunContext& context) {
  const std::vector<effects::ScreeningItem>& items = from.items;
  TaskScreen out = nothingYet(from, arms.size());
  if (items.empty() || arms.empty()) return out;
  out.estimates = effects::screen(model, items, arms, context).ace();
  out.verification = effects::chooseVerified(out.estimates, config);
  std::vector<model::Arm> chosen;
  const std::vector<std::size_t> verified = out.verification.all();
  for (const std::size_t arm : verified) chosen.push_back(arms[arm]);
  const std::vector<double> exact = effects::measure(model, items, chosen, context).ace();
  for (std::size_t i = 0; i < verified.size(); ++i) out.exact[verified[i]] = exact[i];
  return out;
}

void fill(ScreenRow& row, const TaskScreen& screen, std::size_t arm) {
  const auto among = [&](const std::vector<std::size_t>& chosen) { return std::find(chosen.begin(), chosen.end(), arm) != chosen.end(); };
  row.items = screen.items;
  row.leftOut = screen.leftOut;
  row.estimate = screen.estimates[arm];
  row.exact = screen.exact[arm];
  row.verified = among(screen.verification.top) ? "top" : among(screen.verification.random) ? "random" : "";
  row.status = statistics::statusName(screen.items > 0 ? Status::Ok : Status::TooFew);
  row.reason = screen.why;
  if (row.estimate == 0)
    row.reason += (row.reason.empty() ? "" : "; ") + std::string("no gradient where this perturbation acts: its effect may still be large");
}

ScreenRanking ranked(const std::string& task, const TaskScreen& screen, double level) {
  const effects::ScreenAgreement agreement = effects::screenAgreement(screen.estimates, screen.exact, screen.verification, level);
  return {task, agreement.verified, agreement.random};
}

/// The cells of all tasks in one list.
TaskScreen together(const std::vector<TaskScreen>& screens) {
  TaskScreen all;
  for (const TaskScreen& screen : screens) {
    for (const std::size_t arm : screen.verification.top) all.verification.top.push_back(all.estimates.size() + arm);
    for (const std::size_t arm : screen.verification.random) all.verification.random.push_back(all.estimates.size() + arm);
    all.estimates.insert(all.estimates.end(), screen.estimates.begin(), screen.estimates.end());
    all.exact.insert(all.exact.end(), screen.exact.begin(), screen.exact.end());
  }
  return all;
}

Screen tabled(const Grid& grid, const std::vector<tasks::Task>& tasks, const std::vector<TaskScreen>& screens, double level) {
  Screen out;
  for (const PlannedRun& run : grid.runs)
    for (const tasks::Task& task : tasks) out.rows.push_back(rowOf(run, task.name));
  for (std::size_t arm = 0; arm < grid.arms.size(); ++arm)
    for (std::size_t t = 0; t < tasks.size(); ++t) fill(out.rows[grid.runOf[arm] * tasks.size() + t], screens[t], arm);
  if (tasks.size() > 1) out.rankings.push_back(ranked("", together(screens), level));
  for (std::size_t t = 0; t < tasks.size(); ++t) out.rankings.push_back(ranked(tasks[t].name, screens[t], level));
  return out;
}

const char* closeness(double rho) {
  return rho >= 0.9 ? "nearly alike" : rho >= 0.7 ? "much alike" : rho >= 0.4 ? "roughly alike" : rho > -0.4 ? "hardly alike" : "in opposite order";
}

std::string rhoInWords(const statistics::Estimate& rho) {
  if (rho.n < 4) return "too few to say";
  if (std::abs(rho.value) > 1 - 1e-9) return rho.value > 0 ? "in the same order throughout" : "in opposite order throughout";
  if (!std::isfinite(rho.value)) return "not identified, one side is constant";
  return std::string(closeness(rho.value)) + ", Spearman's ρ = " + formatFixed(rho.value, 2) + " (" + formatFixed(100 * rho.level, 0) + " % interval " +
         formatFixed(rho.low, 2) + " to " + formatFixed(rho.high, 2) + ")";
}

}  // namespace

Screen screenStudy(const StudySpec& spec, const std::filesystem::path& study, const ScreenConfig& config, const RunContext& context) {
  const std::unique_ptr<store::Store> store = store::Store::open(study, true);
  Workspace w(spec, *store, context);
  const StageKeys keys = stageKeys(spec, w.modelInfo(), w.store().edits());
  requireStage(*store, "probes", keys.probes);
  requireStage(*store, "tasks", keys.tasks);
  const Grid grid = gridOf(Material(*store), spec, *store);
  const std::vector<store::TaskItems> items = store->taskItems();
  std::vector<TaskScreen> screens;
  for (const tasks::Task& task : w.tasks())
    screens.push_back(screenTask(w.model(), itemsOf(w.model(), task, items, w.context()), grid.arms,
                                 {config.topShare, config.randomShare, spec.seed}, w.context()));
  return tabled(grid, w.tasks(), screens, spec.level);
}

std::string inWords(const ScreenRanking& ranking) {
  const std::string where = ranking.task.empty() ? "All tasks" : ranking.task;
  return where + ": " + std::to_string(ranking.verified.n) + " cells were run exactly; screen and exact effects rank them: " + rhoInWords(ranking.verified) +
         ". The " + std::to_string(ranking.random.n) + " drawn at random among them: " + rhoInWords(ranking.random) + ".";
}

std::string screenWarning() {
  return "These are first-order estimates on tuning items, no effects. A unit that is saturated, or that another one stands in for, has no gradient: "
         "the screen misses it, whatever its effect. Run what matters.";
}

}  // namespace lacuna::study
