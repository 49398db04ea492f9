#include <algorithm>
#include <cmath>
#include <map>

#include "views/format.h"
#include "views/mediation/mediation_view_models.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

QString ranged(const study::Ranged& value) { return effectText(value.value, value.low, value.high); }

}  // namespace

MediationRows MediationViewModel::all() const {
  std::map<std::pair<std::int32_t, std::string>, std::size_t> places;
  MediationRows rows;
  for (const auto& row : results().mediation) {
    const auto [place, isNew] = places.emplace(std::pair(row.cluster.value, row.task), rows.size());
    if (isNew) rows.push_back(&row);
    else if (row.run > rows[place->second]->run) rows[place->second] = &row;
  }
  return rows;
}

MediationRows MediationViewModel::ofTask(const QString& task) const {
  MediationRows rows = all();
  std::erase_if(rows, [&](const auto* row) { return qs(row->task) != task; });
  return rows;
}

QStringList MediationViewModel::tasks() const {
  QStringList names;
  for (const auto& task : results().tasks)
    if (std::any_of(results().mediation.begin(), results().mediation.end(), [&](const auto& row) { return row.task == task.name; })) names << qs(task.name);
  return names;
}

QString MediationViewModel::task() const {
  const QStringList names = tasks();
  const QString asked = selection().condition().task;
  return names.contains(asked) || names.isEmpty() ? asked : names.front();
}

EmptyState MediationViewModel::emptyState() const {
  if (!results().mediation.empty()) return {};
  const QString what = tr("How much of what a prompt does to the answer runs through a cluster's neurons");
  if (results().effects.empty()) return {what, tr("No perturbation has been run yet."), u"study.update"_s, tr("Run the study")};
  return {what, tr("No task of this study has counterfactual prompts. Give the items of a multiple_choice or generation task a field \"counterfactual\": the "
                   "question with its cause swapped and as many tokens (docs/tasks.md). Then run the study again."),
          u"study.update"_s, tr("Run what is not up to date")};
}

bool computed(const study::MediationRow& row) { return std::isfinite(row.total.value); }

bool addsUp(const study::MediationRow& row) {
  const double size = 1e-9 * (1 + std::abs(row.total.value));
  return std::abs(row.pureDirect.value + row.totalIndirect.value - row.total.value) < size &&
         std::abs(row.totalDirect.value + row.pureIndirect.value - row.total.value) < size;
}

QString mediationTooltip(const StudyContext& study, const study::MediationRow& row) {
  const auto tr = [](const char* text) { return MediationViewModel::tr(text); };
  QString text = tr("%1 → %2 · run #%3 · %4 neurons of L%5\n").arg(study.clusterLabel(row.cluster), qs(row.task)).arg(row.run).arg(count(row.neurons)).arg(row.layer.value);
  if (!computed(row)) return text + tr("not computed: %1").arg(row.reason.empty() ? qs(row.status) : qs(row.reason));
  text += tr("margin %1, of the counterfactual %2\n").arg(number(row.base), number(row.counterfactual));
  text += tr("total %1\nindirect %2 + direct %3\n").arg(ranged(row.total), ranged(row.totalIndirect), ranged(row.pureDirect));
  if (std::isfinite(row.proportion.value)) text += tr("mediated: %1 % of the total\n").arg(std::lround(100 * row.proportion.value));
  return text + tr("n = %1 in %2 groups").arg(count(row.n), count(row.groups));
}

TableData mediationTable(const StudyContext& study, const MediationRows& rows) {
  const auto tr = [](const char* text) { return MediationViewModel::tr(text); };
  TableData t{{{"run", tr("Run"), true}, {"cluster_label", tr("Cluster")}, {"task", tr("Task")}, {"layer", tr("Layer"), true}, {"n_neurons", u"|S|"_s, true},
               {"y11", u"Y₁₁"_s, true}, {"y00", u"Y₀₀"_s, true}}, {}};
  const std::pair<const char*, QString> parts[] = {{"te", u"TE"_s}, {"pnde", u"PNDE"_s}, {"tnie", u"TNIE"_s}, {"tnde", u"TNDE"_s}, {"pnie", u"PNIE"_s}, {"int", u"INT"_s},
                                                   {"proportion", tr("Mediated")}};
  for (const auto& [name, title] : parts)
    for (const char* end : {"", "_low", "_high"})
      t.columns.push_back({std::string(name) + end, end[0] == 0 ? title : end[1] == 'l' ? tr("Low") : tr("High"), true, 3, true});
  t.columns.insert(t.columns.end(), {{"ci_level", tr("Level"), true, 2}, {"ci_method", tr("CI method")}, {"n", tr("n"), true}, {"left_out", tr("Left out"), true},
                                     {"status", tr("Status")}, {"reason", tr("Reason")}});
  for (const auto* r : rows) {
    std::vector<TableCell> cells{r->run, study.clusterLabel(r->cluster), qs(r->task), std::int64_t{r->layer.value}, r->neurons, r->base, r->counterfactual};
    for (const study::Ranged* part : {&r->total, &r->pureDirect, &r->totalIndirect, &r->totalDirect, &r->pureIndirect, &r->interaction, &r->proportion})
      cells.insert(cells.end(), {part->value, part->low, part->high});
    cells.insert(cells.end(), {r->level, qs(r->intervalMethod), r->n, r->leftOut, qs(r->status), qs(r->reason)});
    t.rows.push_back(std::move(cells));
  }
  return t;
}

}  // namespace lacuna::ui
