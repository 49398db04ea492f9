#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/corpus/corpus.h"
#include "sparse_rows.h"

namespace lacuna::embeddings {

/// Only buckets that some document uses are columns; `buckets` [columns] names them, ascending.
struct TfIdf {
  SparseRows rows;
  std::vector<std::int32_t> buckets;
  std::vector<double> idf;               ///< [columns]
};

/// Hashed words: (1 + log tf)·idf with idf = log((1 + N)/(1 + df)) + 1, rows of unit length.
TfIdf tfIdf(const corpus::Corpus& corpus, int buckets, const RunContext& context);

/// Rows of documents that nothing was fitted to, by the same columns and idf; words without a column count for nothing.
SparseRows rowsLike(const TfIdf& fitted, const std::vector<corpus::Document>& documents, int buckets, const RunContext& context);

}  // namespace lacuna::embeddings
