#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "lacuna/base/error.h"

namespace lacuna::files {

/// LAC-1105 "cannot read 'path': why" for the current errno, or for `why`.
Error unreadable(const std::filesystem::path& path, const std::string& why = {});

/// An open file descriptor; closed on destruction.
class Descriptor {
 public:
  /// Opens a regular file for reading. Throws LAC-1105; a directory, socket or pipe is refused, never waited on.
  static Descriptor openFile(const std::filesystem::path& path);

  Descriptor() = default;
  explicit Descriptor(int fd) : m_fd(fd) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : m_fd(other.m_fd) { other.m_fd = -1; }
  Descriptor& operator=(Descriptor&& other) noexcept;

  int get() const { return m_fd; }
  std::uint64_t size() const;
  /// Bytes read, 0 at the end; −1 with errno on a failure. Interrupted calls are repeated.
  std::int64_t readSome(void* buffer, std::size_t size) const;
  /// Fills the buffer from `offset`; false when the file ends before, or cannot be read.
  bool readAt(std::uint64_t offset, std::span<std::byte> buffer) const;

 private:
  int m_fd = -1;
};

/// A file that appears under its name only when commit() was called: temporary file beside it, fsync, rename, fsync of
/// the folder. Destroyed before, it leaves nothing behind. Throws LAC-3002.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  /// Replaces bytes written before; what is written next still comes at the end.
  void replace(std::uint64_t offset, std::string_view bytes);
  void commit();

 private:
  [[noreturn]] void fail(const char* doing) const;
  std::filesystem::path m_path, m_temporary;
  Descriptor m_file;
};

}  // namespace lacuna::files
