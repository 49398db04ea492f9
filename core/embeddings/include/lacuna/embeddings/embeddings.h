#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/model/model.h"

namespace lacuna::embeddings {

struct EmbeddingConfig {
  /// "tfidf" (hashed TF-IDF → randomised SVD), "model" (mean-pooled states of the subject model) or "sentence-encoder" (sentence_encoder.h)
  std::string encoder = "tfidf";
  int dimensions = 256;            ///< tfidf
  int buckets = 1 << 18;           ///< tfidf
  std::filesystem::path folder;    ///< sentence-encoder: Sentence-BERT or plain encoder folder
  std::string prompt;              ///< sentence-encoder: name of one of its prompts; empty: its default
  int layer = -1;                  ///< model: block whose resid_post is pooled; −1 the middle one
};

/// One unit vector a document.
struct EmbeddingSet {
  MatrixF vectors;                 ///< [nDocs, d] float32, L2-normalised rows; rows without a direction are 0
  std::vector<std::uint8_t> degenerate;  ///< [nDocs] 1: zero vector, excluded from cosine methods
  bool circular = false;           ///< made from the probed model's own states (methods.md 2)
  std::string description;
};

/// E2: hashed words, sublinear tf, smooth idf, Halko randomised SVD (2 power iterations, oversampling 10), L2-normalised.
EmbeddingSet embedTfIdf(const corpus::Corpus& corpus, const EmbeddingConfig& config, const RunContext& context);
/// E3: mean over non-first tokens of resid_post, centred over the corpus, L2-normalised; circular.
EmbeddingSet embedWithModel(const corpus::Corpus& corpus, const model::Model& model, const EmbeddingConfig& config,
                            const RunContext& context);

/// Hashed bag of words without any fit: [texts, buckets] square roots of counts, rows of unit length (0 for a text without words).
MatrixF hashedWords(std::span<const std::string_view> texts, int buckets);

/// First two principal components, [nDocs, 2], sign fixed so that the largest loading is positive.
MatrixF project2d(const MatrixF& vectors);

}  // namespace lacuna::embeddings
