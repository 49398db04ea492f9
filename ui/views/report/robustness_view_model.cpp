#include "views/report/robustness_view_model.h"

#include <algorithm>
#include <cmath>

#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

bool hasKnee(const study::RobustnessRow& row) { return row.status == "OK" && std::isfinite(row.knee); }

QString statusWords(const study::RobustnessRow& row) {
  if (hasKnee(row)) return RobustnessViewModel::tr("knee %1").arg(number(row.knee, 2));
  if (row.status == "AT_FLOOR") return RobustnessViewModel::tr("clean score at its floor");
  if (row.status == "TOO_FEW") return RobustnessViewModel::tr("too few doses");
  return RobustnessViewModel::tr("no knee");
}

QString robustnessTooltip(const StudyContext& study, const study::RobustnessRow& row) {
  QString text = RobustnessViewModel::tr("%1 → %2 · %3, L%4, %5 doses\n").arg(study.clusterLabel(row.cluster), qs(row.task),
      methodName(qs(row.method))).arg(row.layer.value).arg(row.doses);
  text += std::isfinite(row.tolerance) ? RobustnessViewModel::tr("keeps %1 % up to a dose of %2\n").arg(std::lround(100 * row.kept))
      .arg(number(row.tolerance, 2))
                                       : RobustnessViewModel::tr("tolerance not computed\n");
  if (hasKnee(row)) text += RobustnessViewModel::tr("knee at %1 [%2, %3], sup-F p = %4").arg(number(row.knee, 2), number(row.kneeLow, 2),
      number(row.kneeHigh, 2), pValue(row.pKnee));
  else text += row.reason.empty() ? statusWords(row) : qs(row.reason);
  return text;
}

}  // namespace

RobustnessViewModel::RobustnessViewModel(StudyContext& context) : ViewModel(context, u"robustness"_s, tr("Robustness")) {}

std::vector<const study::RobustnessRow*> RobustnessViewModel::rows() const {
  const Condition& shown = selection().condition();
  std::vector<const study::RobustnessRow*> out;
  for (const auto& task : results().tasks)
    for (const auto& row : results().robustness)
      if (row.task == task.name && qs(row.method) == shown.method && (shown.task.isEmpty() || qs(row.task) == shown.task)) out.push_back(&row);
  return out;
}

QString RobustnessViewModel::subtitle() const {
  const Condition& shown = selection().condition();
  const auto all = rows();
  const QString cell = tr("%1 on %2").arg(methodName(shown.method), shown.task.isEmpty() ? tr("all tasks") : shown.task);
  if (all.empty()) return cell;
  return tr("%1 · %2 doses · line: dose up to which %3 % of the score is kept · dot: knee with its interval")
      .arg(cell).arg(all.front()->doses).arg(std::lround(100 * all.front()->kept));
}

QString RobustnessViewModel::summary() const {
  const auto all = rows();
  const study::RobustnessRow* least = nullptr;
  for (const auto* row : all)
    if (std::isfinite(row->tolerance) && (!least || row->tolerance < least->tolerance)) least = row;
  const auto knees = std::count_if(all.begin(), all.end(), [](const auto* row) { return hasKnee(*row); });
  if (!least) return subtitle();
  return tr("Least tolerated: %1 on %2, up to a dose of %3. %4 of %5 curves have a knee.")
      .arg(study().clusterLabel(least->cluster), qs(least->task), number(least->tolerance, 2)).arg(knees).arg(all.size());
}

QString RobustnessViewModel::caption() const {
  return tr("Perturbation that a capability tolerates, by cluster: %1. Not to be carried over to another model.").arg(subtitle());
}

EmptyState RobustnessViewModel::emptyState() const {
  const QString what = tr("How much perturbation a capability bears before it breaks");
  if (results().robustness.empty()) return {what, tr("It needs effects at several doses, and there are none yet."), u"study.update"_s,
      tr("Run the study")};
  if (rows().empty())
    return {what, tr("There is no dose curve of %1 for this task: choose another method or task on the Effects page.")
        .arg(methodName(selection().condition().method)), u"stage.effects"_s, tr("Show the effects")};
  return {};
}

ForestFigure RobustnessViewModel::figure() const {
  ForestFigure f;
  f.axisLabel = tr("dose");
  f.markLabel = tr("tolerance");
  const bool grouped = selection().condition().task.isEmpty();
  for (const auto* r : rows()) {
    ForestRow row;
    row.label = study().clusterLabel(r->cluster);
    row.group = grouped ? qs(r->task) : QString();
    row.computed = hasKnee(*r);
    row.right = std::isfinite(r->tolerance) ? tr("to %1 · %2").arg(number(r->tolerance, 2), statusWords(*r)) : tr("– · %1").arg(statusWords(*r));
    row.tooltip = robustnessTooltip(study(), *r);
    if (std::isfinite(r->tolerance)) row.mark = r->tolerance;
    row.estimate = r->knee;
    row.low = std::isfinite(r->kneeLow) ? r->kneeLow : r->knee;
    row.high = std::isfinite(r->kneeHigh) ? r->kneeHigh : r->knee;
    row.filled = row.computed;
    row.highlighted = selection().cluster() == r->cluster;
    row.tone = study().clusterTone(r->cluster);
    f.rows.push_back(std::move(row));
  }
  return f;
}

void RobustnessViewModel::activate(int row, Qt::KeyboardModifiers) {
  const auto* chosen = rows()[static_cast<std::size_t>(row)];
  Condition condition = selection().condition();
  condition.task = qs(chosen->task);
  study().selection().together([&] {
    study().selection().setCondition(condition);
    study().selection().setCluster(chosen->cluster);
  });
}

TableData RobustnessViewModel::table() const {
  TableData t{{{"cluster_label", tr("Cluster")}, {"method", tr("Method")}, {"task", tr("Task")}, {"layer", tr("Layer"), true}, {"doses", tr("Doses"),
      true},
               {"kept", tr("Kept"), true, 2}, {"tolerance", tr("Tolerance"), true}, {"knee", tr("Knee"), true}, {"knee_low", tr("Knee low"), true},
               {"knee_high", tr("Knee high"), true}, {"sup_f", tr("sup F"), true, 1}, {"p_knee", tr("p knee"), true, 4}, {"status", tr("Status")},
               {"reason", tr("Reason")}}, {}};
  for (const auto* r : rows())
    t.rows.push_back({study().clusterLabel(r->cluster), qs(r->method), qs(r->task), std::int64_t{r->layer.value}, std::int64_t{r->doses}, r->kept,
        r->tolerance, r->knee,
                      r->kneeLow, r->kneeHigh, r->supF, r->pKnee, qs(r->status), qs(r->reason)});
  return t;
}

}  // namespace lacuna::ui
