#include "read_ahead.h"

#include <algorithm>
#include <cstring>

namespace lacuna::files {
namespace {

constexpr std::size_t bufferBytes = 1 << 18, buffers = 8;

}  // namespace

ReadAhead::ReadAhead(std::unique_ptr<ByteSource> in) : m_in(std::move(in)) {
  for (std::size_t i = 0; i < buffers; ++i) m_free.emplace_back(bufferBytes);
  m_thread = std::thread([this] { fill(); });
}

ReadAhead::~ReadAhead() {
  {
    const std::lock_guard lock(m_mutex);
    m_abandoned = true;
  }
  m_changed.notify_all();
  m_thread.join();
}

void ReadAhead::fill() {
  for (bool more = true; more;) {
    std::vector<char> buffer;
    {
      std::unique_lock lock(m_mutex);
      m_changed.wait(lock, [&] { return m_abandoned || !m_free.empty(); });
      if (m_abandoned) return;
      buffer = std::move(m_free.back());
      m_free.pop_back();
    }
    buffer.resize(bufferBytes);
    std::exception_ptr failure;
    std::size_t used = 0;
    try {
      for (std::size_t got = 1; got > 0 && used < bufferBytes; used += got) got = m_in->read(buffer.data() + used, bufferBytes - used);
    } catch (...) {
      failure = std::current_exception();   // told to the reader, in its thread
    }
    buffer.resize(failure ? 0 : used);
    more = !buffer.empty();
    {
      const std::lock_guard lock(m_mutex);
      m_failure = failure;
      m_full.push_back(std::move(buffer));
    }
    m_changed.notify_all();
  }
}

bool ReadAhead::take() {
  {
    std::unique_lock lock(m_mutex);
    if (m_current.capacity() > 0) m_free.push_back(std::move(m_current));
    m_changed.notify_all();
    m_changed.wait(lock, [&] { return !m_full.empty(); });
    m_current = std::move(m_full.front());
    m_full.pop_front();
    m_used = 0;
  }
  if (!m_current.empty()) return true;
  m_done = true;   // the thread has left the source
  if (m_failure) std::rethrow_exception(m_failure);
  return false;
}

std::size_t ReadAhead::read(char* buffer, std::size_t size) {
  if (m_done || (m_used == m_current.size() && !take())) return 0;
  const std::size_t count = std::min(size, m_current.size() - m_used);
  std::memcpy(buffer, m_current.data() + m_used, count);
  m_used += count;
  return count;
}

}  // namespace lacuna::files
