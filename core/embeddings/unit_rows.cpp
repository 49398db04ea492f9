#include "unit_rows.h"

#include <cmath>
#include <utility>

namespace lacuna::embeddings {

EmbeddingSet unitRows(const MatrixF& raw, std::string description) {
  constexpr double kNoDirection = 1e-12;
  EmbeddingSet set;
  set.vectors = MatrixF::Zero(raw.rows(), raw.cols());
  set.degenerate.assign(static_cast<std::size_t>(raw.rows()), 0);
  for (Eigen::Index i = 0; i < raw.rows(); ++i) {
    const double norm = raw.row(i).cast<double>().norm();
    if (norm > kNoDirection && std::isfinite(norm)) set.vectors.row(i) = (raw.row(i).cast<double>() / norm).cast<float>();
    else set.degenerate[static_cast<std::size_t>(i)] = 1;
  }
  set.description = std::move(description);
  return set;
}

}  // namespace lacuna::embeddings
