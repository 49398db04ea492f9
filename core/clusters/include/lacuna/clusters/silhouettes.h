#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"

/// Silhouettes (Rousseeuw 1987; methods.md 3.5): (b − a)/max(a, b), a the mean distance to the own cluster's other rows, b the least mean
/// distance to another cluster's. Label < 0 is left out of everything, its value NaN; a cluster of one row has 0; with fewer than two
/// clusters nothing is identified and all values are NaN. The same bits at any thread count.
namespace lacuna::clusters {

/// By one product with the clusters' sums: exact at any N. x [N, d] unit rows up to rounding; rows without a direction are left out.
std::vector<double> cosineSilhouettes(const MatrixF& unitVectors, const std::vector<std::int32_t>& labels, const RunContext& context);
/// Distances ‖x − y‖², in the same closed form.
std::vector<double> squaredEuclideanSilhouettes(const MatrixF& x, const std::vector<std::int32_t>& labels, const RunContext& context);
/// Distances ‖x − y‖, pair by pair in blocks of products: O(N² d).
std::vector<double> euclideanSilhouettes(const MatrixF& x, const std::vector<std::int32_t>& labels, const RunContext& context);
/// Distances to the clusters' means in place of mean distances (Hruschka 2004): O(N K d). Too high, as a rule; never for claims.
std::vector<double> simplifiedSilhouettes(const MatrixF& x, const std::vector<std::int32_t>& labels, const RunContext& context);

/// Over the rows that have one; NaN where nothing is identified. standardError: of `macro`, 0 when every row was looked at.
struct SilhouetteSummary { double mean = 0, macro = 0, shareNegative = 0, standardError = 0; };
SilhouetteSummary summarise(const std::vector<double>& silhouettes, const std::vector<std::int32_t>& labels);

/// Euclidean, estimated from up to `queries` rows of every cluster against up to `references` of every cluster, drawn by the context's seed.
/// `mean` weighs clusters by their sizes. Exact when no cluster is larger than both.
SilhouetteSummary sampledSilhouettes(const MatrixF& x, const std::vector<std::int32_t>& labels, int queries, int references, const RunContext& context);
/// Exact up to 20,000 rows, sampled with 200 queries and 2,000 references beyond.
SilhouetteSummary euclideanSummary(const MatrixF& x, const std::vector<std::int32_t>& labels, const RunContext& context);

}  // namespace lacuna::clusters
