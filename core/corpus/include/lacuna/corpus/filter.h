#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lacuna/base/error.h"

namespace lacuna::corpus {

using Metadata = std::map<std::string, std::string>;

/// The field of a document under a name; "x.host" is derived from the address in the field "x" unless there is such a field: its host, lower
/// case. Nothing when the document has no such field.
std::optional<std::string> fieldOf(const Metadata& metadata, const std::string& name);

/// LAC-1104 with its place, for whoever shows it beside the expression.
class FilterError : public Error {
 public:
  /// at: a byte of the expression, or its length.
  FilterError(const std::string& fault, std::string_view expression, std::size_t at);
  const std::string& fault() const { return m_fault; }   ///< what was expected and found
  const std::string& line() const { return m_line; }     ///< the expression on one line
  std::size_t column() const { return m_column; }        ///< characters of the line before the place

 private:
  std::string m_fault, m_line;
  std::size_t m_column;
};

/// Which documents are wanted, as an expression over their fields (docs/corpora.md):
///   language == "en" and (score >= 3 or "meta.set" in (ArXiv, Github)) and not url.host matches /\.edu$/i
/// A comparison with a number reads the field as a number, one with a text compares bytes. A field that a document does not have makes every
/// comparison false, != too; `exists` asks for it. The text itself is the field `text`, unless the metadata hold another.
class Filter {
 public:
  /// Everything is wanted.
  Filter() = default;
  /// An empty expression wants everything. Throws LAC-1104: what was expected and found, with a caret under the place.
  explicit Filter(std::string_view expression);

  bool wants(const Metadata& metadata, std::string_view text) const;
  bool all() const { return !m_root; }

  struct Node;

 private:
  std::shared_ptr<const Node> m_root;
};

/// The conditions of an expression that must all hold, each one as it is written: those between its outermost `and`s. An `or` outside of
/// parentheses makes it one condition, then in parentheses. Joined by " and " they are the expression again. Throws LAC-1104.
std::vector<std::string> conditionsOf(std::string_view expression);

/// A field and a value as an expression writes them, in quotes where they must be: `field == value` takes the documents of which the field is
/// that, byte by byte (numbers: by number).
std::string fieldText(const std::string& field);
std::string valueText(const std::string& value);

}  // namespace lacuna::corpus
