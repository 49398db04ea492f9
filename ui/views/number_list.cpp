#include "views/number_list.h"

#include <QRegularExpression>
#include <QStringList>
#include <algorithm>

namespace lacuna::ui {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::size_t mostNumbers = 64;

/// "8" or "4-32 step 4"; what it is not is said.
QString addPart(const QString& part, std::vector<int>& numbers) {
  static const QRegularExpression form(u"^(\\d{1,6})(?:\\s*[-–]\\s*(\\d{1,6})(?:\\s*step\\s*(\\d{1,6}))?)?$"_s, QRegularExpression::CaseInsensitiveOption);
  const QRegularExpressionMatch match = form.match(part);
  if (!match.hasMatch()) return NumberList::tr("“%1” is no number and no range; write 4, 8, 16 or 4-32 step 4.").arg(part);
  const int first = match.captured(1).toInt(), last = match.hasCaptured(2) ? match.captured(2).toInt() : first;
  const int step = match.hasCaptured(3) ? match.captured(3).toInt() : 1;
  if (last < first) return NumberList::tr("“%1” ends before it begins.").arg(part);
  if (step < 1) return NumberList::tr("The step of “%1” must be at least 1.").arg(part);
  for (int number = first; number <= last && numbers.size() <= mostNumbers; number += step) numbers.push_back(number);
  return {};
}

}  // namespace

NumberList numbersFrom(const QString& text, int least, int most) {
  static const QRegularExpression between(u"[,;]|(?<=\\d)\\s+(?=\\d)"_s);
  NumberList list;
  for (const QString& part : text.split(between, Qt::SkipEmptyParts)) {
    if (part.trimmed().isEmpty()) continue;
    list.fault = addPart(part.trimmed(), list.numbers);
    if (!list.fault.isEmpty()) return list;
  }
  std::sort(list.numbers.begin(), list.numbers.end());
  list.numbers.erase(std::unique(list.numbers.begin(), list.numbers.end()), list.numbers.end());
  if (list.numbers.empty()) list.fault = NumberList::tr("Write numbers such as 4, 8, 16 or 4-32 step 4.");
  else if (list.numbers.size() > mostNumbers) list.fault = NumberList::tr("These are more than %1 numbers.").arg(mostNumbers);
  else if (list.numbers.front() < least) list.fault = NumberList::tr("%1 is too small: from %2 on.").arg(list.numbers.front()).arg(least);
  else if (list.numbers.back() > most) list.fault = NumberList::tr("%1 is too large: up to %2.").arg(list.numbers.back()).arg(most);
  return list;
}

QString numbersText(const std::vector<int>& numbers) {
  QStringList texts;
  for (const int number : numbers) texts << QString::number(number);
  return texts.join(u", "_s);
}

}  // namespace lacuna::ui
