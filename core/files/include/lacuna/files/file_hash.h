#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "lacuna/base/hash.h"

namespace lacuna::files {

/// Size and time of change: while both stay, so does what the file says.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modified = 0;            ///< nanoseconds since 1970
  bool operator==(const FileStamp&) const = default;
};
/// Zeros where the file system does not say.
FileStamp stampOf(const std::filesystem::path& file);

constexpr std::uint64_t kHashedWhole = std::uint64_t{2} << 30;   ///< a larger file is known by its length and parts of it

/// What a file says, for telling whether it is another one.
struct FileHash {
  std::string hex;                      ///< XXH3-128 of all bytes as they lie on the disk; sampled: of length, first 8 MiB and 64 stretches of 1 MiB
  bool sampled = false;
};
/// Throws LAC-1105 when the file cannot be read.
FileHash hashFile(const std::filesystem::path& file, std::uint64_t wholeUpTo = kHashedWhole);
/// The first 8 MiB and 64 stretches of 1 MiB spread over the rest of a file of that size, which is larger than 8 MiB + 1 MiB.
void addStretches(const std::filesystem::path& file, std::uint64_t size, Hasher& hasher);

}  // namespace lacuna::files
