#include <algorithm>
#include <cmath>

#include "views/effects/effect_view_models.h"
#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

EmptyState noEffects(const study::Results& results, const QString& what) {
  if (!results.effects.empty()) return {};
  return {what, ForestViewModel::tr("No perturbation has been run yet."), u"study.update"_s, ForestViewModel::tr("Run the study")};
}

TableData effectTable(const StudyContext& study, const std::vector<const study::EffectRow*>& rows) {
  const auto tr = [](const char* text) { return ForestViewModel::tr(text); };
  TableData t{{{"run", tr("Run"), true}, {"cluster_id", tr("Id"), true}, {"cluster_label", tr("Cluster")}, {"task", tr("Task")}, {"method", tr("Method")},
               {"site", tr("Site")}, {"layer", tr("Layer"), true}, {"epsilon", u"ε"_s, true}, {"dose", tr("Dose"), true}, {"dose_kind", tr("Dose is")}, {"n_neurons", u"|S|"_s, true}, {"n", tr("n"), true},
               {"metric", tr("Metric")}, {"estimate", tr("ACE"), true, 3, true}, {"ci_low", tr("CI low"), true, 3, true},
               {"ci_high", tr("CI high"), true, 3, true}, {"ci_level", tr("Level"), true, 2}, {"ci_method", tr("CI method")},
               {"control_mean", tr("Control"), true, 3, true}, {"p", tr("p"), true, 4}, {"p_adj", tr("p adj."), true, 4},
               {"p_adj_method", tr("Adjustment")}, {"family_size", tr("Tests"), true}, {"analysis", tr("Analysis")}, {"status", tr("Status")}}, {}};
  for (const auto* r : rows)
    t.rows.push_back({r->run, std::int64_t{r->cluster.value}, study.clusterLabel(r->cluster), qs(r->task), qs(r->method), qs(r->site),
                      std::int64_t{r->layer.value}, r->epsilon, r->dose, doseSymbol(r->equalDose), r->neurons, r->n, qs(r->metric), r->ace, r->low, r->high,
                      r->level, qs(r->intervalMethod), r->controlMean, r->p, r->pAdjusted, qs(r->pAdjustedMethod), r->familySize, analysisWords(*r), qs(r->status)});
  return t;
}

ForestViewModel::ForestViewModel(StudyContext& context) : ViewModel(context, u"forest"_s, tr("Effects")) {}

QStringList ForestViewModel::tasks() const {
  QStringList names;
  for (const auto& t : results().tasks) names << qs(t.name);
  return names;
}

void ForestViewModel::setTask(const QString& task) {
  Condition c = selection().condition();
  c.task = task;
  study().selection().setCondition(c);
}

/// Tasks in the study's order; inside a task the largest effect first, what could not be computed last.
std::vector<const study::EffectRow*> ForestViewModel::rows() const {
  auto rows = effectsUnder(results(), selection().condition());
  const QStringList order = tasks();
  std::stable_sort(rows.begin(), rows.end(), [&](const auto* a, const auto* b) {
    if (a->task != b->task) return order.indexOf(qs(a->task)) < order.indexOf(qs(b->task));
    if (computed(*a) != computed(*b)) return computed(*a);
    return computed(*a) && a->ace > b->ace;
  });
  return rows;
}

QString ForestViewModel::subtitle() const { return summary(); }

QString ForestViewModel::summary() const {
  const auto all = rows();
  if (all.empty()) return tr("No run of %1 at %2").arg(methodName(selection().condition().method), doseWords(selection().condition()));
  const study::EffectRow* largest = nullptr;
  int found = 0;
  std::int64_t least = all.front()->n;
  for (const auto* r : all) {
    found += significant(*r) ? 1 : 0;
    least = std::min(least, r->n);
    if (computed(*r) && (!largest || r->ace > largest->ace)) largest = r;
  }
  if (!largest) return tr("No effect could be computed.");
  return tr("Largest: %1 on %2, %3. %4 of %5 significant after %6. n ≥ %7 items each.")
      .arg(study().clusterLabel(largest->cluster), qs(largest->task), effectText(largest->ace, largest->low, largest->high))
      .arg(found).arg(all.size()).arg(adjustmentName(qs(largest->pAdjustedMethod)), count(least));
}

QString ForestViewModel::caption() const {
  const auto all = rows();
  if (all.empty()) return ViewModel::caption();
  return tr("Average causal effect, %1, of %2, by cluster. Dots: mean paired difference over %3; lines: %4; grey bands: %5; "
            "filled: %6. ACE > 0: the perturbation lowers the score.")
             .arg(effectAxis(all), perturbationWords(all), itemWords(all), intervalWords(all)).arg(controlWords(*all.front()), correctionWords(all)) +
         lockWords(results());
}

EmptyState ForestViewModel::emptyState() const { return noEffects(results(), tr("How much each cluster matters for a task, with intervals and controls")); }

ForestFigure ForestViewModel::figure() const {
  ForestFigure f;
  f.axisHint = signHint();
  const bool grouped = selection().condition().task.isEmpty();
  const auto all = rows();
  f.axisLabel = effectAxis(all);
  for (const auto* r : all) {
    ForestRow row;
    row.label = study().clusterLabel(r->cluster);
    row.group = grouped ? qs(r->task) : QString();
    row.computed = computed(*r);
    row.right = row.computed ? tr("%1  n %2").arg(effectText(r->ace, r->low, r->high), count(r->n)) : tr("– %1").arg(qs(r->status));
    row.tooltip = effectTooltip(study(), *r);
    row.estimate = r->ace;
    row.low = std::isfinite(r->low) ? r->low : r->ace;
    row.high = std::isfinite(r->high) ? r->high : r->ace;
    if (r->controls > 0 && std::isfinite(r->controlLow)) row.controlLow = r->controlLow, row.controlHigh = r->controlHigh;
    row.filled = significant(*r);
    row.highlighted = selection().run() == r->run || selection().cluster() == r->cluster;
    row.tone = study().clusterTone(r->cluster);
    f.rows.push_back(std::move(row));
  }
  return f;
}

void ForestViewModel::activate(int row, Qt::KeyboardModifiers) {
  const auto* effect = rows()[static_cast<std::size_t>(row)];
  study().selection().together([&] {
    study().selection().setCluster(effect->cluster);
    study().selection().setRun(effect->run);
  });
}

TableData ForestViewModel::table() const { return effectTable(study(), rows()); }

}  // namespace lacuna::ui
