#include "lacuna/files/cache_room.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <map>
#include <tuple>

#include "lacuna/base/error.h"
#include "lacuna/base/log.h"

namespace lacuna::files {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kForgotten{24};   // a temporary file that old was left behind by a run that died

struct CacheFile {
  fs::path path;
  fs::file_time_type used;
  std::uint64_t bytes = 0;
};

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) out.push_back(at->path());
  return out;
}

bool isForgotten(const CacheFile& file) {
  return file.path.filename().string().find(".tmp-") != std::string::npos && fs::file_time_type::clock::now() - file.used > kForgotten;
}

/// Files that end so and what writing them left behind, of all folders.
std::vector<CacheFile> filesBelow(const fs::path& root, const std::string& ending) {
  std::vector<CacheFile> out;
  for (const fs::path& folder : entries(root))
    for (const fs::path& path : entries(folder)) {
      std::error_code gone;
      if (path.filename().string().find(ending) == std::string::npos || !fs::is_regular_file(path, gone)) continue;
      const CacheFile file{path, fs::last_write_time(path, gone), fs::file_size(path, gone)};
      if (!gone) out.push_back(file);
    }
  return out;
}

std::uint64_t bytesOf(const std::vector<CacheFile>& files) {
  std::uint64_t bytes = 0;
  for (const CacheFile& file : files) bytes += file.bytes;
  return bytes;
}

fs::path absoluteFolder(const char* variable) {
  const char* const value = std::getenv(variable);
  const fs::path path = value ? value : "";
  return path.is_absolute() ? path : fs::path();
}

}  // namespace

fs::path cacheFolder() {
  if (const fs::path own = absoluteFolder("LACUNA_CACHE"); !own.empty()) return own;
  if (const fs::path caches = absoluteFolder("XDG_CACHE_HOME"); !caches.empty()) return caches / "lacuna";
  const fs::path home = absoluteFolder("HOME");
  return home.empty() ? home : home / ".cache" / "lacuna";
}

std::vector<fs::path> filesEnding(const fs::path& folder, const std::string& ending) {
  std::vector<fs::path> out = entries(folder);
  std::erase_if(out, [&](const fs::path& path) { return path.extension() != ending; });
  std::sort(out.begin(), out.end());
  return out;
}

void markUsed(const fs::path& file) {
  std::error_code readOnly;
  fs::last_write_time(file, fs::file_time_type::clock::now(), readOnly);
}

FolderLock::FolderLock(const fs::path& folder, Kind kind) {
  m_file = ::open((folder / "in-use").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (m_file < 0) return;
  while (::flock(m_file, kind == Kind::Shared ? LOCK_SH : LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    ::close(m_file);
    m_file = -1;
    return;
  }
}

FolderLock::~FolderLock() {
  if (m_file >= 0) ::close(m_file);
}

CacheRoom::CacheRoom(const CacheSettings& settings, const fs::path& own, std::string ending)
    : m_settings(settings), m_ending(std::move(ending)), m_lock([&] {
        std::error_code failed;
        fs::create_directories(own, failed);
        return FolderLock(own, FolderLock::Kind::Shared);
      }()) {
  if (!m_lock.held()) throw Error("LAC-3002", "cannot write in " + own.string(), "check that the folder may be written");
  shrink(0);
}

bool CacheRoom::make(std::uint64_t bytes) {
  if (!m_full && m_bytes + bytes > m_settings.capBytes) {
    shrink(bytes);
    m_full = m_bytes + bytes > m_settings.capBytes;
    if (m_full) log::warning(m_settings.folder.string() + ": what is in use fills the cache; nothing more is kept");
  }
  if (!m_full) m_bytes += bytes;
  return !m_full;
}

void CacheRoom::shrink(std::uint64_t bytes) {
  std::vector<CacheFile> files = filesBelow(m_settings.folder, m_ending);
  m_bytes = bytesOf(files);
  std::sort(files.begin(), files.end(), [](const CacheFile& a, const CacheFile& b) { return std::tie(a.used, a.path) < std::tie(b.used, b.path); });
  std::map<fs::path, FolderLock> locks;
  for (const CacheFile& file : files) {
    if (m_bytes + bytes <= m_settings.capBytes && !isForgotten(file)) continue;
    const fs::path folder = file.path.parent_path();
    auto lock = locks.find(folder);
    if (lock == locks.end()) lock = locks.emplace(folder, FolderLock(folder, FolderLock::Kind::ExclusiveIfFree)).first;
    std::error_code gone;
    if (lock->second.held() && fs::remove(file.path, gone)) m_bytes -= file.bytes;
  }
}

}  // namespace lacuna::files
