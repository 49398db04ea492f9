#include "csv_parser.h"

#include "lacuna/files/files.h"

namespace lacuna::files {

void CsvParser::overflow() {
  m_overflow = true;
  m_fields = {};
  m_field = {};
}

void CsvParser::count() {
  if (++m_size > m_limits.rowBytes && !m_overflow) overflow();
}

void CsvParser::put(char c) {
  count();
  if (!m_overflow) m_field += c;
}

void CsvParser::endField() {
  if (!m_overflow && m_fields.size() >= m_limits.fields) overflow();
  if (!m_overflow) m_fields.push_back(std::move(m_field));
  m_field.clear();
  m_state = State::FieldStart;
}

bool CsvParser::endRow() {
  // CR belongs to the line end; inside an unquoted field only the last character can be one.
  if (m_state == State::Plain && m_field.ends_with('\r')) m_field.pop_back();
  const bool blank = !m_any || (!m_overflow && m_fields.empty() && m_field.empty() && m_state == State::Plain);
  endField();
  m_row = std::exchange(m_fields, {});
  m_tooLong = std::exchange(m_overflow, false);
  m_rowLine = m_start;
  m_size = 0;
  m_any = false;
  return !blank;
}

bool CsvParser::feed(char c) {
  const bool ends = c == m_format.lineEnd;
  m_line += ends ? 1 : 0;
  m_atLineStart = ends;
  if (m_state == State::Quoted) {
    if (c == '"')
      m_state = State::QuoteInQuoted;
    else
      put(c);
    return false;
  }
  if (ends) return endRow();
  if (!m_any && c == '\n') return false;   // the rest of a CRLF where CR ends lines
  if (!m_any) m_start = m_line;
  m_any = true;
  if (c == m_format.separator) {
    count();
    endField();
  } else if (c == '"' && m_state == State::FieldStart) {
    m_state = State::Quoted;
    m_quoteLine = m_line;
  } else if (c == '"' && m_state == State::QuoteInQuoted) {
    put('"');
    m_state = State::Quoted;
  } else if (c != '\r' || m_state != State::QuoteInQuoted) {
    m_state = State::Plain;
    put(c);
  }
  return false;
}

bool CsvParser::finish() { return m_any && endRow(); }

std::uint64_t CsvParser::openLines() const { return m_line - m_start + (m_atLineStart ? 0 : 1); }

CsvFormat guessCsvFormat(std::string_view text) {
  std::size_t counts[3] = {};
  constexpr std::string_view candidates = ",\t;";
  CsvFormat format;
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (c == '\r' && at + 1 < text.size() && text[at + 1] != '\n') format.lineEnd = '\r';
    if (c == '\n' || c == '\r') break;
    if (const std::size_t i = candidates.find(c); i != std::string_view::npos) ++counts[i];
  }
  std::size_t best = 0;
  for (std::size_t i = 1; i < 3; ++i)
    if (counts[i] > counts[best]) best = i;
  format.separator = candidates[best];
  return format;
}

std::string csvRow(const std::vector<std::string>& fields) {
  std::string row;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) row += ',';
    // A row of one empty field needs quotes too, or it would read back as a blank line.
    if (field.find_first_of(",\"\r\n") == std::string::npos && !(field.empty() && fields.size() == 1)) {
      row += field;
      continue;
    }
    row += '"';
    for (const char c : field) row += c == '"' ? std::string("\"\"") : std::string(1, c);
    row += '"';
  }
  return row + '\n';
}

std::vector<std::vector<std::string>> parseCsv(std::string_view text, char separator) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  CsvFormat format = guessCsvFormat(text);
  if (separator != 0) format.separator = separator;
  CsvParser parser(format);
  std::vector<std::vector<std::string>> rows;
  for (const char c : text)
    if (parser.feed(c)) rows.push_back(parser.row());
  if (parser.finish()) rows.push_back(parser.row());
  return rows;
}

}  // namespace lacuna::files
