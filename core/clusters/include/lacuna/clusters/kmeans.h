#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

/// k-means on Euclidean distances (methods.md 3.1): least Σ ‖x_i − c_{y_i}‖².
namespace lacuna::clusters {

struct EuclideanResult {
  std::vector<std::int32_t> labels;   ///< [N]; by decreasing size, then first row; −1: a row with a value that is not finite
  MatrixD centres;                    ///< [K, d]
  double inertia = 0;                 ///< in fp64, about the clusters' means
  int iterations = 0;                 ///< of the restart that was kept
};

/// Best of `restarts` seedings by greedy k-means++ (Arthur & Vassilvitskii 2007), assigned together in one product a step; a restart ends
/// when no label changes, the centres' squared shift is within 1e-4 · mean variance, or after `iterations`. Then single rows move while
/// that lowers the inertia (Hartigan 1975); up to 20,000 rows in every restart, and 20 random swaps of a centre follow. Throws LAC-1601.
EuclideanResult euclideanKMeans(const MatrixF& x, int k, int restarts, int iterations, const RunContext& context);

/// Lloyd's iterations alone, from given centres [K, d]. An empty cluster takes the row farthest from its own centre, a different one each.
/// Labels are the given centres' numbers.
EuclideanResult lloyd(const MatrixF& x, const MatrixD& centres, int iterations, const RunContext& context);

/// Where new rows [M, d] belong: the nearest centre, and as strength 1 − d₁/d₂ of the distances to the nearest and the next one (0 at the
/// border, 1 at the centre; with one centre 1). Unit rows with unit centres: their cosine distances have the same order.
struct NearestCentres { std::vector<std::int32_t> labels; std::vector<double> strengths; };
NearestCentres assignToNearest(const MatrixD& centres, const MatrixF& rows, const RunContext& context);

}  // namespace lacuna::clusters
