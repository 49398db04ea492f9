#pragma once

#include <span>

#include "sparse_rows.h"

namespace lacuna::embeddings {

/// U·S of the leading singular triples (Halko, Martinsson & Tropp 2011: 2 power iterations, oversampling 10): [rows, r], r = `rank`
/// or the matrix's own when that is smaller. Gram matrices are fp64, summed in blocks of fixed size, so the bits do not depend on the
/// thread count. `keys` [columns] seed the columns' random rows: a column keeps its own wherever it stands.
/// Signs are fixed: the largest entry of each column of U is positive.
MatrixF randomisedSvd(const SparseRows& x, std::span<const std::int32_t> keys, int rank, const RunContext& context);

}  // namespace lacuna::embeddings
