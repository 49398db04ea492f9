#include "unit_rows.h"

#include <cmath>
#include <utility>

#include "lacuna/embeddings/post_process.h"

namespace lacuna::embeddings {
namespace {

constexpr double kNoDirection = 1e-12, kRounding = 1e-6;   // of float32 rows of which the steps take nearly all
constexpr std::int64_t kGrain = 64;

/// False when nothing is left of the row.
bool makeUnit(Eigen::Ref<Eigen::RowVectorXf> row, const PostProcess& post) {
  const double before = row.cast<double>().norm();
  if (!(before > kNoDirection) || !std::isfinite(before)) return false;
  const VectorD after = post.apply(row);
  const double norm = after.norm();
  if (!(norm > kNoDirection) || (post.changes() && norm <= kRounding * before)) return false;
  row = (after / norm).cast<float>().transpose();
  return true;
}

}  // namespace

std::vector<std::uint8_t> normaliseRows(MatrixF& rows, std::int64_t fitted, std::span<const std::string> steps, int topComponents,
                                        std::string& post, const RunContext& context) {
  const PostProcess process = PostProcess::fit(rows, fitted, steps, topComponents, context);
  post = process.description();
  std::vector<std::uint8_t> degenerate(static_cast<std::size_t>(rows.rows()), 0);
  parallelFor(rows.rows(), context.threadCount(), kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      if (!makeUnit(rows.row(i), process)) {
        rows.row(i).setZero();
        degenerate[static_cast<std::size_t>(i)] = 1;
      }
  });
  return degenerate;
}

EmbeddingSet unitRows(MatrixF raw, std::int64_t documents, const EmbeddingConfig& config, const std::string& description, const RunContext& context) {
  EmbeddingSet set;
  std::string post;
  set.degenerate = normaliseRows(raw, documents, config.postSteps(), config.topComponents, post, context);
  set.degenerate.resize(static_cast<std::size_t>(documents));
  if (raw.rows() > documents) set.contaminated = raw.bottomRows(raw.rows() - documents);
  raw.conservativeResize(documents, Eigen::NoChange);
  set.vectors = std::move(raw);
  set.description = description + (post.empty() ? "" : ", " + post) + ", rows of length 1";
  return set;
}

}  // namespace lacuna::embeddings
