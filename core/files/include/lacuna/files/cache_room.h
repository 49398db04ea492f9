#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lacuna::files {

/// Where what was computed is kept between runs, and how many bytes of it.
struct CacheSettings {
  std::filesystem::path folder = {};                ///< holds a folder for everything that is kept apart; empty: nothing is read or kept
  std::uint64_t capBytes = std::uint64_t{20} << 30;
};

/// $LACUNA_CACHE, $XDG_CACHE_HOME/lacuna or ~/.cache/lacuna; empty where none of the three is an absolute path.
std::filesystem::path cacheFolder();

/// The files of a folder that end so, by name; nothing where it cannot be read.
std::vector<std::filesystem::path> filesEnding(const std::filesystem::path& folder, const std::string& ending);
/// The file was of use just now: it is removed later than others.
void markUsed(const std::filesystem::path& file);

/// A lock on a folder of a cache, released with its process: several readers, or one who removes.
class FolderLock {
 public:
  enum class Kind { Shared, ExclusiveIfFree };
  FolderLock(const std::filesystem::path& folder, Kind kind);
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept : m_file(other.m_file) { other.m_file = -1; }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  bool held() const { return m_file >= 0; }

 private:
  int m_file = -1;
};

/// Keeps the files of a cache that end so below its size: what was not used for longest goes first, never a folder that somebody reads.
class CacheRoom {
 public:
  /// Makes the folder and holds its lock. Throws LAC-3002 when it cannot be made or written.
  CacheRoom(const CacheSettings& settings, const std::filesystem::path& own, std::string ending);
  /// Makes room for a file of that size; false when what is in use fills the cache.
  bool make(std::uint64_t bytes);

 private:
  void shrink(std::uint64_t bytes);
  CacheSettings m_settings;
  std::string m_ending;
  std::uint64_t m_bytes = 0;
  bool m_full = false;
  FolderLock m_lock;
};

}  // namespace lacuna::files
