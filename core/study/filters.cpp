#include "lacuna/study/filters.h"

#include "lacuna/base/numbers.h"
#include "lacuna/corpus/filter.h"

namespace lacuna::study {
namespace {

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
  std::string all;
  for (std::size_t i = 0; i < parts.size(); ++i) all += (i > 0 ? between : "") + parts[i];
  return all;
}

/// One value is as good as a list of one.
std::string isAmong(const std::string& field, const std::vector<std::string>& values) {
  std::vector<std::string> texts;
  for (const std::string& value : values) texts.push_back(corpus::valueText(value));
  return texts.size() == 1 ? field + " == " + texts.front() : field + " in (" + joined(texts, ", ") + ")";
}

/// Of "1e3" the number is meant here, not the text.
std::string limitText(const std::string& value) { return parseNumber(value) ? value : corpus::valueText(value); }

}  // namespace

FilterCheck checkFilter(std::string_view expression) {
  try {
    const corpus::Filter parsed(expression);
    return {{}, {}, std::string(expression), 0, corpus::conditionsOf(expression)};
  } catch (const corpus::FilterError& error) {
    return {error.fault(), error.hint(), error.line(), error.column(), {}};
  }
}

std::string filterCondition(const std::string& field, FilterTest test, const std::vector<std::string>& values) {
  const std::string name = corpus::fieldText(field);
  if (test == FilterTest::Exists) return name + " exists";
  if (values.empty()) return {};
  switch (test) {
    case FilterTest::NoneOf: return "not " + isAmong(name, values);
    case FilterTest::AtLeast: return name + " >= " + limitText(values.front());
    case FilterTest::AtMost: return name + " <= " + limitText(values.front());
    case FilterTest::Contains: return name + " contains " + corpus::valueText(values.front());
    default: return isAmong(name, values);
  }
}

std::string allOf(const std::vector<std::string>& conditions) { return joined(conditions, " and "); }

}  // namespace lacuna::study
