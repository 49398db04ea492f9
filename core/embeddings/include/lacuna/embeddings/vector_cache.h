#pragma once

#include <cstdint>
#include <filesystem>

namespace lacuna::embeddings {

/// Where vectors of documents are kept between runs, and how many bytes of them.
struct CacheSettings {
  std::filesystem::path folder = {};                ///< holds one folder an encoder; empty: nothing is read or kept
  std::uint64_t capBytes = std::uint64_t{20} << 30;
};

/// $LACUNA_CACHE/embeddings, $XDG_CACHE_HOME/lacuna/embeddings or ~/.cache/lacuna/embeddings; empty where none of the three is an absolute path.
std::filesystem::path cacheFolder();

}  // namespace lacuna::embeddings
