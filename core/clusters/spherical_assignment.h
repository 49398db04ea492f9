#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

namespace lacuna::clusters {

/// Nearest centre of each row by inner product, the first of equals.
struct Assignment {
  std::vector<std::int32_t> labels;   ///< [N]
  std::vector<float> similarity;      ///< [N] to that centre
};

/// x [N, d] and centres [K, d], unit rows. Exact search by Faiss (IndexFlatIP) in blocks of fixed size.
Assignment assignToCentres(const MatrixF& x, const MatrixF& centres, const RunContext& context);

/// Cosine distances 1 − x·c to a few centres: [N, C]. Rounding below 1e-6 counts as 0, so that duplicates are at distance 0.
MatrixF cosineDistances(const MatrixF& x, const MatrixF& centres, const RunContext& context);

}  // namespace lacuna::clusters
