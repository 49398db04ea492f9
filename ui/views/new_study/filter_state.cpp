#include "views/new_study/filter_state.h"

#include "lacuna/study/filters.h"
#include "views/format.h"

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr int shownCharacters = 64, shownBefore = 44;

QString joined(const QStringList& conditions) {
  std::vector<std::string> parts;
  for (const QString& condition : conditions) parts.push_back(condition.toStdString());
  return qs(study::allOf(parts));
}

/// The line and a caret under the place; of a long line the part around it.
QString placeOf(const study::FilterCheck& check) {
  const QList<uint> line = qs(check.line).toUcs4();   // a caret counts characters, not units of UTF-16
  const auto column = static_cast<qsizetype>(check.column), first = line.size() <= shownCharacters ? 0 : std::max<qsizetype>(0, column - shownBefore);
  const QList<uint> shown = line.mid(first, shownCharacters);
  const QString before = first > 0 ? u"…"_s : QString(), after = first + shown.size() < line.size() ? u"…"_s : QString();
  return before + QString::fromUcs4(reinterpret_cast<const char32_t*>(shown.data()), shown.size()) + after + u'\n' + QString(column - first + before.size(), u' ') + u'^';
}

QString passingText(qint64 passing, const study::CorpusLook& look) {
  const auto rows = static_cast<int>(look.documents);
  return look.complete ? FilterState::tr("%1 of %n document(s) pass.", nullptr, rows).arg(count(passing)) : FilterState::tr("%1 of the first %n row(s) pass.", nullptr, rows).arg(count(passing));
}

}  // namespace

QString FilterState::with(const QString& condition) const {
  if (!sound() || condition.isEmpty() || conditions.contains(condition)) return expression;
  return joined(conditions + QStringList{condition});
}

QString FilterState::without(int condition) const {
  QStringList kept = conditions;
  if (!sound() || condition < 0 || condition >= kept.size()) return expression;
  kept.removeAt(condition);
  return joined(kept);
}

FilterState filterState(const QString& expression, std::optional<qint64> passing, const study::CorpusLook* look) {
  const study::FilterCheck check = study::checkFilter(expression.toStdString());
  FilterState state{expression, {}, {}, {}, {}};
  if (!check.sound()) {
    state.fault = u"LAC-1104: "_s + qs(check.fault);
    state.place = placeOf(check);
    return state;
  }
  for (const std::string& condition : check.conditions) state.conditions << qs(condition);
  if (passing && look && look->documents > 0) state.passing = passingText(*passing, *look);
  return state;
}

}  // namespace lacuna::ui
