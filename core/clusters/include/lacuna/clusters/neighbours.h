#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

/// Exact nearest neighbours, and how well a map keeps them.
namespace lacuna::clusters {

enum class Metric { Cosine, Euclidean };

/// The nearest other rows of every row, ascending; equal distances by row.
struct Neighbours {
  int k = 0;
  std::vector<std::int32_t> rows;   ///< [N · k]
  std::vector<float> distances;     ///< [N · k]; cosine: 1 − cos
};

/// x [N, d]; 1 ≤ k < N. Cosine wants unit rows (up to rounding). A k-d tree serves up to 16 columns, blocked products more, both O(N²) at
/// worst. The same bits at any thread count. Throws LAC-1601 for k out of range.
Neighbours nearestNeighbours(const MatrixF& x, int k, Metric metric, const RunContext& context);

/// Trustworthiness (Venna & Kaski 2001): 1 − 2/(N k (2N − 3k − 1)) · Σ over neighbours in the map that are none in the data of (rank in
/// the data − k). data [N, d] (cosine: unit rows), map [N, m] Euclidean, k < N/2.
double trustworthiness(const MatrixF& data, const MatrixF& map, int k, Metric metric, const RunContext& context);
/// Mean share of the k nearest neighbours in the data that are among the k nearest in the map.
double neighboursKept(const MatrixF& data, const MatrixF& map, int k, Metric metric, const RunContext& context);

}  // namespace lacuna::clusters
