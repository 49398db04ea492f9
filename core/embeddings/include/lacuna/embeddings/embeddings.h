#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/corpus/corpus.h"
#include "lacuna/files/cache_room.h"
#include "lacuna/model/model.h"

namespace lacuna::embeddings {

/// What becomes of a text longer than the encoder reads at once: its end is left out, or it is read in windows of that length one after
/// the other, whose vectors are averaged by their numbers of tokens (methods.md 2).
enum class LongDocuments : std::uint8_t { Truncate, Windows };
std::string longDocumentsName(LongDocuments mode);                            ///< "truncate", "windows"
std::optional<LongDocuments> longDocumentsFromName(const std::string& name);

struct EmbeddingConfig {
  /// "tfidf" (hashed TF-IDF → randomised SVD), "model" (mean-pooled states of the subject model) "sentence-encoder" (sentence_encoder.h)
  /// or "image-encoder" (DINOv2, of the pictures that documents name: captioned corpora)
  std::string encoder = "tfidf";
  int dimensions = 256;            ///< tfidf
  int buckets = 1 << 18;           ///< tfidf
  std::filesystem::path folder;    ///< sentence-encoder: Sentence-BERT or plain encoder folder; image-encoder: a DINOv2 folder
  std::string imageField = "image";   ///< image-encoder: field that names a document's PNG or JPEG file, relative to the corpus
  std::string prompt;              ///< sentence-encoder: name of one of its prompts; empty: its default
  int layer = -1;                  ///< model: block whose resid_post is pooled; −1 the middle one
  LongDocuments longDocuments = LongDocuments::Windows;   ///< sentence-encoder, model
  std::optional<std::vector<std::string>> post = {};      ///< steps of post_process.h, in order; left out: "centre" for model, else none
  int topComponents = 0;           ///< of "all-but-the-top"; 0: max(1, round(d/100))

  std::vector<std::string> postSteps() const { return post ? *post : encoder == "model" ? std::vector<std::string>{"centre"} : std::vector<std::string>{}; }
};

/// How much of a text its vector was made of, in the text's own tokens: special ones and prompts do not count.
struct TextLength { std::int64_t tokens = 0, read = 0; };

/// One unit vector a document.
struct EmbeddingSet {
  MatrixF vectors;                 ///< [nDocs, d] float32, L2-normalised rows; rows without a direction are 0
  std::vector<std::uint8_t> degenerate;  ///< [nDocs] 1: zero vector, excluded from cosine methods
  std::vector<TextLength> lengths = {};  ///< [nDocs]; of tfidf, which reads all, empty
  MatrixF contaminated = {};       ///< [corpus.contaminated, d] the same of documents that were left out; nothing was fitted to them
  bool circular = false;           ///< made from the probed model's own states (methods.md 2)
  std::string description;
};

/// E2: hashed words, sublinear tf, smooth idf, Halko randomised SVD (2 power iterations, oversampling 10), L2-normalised.
EmbeddingSet embedTfIdf(const corpus::Corpus& corpus, const EmbeddingConfig& config, const RunContext& context);
/// E3: mean over non-first tokens of resid_post, post-processed (centred over the corpus by default), L2-normalised; circular. A text is read
/// 512 tokens at a time, fewer where the model has no more positions; a window without a special token before it begins with the last token
/// of the one before, which counts there alone.
EmbeddingSet embedWithModel(const corpus::Corpus& corpus, const model::Model& model, const EmbeddingConfig& config, const RunContext& context,
                            const files::CacheSettings& cache = {});

/// Class tokens of the documents' pictures after DINOv2's final norm, L2-normalised; a document's text plays no part. Names lead to files below
/// one of the roots. Documents without a picture that can be read are degenerate, counted and the first of them named in warnings.
/// Throws LAC-1001 … LAC-1004 (folder), LAC-1603 (no document names one).
EmbeddingSet embedPictures(const corpus::Corpus& corpus, std::span<const std::filesystem::path> roots, const std::filesystem::path& folder,
                           const EmbeddingConfig& config, const RunContext& context, const files::CacheSettings& cache = {});

/// Hashed bag of words without any fit: [texts, buckets] square roots of counts, rows of unit length (0 for a text without words).
MatrixF hashedWords(std::span<const std::string_view> texts, int buckets);

/// First two principal components, [nDocs, 2], sign fixed so that the largest loading is positive.
MatrixF project2d(const MatrixF& vectors);

}  // namespace lacuna::embeddings
