#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

namespace lacuna::embeddings {

/// Rows of a sparse matrix, one after the other: columns of row i are entries offsets[i] … offsets[i + 1] − 1, ascending.
struct SparseRows {
  std::vector<std::int64_t> offsets;
  std::vector<std::int32_t> columns;
  std::vector<float> values;
  std::int64_t columnCount = 0;
  std::int64_t rows() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
};

SparseRows transposed(const SparseRows& x);

/// x·y, [rows, w] from y [columns, w]. Each row is summed in the order of its entries: the same bits at any thread count.
MatrixF multiply(const SparseRows& x, const MatrixF& y, const RunContext& context);

/// x·zᵀ·y, [rows of x, w] from y [rows of z, w], given x and zᵀ, which share their columns (z may be x). Goes through the columns in blocks, so that memory
/// depends on the rows alone and not on the size of the vocabulary.
MatrixF multiplyByGram(const SparseRows& x, const SparseRows& xt, const MatrixF& y, const RunContext& context);

}  // namespace lacuna::embeddings
