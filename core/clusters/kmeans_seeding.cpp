#include "kmeans_seeding.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lacuna/base/rng.h"

namespace lacuna::clusters {

namespace {

/// `count` rows drawn with probability proportional to `distance`; uniformly when all are 0.
std::vector<Eigen::Index> drawCandidates(const std::vector<float>& distance, int count, Rng& rng) {
  std::vector<double> cumulative(distance.size());
  std::inclusive_scan(distance.begin(), distance.end(), cumulative.begin(), std::plus<>(), 0.0);
  std::vector<Eigen::Index> rows;
  for (int i = 0; i < count; ++i) {
    if (cumulative.back() <= 0) {
      rows.push_back(static_cast<Eigen::Index>(rng.below(distance.size())));
      continue;
    }
    const auto at = std::upper_bound(cumulative.begin(), cumulative.end(), rng.uniform() * cumulative.back());
    rows.push_back(std::min<Eigen::Index>(at - cumulative.begin(), static_cast<Eigen::Index>(distance.size()) - 1));
  }
  return rows;
}

MatrixF rowsAt(const MatrixF& x, const std::vector<Eigen::Index>& rows) {
  MatrixF picked(static_cast<Eigen::Index>(rows.size()), x.cols());
  for (std::size_t i = 0; i < rows.size(); ++i) picked.row(static_cast<Eigen::Index>(i)) = x.row(rows[i]);
  return picked;
}

/// The column of `distances`, out of those of this restart, that leaves the smallest sum of distances to the nearest seed; the
/// first of equals.
Eigen::Index bestCandidate(const std::vector<float>& nearest, const MatrixF& distances, Eigen::Index firstColumn, Eigen::Index columns) {
  VectorD potential = VectorD::Zero(columns);
  for (std::size_t i = 0; i < nearest.size(); ++i)
    for (Eigen::Index c = 0; c < columns; ++c)
      potential[c] += static_cast<double>(std::min(nearest[i], distances(static_cast<Eigen::Index>(i), firstColumn + c)));
  Eigen::Index best = 0;
  potential.minCoeff(&best);
  return best;
}

/// One restart: its draws, its seeds so far, and each row's distance to the nearest of them.
struct Seeding {
  Rng rng;
  std::vector<Eigen::Index> seeds, drawn;
  std::vector<float> nearest;

  void take(const MatrixF& distances, Eigen::Index firstColumn) {
    const Eigen::Index best = bestCandidate(nearest, distances, firstColumn, static_cast<Eigen::Index>(drawn.size()));
    for (std::size_t i = 0; i < nearest.size(); ++i)
      nearest[i] = std::min(nearest[i], distances(static_cast<Eigen::Index>(i), firstColumn + best));
    seeds.push_back(drawn[static_cast<std::size_t>(best)]);
  }
};

/// Draws `candidates` rows for every restart and lets each take its best.
void step(std::vector<Seeding>& all, const MatrixF& x, int candidates, const SeedDistances& distancesTo, const RunContext& context) {
  const auto restarts = static_cast<std::int64_t>(all.size());
  parallelFor(restarts, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto r = static_cast<std::size_t>(begin); r < static_cast<std::size_t>(end); ++r)
      all[r].drawn = drawCandidates(all[r].nearest, candidates, all[r].rng);
  });
  std::vector<Eigen::Index> rows;
  for (const Seeding& seeding : all) rows.insert(rows.end(), seeding.drawn.begin(), seeding.drawn.end());
  const MatrixF distances = distancesTo(x, rowsAt(x, rows), context);
  parallelFor(restarts, context.threadCount(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) all[static_cast<std::size_t>(r)].take(distances, r * candidates);
  });
}

}  // namespace

std::vector<MatrixF> kMeansPlusPlus(const MatrixF& x, int k, int restarts, const SeedDistances& distances, const RunContext& context) {
  // Before the first seed every row is farther from none than it can be from any: the first draw is uniform and takes all.
  std::vector<Seeding> all;
  for (int r = 0; r < restarts; ++r)
    all.push_back({Rng(context.seed, "clusters.kmeans", static_cast<std::uint64_t>(r)), {}, {}, std::vector<float>(static_cast<std::size_t>(x.rows()), 1e30F)});
  for (int seed = 0; seed < k; ++seed) {
    context.checkpoint();
    step(all, x, seed == 0 ? 1 : 2 + static_cast<int>(std::log(k)), distances, context);
  }
  std::vector<MatrixF> centres;
  for (const Seeding& seeding : all) centres.push_back(rowsAt(x, seeding.seeds));
  return centres;
}

}  // namespace lacuna::clusters
