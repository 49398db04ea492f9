#include "views/effects/effect_words.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>
#include <algorithm>
#include <cmath>

#include "views/effects/effect_selection.h"
#include "views/format.h"

namespace lacuna::ui {
namespace {

using namespace Qt::Literals::StringLiterals;

QString tr(const char* text) { return QCoreApplication::translate("effects", text); }

/// Different values of one column, in the order of the rows.
template <class Read>
QStringList distinct(const EffectRows& rows, Read read) {
  QStringList values;
  for (const auto* row : rows)
    if (const QString value = read(*row); computed(*row) && !value.isEmpty() && !values.contains(value)) values << value;
  return values;
}

}  // namespace

QString effectAxis(const EffectRows& rows) {
  const QStringList metrics = distinct(rows, [](const auto& row) { return qs(row.metric); });
  if (metrics.isEmpty()) return tr("ACE");
  return tr("ACE (%1)").arg(metrics.size() == 1 ? metrics.front() : tr("accuracy"));
}

QString doseSymbol(bool equalDose) { return equalDose ? u"δ"_s : u"ε"_s; }

QString doseWords(const Condition& condition) { return u"%1 = %2"_s.arg(doseSymbol(condition.equalDose), stripped(condition.epsilon)); }

QString doseWords(const study::EffectRow& row) {
  const QString own = u"%1 = %2"_s.arg(doseSymbol(row.equalDose), stripped(row.dose));
  return row.equalDose ? own + tr(" (ε = %1)").arg(number(row.epsilon, 3)) : own;
}

QString controlWords(const study::EffectRow& row) {
  if (row.controlKind == "permuted") return tr("%1 probes of permuted labels through the same pipeline").arg(row.controls);
  if (row.controlKind == "other") return tr("the targets of %1 other clusters").arg(row.controls);
  if (row.controlKind == "noise") return tr("%1 draws of noise of the same size").arg(row.controls);
  return tr("%1 matched random controls").arg(row.controls);
}

QString analysisWords(const study::EffectRow& row) {
  if (row.analysis == "confirmatory") return tr("confirmatory");
  if (row.analysis == "exploratory") return tr("exploratory");
  return row.analysis.empty() ? u"–"_s : qs(row.analysis);
}

/// The lock's own words where its JSON can be read: the plan, or the record that holds the plan as a text.
QString lockWords(const study::Results& results) {
  if (results.lock.empty()) return {};
  const auto parsed = [](const QByteArray& json) { return QJsonDocument::fromJson(json).object(); };
  const QJsonObject lock = parsed(QByteArray::fromStdString(results.lock));
  const QJsonObject plan = lock.contains(u"plan"_s) ? parsed(lock[u"plan"_s].toString().toUtf8()) : lock;
  const QString method = plan[u"method"_s].toString();
  if (method.isEmpty()) return tr(" Primary analysis locked.");
  const QString words = tr(" Primary analysis locked: %1 at ε = %2, outcome %3.")
                            .arg(methodName(method), stripped(plan[u"epsilon"_s].toDouble()), plan[u"metric"_s].toString());
  return lock[u"prospective"_s].toBool(true) ? words : words + tr(" It was locked after results existed, so they stay exploratory.");
}

QString perturbationWords(const EffectRows& rows) {
  const QStringList tasks = distinct(rows, [](const auto& row) { return qs(row.task); });
  const QStringList methods = distinct(rows, [](const auto& row) { return methodName(qs(row.method)); });
  const QStringList doses = distinct(rows, [](const auto& row) { return stripped(row.dose); });
  const QString symbol = doseSymbol(!rows.empty() && rows.front()->equalDose);
  return tr("%1 at %2 = %3 on %4").arg(methods.join(u", "_s), symbol, doses.join(u", "_s), tasks.size() == 1 ? tasks.front() : tr("%1 tasks").arg(tasks.size()));
}

QString itemWords(const EffectRows& rows) {
  std::int64_t least = 0, most = 0;
  for (const auto* row : rows) {
    if (!computed(*row)) continue;
    least = least == 0 ? row->n : std::min(least, row->n);
    most = std::max(most, row->n);
  }
  return least == most ? tr("n = %1 items").arg(count(most)) : tr("n = %1 to %2 items").arg(count(least), count(most));
}

QString intervalWords(const EffectRows& rows) {
  const QStringList methods = distinct(rows, [](const auto& row) { return qs(row.intervalMethod); });
  const QStringList levels = distinct(rows, [](const auto& row) { return QString::number(std::lround(100 * row.level)); });
  return tr("%1 % %2 intervals").arg(levels.join(u"/"_s), methods.join(u"/"_s));
}

QString correctionWords(const EffectRows& rows) {
  const QStringList methods = distinct(rows, [](const auto& row) { return qs(row.pAdjustedMethod); });
  const QStringList sizes = distinct(rows, [](const auto& row) { return row.familySize > 0 ? count(row.familySize) : QString(); });
  if (methods.isEmpty() || sizes.isEmpty()) return tr("no test was made");
  return tr("p < 0.05 after %1 over the whole family of %2 tests").arg(adjustmentName(methods.front()), sizes.join(u"/"_s));
}

QString signHint() { return tr("> 0: perturbing lowers the score"); }

}  // namespace lacuna::ui
