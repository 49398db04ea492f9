#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "lacuna/effects/effects.h"
#include "lacuna/perturbation/perturbation.h"
#include "lacuna/statistics/multiplicity.h"
#include "lock.h"
#include "workspace.h"

/// Effects are pure functions of stored outcomes: this stage needs neither model nor corpus.
namespace lacuna::study {
namespace {

using OutcomeKey = std::tuple<std::string, std::string, std::string>;  // arm, task, metric
using OutcomeMap = std::map<OutcomeKey, const store::OutcomeRow*>;

/// One (run, task, metric) to be measured, with everything it needs.
struct Job {
  const RunRow* run = nullptr;
  const store::TaskItems* items = nullptr;
  const TaskRow* task = nullptr;
  std::string metric;
  const store::OutcomeRow* clean = nullptr;
  const store::OutcomeRow* target = nullptr;
  std::vector<const store::OutcomeRow*> controls;
  std::int64_t neurons = 0, rank = 0;
};

bool isBinary(const std::string& metric) { return metric != "margin"; }

/// Values of the items that enter reported numbers and have a clean and a perturbed value, with dense group numbers.
struct Paired { effects::Outcomes outcomes; std::vector<double> perturbed; std::vector<std::vector<double>> controls; };

Paired pair(const Job& job) {
  Paired out;
  out.controls.resize(job.controls.size());
  std::map<std::int32_t, std::int32_t> dense;
  for (std::size_t i = 0; i < job.items->evaluate.size(); ++i) {
    if (!job.items->evaluate[i] || !std::isfinite(job.clean->values[i]) || !std::isfinite(job.target->values[i])) continue;
    out.outcomes.clean.push_back(job.clean->values[i]);
    out.outcomes.groups.push_back(dense.emplace(job.items->groups[i], static_cast<std::int32_t>(dense.size())).first->second);
    out.perturbed.push_back(job.target->values[i]);
    for (std::size_t r = 0; r < job.controls.size(); ++r) out.controls[r].push_back(job.controls[r]->values[i]);
  }
  return out;
}

EffectRow measure(const Job& job, const StudySpec& spec) {
  const Paired data = pair(job);
  const bool binary = isBinary(job.metric);
  // Uniform guessing has margin −log(k − 1) among k choices; a generated answer has no such floor.
  const double floor = binary ? job.task->chance
                       : job.task->chance > 0 && job.task->chance < 1 ? -std::log(1 / job.task->chance - 1) : std::nan("");
  const effects::Effect e = effects::measureEffect(data.outcomes, data.perturbed, data.controls, {spec.bootstrapDraws, spec.level, spec.seed}, floor, binary);
  const statistics::TestResult& test = binary ? e.mcnemar : e.wilcoxon;
  EffectRow row;
  row.run = job.run->number;
  row.cluster = job.run->cluster;
  row.task = job.task->name;
  row.method = job.run->method;
  row.site = job.run->site;
  row.metric = job.metric;
  row.layer = job.run->layer;
  row.epsilon = job.run->epsilon;
  row.dose = job.run->dose;
  row.equalDose = job.run->equalDose;
  row.neurons = job.neurons;
  row.rank = job.rank;
  row.ace = e.ace.value;
  row.low = e.ace.low;
  row.high = e.ace.high;
  row.se = e.ace.se;
  row.level = e.ace.level;
  row.intervalMethod = e.ace.method;
  row.status = statistics::statusName(e.ace.status);
  row.n = e.ace.n;
  row.groups = e.ace.groups;
  row.clean = e.cleanScore.value;
  row.perturbed = e.perturbedScore.value;
  row.controlMean = e.controlMean;
  row.controlLow = e.controlLow;
  row.controlHigh = e.controlHigh;
  row.aceAdjusted = e.aceAdjusted;
  row.pControl = e.pControl;
  row.percentile = e.percentile;
  row.controls = e.controls;
  row.wilcoxonW = test.statistic;
  row.p = test.p;
  row.effectSize = test.effect;
  row.pMethod = test.method;
  row.nonZero = test.n;
  return row;
}

/// A cell without a perturbation has rows too: they say why there is no number.
EffectRow missing(const RunRow& run, const TaskRow& task) {
  EffectRow row;
  row.run = run.number;
  row.cluster = run.cluster;
  row.task = task.name;
  row.method = run.method;
  row.site = run.site;
  row.metric = "margin";
  row.layer = run.layer;
  row.epsilon = run.epsilon;
  row.dose = run.dose;
  row.equalDose = run.equalDose;
  row.reason = run.note;
  row.status = statistics::statusName(statistics::Status::NotIdentified);
  const double none = std::nan("");
  for (double* value : {&row.ace, &row.low, &row.high, &row.se, &row.clean, &row.perturbed, &row.controlMean, &row.controlLow,
                        &row.controlHigh, &row.aceAdjusted, &row.pControl, &row.percentile, &row.wilcoxonW, &row.p, &row.pAdjusted,
                        &row.effectSize})
    *value = none;
  return row;
}

void readTargetSize(const std::string& parameters, Job& job) {
  for (const perturbation::Perturbation& p : perturbation::setFromJson(nlohmann::json::parse(parameters))) {
    job.neurons += perturbation::editsNeurons(p.method) ? static_cast<std::int64_t>(p.neurons.size()) : 0;
    job.rank += perturbation::editsNeurons(p.method) ? 0 : std::max<std::int64_t>(1, p.basis.rows());
  }
}

/// One job a metric of interest: the margin, and what counts right answers.
void addJobs(std::vector<Job>& jobs, const Job& base, const OutcomeMap& outcomes, const std::string& target,
             const std::vector<std::string>& controls) {
  const std::string& task = base.task->name;
  for (const std::string metric : {"margin", "acc", "exact_match_flexible", "exact_match", "em"}) {
    const auto clean = outcomes.find({"clean", task, metric});
    const auto found = outcomes.find({target, task, metric});
    if (clean == outcomes.end() || found == outcomes.end()) continue;
    Job job = base;
    job.metric = metric;
    job.clean = clean->second;
    job.target = found->second;
    for (const std::string& arm : controls)
      if (const auto control = outcomes.find({arm, task, metric}); control != outcomes.end()) job.controls.push_back(control->second);
    jobs.push_back(std::move(job));
  }
}

/// One family of tests: all its members, whatever a reader looks at.
void adjust(std::vector<EffectRow>& rows, const std::vector<std::size_t>& members, bool confirmatory) {
  std::vector<double> p;
  for (const std::size_t i : members) p.push_back(rows[i].p);
  // A locked test that failed technically still counts in its family; an exploratory failure does not.
  const std::vector<double> adjusted = confirmatory ? statistics::holm(p) : statistics::benjaminiHochberg(p);
  const auto tested = std::count_if(p.begin(), p.end(), [](double v) { return !std::isnan(v); });
  for (std::size_t k = 0; k < members.size(); ++k) {
    EffectRow& row = rows[members[k]];
    row.pAdjusted = adjusted[k];
    row.pAdjustedMethod = confirmatory ? "holm" : "bh";
    row.familySize = confirmatory ? static_cast<std::int64_t>(members.size()) : tested;
    row.analysis = confirmatory ? "confirmatory" : "exploratory";
  }
}

/// Holm over the locked family; Benjamini–Hochberg over all other cells of each metric.
void adjust(std::vector<EffectRow>& rows, const std::optional<LockedPlan>& plan) {
  std::map<std::pair<bool, std::string>, std::vector<std::size_t>> families;
  for (std::size_t i = 0; i < rows.size(); ++i) families[{isConfirmatory(plan, rows[i]), rows[i].metric}].push_back(i);
  for (const auto& [family, members] : families) adjust(rows, members, family.first);
}

}  // namespace

void runEffectStage(store::Store& store, const StudySpec& spec, const std::string& key, const RunContext& context) {
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<RunRow> runs = store.runs();
  const std::vector<store::ArmRow> arms = store.arms();
  const std::vector<TaskRow> tasks = store.tasks();
  const std::vector<store::TaskItems> items = store.taskItems();
  const std::vector<store::OutcomeRow> outcomes = store.outcomes();
  OutcomeMap byKey;
  for (const store::OutcomeRow& row : outcomes) byKey[{row.arm, row.task, row.metric}] = &row;

  std::vector<Job> jobs;
  std::vector<EffectRow> rows;
  for (const RunRow& run : runs) {
    if (run.status == "not_identified")
      for (const TaskRow& task : tasks) rows.push_back(missing(run, task));
    if (run.status != "done") continue;
    Job base;
    base.run = &run;
    std::string target;
    std::vector<std::string> controls;
    for (const store::ArmRow& arm : arms) {
      if (arm.run != run.number) continue;
      if (arm.draw >= 0) {
        controls.push_back(arm.arm);
        continue;
      }
      target = arm.arm;
      readTargetSize(arm.parameters, base);
    }
    for (std::size_t t = 0; t < tasks.size() && t < items.size(); ++t) {
      base.task = &tasks[t];
      base.items = &items[t];
      addJobs(jobs, base, byKey, target, controls);
    }
  }
  std::vector<EffectRow> measured(jobs.size());
  constexpr std::int64_t kChunk = 64;
  const auto total = static_cast<std::int64_t>(jobs.size());
  for (std::int64_t from = 0; from < total; from += kChunk) {
    context.checkpoint();
    context.report("Estimating effects", static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(total));
    parallelFor(std::min(kChunk, total - from), context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = from + first; i < from + last; ++i) measured[static_cast<std::size_t>(i)] = measure(jobs[static_cast<std::size_t>(i)], spec);
    });
  }
  rows.insert(rows.end(), measured.begin(), measured.end());
  adjust(rows, lockedPlan(store));
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  store.transaction([&] {
    store.putEffects(rows);
    store.putStage({"effects", "done", key, std::to_string(rows.size()) + " effects", "", wall.count()});
  });
}

}  // namespace lacuna::study
