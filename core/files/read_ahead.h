#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "byte_source.h"

namespace lacuna::files {

/// Reads (and decompresses) another source on a thread of its own, a few buffers ahead of whoever reads this one.
class ReadAhead : public ByteSource {
 public:
  explicit ReadAhead(std::unique_ptr<ByteSource> in);
  ~ReadAhead() override;
  std::size_t read(char* buffer, std::size_t size) override;
  /// Of the source, once read() gave 0.
  const std::string& damage() const override { return m_done ? m_in->damage() : m_damage; }
  const std::string& warning() const override { return m_done ? m_in->warning() : m_warning; }

 private:
  void fill();
  bool take();

  std::unique_ptr<ByteSource> m_in;
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::deque<std::vector<char>> m_full;      ///< in order; an empty one is the end
  std::vector<std::vector<char>> m_free;
  std::exception_ptr m_failure;
  bool m_abandoned = false, m_done = false;
  std::vector<char> m_current;
  std::size_t m_used = 0;
  std::thread m_thread;
};

}  // namespace lacuna::files
