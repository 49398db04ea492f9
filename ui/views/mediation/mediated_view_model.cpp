#include <algorithm>
#include <cmath>
#include <limits>

#include "views/format.h"
#include "views/mediation/mediation_view_models.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

bool clear(const study::Ranged& value) { return value.low > 0 || value.high < 0; }

double sizeOf(const study::MediationRow& row) { return computed(row) ? std::abs(row.totalIndirect.value) : -1; }

QString shareWords(const study::MediationRow& row) {
  if (!computed(row)) return u"–"_s;
  const QString value = effectText(row.totalIndirect.value, row.totalIndirect.low, row.totalIndirect.high);
  return std::isfinite(row.proportion.value) ? MediatedViewModel::tr("%1 · %2 %").arg(value).arg(std::lround(100 * row.proportion.value)) : value;
}

}  // namespace

MediatedViewModel::MediatedViewModel(StudyContext& context) : MediationViewModel(context, u"mediated"_s, tr("Mediation")) {}

/// Largest indirect effect first; what could not be computed last.
MediationRows MediatedViewModel::rows() const {
  MediationRows rows = ofTask(task());
  std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) { return sizeOf(*a) > sizeOf(*b); });
  return rows;
}

QString MediatedViewModel::subtitle() const {
  if (rows().empty()) return {};
  return tr("%1 · coloured: through the cluster's neurons (TNIE, with its interval), grey: past them (PNDE) · right: share of the total").arg(task());
}

QString MediatedViewModel::note() const {
  const auto shown = rows();
  if (shown.empty()) return {};
  const auto& row = *shown.front();
  if (selection().condition().task != task() && !selection().condition().task.isEmpty())
    return tr("%1 has no counterfactual prompts: shown is %2.").arg(selection().condition().task, task());
  if (computed(row) && !clear(row.total)) return tr("The counterfactual prompts change little: the total effect's interval holds 0, so no share of it is given.");
  return row.leftOut > 0 && !row.reason.empty() ? qs(row.reason) + u'.' : QString();
}

QString MediatedViewModel::summary() const {
  const auto shown = rows();
  if (shown.empty() || !computed(*shown.front())) return subtitle();
  const auto& row = *shown.front();
  return tr("%1: total effect %2; most runs through %3, %4.")
      .arg(task(), effectText(row.total.value, row.total.low, row.total.high), study().clusterLabel(row.cluster), shareWords(row));
}

QString MediatedViewModel::caption() const {
  const auto shown = rows();
  if (shown.empty()) return ViewModel::caption();
  const auto& row = *shown.front();
  return tr("Total effect of the counterfactual prompts on the margin of %1 (red line), and what of it runs through each cluster's neurons: TE = TNIE + PNDE, with "
            "TNIE = Y(1, M1) − Y(1, M0) (coloured, with its %2 % %3 interval) and PNDE = Y(1, M0) − Y(0, M0) (grey); n = %4 items. Filled: the interval does not hold 0.")
      .arg(task()).arg(std::lround(100 * row.level)).arg(qs(row.intervalMethod), count(row.n));
}

ForestFigure MediatedViewModel::figure() const {
  ForestFigure f;
  f.axisLabel = tr("Δ margin");
  f.axisHint = tr("> 0: the prompt's cause raises it");
  for (const auto* r : rows()) {
    ForestRow row;
    row.label = study().clusterLabel(r->cluster);
    row.right = shareWords(*r);
    row.tooltip = mediationTooltip(study(), *r);
    row.computed = computed(*r);
    row.estimate = r->totalIndirect.value;
    row.low = r->totalIndirect.low;
    row.high = r->totalIndirect.high;
    row.filled = clear(r->totalIndirect);
    row.highlighted = r->cluster == selection().cluster();
    row.tone = study().clusterTone(r->cluster);
    if (row.computed) {
      row.bars = {{0, r->totalIndirect.value, row.tone}, {r->totalIndirect.value, r->total.value, toneMuted}};
      row.mark = r->total.value;
      if (f.markLabel.isEmpty()) f.markLabel = tr("total %1").arg(effectText(r->total.value, r->total.low, r->total.high));
    }
    f.rows.push_back(std::move(row));
  }
  return f;
}

void MediatedViewModel::activate(int row, Qt::KeyboardModifiers) { study().selection().setCluster(rows()[static_cast<std::size_t>(row)]->cluster); }

TableData MediatedViewModel::table() const { return mediationTable(study(), rows()); }

MediationMatrixViewModel::MediationMatrixViewModel(StudyContext& context) : MediationViewModel(context, u"mediation-matrix"_s, tr("Indirect effects")) {}

QString MediationMatrixViewModel::subtitle() const {
  return all().empty() ? QString() : tr("TNIE, clusters × tasks · dot: interval without 0 · hatched: not computed");
}

QString MediationMatrixViewModel::caption() const {
  return tr("Total natural indirect effect of the counterfactual prompts through each cluster's neurons, clusters by tasks. Dots: the interval does not hold 0, not "
            "corrected for the number of cells.");
}

MatrixFigure MediationMatrixViewModel::figure() const {
  MatrixFigure f;
  const QStringList names = tasks();
  f.map = ColourMap::Diverging;
  f.scaleLabel = u"TNIE"_s;
  f.columnLabels.assign(names.begin(), names.end());
  f.grid.rows = static_cast<std::int64_t>(results().clusters.size());
  f.grid.columns = names.size();
  double most = 0;
  const auto rows = all();
  for (const auto* row : rows)
    if (computed(*row)) most = std::max(most, std::abs(row->totalIndirect.value));
  for (const auto& cluster : results().clusters) {
    f.rowLabels.push_back(study().clusterLabel(cluster.id));
    for (const QString& name : names) {
      const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto* row) { return row->cluster == cluster.id && qs(row->task) == name; });
      const bool there = found != rows.end() && computed(**found);
      f.grid.values.push_back(there ? static_cast<float>((*found)->totalIndirect.value) : std::numeric_limits<float>::quiet_NaN());
      f.texts.push_back(there ? signedNumber((*found)->totalIndirect.value, decimalsFor(most)) : QString());
      f.marked.push_back(there && clear((*found)->totalIndirect));
      f.tooltips.push_back(found != rows.end() ? mediationTooltip(study(), **found) : tr("%1 → %2: not run").arg(f.rowLabels.back(), name));
      if (cluster.id == shownCluster() && name == task()) f.highlighted.emplace_back(static_cast<int>(f.rowLabels.size()) - 1, static_cast<int>(names.indexOf(name)));
    }
  }
  f.high = most > 0 ? most : 1;
  f.low = -f.high;
  return f;
}

void MediationMatrixViewModel::activate(int cell, Qt::KeyboardModifiers) {
  const QStringList names = tasks();
  Condition condition = selection().condition();
  condition.task = names[cell % names.size()];
  study().selection().together([&] {
    study().selection().setCondition(condition);
    study().selection().setCluster(results().clusters[static_cast<std::size_t>(cell / names.size())].id);
  });
}

TableData MediationMatrixViewModel::table() const { return mediationTable(study(), all()); }

}  // namespace lacuna::ui
