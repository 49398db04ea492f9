#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace lacuna::files {

/// One row of a container before the text field is known.
struct Row {
  struct Value {
    std::string text;
    bool isText = true;  ///< a string; otherwise a number or truth value, written out
  };
  std::map<std::string, Value> fields;  ///< scalars, dotted one level deep; nulls, arrays and deeper objects are left out
  std::set<std::string> repairs;        ///< kinds, as in ReadReport::repaired
  std::set<std::string> nulls;          ///< well-known names of text fields that are there and null
};

/// Rows with more are too long.
constexpr std::size_t mostFields = 1 << 16;

/// What a row holds in memory, about.
std::uint64_t bytesOf(const Row& row);

/// Turns JSON texts into rows; keeps its buffers between calls. The last of keys that are there twice counts, whatever it is. A "meta" or
/// "metadata" that is a text with JSON or a Python dict in it is read as an object.
class JsonRowParser {
 public:
  JsonRowParser();
  ~JsonRowParser();
  /// Bad UTF-8 and lone surrogates are replaced first. A bare string is a row with the field "text". Returns why the
  /// text is no row, or nothing. `json` is changed where it had to be repaired.
  std::string parse(std::string& json, Row& row);

 private:
  std::string readValue(const std::string& json, Row& row);

  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

/// \uD800 … \uDFFF escapes without a partner → \uFFFD; true when there was one.
bool repairSurrogates(std::string& json);
/// Adds "control_characters" when the text holds other C0 characters than tab and line ends.
void noteControlCharacters(std::string_view text, Row& row);

}  // namespace lacuna::files
