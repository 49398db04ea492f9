#pragma once

#include <filesystem>

namespace lacuna::store {

/// Advisory lock of one writer: a sidecar "x.lacuna.lock" naming process and host. Released with the process, whatever its end.
class WriterLock {
 public:
  explicit WriterLock(const std::filesystem::path& study);   ///< LAC-3001 when another process holds it
  ~WriterLock();
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  std::filesystem::path m_path;
  int m_fd = -1;
};

}  // namespace lacuna::store
