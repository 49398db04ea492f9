#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "components.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/perturbation/perturbation.h"
#include "lacuna/probes/probes.h"

namespace lacuna::perturbation {
namespace {

constexpr int kDeciles = 10, kQuintiles = 5;
constexpr double kVarianceShare = 0.9;

/// Quantile bin of every value by rank; ties go by index.
std::vector<int> bins(const VectorD& values, int count) {
  std::vector<std::size_t> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[static_cast<Eigen::Index>(a)] < values[static_cast<Eigen::Index>(b)]; });
  std::vector<int> result(order.size());
  for (std::size_t rank = 0; rank < order.size(); ++rank) result[order[rank]] = static_cast<int>(rank * static_cast<std::size_t>(count) / order.size());
  return result;
}

using Stratum = std::pair<int, int>;

/// The nearest stratum that still has candidates; equal distances by order. Nothing when all are spent.
std::vector<std::int32_t>* nearest(std::map<Stratum, std::vector<std::int32_t>>& strata, Stratum wanted) {
  std::vector<std::int32_t>* best = nullptr;
  int distance = kDeciles + kQuintiles;
  for (auto& [stratum, candidates] : strata) {
    const int here = std::abs(stratum.first - wanted.first) + std::abs(stratum.second - wanted.second);
    if (candidates.empty() || here >= distance) continue;
    best = &candidates;
    distance = here;
  }
  return best;
}

bool onNeurons(Method method) { return method == Method::Zero || method == Method::Mean || method == Method::Set; }

/// E‖V(h − c)‖² over the reference distribution: tr(VΣVᵀ) + ‖V(μ − c)‖².
double energyAlong(const MatrixD& basis, const MatrixD& covariance, const VectorD& offset) {
  return (basis * covariance * basis.transpose()).trace() + (basis * offset).squaredNorm();
}

/// Sites too wide for a full covariance are taken as uncorrelated.
MatrixD covarianceOf(const activations::SiteStats& stats) {
  if (stats.covariance.size() > 0) return stats.covariance;
  return MatrixD(stats.sd.cwiseAbs2().asDiagonal());
}

Perturbation neuronControl(const Perturbation& target, const activations::SiteStats& stats, const VectorD& outputNorm, std::uint64_t seed, int draw) {
  Perturbation control = target;
  control.neurons = matchedNeurons(target.neurons, stats.meanSquare.cwiseSqrt(), outputNorm, seed, draw);
  control.centre.clear();
  if (target.method == Method::Mean)
    for (const std::int32_t neuron : control.neurons) control.centre.push_back(stats.mean[neuron]);
  return control;
}

Perturbation subspaceControl(const Perturbation& target, const activations::SiteStats& stats, std::uint64_t seed, int draw) {
  Perturbation control = target;
  const MatrixD covariance = covarianceOf(stats);
  control.basis = matchedSubspace(covariance, static_cast<int>(target.basis.rows()), seed, draw);
  const VectorD offset = stats.mean - Eigen::Map<const VectorD>(target.centre.data(), stats.mean.size());
  const double wanted = energyAlong(target.basis, covariance, offset), got = energyAlong(control.basis, covariance, offset);
  if (wanted > 0 && got > 0) control.epsilon *= std::sqrt(wanted / got);
  return control;
}

/// As many moved coordinates, elsewhere and with random signs: the same ‖Δ‖.
Perturbation signControl(const Perturbation& target, std::uint64_t seed, int draw) {
  Perturbation control = target;
  Rng rng(seed, "control-signs", static_cast<std::uint64_t>(draw));
  const auto width = static_cast<std::int64_t>(target.direction.size());
  const std::vector<std::int64_t> order = rng.permutation(width);
  for (std::int64_t j = 0; j < width; ++j) {
    const double size = std::abs(target.direction[static_cast<std::size_t>(j)]);
    control.direction[static_cast<std::size_t>(order[static_cast<std::size_t>(j)])] = rng.uniform() < 0.5 ? size : -size;
  }
  return control;
}

void requireWidth(const Perturbation& target, const activations::SiteStats& stats) {
  const auto width = static_cast<std::size_t>(stats.mean.size());
  const bool fits = onNeurons(target.method) ? target.neurons.empty() || static_cast<std::size_t>(target.neurons.back()) < width
                    : target.method == Method::Project ? target.centre.size() == width
                    : target.method == Method::Shift   ? target.direction.size() == width
                                                       : true;
  if (!fits)
    throw Error("LAC-1201", "No control for \"" + describe(target) + "\": the site's moments are " + std::to_string(width) + " wide.",
                "The perturbation was made for another model or site.");
}

}  // namespace

std::vector<std::int32_t> matchedNeurons(const std::vector<std::int32_t>& target, const VectorD& activationRms, const VectorD& outputNorm,
                                         std::uint64_t seed, int draw) {
  const auto width = static_cast<std::size_t>(activationRms.size());
  const std::vector<int> decile = bins(activationRms, kDeciles);
  const std::vector<int> quintile = outputNorm.size() == activationRms.size() ? bins(outputNorm, kQuintiles) : std::vector<int>(width, 0);
  std::vector<bool> taken(width, false);
  for (const std::int32_t neuron : target) taken.at(static_cast<std::size_t>(neuron)) = true;
  std::map<Stratum, std::vector<std::int32_t>> strata;
  Rng rng(seed, "control-neurons", static_cast<std::uint64_t>(draw));
  for (const std::int64_t neuron : rng.permutation(static_cast<std::int64_t>(width))) {
    const auto at = static_cast<std::size_t>(neuron);
    if (!taken[at]) strata[{decile[at], quintile[at]}].push_back(static_cast<std::int32_t>(neuron));
  }
  std::vector<std::int32_t> result;
  // Targets take turns in random order, or the first ones would always empty a scarce stratum.
  for (const std::int64_t i : rng.permutation(static_cast<std::int64_t>(target.size()))) {
    const auto at = static_cast<std::size_t>(target[static_cast<std::size_t>(i)]);
    std::vector<std::int32_t>* candidates = nearest(strata, {decile[at], quintile[at]});
    if (candidates == nullptr) break;
    result.push_back(candidates->back());
    candidates->pop_back();
  }
  std::sort(result.begin(), result.end());
  return result;
}

MatrixD matchedSubspace(const MatrixD& covariance, int rank, std::uint64_t seed, int draw) {
  if (rank <= 0) return MatrixD(0, covariance.cols());
  const auto principal = components(covariance);
  const Eigen::Index count = principal->carrying(kVarianceShare, rank);
  MatrixD directions(rank, count);
  Rng rng(seed, "control-subspace", static_cast<std::uint64_t>(draw));
  for (Eigen::Index i = 0; i < directions.size(); ++i) directions.data()[i] = rng.normal();
  // The row space of a Gaussian matrix is Haar distributed.
  return probes::orthonormalRows(directions) * principal->rows.topRows(count);
}

Perturbation matchedControl(const Perturbation& target, const activations::SiteStats& stats, const VectorD& outputNorm, std::uint64_t seed, int draw) {
  requireWidth(target, stats);
  if (onNeurons(target.method)) return neuronControl(target, stats, outputNorm, seed, draw);
  if (target.method == Method::Project) return subspaceControl(target, stats, seed, draw);
  if (target.method == Method::Shift) return signControl(target, seed, draw);
  Perturbation control = target;
  control.seed = Rng(seed, "control-noise", static_cast<std::uint64_t>(draw)).nextU64();
  return control;
}

}  // namespace lacuna::perturbation
