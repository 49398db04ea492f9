#include "lacuna/base/error.h"
#include "lacuna/embeddings/embeddings.h"
#include "randomised_svd.h"
#include "tfidf.h"
#include "unit_rows.h"

namespace lacuna::embeddings {

EmbeddingSet embedTfIdf(const corpus::Corpus& corpus, const EmbeddingConfig& config, const RunContext& context) {
  if (config.dimensions < 1 || config.buckets < 2)
    throw Error("LAC-1401", "embedding: expected at least 1 dimension and 2 buckets, found " + std::to_string(config.dimensions) + " and " +
                                std::to_string(config.buckets), "256 and 262144 are usual");
  const TfIdf weights = tfIdf(corpus, config.buckets, context);
  if (weights.buckets.empty()) throw Error("LAC-1102", "embedding: no document holds a word", "check the text field");
  const MatrixF reduced = randomisedSvd(weights.rows, weights.buckets, config.dimensions, context);
  return unitRows(reduced, "hashed TF-IDF, SVD " + std::to_string(reduced.cols()));
}

}  // namespace lacuna::embeddings
