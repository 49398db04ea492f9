#pragma once

#include <cstdint>
#include <limits>
#include <string>

/// What the corpus was when it was read, as plain values.
namespace lacuna::store {

/// What was left of a source of the corpus after each step: read, passed the filter, without exact copies (in a sample: the sample), without
/// near copies, without texts of tasks. `population`: documents without copies that `distinct` stands for.
struct SourceRow {
  std::string source;
  std::int64_t raw = 0, wanted = 0, distinct = 0, unlike = 0, clean = 0;
  double population = 0;
  std::int64_t embedded = 0;             ///< documents (or parts) that were given to the encoder; 0: how much it read of them is not known
  std::int64_t cut = 0;                  ///< those of them of which it read only a part
  std::int64_t tokens = 0, tokensLost = 0;   ///< of all of them, and what was not read; 0 of an encoder that has no tokens and reads all
};

/// Share of the tokens of a source that the embedding never saw; NaN where it is not known.
inline double shareLost(const SourceRow& row) {
  if (row.embedded == 0) return std::numeric_limits<double>::quiet_NaN();
  return row.tokens > 0 ? static_cast<double>(row.tokensLost) / static_cast<double>(row.tokens) : 0;
}

/// A file of the corpus when it was read.
struct CorpusFileRow {
  std::string path;
  std::int64_t documents = 0, size = 0, modified = 0; bool damaged = false;   ///< size: bytes; modified: nanoseconds since 1970
  std::string hash = {};                 ///< XXH3-128 of its bytes as they lie on the disk; empty: not known
  bool sampled = false;                  ///< of more than 2 GiB: of its length, its first 8 MiB and 64 stretches of 1 MiB
};

}  // namespace lacuna::store
