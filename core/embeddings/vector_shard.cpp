#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>

#include "cached_vectors.h"
#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"

namespace lacuna::embeddings {
namespace {

static_assert(std::endian::native == std::endian::little, "shards are written as they lie in memory");

constexpr std::string_view kMagic = "LACVEC1\n";
constexpr std::size_t kHead = 16, kChecksum = 32, kMostRows = 4096;
constexpr std::int64_t kMostTokens = std::int64_t{1} << 40;

struct Entry {
  TextKey key;
  std::int64_t tokens = 0, read = 0;
};
static_assert(sizeof(Entry) == 32);

template <class T> void append(std::string& out, const T* values, std::size_t count) {
  out.append(reinterpret_cast<const char*>(values), count * sizeof(T));
}

template <class T> std::vector<T> values(std::string_view bytes, std::size_t count) {
  std::vector<T> out(count);
  std::memcpy(out.data(), bytes.data(), count * sizeof(T));
  return out;
}

/// The next bytes without the checksum behind them; nothing when they do not match it or the file ends before.
std::optional<std::string> checked(std::ifstream& file, std::string head, std::size_t size) {
  const std::size_t given = head.size();
  head.resize(given + size + kChecksum);
  if (!file.read(head.data() + given, static_cast<std::streamsize>(size + kChecksum))) return std::nullopt;
  const std::string_view all = head;
  if (contentHash(all.substr(0, given + size)) != all.substr(given + size)) return std::nullopt;
  head.resize(given + size);
  return head;
}

bool isSound(const Entry& entry) { return entry.read >= 0 && entry.read <= entry.tokens && entry.tokens < kMostTokens; }

/// Rows that a file of this head and size can hold; 0: none.
std::size_t rowsOf(std::string_view head, std::uintmax_t size, std::int64_t dimensions) {
  std::uint32_t columns = 0, rows = 0;
  std::memcpy(&columns, head.data() + kMagic.size(), 4);
  std::memcpy(&rows, head.data() + kMagic.size() + 4, 4);
  if (!head.starts_with(kMagic) || columns != dimensions || rows == 0 || rows > kMostRows) return 0;
  const std::uintmax_t whole = kHead + 2 * kChecksum + std::uintmax_t{rows} * (sizeof(Entry) + std::uintmax_t{columns} * sizeof(float));
  return whole == size ? rows : 0;
}

}  // namespace

TextKey TextKey::of(std::string_view text) {
  const std::string hex = contentHash(text);
  TextKey key;
  std::from_chars(hex.data(), hex.data() + 16, key.high, 16);
  std::from_chars(hex.data() + 16, hex.data() + 32, key.low, 16);
  return key;
}

std::string shardBytes(std::span<const TextKey> keys, const EncodedTexts& texts) {
  LACUNA_CHECK(keys.size() <= kMostRows && std::ssize(keys) == texts.vectors.rows() && keys.size() == texts.lengths.size());
  const std::array<std::uint32_t, 2> shape{static_cast<std::uint32_t>(texts.vectors.cols()), static_cast<std::uint32_t>(keys.size())};
  std::string out(kMagic);
  append(out, shape.data(), shape.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Entry entry{keys[i], texts.lengths[i].tokens, texts.lengths[i].read};
    append(out, &entry, 1);
  }
  out += contentHash(out);
  const std::size_t begin = out.size();
  append(out, texts.vectors.data(), static_cast<std::size_t>(texts.vectors.size()));
  return out + contentHash(std::string_view(out).substr(begin));
}

bool readShard(const std::filesystem::path& path, std::int64_t dimensions, const std::function<bool(const TextKey&)>& wanted,
               const CachedVectors::Use& use, bool& used) {
  std::error_code failed;
  const bool regular = std::filesystem::is_regular_file(path, failed);
  const std::uintmax_t size = regular ? std::filesystem::file_size(path, failed) : 0;
  if (failed || size < kHead) return false;
  std::ifstream file(path, std::ios::binary);
  std::string head(kHead, '\0');
  if (!file.read(head.data(), static_cast<std::streamsize>(kHead))) return false;
  const std::size_t rows = rowsOf(head, size, dimensions);
  const auto table = rows > 0 ? checked(file, head, rows * sizeof(Entry)) : std::nullopt;
  if (!table) return false;
  const auto entries = values<Entry>(std::string_view(*table).substr(kHead), rows);
  if (!std::all_of(entries.begin(), entries.end(), isSound)) return false;
  if (std::none_of(entries.begin(), entries.end(), [&](const Entry& entry) { return wanted(entry.key); })) return true;
  const auto width = static_cast<std::size_t>(dimensions);
  const auto body = checked(file, {}, rows * width * sizeof(float));
  if (!body) return false;
  const auto vectors = values<float>(*body, rows * width);
  used = true;
  for (std::size_t i = 0; i < rows; ++i)
    if (wanted(entries[i].key)) use(entries[i].key, vectors.data() + i * width, {entries[i].tokens, entries[i].read});
  return true;
}

}  // namespace lacuna::embeddings
