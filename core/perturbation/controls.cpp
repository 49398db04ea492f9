#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "components.h"
#include "lacuna/base/rng.h"
#include "lacuna/perturbation/controls.h"
#include "lacuna/probes/probes.h"
#include "spread.h"

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

Perturbation neuronControl(const Perturbation& target, const activations::SiteStats& stats, const VectorD& outputNorm, const StateBank& bank,
                           std::uint64_t seed, int draw) {
  Perturbation control = target;
  control.neurons = matchedNeurons(target.neurons, stats.meanSquare.cwiseSqrt(), outputNorm, seed, draw);
  if (target.method != Method::Mean && target.method != Method::Resample) return control;
  const Built built = fromNeurons({target.site, target.layer}, target.method, control.neurons, stats, target.epsilon, bank);
  control.centre = built.perturbation ? built.perturbation->centre : std::vector<double>();
  control.bank = built.perturbation ? built.perturbation->bank : MatrixD(target.bank.rows(), 0);
  if (built.perturbation) control.bankPositions = built.perturbation->bankPositions;
  return control;
}

/// The control's ε such that E‖ε·Δ‖² is the target's.
Perturbation rescaled(Perturbation control, const Perturbation& target, const activations::SiteStats& stats) {
  const double wanted = meanSquaredDelta(target, stats), got = meanSquaredDelta(control, stats);
  control.epsilon = wanted > 0 && got > 0 ? target.epsilon * std::sqrt(wanted / got) : target.epsilon;
  return control;
}

Perturbation subspaceControl(const Perturbation& target, const activations::SiteStats& stats, std::uint64_t seed, int draw) {
  Perturbation control = target;
  control.method = Method::Project;
  control.readout = MatrixD();
  control.basis = matchedSubspace(covarianceOf(stats), static_cast<int>(target.basis.rows()), seed, draw);
  return rescaled(std::move(control), target, stats);
}

VectorD matchedDirection(const activations::SiteStats& stats, std::uint64_t seed, int draw) {
  return matchedSubspace(covarianceOf(stats), 1, seed, draw).row(0).transpose();
}

/// A direction in place of the gradient: the length is grad_l2's at every state.
Perturbation gradientControl(const Perturbation& target, const activations::SiteStats& stats, std::uint64_t seed, int draw) {
  Perturbation control = target;
  control.probe = {};
  control.steps = 1;
  control.neurons.clear();
  const VectorD direction = matchedDirection(stats, seed, draw);
  control.direction.assign(direction.begin(), direction.end());
  return control;
}

/// A random probe whose logits have the target's mean and spread over the reference, flipped to the same margin.
Perturbation flipControl(const Perturbation& target, const activations::SiteStats& stats, std::uint64_t seed, int draw) {
  const MatrixD w = Eigen::Map<const VectorD>(target.direction.data(), stats.mean.size()).transpose();
  MatrixD v = matchedDirection(stats, seed, draw).transpose();
  const double wanted = (timesCovariance(w, stats) * w.transpose())(0, 0), got = (timesCovariance(v, stats) * v.transpose())(0, 0);
  v *= wanted > 0 && got > 0 ? std::sqrt(wanted / got) : w.norm();
  Perturbation control = target;
  control.direction.assign(v.data(), v.data() + v.size());
  control.bias = target.bias + (w * stats.mean)[0] - (v * stats.mean)[0];
  return rescaled(std::move(control), target, stats);
}

/// |u| of every coordinate that the target moves; an MLP probe's gradient moves all of its neurons.
std::vector<double> movedBy(const Perturbation& target, std::size_t width) {
  std::vector<double> sizes(width, target.probe.hidden.rows() > 0 && target.neurons.empty() ? 1 : 0);
  for (const std::int32_t neuron : target.neurons) sizes[static_cast<std::size_t>(neuron)] = 1;
  for (std::size_t j = 0; j < target.direction.size(); ++j) sizes[j] = std::abs(target.direction[j]);
  return sizes;
}

/// As many moved coordinates, elsewhere and with random signs: the same ‖Δ‖.
Perturbation signControl(const Perturbation& target, const activations::SiteStats& stats, std::uint64_t seed, int draw) {
  const std::vector<double> sizes = movedBy(target, static_cast<std::size_t>(stats.mean.size()));
  Perturbation control = target;
  control.probe = {};
  control.steps = 1;
  control.neurons.clear();
  control.direction.assign(sizes.size(), 0);
  Rng rng(seed, "control-signs", static_cast<std::uint64_t>(draw));
  const std::vector<std::int64_t> order = rng.permutation(static_cast<std::int64_t>(sizes.size()));
  for (std::size_t j = 0; j < sizes.size(); ++j)
    control.direction[static_cast<std::size_t>(order[j])] = rng.uniform() < 0.5 ? sizes[j] : -sizes[j];
  return control;
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

Perturbation matchedControl(const Perturbation& target, const activations::SiteStats& stats, const VectorD& outputNorm, const StateBank& bank,
                            std::uint64_t seed, int draw) {
  requireWidth(target, stats, "No control");
  if (editsNeurons(target.method)) return neuronControl(target, stats, outputNorm, bank, seed, draw);
  if (target.method == Method::Project || target.method == Method::Leace) return subspaceControl(target, stats, seed, draw);
  if (target.method == Method::Shift) return signControl(target, stats, seed, draw);
  if (target.method == Method::GradL2) return gradientControl(target, stats, seed, draw);
  if (target.method == Method::Flip) return flipControl(target, stats, seed, draw);
  Perturbation control = target;
  control.seed = Rng(seed, "control-noise", static_cast<std::uint64_t>(draw)).nextU64();
  return control;
}

Perturbation matchedControl(const Perturbation& target, const activations::SiteStats& stats, const VectorD& outputNorm, std::uint64_t seed, int draw) {
  return matchedControl(target, stats, outputNorm, StateBank(), seed, draw);
}

Perturbation noiseControl(const Perturbation& target, const activations::SiteStats& stats, std::uint64_t seed, int draw) {
  requireWidth(target, stats, "No control");
  Perturbation control;
  control.site = target.site;
  control.layer = target.layer;
  control.method = Method::Noise;
  control.epsilon = target.epsilon;
  control.tokens = target.tokens;
  control.gate = target.gate;
  control.includeFirst = target.includeFirst;
  control.keepNorm = target.keepNorm;
  control.rho = std::sqrt(meanSquaredDelta(target, stats) / static_cast<double>(stats.mean.size()));
  control.seed = Rng(seed, "control-noise", static_cast<std::uint64_t>(draw)).nextU64();
  return control;
}

}  // namespace lacuna::perturbation
