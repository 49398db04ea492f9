#include "lacuna/base/error.h"
#include "lacuna/embeddings/embeddings.h"
#include "randomised_svd.h"
#include "tfidf.h"
#include "unit_rows.h"

namespace lacuna::embeddings {
namespace {

/// Other documents in the space of the fitted ones: x·V = x·Xᵀ·(U·S)·S⁻².
MatrixF projected(const SparseRows& x, const SparseRows& fitted, const MatrixF& reduced, const RunContext& context) {
  const Eigen::RowVectorXd squares = reduced.cast<double>().colwise().squaredNorm();
  const MatrixF products = multiplyByGram(x, transposed(fitted), reduced, context);
  return (products.cast<double>().array().rowwise() / squares.array()).matrix().cast<float>();
}

}  // namespace

EmbeddingSet embedTfIdf(const corpus::Corpus& corpus, const EmbeddingConfig& config, const RunContext& context) {
  if (config.dimensions < 1 || config.buckets < 2)
    throw Error("LAC-1401", "embedding: expected at least 1 dimension and 2 buckets, found " + std::to_string(config.dimensions) + " and " +
                                std::to_string(config.buckets), "256 and 262144 are usual");
  const TfIdf weights = tfIdf(corpus, config.buckets, context);
  if (weights.buckets.empty()) throw Error("LAC-1102", "embedding: no document holds a word", "check the text field");
  const MatrixF reduced = randomisedSvd(weights.rows, weights.buckets, config.dimensions, context);
  const auto documents = std::ssize(corpus.documents), others = std::ssize(corpus.contaminated);
  MatrixF all(documents + others, reduced.cols());
  all.topRows(documents) = reduced;
  if (others > 0) all.bottomRows(others) = projected(rowsLike(weights, corpus.contaminated, config.buckets, context), weights.rows, reduced, context);
  return unitRows(std::move(all), documents, config, "hashed TF-IDF, SVD " + std::to_string(reduced.cols()), context);
}

}  // namespace lacuna::embeddings
