#pragma once

#include <cstdint>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/base/run_context.h"
#include "lacuna/clusters/neighbours.h"

/// UMAP (McInnes, Healy & Melville 2018; methods.md 3.3): a map of few dimensions that keeps neighbourhoods. For clustering and drawing
/// only: silhouettes of its coordinates say nothing about the data.
namespace lacuna::clusters {

enum class MapStart { Spectral, Pca };

struct UmapConfig {
  int neighbours = 15;         ///< the row itself counted, as in umap-learn
  int dimensions = 5;
  double minDist = 0, spread = 1;
  Metric metric = Metric::Cosine;
  MapStart start = MapStart::Spectral;
  int epochs = 0;              ///< 0: 500 up to 10,000 rows, else 200
  int negatives = 5;           ///< rows pushed away for every one pulled
};

/// Scale of a row's neighbourhood: distance to the nearest other row that is no duplicate, and σ with
/// Σ_{j ≥ 1} exp(−max(0, d_j − ρ)/σ) = log2 k.
struct Smoothed { double rho = 0, sigma = 0; };
/// distances [k] ascending, the row itself first (0). meanOfAll: mean of all rows' distances; σ is at least 1e-3 · the row's mean (where
/// ρ = 0: of all rows').
Smoothed smoothDistances(const std::vector<double>& distances, double meanOfAll);

/// a, b of 1/(1 + a d^(2b)), fitted by least squares to 1 below minDist and exp(−(d − minDist)/spread) above, at 300 points of
/// [0, 3 · spread].
struct Curve { double a = 0, b = 0; };
Curve fitCurve(double minDist, double spread);

/// Memberships w_ij = a + b − ab of both directions, as sparse rows; symmetric, no diagonal.
struct FuzzyGraph {
  std::vector<std::int64_t> begins;      ///< [N + 1]
  std::vector<std::int32_t> columns;     ///< ascending within a row
  std::vector<float> weights;            ///< in (0, 1]
  std::int64_t rows() const { return static_cast<std::int64_t>(begins.size()) - 1; }
};
FuzzyGraph fuzzyGraph(const Neighbours& neighbours);

/// x [N, d] (cosine: unit rows up to rounding) → [N, dimensions]. Every row follows its own random stream, rows that move at the same time
/// do not see each other move, so the same seed gives the same bits at any thread count. Throws LAC-1601 for options out of range.
MatrixF umap(const MatrixF& x, const UmapConfig& config, const RunContext& context);

/// Places new rows into a map [N, dimensions] of x [N, d] that stays as it is: a weighted mean of their neighbours' places, then as
/// many epochs as umap-learn takes (a third).
MatrixF umapTransform(const MatrixF& x, const MatrixF& map, const MatrixF& added, const UmapConfig& config, const RunContext& context);

}  // namespace lacuna::clusters
