#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lacuna::files {

/// RFC 4180, fed character by character so that rows of any size stream. Quotes inside an unquoted field, and text
/// after a closing quote, are taken as they stand. Rows without any character are skipped.
class CsvParser {
 public:
  explicit CsvParser(char separator, std::uint64_t maxRowBytes = ~std::uint64_t{0}) : m_separator(separator), m_most(maxRowBytes) {}

  /// True when this character ended a row, which row() then holds until the next call.
  bool feed(char c);
  /// At the end of the text: true when a last row without line end is there.
  bool finish();

  const std::vector<std::string>& row() const { return m_row; }
  bool tooLong() const { return m_tooLong; }      ///< the row passed maxRowBytes; its fields are cut
  bool atRowStart() const { return !m_any; }
  bool openQuote() const { return m_state == State::Quoted; }

 private:
  enum class State { FieldStart, Plain, Quoted, QuoteInQuoted };

  bool endRow();
  void endField();
  void put(char c);

  char m_separator;
  std::uint64_t m_most, m_size = 0;
  State m_state = State::FieldStart;
  std::vector<std::string> m_row, m_fields;
  std::string m_field;
  bool m_tooLong = false, m_overflow = false, m_any = false;
};

/// Which of comma, tab and semicolon splits the first line most; comma when none does.
char guessSeparator(std::string_view text);

}  // namespace lacuna::files
