#include "lacuna/probes/rankings.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lacuna/base/error.h"
#include "lacuna/statistics/correlation.h"
#include "standardise.h"

namespace lacuna::probes {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kLeastJaccard = 0.3;

/// Ascending indices of the leading set; a ranking that could not be computed has none.
std::vector<std::int32_t> leading(const VectorD& ranking, int top) {
  if (!ranking.allFinite()) return {};
  std::vector<std::int32_t> result;
  for (const NeuronIndex j : selectNeurons(ranking, {TauRule::TopK, static_cast<double>(top)})) result.push_back(j.value);
  std::sort(result.begin(), result.end());
  return result;
}

double jaccard(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& b) {
  std::vector<std::int32_t> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  const std::size_t either = a.size() + b.size() - both.size();
  return either == 0 ? kNaN : static_cast<double>(both.size()) / static_cast<double>(either);
}

std::span<const double> view(const VectorD& v) { return {v.data(), static_cast<std::size_t>(v.size())}; }

}  // namespace

VectorD probelessImportance(const MatrixF& x, std::span<const std::uint8_t> inCluster, const RunContext& context) {
  LACUNA_CHECK(static_cast<std::size_t>(x.rows()) == inCluster.size());
  const Moments moments = columnMoments(x, context);
  VectorD inside = VectorD::Zero(x.cols());  // sums of deviations; those of the rest are their negatives
  double members = 0;
  for (Eigen::Index n = 0; n < x.rows(); ++n) {
    if (inCluster[static_cast<std::size_t>(n)] == 0) continue;
    inside += x.row(n).cast<double>().transpose() - moments.mean;
    members += 1;
  }
  const double others = static_cast<double>(x.rows()) - members;
  if (members == 0 || others == 0) return VectorD::Constant(x.cols(), kNaN);
  VectorD result = VectorD::Zero(x.cols());
  for (const std::int64_t j : moments.kept) result[j] = std::abs(inside[j]) * (1 / members + 1 / others) / moments.sd[j];
  return result;
}

RankingAgreement compareRankings(std::span<const VectorD> rankings, int top) {
  const auto count = static_cast<Eigen::Index>(rankings.size());
  for (const VectorD& ranking : rankings)
    if (ranking.size() != rankings[0].size() || top < 1)
      throw Error("LAC-3101", "Rankings to compare must be of one length, and their leading sets not empty.");
  RankingAgreement result{MatrixD::Constant(count, count, kNaN), MatrixD::Constant(count, count, kNaN), top, kNaN, false};
  std::vector<std::vector<std::int32_t>> sets;
  for (const VectorD& ranking : rankings) sets.push_back(leading(ranking, top));
  for (Eigen::Index a = 0; a < count; ++a)
    for (Eigen::Index b = 0; b < count; ++b) {
      result.spearman(a, b) = statistics::spearman(view(rankings[static_cast<std::size_t>(a)]), view(rankings[static_cast<std::size_t>(b)]));
      if (!rankings[static_cast<std::size_t>(a)].allFinite() || !rankings[static_cast<std::size_t>(b)].allFinite()) continue;
      result.jaccard(a, b) = jaccard(sets[static_cast<std::size_t>(a)], sets[static_cast<std::size_t>(b)]);
      if (a < b) result.leastJaccard = std::fmin(result.leastJaccard, result.jaccard(a, b));
    }
  result.robust = result.leastJaccard >= kLeastJaccard;
  return result;
}

}  // namespace lacuna::probes
