#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lacuna/embeddings/text_encoder.h"
#include "lacuna/files/cache_room.h"

namespace lacuna::embeddings {

inline constexpr const char* kShardEnding = ".vec";

/// Names a text by its bytes (XXH3-128).
struct TextKey {
  std::uint64_t high = 0, low = 0;
  static TextKey of(std::string_view text);
  bool operator==(const TextKey&) const = default;
};
struct TextKeyHash {
  std::size_t operator()(const TextKey& key) const { return static_cast<std::size_t>(key.low); }
};

/// The vectors that one encoder made before, as files of at most some hundred rows in a folder named by the encoder's hash (docs/adr/0012).
/// A file is written whole or not at all and checks itself; one that is damaged, short or of another size is passed over, and what it
/// held is made again. Where nothing can be written one warning is logged, and the work goes on without.
class CachedVectors {
 public:
  CachedVectors(const files::CacheSettings& settings, const std::string& encoder, std::int64_t dimensions);

  using Use = std::function<void(const TextKey&, const float* vector, const TextLength&)>;
  /// Hands over what is wanted, a row at a time. Polls the context.
  void load(const std::function<bool(const TextKey&)>& wanted, const Use& use, const RunContext& context);
  /// Keeps the rows of one call as one file.
  void add(std::span<const TextKey> keys, const EncodedTexts& texts);

 private:
  std::filesystem::path m_folder;
  std::int64_t m_dimensions;
  std::optional<files::CacheRoom> m_room;   ///< nothing: the folder cannot be used
};

/// The bytes of a file of such vectors, and back: nothing is used of bytes that are not exactly such a file.
/// "LACVEC1\n", u32 dimensions, u32 rows; rows of key (u64 high, u64 low), tokens and tokens read (i64); XXH3-128 of all that in hex;
/// float32 [rows, dimensions]; XXH3-128 of these. Little-endian.
std::string shardBytes(std::span<const TextKey> keys, const EncodedTexts& texts);
/// False when the file is no sound shard of such vectors. The vectors are read only if one of the keys is wanted.
bool readShard(const std::filesystem::path& path, std::int64_t dimensions, const std::function<bool(const TextKey&)>& wanted,
               const CachedVectors::Use& use, bool& used);

}  // namespace lacuna::embeddings
