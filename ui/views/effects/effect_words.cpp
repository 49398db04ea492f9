#include "views/effects/effect_words.h"

#include <QCoreApplication>
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

QString perturbationWords(const EffectRows& rows) {
  const QStringList tasks = distinct(rows, [](const auto& row) { return qs(row.task); });
  const QStringList methods = distinct(rows, [](const auto& row) { return methodName(qs(row.method)); });
  const QStringList strengths = distinct(rows, [](const auto& row) { return stripped(row.epsilon); });
  return tr("%1 at ε = %2 on %3").arg(methods.join(u", "_s), strengths.join(u", "_s), tasks.size() == 1 ? tasks.front() : tr("%1 tasks").arg(tasks.size()));
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
