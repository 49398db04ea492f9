#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <Eigen/Eigenvalues>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/probes/probes.h"
#include "names.h"

namespace lacuna::perturbation {
namespace {

/// Rank bins of equal size: 0 … bins − 1; ties by lower index.
std::vector<int> rankBins(const VectorD& values, int bins) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) { return values[a] < values[b]; });
  std::vector<int> bin(order.size());
  for (std::size_t r = 0; r < order.size(); ++r) bin[static_cast<std::size_t>(order[r])] = static_cast<int>(r * static_cast<std::size_t>(bins) / order.size());
  return bin;
}

double trace(const MatrixD& basis, const MatrixD& covariance) { return (basis * covariance * basis.transpose()).trace(); }

std::uint64_t drawItem(int draw) { return static_cast<std::uint64_t>(draw); }

}  // namespace

std::vector<std::int32_t> matchedNeurons(const std::vector<std::int32_t>& target, const VectorD& activationRms, const VectorD& outputNorm,
                                         std::uint64_t seed, int draw) {
  const auto width = static_cast<std::size_t>(activationRms.size());
  if (2 * target.size() > width)
    throw Error("LAC-2008", "no matched controls: S holds " + std::to_string(target.size()) + " of " + std::to_string(width) + " neurons",
                "choose a stricter tau: a control must avoid S and be as large");
  const std::vector<int> loudness = rankBins(activationRms, 10);
  const std::vector<int> reach = outputNorm.size() > 0 ? rankBins(outputNorm, 5) : std::vector<int>(width, 0);
  const std::set<std::int32_t> excluded(target.begin(), target.end());
  std::vector<std::int64_t> shuffled = Rng(seed, "matched-neurons", drawItem(draw)).permutation(static_cast<std::int64_t>(width));
  std::vector<std::uint8_t> taken(width, 0);
  std::vector<std::int32_t> chosen;
  for (const std::int32_t neuron : target) {
    // The nearest stratum that still has a neuron: its own when possible.
    std::int64_t best = -1;
    int bestDistance = 1 << 20;
    for (const std::int64_t candidate : shuffled) {
      const auto at = static_cast<std::size_t>(candidate);
      if (taken[at] || excluded.contains(static_cast<std::int32_t>(candidate))) continue;
      const int distance = 2 * std::abs(loudness[at] - loudness[static_cast<std::size_t>(neuron)]) + 2 * std::abs(reach[at] - reach[static_cast<std::size_t>(neuron)]);
      if (distance >= bestDistance) continue;
      best = candidate;
      bestDistance = distance;
      if (distance == 0) break;
    }
    taken[static_cast<std::size_t>(best)] = 1;
    chosen.push_back(static_cast<std::int32_t>(best));
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

MatrixD matchedSubspace(const MatrixD& covariance, int rank, std::uint64_t seed, int draw) {
  const Eigen::SelfAdjointEigenSolver<MatrixD> solver(covariance);
  const VectorD& variance = solver.eigenvalues();  // ascending
  const double total = variance.cwiseMax(0).sum();
  Eigen::Index kept = 0;
  for (double sum = 0; kept < variance.size() && (sum < 0.9 * total || kept < rank); ++kept) sum += std::max(0.0, variance[variance.size() - 1 - kept]);
  Rng rng(seed, "matched-subspace", drawItem(draw));
  MatrixD mix(rank, kept);
  for (Eigen::Index i = 0; i < mix.size(); ++i) mix.data()[i] = rng.normal();
  return probes::orthonormalRows(mix * solver.eigenvectors().rightCols(kept).rowwise().reverse().transpose());
}

Perturbation matchedControl(const Perturbation& target, const activations::SiteStats& stats, const VectorD& outputNorm, std::uint64_t seed,
                            int draw) {
  Perturbation control = target;
  if (editsNeurons(target.method)) {
    control.neurons = matchedNeurons(target.neurons, stats.meanSquare.cwiseSqrt(), outputNorm, seed, draw);
    if (target.method == Method::Mean)
      for (std::size_t k = 0; k < control.neurons.size(); ++k) control.centre[k] = stats.mean[control.neurons[k]];
    return control;
  }
  if (target.method == Method::Project) {
    if (stats.covariance.size() == 0)
      throw Error("LAC-2008", "no matched controls: the covariance of " + model::siteName(target.site) + " is not held", "probe resid_post");
    control.basis = matchedSubspace(stats.covariance, static_cast<int>(target.basis.rows()), seed, draw);
    // E‖Δ‖² = ε² tr(VΣVᵀ): the control moves the state as far as the target does, on average over the reference tokens.
    const double own = trace(control.basis, stats.covariance);
    if (own > 0) control.epsilon = target.epsilon * std::sqrt(trace(target.basis, stats.covariance) / own);
    return control;
  }
  Rng rng(seed, "matched-signs", drawItem(draw));
  if (target.method == Method::Shift)
    for (double& u : control.direction)
      if (u != 0) u = rng.uniform() < 0.5 ? -std::abs(u) : std::abs(u);
  if (target.method == Method::Noise) control.seed = rng.nextU64();
  return control;
}

}  // namespace lacuna::perturbation
