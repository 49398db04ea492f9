#include "views/statistics/statistics_view_models.h"

#include <algorithm>
#include <cmath>

#include "views/effects/effect_view_models.h"
#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

std::vector<const study::EffectRow*> allTasks(const study::Results& results, Condition condition) {
  condition.task.clear();
  return effectsUnder(results, condition);
}

/// "49 tests, Holm" in words, for the correction that was applied over the whole declared family.
QString familyInWords(const std::vector<const study::EffectRow*>& rows) {
  for (const auto* row : rows)
    if (row->familySize > 0) return VolcanoViewModel::tr("%1 tests, %2").arg(count(row->familySize), adjustmentName(qs(row->pAdjustedMethod)));
  return VolcanoViewModel::tr("no test");
}

}  // namespace

VolcanoViewModel::VolcanoViewModel(StudyContext& context) : ViewModel(context, u"volcano"_s, tr("Significance")) {}

std::vector<const study::EffectRow*> VolcanoViewModel::rows() const {
  auto rows = allTasks(results(), selection().condition());
  std::erase_if(rows, [](const auto* r) { return !computed(*r) || !std::isfinite(r->pAdjusted); });
  return rows;
}

QString VolcanoViewModel::subtitle() const {
  const auto shown = rows();
  const auto found = std::count_if(shown.begin(), shown.end(), [](const auto* r) { return significant(*r); });
  return tr("%1 · %2 of %3 below 0.05 · filled: significant").arg(familyInWords(shown)).arg(found).arg(shown.size());
}

EmptyState VolcanoViewModel::emptyState() const { return noEffects(results(), tr("Effects against their evidence")); }

PointsFigure VolcanoViewModel::figure() const {
  PointsFigure f;
  f.xLabel = effectAxis(rows());
  f.yLabel = tr("−log₁₀ adjusted p");
  f.hint = signHint();
  f.lines.push_back({0, {}, true, false, false});
  f.lines.push_back({-std::log10(0.05), tr("p = 0.05"), false, true, false});
  auto shown = rows();
  std::vector<double> sizes;
  for (const auto* r : shown)
    if (significant(*r)) sizes.push_back(std::abs(r->ace));
  std::sort(sizes.rbegin(), sizes.rend());
  const double labelled = sizes.size() > 7 ? sizes[7] : 0;   // names for the eight largest
  for (const auto* r : shown) {
    PointsFigure::Point p;
    p.x = r->ace;
    p.y = -std::log10(std::max(r->pAdjusted, 1e-300));
    p.label = u"%1 → %2"_s.arg(study().clusterLabel(r->cluster), qs(r->task));
    p.tooltip = effectTooltip(study(), *r);
    p.tone = study().clusterTone(r->cluster);
    p.filled = significant(*r);
    p.highlighted = r->run == selection().run() && qs(r->task) == selection().condition().task;
    p.labelled = p.filled && std::abs(r->ace) >= labelled;
    f.points.push_back(std::move(p));
  }
  return f;
}

void VolcanoViewModel::activate(int point, Qt::KeyboardModifiers) {
  const auto* row = rows()[static_cast<std::size_t>(point)];
  Condition c = selection().condition();
  c.task = qs(row->task);
  study().selection().together([&] {
    study().selection().setCondition(c);
    study().selection().setCluster(row->cluster);
    study().selection().setRun(row->run);
  });
}

QString VolcanoViewModel::caption() const {
  const auto all = rows();
  return tr("Average causal effect, %1, of %2 against its evidence, over %3 each. Filled: %4; %5 are in the table. ACE > 0: the perturbation lowers the score.")
             .arg(effectAxis(all), perturbationWords(all), itemWords(all), correctionWords(all), intervalWords(all)) +
         lockWords(results());
}

TableData VolcanoViewModel::table() const { return effectTable(study(), rows()); }

TestsViewModel::TestsViewModel(StudyContext& context) : ViewModel(context, u"tests"_s, tr("Tests")) {}

std::vector<const study::EffectRow*> TestsViewModel::rows() const { return allTasks(results(), selection().condition()); }

QString TestsViewModel::subtitle() const {
  return tr("%1 · %2, %3").arg(familyInWords(rows()), methodName(selection().condition().method), doseWords(selection().condition()));
}

EmptyState TestsViewModel::emptyState() const { return noEffects(results(), tr("Every test with its correction")); }

TableData TestsViewModel::table() const {
  TableData t{{{"cluster_label", tr("Cluster")}, {"task", tr("Task")}, {"metric", tr("Metric")}, {"test", tr("Test")}, {"n", tr("n"), true}, {"n_nonzero", tr("Non-zero"), true},
               {"statistic", tr("W"), true, 1}, {"p", tr("p"), true, 4}, {"p_adj", tr("p adj."), true, 4}, {"p_adj_method", tr("Adjustment")},
               {"effect_size_r", tr("r"), true, 2, true}, {"ace", tr("ACE"), true, 3, true}, {"ci_low", tr("CI low"), true, 3, true},
               {"ci_high", tr("CI high"), true, 3, true}, {"p_control", tr("p control"), true, 3}, {"analysis", tr("Analysis")}, {"status", tr("Status")}}, {}};
  for (const auto* r : rows())
    t.rows.push_back({study().clusterLabel(r->cluster), qs(r->task), qs(r->metric), qs(r->pMethod), r->n, r->nonZero, r->wilcoxonW, r->p, r->pAdjusted,
                      qs(r->pAdjustedMethod), r->effectSize, r->ace, r->low, r->high, r->pControl, analysisWords(*r),
                      r->nonZero == 0 ? tr("undefined: 0 non-zero pairs") : qs(r->status)});
  return t;
}

std::vector<int> TestsViewModel::highlightedRows() const {
  std::vector<int> out;
  const auto all = rows();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i]->cluster == selection().cluster()) out.push_back(static_cast<int>(i));
  return out;
}

void TestsViewModel::activateRow(int row) {
  const auto* effect = rows()[static_cast<std::size_t>(row)];
  study().selection().together([&] {
    study().selection().setCluster(effect->cluster);
    study().selection().setRun(effect->run);
  });
}

}  // namespace lacuna::ui
