#include <string_view>
#include <vector>

#include "containers.h"

namespace lacuna::files {
namespace {

constexpr std::string_view separators = " \t\r\n,\xEF\xBB\xBF";   // and the byte order marks of files put together

/// Finds where values begin and end without understanding them: depth, strings and escapes are enough.
class ValueScanner {
 public:
  ValueScanner(const ReadOptions& options, RowSink& sink) : m_options(options), m_sink(sink) {}

  void feed(char c) {
    if (c == '\n') ++m_line;
    if (m_inString) {
      keep(c);
      if (m_escaped) m_escaped = false;
      else if (c == '\\') m_escaped = true;
      else if (c == '"') m_inString = false;
      if (!m_inString && m_depth == m_outer) end();
      return;
    }
    const bool between = m_depth == m_outer;
    if (between && separators.find(c) != std::string_view::npos) return end();
    if (between && c == '[' && m_outer == 0 && (!m_started || m_arrays)) {
      m_outer = m_depth = 1;
      m_started = m_arrays = true;
      return;
    }
    if (between && c == ']' && m_outer == 1) {
      end();
      m_outer = m_depth = 0;
      return;
    }
    if (m_text.empty() && !m_tooLong) m_first = m_line;
    m_started = true;
    keep(c);
    if (c == '"') m_inString = true;
    if (c == '{' || c == '[') ++m_depth;
    if ((c == '}' || c == ']') && m_depth > m_outer && --m_depth == m_outer) end();
  }

  /// At the end of the file. False when an array or a value was never closed.
  bool finish() {
    const bool whole = !m_inString && m_depth == 0 && m_outer == 0;
    if (whole) end();
    return whole;
  }

 private:
  void keep(char c) {
    if (m_text.size() >= m_options.maxLineBytes) {
      m_tooLong = true;
      m_text.clear();
    }
    if (!m_tooLong) m_text += c;
  }

  void end() {
    if (m_tooLong) {
      m_sink.bad("too_long", m_first, "the value has more than " + std::to_string(m_options.maxLineBytes) + " bytes");
    } else if (!m_text.empty()) {
      Row row;
      if (const std::string problem = m_parser.parse(m_text, row); !problem.empty())
        m_sink.bad("unparsable", m_first, problem);
      else
        m_sink.row(std::move(row), m_first);
    }
    m_text.clear();
    m_tooLong = false;
  }

  const ReadOptions& m_options;
  RowSink& m_sink;
  JsonRowParser m_parser;
  std::string m_text;
  std::uint64_t m_line = 1, m_first = 1;
  std::int64_t m_depth = 0, m_outer = 0;
  bool m_inString = false, m_escaped = false, m_tooLong = false;
  bool m_started = false, m_arrays = false;   ///< the first value was seen; it is an array, and so all arrays hold rows
};

}  // namespace

void readJsonValues(ByteSource& source, const ReadOptions& options, RowSink& sink) {
  ValueScanner scanner(options, sink);
  std::vector<char> buffer(1 << 18);
  for (std::size_t got; sink.wanted() && (got = source.read(buffer.data(), buffer.size())) > 0;)
    for (std::size_t i = 0; i < got && sink.wanted(); ++i) scanner.feed(buffer[i]);
  if (sink.wanted() && !scanner.finish() && source.damage().empty()) sink.damaged("it ends inside its JSON");
}

}  // namespace lacuna::files
