#include <algorithm>
#include <cmath>
#include <limits>

#include "views/effects/effect_view_models.h"
#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

EffectMatrixViewModel::EffectMatrixViewModel(StudyContext& context) : ViewModel(context, u"matrix"_s, tr("Clusters × tasks")) {}

QString EffectMatrixViewModel::subtitle() const {
  return tr("%1, %2, %3 · dot: adjusted p < 0.05 · hatched: not run")
      .arg(effectAxis(rows()), methodName(selection().condition().method), doseWords(selection().condition()));
}

QString EffectMatrixViewModel::caption() const {
  const auto all = rows();
  return tr("Average causal effect, %1, of %2, clusters by tasks, over %3 each. Dots: %4; hatched: not run; %5 are in the table. "
            "ACE > 0: the perturbation lowers the score.")
             .arg(effectAxis(all), perturbationWords(all), itemWords(all), correctionWords(all), intervalWords(all)) +
         lockWords(results());
}

EmptyState EffectMatrixViewModel::emptyState() const { return noEffects(results(), tr("Which cluster matters for which task")); }

EffectRows EffectMatrixViewModel::rows() const {
  Condition all = selection().condition();
  all.task.clear();
  return effectsUnder(results(), all);
}

const study::EffectRow* EffectMatrixViewModel::at(std::size_t cluster, std::size_t task) const {
  Condition c = selection().condition();
  c.task = qs(results().tasks[task].name);
  for (const auto* row : effectsUnder(results(), c))
    if (row->cluster == results().clusters[cluster].id) return row;
  return nullptr;
}

MatrixFigure EffectMatrixViewModel::figure() const {
  MatrixFigure f;
  const auto &clusters = results().clusters;
  const auto& tasks = results().tasks;
  f.map = ColourMap::Diverging;
  f.scaleLabel = effectAxis(rows());
  f.xLabel = tr("ACE %1").arg(signHint());
  f.grid.rows = static_cast<std::int64_t>(clusters.size());
  f.grid.columns = static_cast<std::int64_t>(tasks.size());
  for (const auto& t : tasks) f.columnLabels.push_back(qs(t.name));
  double most = 0;
  for (const auto* row : rows())
    if (computed(*row)) most = std::max(most, std::abs(row->ace));
  const int decimals = decimalsFor(most);
  for (std::size_t r = 0; r < clusters.size(); ++r) {
    f.rowLabels.push_back(study().clusterLabel(clusters[r].id));
    for (std::size_t c = 0; c < tasks.size(); ++c) {
      const auto* row = at(r, c);
      const bool there = row && computed(*row);
      f.grid.values.push_back(there ? static_cast<float>(row->ace) : std::numeric_limits<float>::quiet_NaN());
      f.texts.push_back(there ? signedNumber(row->ace, decimals) : QString());
      f.marked.push_back(there && significant(*row));
      f.tooltips.push_back(row ? effectTooltip(study(), *row) : tr("%1 → %2: not run").arg(f.rowLabels.back(), f.columnLabels[c]));
      if (row && row->run == selection().run() && (selection().condition().task.isEmpty() || row->task == selection().condition().task.toStdString()))
        f.highlighted.emplace_back(static_cast<int>(r), static_cast<int>(c));
    }
  }
  f.high = most > 0 ? most : 1;
  f.low = -f.high;
  return f;
}

void EffectMatrixViewModel::activate(int cell, Qt::KeyboardModifiers) {
  const std::size_t columns = results().tasks.size(), r = static_cast<std::size_t>(cell) / columns, c = static_cast<std::size_t>(cell) % columns;
  const auto* row = at(r, c);
  Condition condition = selection().condition();
  condition.task = qs(results().tasks[c].name);
  study().selection().together([&] {
    study().selection().setCondition(condition);
    study().selection().setCluster(results().clusters[r].id);
    study().selection().setRun(row ? row->run : 0);
  });
}

TableData EffectMatrixViewModel::table() const { return effectTable(study(), rows()); }

DoseViewModel::DoseViewModel(StudyContext& context) : ViewModel(context, u"dose"_s, tr("Dose–response")) {
  connect(&context.selection(), &SelectionModel::strengthChanged, this, [this] {
    if (linked()) Q_EMIT changed();
  });
}

QString DoseViewModel::task() const { return singleTask(results(), selection().condition()); }

QString DoseViewModel::subtitle() const {
  return tr("%1 · %2 · ribbon: interval of the ACE").arg(task(), methodName(selection().condition().method));
}

