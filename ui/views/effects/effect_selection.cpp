#include "views/effects/effect_selection.h"

#include <QCoreApplication>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <map>

#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

QString tr(const char* text) { return QCoreApplication::translate("effects", text); }

}  // namespace

std::vector<const study::EffectRow*> effectsUnder(const study::Results& results, const Condition& condition) {
  std::map<std::pair<std::string, std::int32_t>, const study::EffectRow*> newest;
  std::vector<std::pair<std::string, std::int32_t>> order;
  const std::string method = condition.method.toStdString(), task = condition.task.toStdString();
  for (const auto& row : results.effects) {
    if (row.method != method || (!task.empty() && row.task != task)) continue;
    if (row.equalDose != condition.equalDose || std::abs(row.dose - condition.epsilon) > 1e-9) continue;
    if (!shows(condition.outcome, row)) continue;
    auto& slot = newest[{row.task, row.cluster.value}];
    if (!slot) order.emplace_back(row.task, row.cluster.value);
    if (!slot || row.run >= slot->run) slot = &row;
  }
  std::vector<const study::EffectRow*> out;
  for (const auto& key : order) out.push_back(newest[key]);
  return out;
}

QStringList methodsOf(const study::Results& results) {
  QStringList methods;
  for (const auto& row : results.effects)
    if (!methods.contains(qs(row.method))) methods << qs(row.method);
  return methods;
}

std::vector<double> strengthsOf(const study::Results& results, const QString& method, bool equalDose) {
  std::vector<double> strengths;
  for (const auto& row : results.effects)
    if (row.equalDose == equalDose && (method.isEmpty() || qs(row.method) == method)) strengths.push_back(row.dose);
  std::sort(strengths.begin(), strengths.end());
  strengths.erase(std::unique(strengths.begin(), strengths.end()), strengths.end());
  return strengths;
}

bool hasEqualDoses(const study::Results& results) {
  return std::any_of(results.effects.begin(), results.effects.end(), [](const auto& row) { return row.equalDose; });
}

QString singleTask(const study::Results& results, const Condition& condition) {
  return condition.task.isEmpty() && !results.tasks.empty() ? qs(results.tasks.front().name) : condition.task;
}

bool shows(Outcome outcome, const study::EffectRow& row) { return !row.further && (row.metric == "margin") == (outcome == Outcome::Margin); }
bool computed(const study::EffectRow& row) { return std::isfinite(row.ace); }
bool significant(const study::EffectRow& row) { return std::isfinite(row.pAdjusted) && row.pAdjusted < 0.05; }

QString effectTooltip(const StudyContext& study, const study::EffectRow& row) {
  QString text = tr("%1 → %2 · run #%3\n").arg(study.clusterLabel(row.cluster), qs(row.task)).arg(row.run);
  text += tr("%1, %2 · %3\n").arg(methodName(qs(row.method)), doseWords(row), analysisWords(row));
  if (!computed(row)) return text + tr("not computed: %1").arg(qs(row.status));
  text += tr("ACE %1 (%2 % %3) %4\n").arg(effectText(row.ace, row.low, row.high)).arg(std::lround(100 * row.level)).arg(qs(row.intervalMethod), qs(row.metric));
  text += tr("score %1 → %2 · n = %3 in %4 groups\n").arg(number(row.clean), number(row.perturbed), count(row.n), count(row.groups));
  if (row.controls > 0) text += tr("%1: %2\n").arg(controlWords(row), effectText(row.controlMean, row.controlLow, row.controlHigh));
  text += tr("p = %1, adjusted %2 (%3, %4 tests)\n").arg(pValue(row.p), pValue(row.pAdjusted), qs(row.pAdjustedMethod)).arg(row.familySize);
  return text + (row.ace > 0 ? tr("The perturbation lowers the score.") : row.ace < 0 ? tr("The perturbation raises the score.") : tr("The perturbation changes nothing."));
}

}  // namespace lacuna::ui
