#include "lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "lacuna/base/error.h"

namespace lacuna::store {
namespace {

std::string hostName() {
  char name[256] = {};
  return gethostname(name, sizeof name - 1) == 0 ? name : "this machine";
}

std::string readAll(int fd) {
  char buffer[256] = {};
  const ssize_t n = pread(fd, buffer, sizeof buffer - 1, 0);
  return n > 0 ? std::string(buffer, static_cast<std::size_t>(n)) : "another process";
}

}  // namespace

WriterLock::WriterLock(const std::filesystem::path& study) : m_path(study.string() + ".lock") {
  m_fd = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (m_fd < 0)
    throw Error("LAC-3002", m_path.string() + ": cannot be created (" + std::strerror(errno) + ")",
                "choose a folder that you may write to, or open the study read-only");
  if (flock(m_fd, LOCK_EX | LOCK_NB) != 0) {
    const std::string holder = readAll(m_fd);
    ::close(m_fd);
    throw Error("LAC-3001", study.string() + ": the study is open for writing in " + holder,
                "close it there, or open it read-only");
  }
  const std::string owner = "process " + std::to_string(getpid()) + " on " + hostName();
  if (ftruncate(m_fd, 0) != 0 || pwrite(m_fd, owner.data(), owner.size(), 0) < 0) {
    // The lock holds without its label; the label only helps people.
  }
}

WriterLock::~WriterLock() {
  std::error_code ignored;
  std::filesystem::remove(m_path, ignored);
  ::close(m_fd);
}

}  // namespace lacuna::store
