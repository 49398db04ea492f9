#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/corpus/corpus.h"

namespace lacuna::embeddings {

/// Rows of a sparse matrix, one after the other: columns of row i are entries offsets[i] … offsets[i + 1] − 1.
struct SparseRows {
  std::vector<std::int64_t> offsets;
  std::vector<std::int32_t> columns;
  std::vector<float> values;
  std::int64_t columnCount = 0;
  std::int64_t rows() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
};

/// Hashed words: (1 + log tf)·idf with idf = log((1 + N)/(1 + df)) + 1, rows of unit length. Only buckets in use become columns.
SparseRows tfIdf(const corpus::Corpus& corpus, int buckets, const RunContext& context);

}  // namespace lacuna::embeddings
