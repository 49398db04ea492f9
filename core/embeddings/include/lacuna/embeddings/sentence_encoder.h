#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/embeddings/embeddings.h"
#include "lacuna/embeddings/text_encoder.h"

namespace lacuna::embeddings {

struct SentenceOptions {
  std::string promptName = {};   ///< of the folder's prompts; empty: its default one, perhaps none
  LongDocuments longDocuments = LongDocuments::Truncate;
};

/// A Sentence-BERT folder as its JSON files and the header of its Dense weights say; nothing is loaded.
struct SentenceFolder {
  std::filesystem::path transformer;   ///< the model folder inside
  std::string description;             ///< "mean pooling, dense 384 → 256 (Tanh), normalised; texts of at most 256 tokens"
};
/// Throws as SentenceEncoder::load does, of what lies around the transformer alone.
SentenceFolder inspectSentenceFolder(const std::filesystem::path& folder);

/// E1: texts → vectors by a Sentence-BERT folder (formats.md 3.1): modules.json with Transformer, Pooling, Dense and Normalize, or a
/// plain encoder folder, whose tokens are averaged. The Transformer may be an encoder or a decoder language model.
/// Texts are stripped, perhaps lower-cased, and cut to the folder's longest sequence, specials counted; nothing is padded. In windows every
/// one has the special tokens and the prompt; their vectors are averaged before the last normalisation, each weighing as many of the text's own
/// tokens as it holds. A text that fits has the same bits either way.
class SentenceEncoder : public TextEncoder {
 public:
  /// Throws LAC-1001 … LAC-1004, LAC-2001; modules, activations and keys that are not supported by name (LAC-1002).
  static std::shared_ptr<const SentenceEncoder> load(const std::filesystem::path& folder, const RunContext& context,
                                                     const SentenceOptions& options = {});
  ~SentenceEncoder() override;

  std::int64_t dimensions() const override;
  std::int64_t maxTokens() const;                       ///< of a text, specials included
  std::string description() const;                      ///< "bert, mean pooling, normalised; texts of at most 256 tokens"
  std::string hash() const override;                    ///< of every file that decides about the vectors, and the options
  const std::vector<std::string>& warnings() const;

  /// [texts, dimensions], in order. A row depends on its text alone, bit for bit. A text without any token (decoders without special
  /// tokens) gives NaN. Polls the context, reports nothing.
  MatrixF encode(std::span<const std::string> texts, const RunContext& context) const { return read(texts, context).vectors; }
  EncodedTexts read(std::span<const std::string> texts, const RunContext& context) const override;

 private:
  struct Parts;
  explicit SentenceEncoder(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> m_parts;
};

/// The documents' vectors, post-processed, L2-normalised; the recipe says so where the folder does not normalise by itself.
EmbeddingSet embedWithSentenceEncoder(const corpus::Corpus& corpus, const SentenceEncoder& encoder, const EmbeddingConfig& config,
                                      const RunContext& context, const files::CacheSettings& cache = {});

}  // namespace lacuna::embeddings
