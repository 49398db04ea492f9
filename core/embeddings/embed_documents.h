#pragma once

#include <string>

#include "lacuna/corpus/corpus.h"
#include "lacuna/embeddings/embeddings.h"
#include "lacuna/embeddings/text_encoder.h"

namespace lacuna::embeddings {

/// Vectors of the corpus's documents, then of its contaminated ones. Each text is read once however often it is there; vectors that the
/// cache holds are taken from it, others are kept in it, a shard at a time. The same bits with and without a cache.
EncodedTexts readDocuments(const corpus::Corpus& corpus, const TextEncoder& encoder, const RunContext& context, const files::CacheSettings& cache);

/// The same, post-processed as the config says and of length 1.
EmbeddingSet embedDocuments(const corpus::Corpus& corpus, const TextEncoder& encoder, const EmbeddingConfig& config, const std::string& description,
                            const RunContext& context, const files::CacheSettings& cache);

}  // namespace lacuna::embeddings
