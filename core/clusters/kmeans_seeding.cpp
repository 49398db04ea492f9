#include "kmeans_seeding.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "spherical_assignment.h"

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

/// Column of `distances` that leaves the smallest sum of distances to the nearest seed; the first of equals.
Eigen::Index bestCandidate(const std::vector<float>& nearest, const MatrixF& distances) {
  VectorD potential = VectorD::Zero(distances.cols());
  for (std::size_t i = 0; i < nearest.size(); ++i)
    for (Eigen::Index c = 0; c < distances.cols(); ++c)
      potential[c] += static_cast<double>(std::min(nearest[i], distances(static_cast<Eigen::Index>(i), c)));
  Eigen::Index best = 0;
  potential.minCoeff(&best);
  return best;
}

}  // namespace

MatrixF kMeansPlusPlus(const MatrixF& x, int k, Rng& rng, const RunContext& context) {
  const int candidates = 2 + static_cast<int>(std::log(k));
  std::vector<Eigen::Index> seeds{static_cast<Eigen::Index>(rng.below(static_cast<std::uint64_t>(x.rows())))};
  const MatrixF first = cosineDistances(x, rowsAt(x, seeds), context);
  std::vector<float> nearest(first.data(), first.data() + first.size());
  while (static_cast<int>(seeds.size()) < k) {
    context.checkpoint();
    const std::vector<Eigen::Index> drawn = drawCandidates(nearest, candidates, rng);
    const MatrixF distances = cosineDistances(x, rowsAt(x, drawn), context);
    const Eigen::Index best = bestCandidate(nearest, distances);
    for (std::size_t i = 0; i < nearest.size(); ++i) nearest[i] = std::min(nearest[i], distances(static_cast<Eigen::Index>(i), best));
    seeds.push_back(drawn[static_cast<std::size_t>(best)]);
  }
  return rowsAt(x, seeds);
}

}  // namespace lacuna::clusters
