#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/embeddings/embeddings.h"

namespace lacuna::embeddings {

struct EncodedTexts {
  MatrixF vectors;                   ///< [texts, d] float32; NaN where a text has no vector
  std::vector<TextLength> lengths;   ///< [texts]
};

/// Texts → vectors. A row depends on its text alone, bit for bit: what was made once can be kept (files/cache_room.h).
class TextEncoder {
 public:
  virtual ~TextEncoder() = default;
  virtual std::int64_t dimensions() const = 0;
  virtual std::string hash() const = 0;   ///< of all that decides about the vectors
  virtual EncodedTexts read(std::span<const std::string> texts, const RunContext& context) const = 0;
};

/// How much of a source's documents their vectors were made of.
struct SourceLength {
  std::string source;
  std::int64_t documents = 0, cut = 0;         ///< cut: read in part only
  std::int64_t tokens = 0, lost = 0;           ///< lost: not read
  void add(const TextLength& length);
};
/// Of every source that has documents, by name. Lengths are those of an EmbeddingSet; none of them: nothing was cut.
std::vector<SourceLength> lengthsBySource(const corpus::Corpus& corpus, std::span<const TextLength> lengths);
/// "12 of 500 documents are longer than the encoder reads, 3.4 % of all tokens are lost"; empty: none is.
std::string lossInWords(const SourceLength& all);

}  // namespace lacuna::embeddings
