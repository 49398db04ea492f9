#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lacuna::embeddings {

inline constexpr const char* kShardEnding = ".vec";

/// Files of vectors in a folder, by name; nothing where it cannot be read.
std::vector<std::filesystem::path> shardsIn(const std::filesystem::path& folder);
/// The file was of use just now: it is removed later than others.
void markUsed(const std::filesystem::path& shard);

/// A lock on the folder of one encoder, released with its process: several readers, or one who removes.
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

/// Keeps a cache below its size: what was not used for longest goes first, never a folder that somebody reads.
class CacheRoom {
 public:
  /// Makes the folder and holds its lock. Throws LAC-3002 when it cannot be made or written.
  CacheRoom(std::filesystem::path root, const std::filesystem::path& own, std::uint64_t capBytes);
  /// Makes room for a file of that size; false when what is in use fills the cache.
  bool make(std::uint64_t bytes);

 private:
  void shrink(std::uint64_t bytes);
  std::filesystem::path m_root;
  std::uint64_t m_cap, m_bytes = 0;
  bool m_full = false;
  FolderLock m_lock;
};

}  // namespace lacuna::embeddings
