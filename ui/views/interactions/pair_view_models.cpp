#include <algorithm>
#include <cmath>

#include "views/effects/effect_selection.h"
#include "views/format.h"
#include "views/interactions/interaction_view_models.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

double sum(const study::InteractionRow& row) { return row.aceFirst.value + row.aceSecond.value; }

QString accuracyWords(const study::InteractionRow& row) { return row.metric == "margin" ? u"ACE (margin)"_s : u"ACE (%1)"_s.arg(qs(row.metric)); }

ForestRow forestRow(const QString& label, const QString& task, const study::Ranged& value, int tone, bool filled) {
  ForestRow row;
  row.label = label;
  row.group = task;
  row.computed = std::isfinite(value.value);
  row.estimate = value.value;
  row.low = value.low;
  row.high = value.high;
  row.right = row.computed ? effectText(value.value, value.low, value.high) : u"–"_s;
  row.tone = tone;
  row.filled = filled;
  return row;
}

bool apartFromZero(const study::Ranged& value) { return value.low > 0 || value.high < 0; }

}  // namespace

EmptyState PairViewModel::emptyState() const { return noInteractions(results(), tr("What each cluster of a pair does alone, and what both do together")); }

InteractionRows PairViewModel::all() const { return interactionsUnder(results(), selection().condition()); }

QString PairViewModel::task() const { return singleTask(results(), selection().condition()); }

std::optional<ClusterPair> PairViewModel::pair() const { return shownPair(all(), selection(), task()); }

QString PairViewModel::pairWords() const {
  const auto shown = pair();
  return shown ? u"%1 + %2"_s.arg(study().clusterLabel(shown->first), study().clusterLabel(shown->second)) : QString();
}

TwoByTwoViewModel::TwoByTwoViewModel(StudyContext& context) : PairViewModel(context, u"two-by-two"_s, tr("Two by two")) {}

const study::InteractionRow* TwoByTwoViewModel::shown() const {
  const auto rows = all();
  const auto which = shownPair(rows, selection(), task());
  return which ? rowOf(rows, *which, task()) : nullptr;
}

QString TwoByTwoViewModel::subtitle() const { return all().empty() ? QString() : tr("%1 · %2 · %3").arg(pairWords(), task(), interactionCondition(all())); }

QString TwoByTwoViewModel::summary() const {
  const auto* row = shown();
  if (!row) return subtitle();
  if (!computed(*row)) return tr("%1 on %2: %3").arg(pairWords(), task(), interactionMeaning(*row));
  return tr("%1 on %2: interaction %3; %4.")
      .arg(pairWords(), task(), effectText(row->interaction.value, row->interaction.low, row->interaction.high), interactionMeaning(*row));
}

QString TwoByTwoViewModel::caption() const {
  const auto* row = shown();
  if (!row) return ViewModel::caption();
  return tr("ACE on %1 with neither, one or both of two clusters perturbed (%2): %3. The lines are parallel where the effects add up; dashed: the sum of the "
            "single effects. Interaction %4 (%5 % %6 interval), n = %7 items. ACE > 0: the perturbation lowers the score.")
      .arg(task(), interactionCondition(all()), pairWords(), effectText(row->interaction.value, row->interaction.low, row->interaction.high))
      .arg(std::lround(100 * row->level)).arg(qs(row->intervalMethod), count(row->n));
}

TableData TwoByTwoViewModel::table() const {
  const auto* row = shown();
  return interactionTable(study(), row ? InteractionRows{row} : InteractionRows());
}

SeriesFigure TwoByTwoViewModel::figure() const {
  SeriesFigure f;
  f.zeroLine = true;
  const auto* row = shown();
  if (!row || !computed(*row)) return f;
  const QString first = study().clusterLabel(row->first), second = study().clusterLabel(row->second);
  f.yLabel = accuracyWords(*row);
  f.xLabel = second;
  f.hint = tr("lines: %1 · parallel: the effects add up").arg(first);
  f.xTicks = {0, 1};
  f.xTickLabels = {tr("intact"), tr("perturbed")};
  const auto add = [](Series& s, double x, const study::Ranged& value) {
    s.x.push_back(x), s.y.push_back(value.value), s.low.push_back(value.low), s.high.push_back(value.high);
  };
  Series intact, perturbed, expected;
  intact.name = tr("intact");
  intact.tone = toneMuted;
  add(intact, 0, {0, 0, 0});   // the clean run: exactly no effect
  add(intact, 1, row->aceSecond);
  perturbed.name = tr("perturbed");
  perturbed.tone = study().clusterTone(row->first);
  add(perturbed, 0, row->aceFirst);
  add(perturbed, 1, row->aceJoint);
  expected.name = tr("sum");
  expected.tone = perturbed.tone;
  expected.dashed = true;
  expected.x = {0, 1};
  expected.y = {row->aceFirst.value, sum(*row)};
  f.series = {intact, expected, perturbed};
  return f;
}

