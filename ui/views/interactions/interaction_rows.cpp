#include "views/interactions/interaction_rows.h"

#include <QCoreApplication>
#include <algorithm>
#include <cmath>
#include <map>

#include "views/effects/effect_words.h"
#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

QString tr(const char* text) { return QCoreApplication::translate("interactions", text); }

bool shows(Outcome outcome, const study::InteractionRow& row) { return (row.metric == "margin") == (outcome == Outcome::Margin); }

/// Method and dose of the page: the condition's where pairs were run like that.
std::pair<std::string, double> conditionOf(const study::Results& results, const Condition& condition) {
  const std::string method = condition.method.toStdString();
  for (const auto& row : results.interactions)
    if (!condition.equalDose && row.method == method && std::abs(row.dose - condition.epsilon) < 1e-9) return {row.method, row.dose};
  return {results.interactions.front().method, results.interactions.front().dose};
}

QString ranged(const study::Ranged& value) { return effectText(value.value, value.low, value.high); }

}  // namespace

InteractionRows interactionsUnder(const study::Results& results, const Condition& condition) {
  InteractionRows rows;
  if (results.interactions.empty()) return rows;
  const auto [method, dose] = conditionOf(results, condition);
  std::map<std::tuple<std::int64_t, std::int64_t, std::string>, std::size_t> places;
  for (const auto& row : results.interactions) {
    if (row.method != method || row.dose != dose || !shows(condition.outcome, row)) continue;
    const auto [place, isNew] = places.emplace(std::tuple(row.first.value, row.second.value, row.task), rows.size());
    if (isNew) rows.push_back(&row);
    else if (row.run > rows[place->second]->run) rows[place->second] = &row;
  }
  return rows;
}

std::optional<ClusterPair> shownPair(const InteractionRows& rows, const SelectionModel& selection, const QString& task) {
  const study::InteractionRow* best = nullptr;
  const auto isSelected = [&](const study::InteractionRow& row) { return row.first == selection.cluster() || row.second == selection.cluster(); };
  const auto size = [&](const study::InteractionRow& row) { return computed(row) ? std::abs(row.interaction.value) : -1; };
  for (const auto* row : rows) {
    if (row->run == selection.run()) return ClusterPair{row->first, row->second};
    if (qs(row->task) != task) continue;
    if (!best || std::pair(isSelected(*row), size(*row)) > std::pair(isSelected(*best), size(*best))) best = row;
  }
  if (!best) return std::nullopt;
  return ClusterPair{best->first, best->second};
}

bool isOf(const study::InteractionRow& row, const ClusterPair& pair) { return row.first == pair.first && row.second == pair.second; }

const study::InteractionRow* rowOf(const InteractionRows& rows, const ClusterPair& pair, const QString& task) {
  for (const auto* row : rows)
    if (isOf(*row, pair) && qs(row->task) == task) return row;
  return nullptr;
}

bool computed(const study::InteractionRow& row) { return std::isfinite(row.interaction.value); }

bool clear(const study::InteractionRow& row) { return computed(row) && (row.interaction.low > 0 || row.interaction.high < 0); }

QString interactionMeaning(const study::InteractionRow& row) {
  if (!computed(row)) return row.reason.empty() ? qs(row.status) : qs(row.reason);
  if (!clear(row)) return tr("the effects may just add up: the interval holds 0");
  return row.interaction.value > 0 ? tr("more than the sum: each covers for the other") : tr("less than the sum: both hurt the same thing");
}

QString interactionTooltip(const StudyContext& study, const study::InteractionRow& row) {
  const QString first = study.clusterLabel(row.first), second = study.clusterLabel(row.second);
  QString text = tr("%1 + %2 → %3 · run #%4\n").arg(first, second, qs(row.task)).arg(row.run);
  if (!computed(row)) return text + tr("not computed: %1").arg(interactionMeaning(row));
  text += tr("%1 alone: ACE %2\n%3 alone: ACE %4\n").arg(first, ranged(row.aceFirst), second, ranged(row.aceSecond));
  text += tr("both together: ACE %1\ninteraction %2 (%3 % %4)\n").arg(ranged(row.aceJoint), ranged(row.interaction)).arg(std::lround(100 * row.level)).arg(qs(row.intervalMethod));
  return text + tr("n = %1 in %2 groups · %3").arg(count(row.n), count(row.groups), interactionMeaning(row));
}

QString interactionCondition(const InteractionRows& rows) {
  return rows.empty() ? QString() : tr("%1, ε = %2").arg(methodName(qs(rows.front()->method)), stripped(rows.front()->dose));
}

QString interactionItems(const InteractionRows& rows) {
  std::int64_t least = 0, most = 0;
  for (const auto* row : rows) {
    if (!computed(*row)) continue;
    least = least == 0 ? row->n : std::min(least, row->n);
    most = std::max(most, row->n);
  }
  return least == most ? tr("n = %1").arg(count(most)) : tr("n = %1 to %2").arg(count(least), count(most));
}

EmptyState noInteractions(const study::Results& results, const QString& what) {
  if (!results.interactions.empty()) return {};
  if (results.effects.empty()) return {what, tr("No perturbation has been run yet."), u"study.update"_s, tr("Run the study")};
  return {what, tr("This study has perturbed no two clusters together: each pair is one more perturbation, without controls."), u"run.pairs"_s,
          tr("Perturb all pairs of clusters")};
}

TableData interactionTable(const StudyContext& study, const InteractionRows& rows) {
  const auto number = [](const char* name, const QString& title) { return TableColumn{name, title, true, 3, true}; };
  TableData t{{{"run", tr("Run"), true}, {"first_label", tr("First")}, {"second_label", tr("Second")}, {"task", tr("Task")}, {"method", tr("Method")},
               {"epsilon", u"ε"_s, true}, {"metric", tr("Metric")}, number("ace_first", tr("First alone")), number("first_low", tr("Low")),
               number("first_high", tr("High")), number("ace_second", tr("Second alone")), number("second_low", tr("Low")), number("second_high", tr("High")),
               number("ace_joint", tr("Both")), number("joint_low", tr("Low")), number("joint_high", tr("High")), number("interaction", tr("Interaction")),
               number("ci_low", tr("CI low")), number("ci_high", tr("CI high")), {"ci_level", tr("Level"), true, 2}, {"ci_method", tr("CI method")},
               {"n", tr("n"), true}, {"status", tr("Status")}, {"reason", tr("Reason")}}, {}};
  for (const auto* r : rows)
    t.rows.push_back({r->run, study.clusterLabel(r->first), study.clusterLabel(r->second), qs(r->task), qs(r->method), r->dose, qs(r->metric),
                      r->aceFirst.value, r->aceFirst.low, r->aceFirst.high, r->aceSecond.value, r->aceSecond.low, r->aceSecond.high, r->aceJoint.value,
                      r->aceJoint.low, r->aceJoint.high, r->interaction.value, r->interaction.low, r->interaction.high, r->level, qs(r->intervalMethod), r->n,
                      qs(r->status), qs(r->reason)});
  return t;
}

}  // namespace lacuna::ui