EmptyState DoseViewModel::emptyState() const { return noEffects(results(), tr("How the effect grows with the strength")); }

std::vector<const study::EffectRow*> DoseViewModel::points(ClusterId cluster) const {
  std::vector<const study::EffectRow*> out;
  Condition at = selection().condition();
  at.task = task();
  for (const double dose : strengthsOf(results(), at.method, at.equalDose)) {
    at.epsilon = dose;
    for (const auto* row : effectsUnder(results(), at))
      if (row->cluster == cluster && computed(*row)) out.push_back(row);
  }
  return out;
}

SeriesFigure DoseViewModel::figure() const {
  SeriesFigure f;
  const Condition& condition = selection().condition();
  f.xLabel = condition.equalDose ? tr("relative displacement δ") : u"ε"_s;
  f.yLabel = effectAxis(allPoints());
  f.hint = signHint();
  f.zeroLine = true;
  f.xTicks = strengthsOf(results(), condition.method, condition.equalDose);
  if (f.xTicks.empty() || f.xTicks.front() > 0) f.xTicks.insert(f.xTicks.begin(), 0);
  for (const auto& c : results().clusters) {
    Series s;
    s.name = study().clusterLabel(c.id);
    s.tone = study().clusterTone(c.id);
    s.faint = selection().cluster().valid() && selection().cluster() != c.id;
    const auto rows = points(c.id);
    if (rows.empty()) continue;
    for (auto* values : {&s.x, &s.y, &s.low, &s.high}) values->push_back(0);   // ε = 0 is the clean run: exactly no effect
    for (const auto* row : rows) {
      s.x.push_back(row->dose);
      s.y.push_back(row->ace);
      s.low.push_back(std::isfinite(row->low) ? row->low : row->ace);
      s.high.push_back(std::isfinite(row->high) ? row->high : row->ace);
    }
    s.ribbon = selection().cluster() == c.id || results().clusters.size() <= 3;
    f.series.push_back(std::move(s));
  }
  const bool sameAxis = selection().strengthEqualDose() == condition.equalDose;   // an ε has no place on an axis of δ
  const double planned = sameAxis ? selection().strength() : std::numeric_limits<double>::quiet_NaN(), shown = condition.epsilon;
  if (std::isfinite(planned)) f.lines.push_back({planned, u"%1 = %2"_s.arg(doseSymbol(condition.equalDose), stripped(planned)), true, true, true});
  if (!(std::abs(planned - shown) < 1e-9)) f.lines.push_back({shown, {}, true, true, false});
  return f;
}

/// Steps of 0.01 between 0 and 2, as the panel's slider.
void DoseViewModel::moveLine(int, double dose) {
  study().selection().setStrength(std::clamp(std::round(dose * 100) / 100, 0.0, 2.0), study().selection().strengthEqualDose());
}

void DoseViewModel::activate(int item, Qt::KeyboardModifiers) {
  for (const auto& c : results().clusters) {
    const auto rows = points(c.id);
    if (rows.empty()) continue;
    if (item-- == 0) return;   // the clean run belongs to no run number
    if (item < static_cast<int>(rows.size())) {
      Condition condition = selection().condition();
      condition.epsilon = rows[static_cast<std::size_t>(item)]->dose;
      const std::int64_t run = rows[static_cast<std::size_t>(item)]->run;
      return study().selection().together([&] {
        study().selection().setCondition(condition);
        study().selection().setCluster(c.id);
        study().selection().setRun(run);
      });
    }
    item -= static_cast<int>(rows.size());
  }
}

EffectRows DoseViewModel::allPoints() const {
  EffectRows rows;
  for (const auto& c : results().clusters)
    for (const auto* row : points(c.id)) rows.push_back(row);
  return rows;
}

QString DoseViewModel::caption() const {
  const auto all = allPoints();
  return tr("Average causal effect, %1, against the strength %6, by cluster: %2, over %3 a point. Ribbons: %4; %6 = 0 is the clean model. Tests: %5. "
            "ACE > 0: the perturbation lowers the score.")
             .arg(effectAxis(all), perturbationWords(all), itemWords(all), intervalWords(all), correctionWords(all), doseSymbol(selection().condition().equalDose)) +
         lockWords(results());
}

TableData DoseViewModel::table() const { return effectTable(study(), allPoints()); }

}  // namespace lacuna::ui
