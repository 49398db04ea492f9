#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The language of filters (docs/corpora.md) for whoever writes expressions: checked as they are typed, built from conditions.
namespace lacuna::study {

struct FilterCheck {
  std::string fault, hint;               ///< what was expected and found at which place, as LAC-1104; empty: sound
  std::string line;                      ///< the expression on one line
  std::size_t column = 0;                ///< characters of the line before the place
  std::vector<std::string> conditions;   ///< of a sound one: expressions that must all hold; joined by " and " they are it again

  bool sound() const { return fault.empty(); }
};
/// Never throws for what is typed. An empty expression is sound, without conditions.
FilterCheck checkFilter(std::string_view expression);

enum class FilterTest { OneOf, NoneOf, AtLeast, AtMost, Contains, Exists };

/// "language in (en, de)", "not language == en", "score >= 3", `title contains "a b"`, "url exists"; quotes where they must be. AtLeast and
/// AtMost go by number where the value is one. Values: any number for OneOf and NoneOf, none for Exists, else one. Empty where there are too few.
std::string filterCondition(const std::string& field, FilterTest test, const std::vector<std::string>& values);
/// An expression for all of them.
std::string allOf(const std::vector<std::string>& conditions);

}  // namespace lacuna::study
