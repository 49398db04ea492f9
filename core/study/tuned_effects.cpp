#include "tuned_effects.h"

#include <algorithm>

#include "effect_data.h"
#include "item_scores.h"
#include "lacuna/effects/gates.h"

namespace lacuna::study {
namespace {

StrengthEffectRow begun(const StrengthRow& strength, const std::string& task, const std::string& metric) {
  StrengthEffectRow row;
  row.cluster = strength.cluster;
  row.method = strength.method;
  row.layer = strength.layer;
  row.budget = strength.budget;
  row.epsilon = strength.epsilon;
  row.task = task;
  row.metric = metric;
  row.similarity = row.clean = row.perturbed = statistics::kMissing;
  return row;
}

void fill(StrengthEffectRow& row, const statistics::Estimate& ace) {
  row.ace = ace.value;
  row.low = ace.low;
  row.high = ace.high;
  row.se = ace.se;
  row.level = ace.level;
  row.n = ace.n;
  row.groups = ace.groups;
  row.intervalMethod = ace.method;
  row.status = statistics::statusName(ace.status);
}

/// As a cell of the study at that dose would have it.
void measure(StrengthEffectRow& row, const EffectJob& job, const StudySpec& spec) {
  const PairedItems data = pairItems(job);
  const effects::Effect effect = effects::measureEffect(data.outcomes, data.perturbed, {}, {spec.bootstrapDraws, spec.level, spec.seed}, floorOf(job), isBinary(job, data));
  fill(row, effect.ace);
  row.clean = effect.cleanScore.value;
  row.perturbed = effect.perturbedScore.value;
  const effects::Gate gate = gateOf(job, data);
  if (gate.status == statistics::Status::Ok) return;
  row.status = statistics::statusName(gate.status);
  row.reason = gate.reason;
  if (hidesNumbers(job, gate)) row.ace = row.low = row.high = row.se = statistics::kMissing;
}

double similarityOf(const store::Store& store, ClusterId cluster, const std::string& task) {
  for (const store::RelationRow& row : store.relations())
    if (row.cluster == cluster && row.task == task) return row.similarity;
  return statistics::kMissing;
}

template <class Row> const Row* named(const std::vector<Row>& rows, std::string Row::*name, const std::string& wanted) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.*name == wanted; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace

std::vector<StrengthEffectRow> tunedEffects(Workspace& w, const StrengthRow& strength, const perturbation::PerturbationSet& set,
                                            const std::vector<std::size_t>& unrelated, const RunContext& context) {
  const model::Arm arms[2] = {{}, perturbation::makeArm(set)};
  const std::vector<store::TaskItems> allItems = w.store().taskItems();
  const std::vector<TaskRow> allTasks = w.store().tasks();
  std::vector<StrengthEffectRow> rows;
  for (std::size_t t = 0; t < w.tasks().size(); ++t) {
    const tasks::Task& task = w.tasks()[t];
    const store::TaskItems* items = named(allItems, &store::TaskItems::task, task.name);
    const TaskRow* stored = named(allTasks, &TaskRow::name, task.name);
    const std::vector<std::int64_t> places = items ? reportedItems(*items) : std::vector<std::int64_t>();
    if (!stored || places.empty()) continue;
    context.checkpoint();
    context.report("Effects at the tuned strength", t, w.tasks().size());
    const auto scores = tasks::scoreItems(w.model(), task, places, arms, false, context);
    const std::vector<store::OutcomeRow> clean = outcomeRows("clean", task, places, scores[0]), tuned = outcomeRows("tuned", task, places, scores[1]);
    for (const std::string& metric : reportedMetrics(*stored)) {
      EffectJob job;
      job.items = items;
      job.task = stored;
      job.metric = metric;
      job.clean = named(clean, &store::OutcomeRow::metric, metric);
      job.target = named(tuned, &store::OutcomeRow::metric, metric);
      if (!job.clean || !job.target) continue;
      rows.push_back(begun(strength, task.name, metric));
      rows.back().unrelated = std::find(unrelated.begin(), unrelated.end(), t) != unrelated.end();
      rows.back().similarity = similarityOf(w.store(), strength.cluster, task.name);
      measure(rows.back(), job, w.spec());
    }
  }
  return rows;
}

StrengthEffectRow tunedLoss(const StrengthRow& strength, const std::string& set, const effects::LossIncrease& increase, const StudySpec& spec) {
  StrengthEffectRow row = begun(strength, set, "log_prob");
  row.unrelated = true;
  fill(row, statistics::bcaMean(increase.perItem, increase.groups, {spec.bootstrapDraws, spec.level, spec.seed}));
  row.reason = "tuning texts: the half kept for confirmation";
  return row;
}

}  // namespace lacuna::study
