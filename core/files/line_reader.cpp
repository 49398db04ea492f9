#include "line_reader.h"

#include <cstring>

namespace lacuna::files {

bool LineReader::next() {
  m_line.clear();
  m_tooLong = false;
  bool any = false;
  for (;;) {
    if (m_begin == m_end) {
      m_begin = 0;
      m_end = m_source.read(m_buffer.data(), m_buffer.size());
      if (m_end == 0) {
        if (!any || !m_source.damage().empty()) return false;
        break;
      }
    }
    any = true;
    const char* start = m_buffer.data() + m_begin;
    const void* found = std::memchr(start, '\n', m_end - m_begin);
    const std::size_t size = found != nullptr ? static_cast<std::size_t>(static_cast<const char*>(found) - start) : m_end - m_begin;
    if (m_line.size() + size > m_longest) {
      m_tooLong = true;
      m_line.clear();
    }
    if (!m_tooLong) m_line.append(start, size);
    m_begin += size + (found != nullptr ? 1 : 0);
    if (found != nullptr) break;
  }
  if (m_line.ends_with('\r')) m_line.pop_back();
  ++m_number;
  return true;
}

}  // namespace lacuna::files
