#include "views/effects/controls_view_model.h"

#include <algorithm>
#include <cmath>

#include "views/effects/effect_view_models.h"
#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

bool inside(const study::ControlRow& row) { return std::isfinite(row.low) && row.ace >= row.low && row.ace <= row.high; }

QString percentileWords(double percentile) {
  return std::isfinite(percentile) ? ControlsViewModel::tr("%1 %").arg(std::lround(100 * percentile)) : u"–"_s;
}

QString controlMeaning(const QString& kind) {
  if (kind == "matched"_L1) return ControlsViewModel::tr("neurons or subspaces at random, matched in size and displacement");
  if (kind == "permuted"_L1) return ControlsViewModel::tr("probes of permuted labels through the same pipeline");
  if (kind == "other"_L1) return ControlsViewModel::tr("the targets of the other clusters");
  if (kind == "noise"_L1) return ControlsViewModel::tr("isotropic noise of the same norm");
  return kind;
}

QString controlTooltip(const study::ControlRow& row) {
  return ControlsViewModel::tr("%1: %2 draws\nmean %3, 2.5–97.5 % %4\ntarget %5: above %6 % of them, p = %7")
      .arg(controlMeaning(qs(row.kind))).arg(row.controls)
      .arg(signedNumber(row.mean, 3), interval(row.low, row.high, 3), signedNumber(row.ace, 3)).arg(std::lround(100 * row.percentile)).arg(pValue(row.p));
}

}  // namespace

QString controlName(const QString& kind) {
  if (kind == "matched"_L1) return ControlsViewModel::tr("matched");
  if (kind == "permuted"_L1) return ControlsViewModel::tr("permuted");
  if (kind == "other"_L1) return ControlsViewModel::tr("others");
  if (kind == "noise"_L1) return ControlsViewModel::tr("noise");
  return kind;
}

ControlsViewModel::ControlsViewModel(StudyContext& context) : ViewModel(context, u"controls"_s, tr("Controls")) {}

const study::EffectRow* ControlsViewModel::target() const {
  Condition condition = selection().condition();
  condition.task = singleTask(results(), condition);
  for (const auto* row : effectsUnder(results(), condition))
    if (row->cluster == shownCluster()) return row;
  return nullptr;
}

std::vector<const study::ControlRow*> ControlsViewModel::rows() const {
  std::vector<const study::ControlRow*> out;
  const auto* effect = target();
  if (!effect) return out;
  for (const auto& row : results().controls)
    if (row.run == effect->run && row.task == effect->task && row.metric == effect->metric) out.push_back(&row);
  return out;
}

QString ControlsViewModel::subtitle() const {
  const auto* effect = target();
  const QString task = singleTask(results(), selection().condition());
  const QString cell = tr("%1 → %2 · %3").arg(study().clusterLabel(shownCluster()), task, doseWords(selection().condition()));
  if (!effect) return cell;
  return tr("%1 · n = %2 · band: 2.5–97.5 % of the controls, dot: their mean · right: p, share of controls below the target").arg(cell, count(effect->n));
}

QString ControlsViewModel::note() const {
  QStringList within;
  for (const auto* row : rows())
    if (inside(*row)) within << controlName(qs(row->kind));
  return within.isEmpty() ? QString() : tr("The effect lies within its controls: %1.").arg(within.join(u", "_s));
}

QString ControlsViewModel::summary() const {
  QStringList said;
  for (const auto* row : rows()) said << tr("%1: above %2, p = %3").arg(controlName(qs(row->kind)), percentileWords(row->percentile), pValue(row->p));
  const auto* effect = target();
  return effect ? tr("ACE %1; %2").arg(effectText(effect->ace, effect->low, effect->high), said.join(u"; "_s)) : subtitle();
}

QString ControlsViewModel::caption() const {
  const auto* effect = target();
  if (!effect) return ViewModel::caption();
  return tr("Average causal effect of %1 (%2) among controls of each kind. Red line: the target; bands: 2.5–97.5 % of the controls; dots: their means; "
            "right: controls below the target and p = (1 + controls as large) / (draws + 1). ACE > 0: the perturbation lowers the score.")
             .arg(study().clusterLabel(effect->cluster), perturbationWords({effect})) + lockWords(results());
}

EmptyState ControlsViewModel::emptyState() const {
  const QString what = tr("Whether the effect stands out of its controls");
  if (const EmptyState none = noEffects(results(), what); none.shown()) return none;
  if (!rows().empty()) return {};
  if (!target()) return {what, tr("%1 was not run like this: choose another strength or method, or run it.")
      .arg(study().clusterLabel(shownCluster())), u"run.start"_s, tr("Run the perturbation")};
  return {what, tr("This run has no controls: they are made at the controls' own strength."), u"study.update"_s, tr("Run what is not up to date")};
}

ForestFigure ControlsViewModel::figure() const {
  ForestFigure f;
  const auto* effect = target();
  if (!effect) return f;
  f.axisLabel = effectAxis({effect});
  f.axisHint = signHint();
  f.markLabel = tr("%1 %2").arg(study().clusterLabel(effect->cluster), effectText(effect->ace, effect->low, effect->high).section(u' ', 0, 0));
  for (const auto* r : rows()) {
    ForestRow row;
    row.label = u"%1 (%2)"_s.arg(controlName(qs(r->kind))).arg(r->controls);
    row.computed = std::isfinite(r->mean);
    row.right = row.computed ? tr("p %1 · %2").arg(pValue(r->p), percentileWords(r->percentile)) : u"–"_s;
    row.tooltip = controlTooltip(*r);
    row.estimate = row.low = row.high = r->mean;
    if (std::isfinite(r->low)) row.controlLow = r->low, row.controlHigh = r->high;
    if (std::isfinite(r->ace)) row.mark = r->ace;
    f.rows.push_back(std::move(row));
  }
  return f;
}

void ControlsViewModel::activate(int, Qt::KeyboardModifiers) {
  if (const auto* effect = target()) study().selection().setRun(effect->run);
}

TableData ControlsViewModel::table() const {
  TableData t{{{"run", tr("Run"), true}, {"cluster_label", tr("Cluster")}, {"task", tr("Task")}, {"metric", tr("Metric")}, {"kind", tr("Controls")},
               {"draws", tr("Draws"), true}, {"ace", tr("ACE"), true, 3, true}, {"mean", tr("Mean"), true, 3, true}, {"low", tr("2.5 %"), true, 3, true},
               {"high", tr("97.5 %"), true, 3, true}, {"p", tr("p"), true, 4}, {"percentile", tr("Share below"), true},
               {"analysis", tr("Analysis")}}, {}};
  const auto* effect = target();
  for (const auto* r : rows())
    t.rows.push_back({r->run, study().clusterLabel(effect->cluster), qs(r->task), qs(r->metric), qs(r->kind), std::int64_t{r->controls}, r->ace,
        r->mean, r->low,
                      r->high, r->p, r->percentile, analysisWords(*effect)});
  return t;
}

}  // namespace lacuna::ui
