#include "cached_vectors.h"

#include <algorithm>

#include "lacuna/base/error.h"
#include "lacuna/base/hash.h"
#include "lacuna/base/log.h"
#include "lacuna/files/files.h"

namespace lacuna::embeddings {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kCodeVersion = 1;   // raise when the code changes an encoder's vectors

std::string folderName(const std::string& encoder, std::int64_t dimensions) { return Hasher().add("vectors").add(kCodeVersion).add(encoder).add(dimensions).hex(); }

void warnWithout(const fs::path& folder, const std::string& why) {
  log::warning("vectors are not kept in " + folder.string() + ": " + why + " (set LACUNA_CACHE to a folder that can be written, or use --no-cache)");
}

}  // namespace

CachedVectors::CachedVectors(const files::CacheSettings& settings, const std::string& encoder, std::int64_t dimensions)
    : m_folder(settings.folder / folderName(encoder, dimensions)), m_dimensions(dimensions) {
  try {
    m_room.emplace(settings, m_folder, kShardEnding);
  } catch (const Error& error) {
    warnWithout(settings.folder, error.message());
  }
}

void CachedVectors::load(const std::function<bool(const TextKey&)>& wanted, const Use& use, const RunContext& context) {
  std::size_t damaged = 0;
  for (const fs::path& path : files::filesEnding(m_folder, kShardEnding)) {
    context.checkpoint();
    bool used = false;
    if (!readShard(path, m_dimensions, wanted, use, used)) ++damaged;
    else if (used) files::markUsed(path);
  }
  if (damaged > 0) log::warning(m_folder.string() + ": " + std::to_string(damaged) + " files of kept vectors are damaged; what they held is made again");
}

void CachedVectors::add(std::span<const TextKey> keys, const EncodedTexts& texts) {
  if (!m_room) return;
  const std::string bytes = shardBytes(keys, texts);
  try {
    if (m_room->make(bytes.size())) files::writeFileAtomically(m_folder / (contentHash(bytes) + kShardEnding), bytes);
  } catch (const Error& error) {
    warnWithout(m_folder, error.message());
    m_room.reset();
  }
}

}  // namespace lacuna::embeddings