PairEffectsViewModel::PairEffectsViewModel(StudyContext& context) : PairViewModel(context, u"pair"_s, tr("The pair, task by task")) {}

InteractionRows PairEffectsViewModel::rows() const {
  InteractionRows rows = all();
  const auto shown = pair();
  const std::string only = selection().condition().task.toStdString();
  std::erase_if(rows, [&](const auto* row) { return !shown || !isOf(*row, *shown) || (!only.empty() && row->task != only); });
  return rows;
}

QString PairEffectsViewModel::subtitle() const {
  if (all().empty()) return {};
  return tr("%1 · %2 · %3 · red line: sum of the single effects · filled: interval without 0").arg(pairWords(), interactionCondition(all()), interactionItems(rows()));
}

QString PairEffectsViewModel::note() const {
  for (const auto* row : rows())
    if (!computed(*row)) return tr("%1: %2").arg(qs(row->task), interactionMeaning(*row));
  return {};
}

QString PairEffectsViewModel::summary() const {
  QStringList said;
  for (const auto* row : rows())
    if (clear(*row)) said << tr("%1 %2").arg(qs(row->task), effectText(row->interaction.value, row->interaction.low, row->interaction.high));
  return said.isEmpty() ? tr("%1: no task shows a clear interaction.").arg(pairWords()) : tr("%1 interact on %2.").arg(pairWords(), said.join(u", "_s));
}

QString PairEffectsViewModel::caption() const {
  const auto shown = rows();
  if (shown.empty()) return ViewModel::caption();
  return tr("ACE of %1 (%2), each alone and both together, and their interaction: the joint effect less the sum of the single ones (red line). %3 % %4 "
            "intervals, %5 items a task, not corrected for the number of pairs. ACE > 0: the perturbation lowers the score.")
      .arg(pairWords(), interactionCondition(shown)).arg(std::lround(100 * shown.front()->level)).arg(qs(shown.front()->intervalMethod), interactionItems(shown));
}

TableData PairEffectsViewModel::table() const { return interactionTable(study(), rows()); }

ForestFigure PairEffectsViewModel::figure() const {
  ForestFigure f;
  const auto shown = rows();
  if (shown.empty()) return f;
  f.axisLabel = accuracyWords(*shown.front());
  f.axisHint = tr("> 0: perturbing lowers the score · interaction > 0: each covers for the other");
  for (const auto* row : shown) {
    const QString task = qs(row->task);
    ForestRow both = forestRow(tr("both together"), task, row->aceJoint, toneText, apartFromZero(row->aceJoint));
    if (computed(*row)) both.mark = sum(*row);
    f.rows.push_back(forestRow(study().clusterLabel(row->first), task, row->aceFirst, study().clusterTone(row->first), apartFromZero(row->aceFirst)));
    f.rows.push_back(forestRow(study().clusterLabel(row->second), task, row->aceSecond, study().clusterTone(row->second), apartFromZero(row->aceSecond)));
    f.rows.push_back(both);
    f.rows.push_back(forestRow(tr("interaction"), task, row->interaction, toneAccent, clear(*row)));
    f.rows.back().highlighted = clear(*row);
    for (std::size_t i = f.rows.size() - 4; i < f.rows.size(); ++i) f.rows[i].tooltip = interactionTooltip(study(), *row);
  }
  return f;
}

/// Four rows a task: any of them chooses it.
void PairEffectsViewModel::activate(int row, Qt::KeyboardModifiers) {
  const auto* chosen = rows()[static_cast<std::size_t>(row) / 4];
  Condition condition = selection().condition();
  condition.task = qs(chosen->task);
  study().selection().together([&] {
    study().selection().setCondition(condition);
    study().selection().setRun(chosen->run);
  });
}

}  // namespace lacuna::ui
