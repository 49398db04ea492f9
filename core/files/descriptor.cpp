#include "descriptor.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lacuna::files {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

constexpr std::size_t largestCall = std::size_t{1} << 30;  // Linux moves at most 2 GiB a call

}  // namespace

Error unreadable(const std::filesystem::path& path, const std::string& why) {
  return Error("LAC-1105", "cannot read '" + path.string() + "': " + (why.empty() ? reason(errno) : why),
               "check that the file exists and may be read");
}

Descriptor Descriptor::openFile(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.m_fd < 0 || ::fstat(file.m_fd, &status) != 0) throw unreadable(path);
  if (!S_ISREG(status.st_mode)) throw unreadable(path, "it is not a regular file");
  return file;
}

Descriptor::~Descriptor() {
  if (m_fd >= 0) ::close(m_fd);
}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(m_fd, other.m_fd);
  return *this;
}

std::uint64_t Descriptor::size() const {
  struct stat status {};
  return ::fstat(m_fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::int64_t Descriptor::readSome(void* buffer, std::size_t size) const {
  for (;;) {
    const ssize_t got = ::read(m_fd, buffer, std::min(size, largestCall));
    if (got >= 0 || errno != EINTR) return got;
  }
}

bool Descriptor::readAt(std::uint64_t offset, std::span<std::byte> buffer) const {
  while (!buffer.empty()) {
    const ssize_t got = ::pread(m_fd, buffer.data(), std::min(buffer.size(), largestCall), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    buffer = buffer.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

AtomicFile::AtomicFile(const std::filesystem::path& path) : m_path(path) {
  static std::atomic<unsigned> serial{0};
  m_temporary = path;
  m_temporary += ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(serial++);
  m_file = Descriptor(::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (m_file.get() < 0) {
    m_temporary.clear();
    fail("create a file in the folder of");
  }
}

AtomicFile::~AtomicFile() {
  if (!m_temporary.empty()) ::unlink(m_temporary.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(m_file.get(), bytes.data(), std::min(bytes.size(), largestCall));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail("write");
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
}

void AtomicFile::replace(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(m_file.get(), bytes.data(), std::min(bytes.size(), largestCall), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail("write");
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
}

void AtomicFile::commit() {
  if (::fsync(m_file.get()) != 0) fail("write");
  if (::rename(m_temporary.c_str(), m_path.c_str()) != 0) fail("replace");
  m_temporary.clear();
  const auto folder = m_path.has_parent_path() ? m_path.parent_path() : std::filesystem::path(".");
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Some network file systems refuse to sync a folder; the file itself is safe by then.
  if (directory.get() >= 0 && ::fsync(directory.get()) != 0 && errno != EINVAL && errno != ENOTSUP) fail("sync the folder of");
}

void AtomicFile::fail(const char* doing) const {
  const int error = errno;
  throw Error("LAC-3002", std::string("cannot ") + doing + " '" + m_path.string() + "': " + reason(error),
              error == ENOSPC || error == EDQUOT ? "free some space and try again; the old file is unchanged"
                                                 : "check that the folder exists and may be written; the old file is unchanged");
}

}  // namespace lacuna::files
