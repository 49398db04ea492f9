#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "effect_data.h"
#include "lacuna/effects/gates.h"
#include "lacuna/statistics/multiplicity.h"
#include "lock.h"

/// Effects are pure functions of stored outcomes: this stage needs neither model nor corpus.
namespace lacuna::study {
namespace {

void fillFromRun(EffectRow& row, const RunRow& run) {
  row.run = run.number;
  row.cluster = run.cluster;
  row.method = run.method;
  row.site = run.site;
  row.layer = run.layer;
  row.epsilon = run.epsilon;
  row.dose = run.dose;
  row.equalDose = run.equalDose;
}

void fillNumbers(EffectRow& row, const effects::Effect& e) {
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
  row.normalised = e.normalised;
  row.normalisedStatus = statistics::statusName(e.normalisedStatus);
}

void fillTest(EffectRow& row, const statistics::TestResult& test) {
  row.wilcoxonW = test.statistic;
  row.p = test.p;
  row.effectSize = test.effect;
  row.pMethod = test.method;
  row.nonZero = test.n;
}

std::vector<double*> numbersOf(EffectRow& row) {
  return {&row.ace, &row.low, &row.high, &row.se, &row.controlMean, &row.controlLow, &row.controlHigh, &row.aceAdjusted, &row.pControl, &row.percentile,
          &row.wilcoxonW, &row.p, &row.pAdjusted, &row.effectSize, &row.normalised, &row.minimumEffect};
}

void applyGate(EffectRow& row, const EffectJob& job, const PairedItems& data) {
  const effects::Gate gate = gateOf(job, data);
  if (gate.status == statistics::Status::Ok) return;
  row.status = statistics::statusName(gate.status);
  row.reason = gate.reason;
  if (!hidesNumbers(job, gate)) return;
  for (double* value : numbersOf(row)) *value = std::nan("");
}

EffectRow measure(const EffectJob& job, const StudySpec& spec, std::int64_t family) {
  const PairedItems data = pairItems(job);
  const bool binary = isBinary(job, data);
  const effects::Effect e = effects::measureEffect(data.outcomes, data.perturbed, data.controls, {spec.bootstrapDraws, spec.level, spec.seed}, floorOf(job), binary);
  EffectRow row;
  fillFromRun(row, *job.run);
  row.task = job.task->name;
  row.metric = job.metric;
  row.further = job.further;
  row.neurons = job.neurons;
  row.rank = job.rank;
  fillNumbers(row, e);
  fillTest(row, binary ? e.mcnemar : e.wilcoxon);
  if (!job.controls.empty()) row.controlKind = job.controls.front().first;
  row.displacement = job.target->stateSquared > 0 ? std::sqrt(job.target->deltaSquared / job.target->stateSquared) : std::nan("");
  std::vector<double> d(data.perturbed.size());
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = data.outcomes.clean[i] - data.perturbed[i];
  effects::DetectableConfig config;
  config.alpha = spec.alpha;
  config.family = static_cast<int>(std::max<std::int64_t>(1, family));
  row.minimumEffect = effects::detectable(d, data.outcomes.groups, e.ace, binary, config).mde;
  applyGate(row, job, data);
  return row;
}

/// A cell without a perturbation has rows too: they say why there is no number.
EffectRow missing(const RunRow& run, const TaskRow& task) {
  EffectRow row;
  fillFromRun(row, run);
  row.task = task.name;
  row.metric = "margin";
  row.reason = run.note;
  row.status = statistics::statusName(statistics::Status::NotIdentified);
  for (double* value : numbersOf(row)) *value = std::nan("");
  row.clean = row.perturbed = row.displacement = std::nan("");
  return row;
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

std::vector<EffectRow> measureAll(std::span<const EffectJob> jobs, const StudySpec& spec, const RunContext& context) {
  std::vector<EffectRow> measured(jobs.size());
  std::map<std::string, std::int64_t> family;
  for (const EffectJob& job : jobs) ++family[job.metric];
  constexpr std::int64_t kChunk = 64;
  const auto total = static_cast<std::int64_t>(jobs.size());
  for (std::int64_t from = 0; from < total; from += kChunk) {
    context.checkpoint();
    context.report("Estimating effects", static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(total));
    parallelFor(std::min(kChunk, total - from), context.threadCount(), 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = from + first; i < from + last; ++i) {
        const EffectJob& job = jobs[static_cast<std::size_t>(i)];
        measured[static_cast<std::size_t>(i)] = measure(job, spec, family.at(job.metric));
      }
    });
  }
  return measured;
}

}  // namespace

void runEffectStage(store::Store& store, const StudySpec& spec, const std::string& key, const RunContext& context) {
  const auto begin = std::chrono::steady_clock::now();
  const EffectData data(store);
  const std::vector<EffectJob> jobs = effectJobs(data);
  std::vector<EffectRow> rows;
  for (const RunRow& run : data.runs)
    if (run.kind == "cell" && run.status == "not_identified")
      for (const TaskRow& task : data.tasks) rows.push_back(missing(run, task));
  const std::vector<EffectRow> measured = measureAll(jobs, spec, context);
  rows.insert(rows.end(), measured.begin(), measured.end());
  adjust(rows, lockedPlan(store));
  const Derived derived = analyse(data, jobs, rows, store, spec, context);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  store.transaction([&] {
    store.putEffects(rows);
    store.putAnalysis(derived.analysis);
    store.setMeta("caveats", nlohmann::json(derived.caveats).dump());
    store.putStage({"effects", "done", key, std::to_string(rows.size()) + " effects", "", wall.count()});
  });
}

}  // namespace lacuna::study
