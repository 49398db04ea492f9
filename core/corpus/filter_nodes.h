#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lacuna/corpus/filter.h"
#include "lacuna/text/pattern.h"

namespace lacuna::corpus {

/// A literal: what it says, and its number when it was written as one.
struct FilterValue {
  std::string text;
  std::optional<double> number;
};

/// One part of a filter.
struct Filter::Node {
  enum class Kind { And, Or, Not, Exists, Equal, Unequal, Less, AtMost, Greater, AtLeast, In, Contains, Matches };
  Kind kind = Kind::And;
  std::vector<std::shared_ptr<const Node>> parts;   ///< of And, Or, Not
  std::string field;
  std::vector<FilterValue> values;                  ///< one, or several of In
  std::optional<text::Pattern> pattern;

  bool wants(const Metadata& metadata, std::string_view text) const;
};

/// An expression, and its outermost conditions (filter.h) as parts of its text.
struct ParsedFilter {
  std::shared_ptr<const Filter::Node> root;
  std::vector<std::string_view> conditions;
};
/// Throws LAC-1104.
ParsedFilter parseFilter(std::string_view expression);

/// Whether names and values may hold it without quotes.
bool isFilterWordPart(char c);
/// Words that are no names of fields without quotes.
bool isFilterKeyword(std::string_view word);

}  // namespace lacuna::corpus
