#include "lacuna/files/file_hash.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <system_error>

#include "lacuna/base/error.h"

namespace lacuna::files {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t headBytes = std::uint64_t{8} << 20, stretch = std::uint64_t{1} << 20, stretches = 64;

void addStretch(std::ifstream& file, std::uint64_t from, std::uint64_t bytes, Hasher& hasher) {
  std::string buffer(bytes, '\0');
  file.seekg(static_cast<std::streamoff>(from));
  file.read(buffer.data(), static_cast<std::streamsize>(bytes));
  buffer.resize(static_cast<std::size_t>(file.gcount()));
  hasher.add(buffer);
}

}  // namespace

FileStamp stampOf(const fs::path& file) {
  FileStamp stamp;
  std::error_code error;
  if (const auto size = fs::file_size(file, error); !error) stamp.size = size;
  const auto time = fs::last_write_time(file, error);
  if (error) return stamp;
  const auto since = std::chrono::file_clock::to_sys(time).time_since_epoch();
  stamp.modified = std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
  return stamp;
}

void addStretches(const fs::path& path, std::uint64_t size, Hasher& hasher) {
  LACUNA_CHECK(size > headBytes + stretch);
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error("LAC-1105", path.string() + " cannot be read");
  addStretch(file, 0, headBytes, hasher);
  for (std::uint64_t i = 0; i < stretches; ++i) addStretch(file, headBytes + (size - headBytes - stretch) / (stretches - 1) * i, stretch, hasher);
}

FileHash hashFile(const fs::path& file, std::uint64_t wholeUpTo) {
  std::error_code unreadable;
  const std::uint64_t size = fs::file_size(file, unreadable);
  if (unreadable || size <= std::max(wholeUpTo, headBytes + stretch)) return {contentHash(file), false};
  Hasher hasher;
  hasher.add(static_cast<std::int64_t>(size));
  addStretches(file, size, hasher);
  return {hasher.hex(), true};
}

}  // namespace lacuna::files
