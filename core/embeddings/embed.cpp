#include <Eigen/Eigenvalues>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/embeddings/embeddings.h"
#include "lacuna/model/forward.h"
#include "randomised_svd.h"

namespace lacuna::embeddings {
namespace {

constexpr std::size_t kBatchTokens = 4096;

/// Unit rows; a row without a direction stays 0 and is marked.
EmbeddingSet normalised(const MatrixD& raw, std::string description) {
  EmbeddingSet set;
  set.vectors = MatrixF::Zero(raw.rows(), raw.cols());
  set.degenerate.assign(static_cast<std::size_t>(raw.rows()), 0);
  for (Eigen::Index i = 0; i < raw.rows(); ++i) {
    const double norm = raw.row(i).norm();
    if (norm > 1e-12 && std::isfinite(norm)) set.vectors.row(i) = (raw.row(i) / norm).cast<float>();
    else set.degenerate[static_cast<std::size_t>(i)] = 1;
  }
  set.description = std::move(description);
  return set;
}

}  // namespace

EmbeddingSet embedTfIdf(const corpus::Corpus& corpus, const EmbeddingConfig& config, const RunContext& context) {
  if (config.dimensions < 1 || config.buckets < 2) throw Error("LAC-1401", "embedding: dimensions and buckets must be positive", "256 and 262144 are usual");
  const SparseRows x = tfIdf(corpus, config.buckets, context);
  if (x.columnCount == 0) throw Error("LAC-1102", "embedding: no document holds a word", "check the text field");
  return normalised(randomisedSvd(x, config.dimensions, context), "hashed TF-IDF, SVD " + std::to_string(config.dimensions));
}

EmbeddingSet embedWithModel(const corpus::Corpus& corpus, const model::Model& model, const EmbeddingConfig& config, const RunContext& context) {
  const auto layers = static_cast<int>(model.info().layers);
  const int layer = config.layer < 0 ? layers / 2 : config.layer;
  if (layer >= layers) throw Error("LAC-1401", "embedding: layer " + std::to_string(layer) + " does not exist", "the model has layers 0 to " + std::to_string(layers - 1));
  model::ForwardRequest request;
  request.captures.push_back({model::Site::ResidPost, LayerIndex(layer)});
  const auto limit = static_cast<std::size_t>(model.info().maxPositions > 0 ? model.info().maxPositions : 2048);
  MatrixD pooled = MatrixD::Zero(static_cast<Eigen::Index>(corpus.documents.size()), model.info().width);
  for (std::size_t next = 0; next < corpus.documents.size();) {
    context.checkpoint();
    context.report("Embedding documents", next, corpus.documents.size());
    model::Forest forest;
    std::vector<Eigen::Index> owners;
    for (std::size_t tokens = 0; next < corpus.documents.size() && tokens < kBatchTokens; ++next) {
      std::vector<std::int32_t> ids = model.tokenizer().encode(corpus.documents[next].text, {false, true}).ids;
      if (ids.size() > limit) ids.resize(limit);
      if (ids.size() < 2) continue;
      tokens += ids.size();
      owners.push_back(static_cast<Eigen::Index>(next));
      forest.push_back({std::move(ids), -1, false});
    }
    if (forest.empty()) continue;
    const model::Arm clean;
    const model::ForwardResult result = model::forward(model, forest, std::span(&clean, 1), request, context);
    Eigen::Index row = 0;
    for (std::size_t s = 0; s < forest.size(); ++s) {
      const auto count = static_cast<Eigen::Index>(forest[s].ids.size());
      pooled.row(owners[s]) = result.captured[0][0].middleRows(row + 1, count - 1).cast<double>().colwise().mean();
      row += count;
    }
  }
  // Anisotropy: raw states of unrelated texts point the same way until the common mean is taken out (methods.md 2).
  const Eigen::RowVectorXd mean = pooled.colwise().mean();
  for (Eigen::Index i = 0; i < pooled.rows(); ++i)
    if (pooled.row(i).squaredNorm() > 0) pooled.row(i) -= mean;
  EmbeddingSet set = normalised(pooled, "mean-pooled resid_post " + std::to_string(layer) + " of the subject model, centred");
  set.circular = true;
  return set;
}

MatrixF project2d(const MatrixF& vectors) {
  MatrixF out = MatrixF::Zero(vectors.rows(), 2);
  if (vectors.rows() < 2 || vectors.cols() < 1) return out;
  const Eigen::RowVectorXd mean = vectors.cast<double>().colwise().mean();
  MatrixD covariance = MatrixD::Zero(vectors.cols(), vectors.cols());
  constexpr Eigen::Index kBlock = 4096;
  for (Eigen::Index first = 0; first < vectors.rows(); first += kBlock) {
    const MatrixD x = vectors.middleRows(first, std::min(kBlock, vectors.rows() - first)).cast<double>().rowwise() - mean;
    covariance.noalias() += x.transpose() * x;
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver{Eigen::MatrixXd(covariance)};
  for (Eigen::Index k = 0; k < std::min<Eigen::Index>(2, vectors.cols()); ++k) {
    VectorD axis = solver.eigenvectors().col(vectors.cols() - 1 - k);
    Eigen::Index largest = 0;
    axis.cwiseAbs().maxCoeff(&largest);
    if (axis[largest] < 0) axis = -axis;
    out.col(k) = ((vectors.cast<double>().rowwise() - mean) * axis).cast<float>();
  }
  return out;
}

}  // namespace lacuna::embeddings
