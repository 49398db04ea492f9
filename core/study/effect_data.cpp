#include "effect_data.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "lacuna/perturbation/perturbation.h"

namespace lacuna::study {
namespace {

template <class Row, class Value> const Row* find(const std::vector<Row>& rows, Value Row::*member, const Value& wanted) {
  for (const Row& row : rows)
    if (row.*member == wanted) return &row;
  return nullptr;
}

void readTargetSize(const std::string& parameters, EffectJob& job) {
  for (const perturbation::Perturbation& p : perturbation::setFromJson(nlohmann::json::parse(parameters))) {
    job.neurons += perturbation::editsNeurons(p.method) ? static_cast<std::int64_t>(p.neurons.size()) : 0;
    job.rank += perturbation::editsNeurons(p.method) ? 0 : std::max<std::int64_t>(1, p.basis.rows());
  }
}

using ArmsByKind = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// The arms of one run: its target's name comes back, controls by kind in the order in which they were planned.
std::string armsOf(const EffectData& data, const RunRow& run, EffectJob& job, ArmsByKind& controls) {
  std::string target;
  for (const store::ArmRow& arm : data.arms) {
    if (arm.run != run.number) continue;
    if (arm.draw < 0) {
      target = arm.arm;
      readTargetSize(arm.parameters, job);
      continue;
    }
    auto kind = std::find_if(controls.begin(), controls.end(), [&](const auto& k) { return k.first == arm.kind; });
    if (kind == controls.end()) kind = controls.insert(controls.end(), {arm.kind, {}});
    kind->second.push_back(arm.arm);
  }
  return target;
}

/// The job of one metric, if both arms were scored with it.
void addJob(const EffectData& data, const EffectJob& base, const std::string& metric, const std::string& target, const ArmsByKind& controls, std::vector<EffectJob>& jobs) {
  EffectJob job = base;
  job.metric = metric;
  job.clean = data.outcome("clean", base.task->name, metric);
  job.target = data.outcome(target, base.task->name, metric);
  if (!job.clean || !job.target) return;
  for (const auto& [kind, arms] : controls) {
    job.controls.push_back({kind, {}});
    for (const std::string& arm : arms)
      if (const store::OutcomeRow* control = data.outcome(arm, base.task->name, metric)) job.controls.back().second.push_back(control);
  }
  jobs.push_back(std::move(job));
}

void addJobs(const EffectData& data, EffectJob base, const std::string& target, const ArmsByKind& controls, std::vector<EffectJob>& jobs) {
  const std::vector<std::string> reported = reportedMetrics(*base.task);
  for (const std::string& metric : reported) addJob(data, base, metric, target, controls, jobs);
  base.further = true;
  for (const std::string& metric : furtherMetrics())
    if (std::find(reported.begin(), reported.end(), metric) == reported.end()) addJob(data, base, metric, target, controls, jobs);
}

}  // namespace

EffectData::EffectData(const store::Store& store)
    : runs(store.runs()), arms(store.arms()), tasks(store.tasks()), items(store.taskItems()), outcomes(store.outcomes()), clusters(livingClusters(store)) {
  for (const store::OutcomeRow& row : outcomes) m_outcomes[{row.arm, row.task, row.metric}] = &row;
}

const store::OutcomeRow* EffectData::outcome(const std::string& arm, const std::string& task, const std::string& metric) const {
  const auto found = m_outcomes.find({arm, task, metric});
  return found == m_outcomes.end() ? nullptr : found->second;
}
const TaskRow* EffectData::task(const std::string& name) const { return find(tasks, &TaskRow::name, name); }
const store::TaskItems* EffectData::itemsOf(const std::string& task) const { return find(items, &store::TaskItems::task, task); }
const RunRow* EffectData::run(std::int64_t number) const { return find(runs, &RunRow::number, number); }

std::vector<EffectJob> effectJobs(const EffectData& data) {
  std::vector<EffectJob> jobs;
  for (const RunRow& run : data.runs) {
    if (run.kind != "cell" || run.status != "done") continue;
    EffectJob base;
    base.run = &run;
    ArmsByKind controls;
    const std::string target = armsOf(data, run, base, controls);
    for (const TaskRow& task : data.tasks) {
      base.task = &task;
      base.items = data.itemsOf(task.name);
      if (base.items) addJobs(data, base, target, controls, jobs);
    }
  }
  return jobs;
}

PairedItems pairItems(const EffectJob& job) {
  PairedItems out;
  std::map<std::int32_t, std::int32_t> dense;
  for (const auto& [kind, rows] : job.controls) {
    if (&kind == &job.controls.front().first) out.controls.resize(rows.size());
    else out.otherControls.emplace_back(rows.size());
  }
  for (std::size_t i = 0; i < job.items->evaluate.size(); ++i) {
    if (!job.items->evaluate[i] || !std::isfinite(job.clean->values[i]) || !std::isfinite(job.target->values[i])) continue;
    out.outcomes.clean.push_back(job.clean->values[i]);
    out.outcomes.groups.push_back(dense.emplace(job.items->groups[i], static_cast<std::int32_t>(dense.size())).first->second);
    out.perturbed.push_back(job.target->values[i]);
    for (std::size_t k = 0; k < job.controls.size(); ++k)
      for (std::size_t r = 0; r < job.controls[k].second.size(); ++r)
        (k == 0 ? out.controls : out.otherControls[k - 1])[r].push_back(job.controls[k].second[r]->values[i]);
  }
  return out;
}

std::vector<double> itemEffects(const EffectJob& job) {
  std::vector<double> effects(job.items->evaluate.size(), std::nan(""));
  for (std::size_t i = 0; i < effects.size(); ++i)
    if (job.items->evaluate[i]) effects[i] = job.clean->values[i] - job.target->values[i];
  return effects;
}

std::vector<std::int64_t> reportedItems(const store::TaskItems& items) {
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < items.evaluate.size(); ++i)
    if (items.evaluate[i]) places.push_back(static_cast<std::int64_t>(i));
  return places;
}

double floorOf(const EffectJob& job) {
  if (countsRight(job.metric)) return job.task->chance;
  return job.metric == "margin" && job.task->chance > 0 && job.task->chance < 1 ? -std::log(1 / job.task->chance - 1) : std::nan("");
}

bool isBinary(const EffectJob& job, const PairedItems& data) {
  const auto whole = [](double v) { return v == 0 || v == 1; };
  return isBinary(job.metric) && std::all_of(data.outcomes.clean.begin(), data.outcomes.clean.end(), whole) && std::all_of(data.perturbed.begin(), data.perturbed.end(), whole);
}

effects::Gate gateOf(const EffectJob& job, const PairedItems& data) {
  effects::MetricScale scale;
  scale.binary = isBinary(job, data);
  scale.chance = scale.binary && countsRight(job.metric) ? job.task->chance : std::nan("");
  scale.floor = scale.binary ? std::nan("") : floorOf(job);
  scale.best = countsRight(job.metric) ? 1 : std::nan("");
  return effects::gateOf(data.outcomes, data.perturbed, scale, job.target->editedRows);
}

bool hidesNumbers(const EffectJob& job, const effects::Gate& gate) { return countsRight(job.metric) && gate.status == statistics::Status::AtFloor; }

}  // namespace lacuna::study
