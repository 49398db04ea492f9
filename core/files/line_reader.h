#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "byte_source.h"

namespace lacuna::files {

/// Lines of a source, without their ends (LF or CRLF). A line over the limit is skipped without being stored.
class LineReader {
 public:
  LineReader(ByteSource& source, std::uint64_t longest) : m_source(source), m_longest(longest), m_buffer(1 << 18) {}

  /// False at the end. The unfinished line before damage is not given: it is not whole.
  bool next();
  const std::string& line() const { return m_line; }
  std::string& line() { return m_line; }
  bool tooLong() const { return m_tooLong; }
  std::uint64_t number() const { return m_number; }  ///< 1-based

 private:
  ByteSource& m_source;
  std::uint64_t m_longest, m_number = 0;
  std::vector<char> m_buffer;
  std::size_t m_begin = 0, m_end = 0;
  std::string m_line;
  bool m_tooLong = false;
};

}  // namespace lacuna::files
