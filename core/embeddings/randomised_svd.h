#pragma once

#include "lacuna/base/matrix.h"
#include "tfidf.h"

namespace lacuna::embeddings {

/// U·S of the leading `rank` singular triples (Halko, Martinsson & Tropp 2011: 2 power iterations, oversampling 10), fp64 sums.
/// [rows, rank]; columns beyond the matrix's rank are 0. Signs are fixed: the largest entry of each right vector is positive.
MatrixD randomisedSvd(const SparseRows& x, int rank, const RunContext& context);

}  // namespace lacuna::embeddings
