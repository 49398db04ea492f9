#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lacuna::files {

struct CsvFormat {
  char separator = ',';
  char lineEnd = '\n';   ///< '\r' where lines end in CR alone; CRLF is read with either
};

struct CsvLimits {
  std::uint64_t rowBytes = ~std::uint64_t{0};
  std::size_t fields = ~std::size_t{0};   ///< of a row
};

/// RFC 4180, fed character by character so that rows of any size stream. Quotes inside an unquoted field, and text
/// after a closing quote, are taken as they stand. Rows without any character are skipped.
class CsvParser {
 public:
  explicit CsvParser(CsvFormat format, CsvLimits limits = {}) : m_format(format), m_limits(limits) {}

  /// True when this character ended a row, which row() then holds until the next call.
  bool feed(char c);
  /// At the end of the text: true when a last row without line end is there.
  bool finish();

  const std::vector<std::string>& row() const { return m_row; }
  bool tooLong() const { return m_tooLong; }            ///< the row passed a limit; nothing of it is kept
  std::uint64_t rowLine() const { return m_rowLine; }   ///< where the row begins, 1-based
  bool openQuote() const { return m_state == State::Quoted; }
  std::uint64_t quoteLine() const { return m_quoteLine; }   ///< where the last quote was opened
  std::uint64_t openLines() const;                      ///< how many lines the unfinished row has so far

 private:
  enum class State { FieldStart, Plain, Quoted, QuoteInQuoted };

  bool endRow();
  void endField();
  void count();
  void put(char c);
  void overflow();

  CsvFormat m_format;
  CsvLimits m_limits;
  std::uint64_t m_size = 0, m_line = 1, m_start = 1, m_rowLine = 1, m_quoteLine = 1;
  State m_state = State::FieldStart;
  std::vector<std::string> m_row, m_fields;
  std::string m_field;
  bool m_tooLong = false, m_overflow = false, m_any = false, m_atLineStart = true;
};

/// The line end of the first line, and which of comma, tab and semicolon splits it most; comma when none does.
CsvFormat guessCsvFormat(std::string_view text);

}  // namespace lacuna::files
