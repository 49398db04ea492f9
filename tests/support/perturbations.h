#pragma once

#include <Eigen/LU>
#include <cmath>
#include <vector>

#include "lacuna/base/rng.h"
#include "lacuna/perturbation/perturbation.h"
#include "lacuna/probes/probes.h"

/// Perturbations of every method with random values, and moments of given rows.
namespace lacuna::testing {

inline std::vector<double> randomNumbers(std::int64_t count, std::uint64_t item, double size = 1) {
  Rng rng(11, "test-numbers", item);
  std::vector<double> values(static_cast<std::size_t>(count));
  for (double& value : values) value = size * rng.normal();
  return values;
}

inline MatrixD randomRows(std::int64_t rows, std::int64_t width, std::uint64_t item) {
  const std::vector<double> values = randomNumbers(rows * width, item);
  return Eigen::Map<const MatrixD>(values.data(), rows, width);
}

inline perturbation::MlpProbe randomProbe(std::int64_t width, std::uint64_t item) {
  return {randomRows(5, width, item), randomNumbers(5, item + 1), randomNumbers(5, item + 2)};
}

/// Of a site at least 12 wide.
inline perturbation::Perturbation example(perturbation::Method method, model::Site site, int layer, std::int64_t width, std::uint64_t item = 0) {
  using perturbation::Method;
  item *= 100;
  perturbation::Perturbation p;
  p.site = site;
  p.layer = LayerIndex(layer);
  p.method = method;
  p.epsilon = 0.75;
  if (perturbation::editsNeurons(method)) p.neurons = {1, 4, 9};
  if (method == Method::Mean) p.centre = randomNumbers(3, item + 1);
  if (method == Method::Set) p.value = 1.5;
  if (method == Method::Resample) p.bank = randomRows(7, 3, item + 2);
  if (method == Method::Project) p.basis = probes::orthonormalRows(randomRows(2, width, item + 3));
  if (method == Method::Leace) {
    p.basis = randomRows(2, width, item + 4);
    const MatrixD weighted = p.basis + 0.5 * randomRows(2, width, item + 5);
    p.readout = (weighted * p.basis.transpose()).inverse() * weighted;
  }
  if (method == Method::Project || method == Method::Leace) p.centre = randomNumbers(width, item + 6, .5);
  if (method == Method::Shift)  // equal signs would be a constant, which layer norms do not see
    for (const double w : randomNumbers(width, item + 7)) p.direction.push_back(w > 0 ? -1 : 1);
  if (method == Method::GradL2) {
    const VectorD u = randomRows(1, width, item + 8).row(0).normalized();
    p.direction = {u.begin(), u.end()};
  }
  if (method == Method::Flip) {
    p.direction = randomNumbers(width, item + 9);
    p.bias = .2;
    p.margin = 1;
  }
  if (method == Method::Shift || method == Method::GradL2 || method == Method::Noise) p.rho = .3;
  if (method == Method::Noise || method == Method::Resample) p.seed = 5 + item;
  return p;
}

inline constexpr perturbation::Method kMethods[] = {
    perturbation::Method::Zero,  perturbation::Method::Mean,  perturbation::Method::Set,    perturbation::Method::Resample, perturbation::Method::Project,
    perturbation::Method::Leace, perturbation::Method::Shift, perturbation::Method::GradL2, perturbation::Method::Flip,     perturbation::Method::Noise};

/// One of every method, then what varies within a method: donors by position, MLP probes' gradients, a gate, keep_norm.
struct Named { std::string name; perturbation::Perturbation p; };
inline std::vector<Named> examples(model::Site site, int layer, std::int64_t width, std::uint64_t item = 0) {
  using perturbation::Method;
  std::vector<Named> all;
  for (const Method method : kMethods) all.push_back({perturbation::methodName(method), example(method, site, layer, width, item)});
  auto& byPosition = all.emplace_back(Named{"resample by position", example(Method::Resample, site, layer, width, item)}).p;
  byPosition.bankPositions = {1, 2, 3, 5, 6, 9, 30};
  for (const Method method : {Method::Shift, Method::GradL2}) {
    auto& steps = all.emplace_back(Named{perturbation::methodName(method) + " of an MLP probe", example(method, site, layer, width, item)}).p;
    steps.direction.clear();
    steps.probe = randomProbe(width, item * 100 + 20);
    steps.steps = 3;
    if (method == Method::GradL2) steps.neurons = {0, 2, 3, 7};
  }
  auto& gated = all.emplace_back(Named{"gated project", example(Method::Project, site, layer, width, item)}).p;
  gated.gate = {randomNumbers(width, item * 100 + 30), .1};
  auto& kept = all.emplace_back(Named{"leace with its norm kept", example(Method::Leace, site, layer, width, item)}).p;
  kept.keepNorm = true;
  return all;
}

/// Population moments of rows [N, d].
inline activations::SiteStats statsOf(const MatrixD& rows) {
  activations::SiteStats stats;
  const auto n = static_cast<double>(rows.rows());
  stats.mean = rows.colwise().mean();
  const MatrixD centred = rows.rowwise() - stats.mean.transpose();
  stats.covariance = centred.transpose() * centred / n;
  stats.sd = stats.covariance.diagonal().cwiseSqrt();
  stats.meanSquare = rows.cwiseAbs2().colwise().mean();
  stats.rho = std::sqrt(centred.squaredNorm() / n / static_cast<double>(rows.cols()));
  stats.tokens = rows.rows();
  return stats;
}

/// Mean of ‖h(ε) − h‖² over rows.
inline double meanSquaredChange(const perturbation::Perturbation& p, const MatrixD& rows) {
  double sum = 0;
  for (Eigen::Index n = 0; n < rows.rows(); ++n) {
    const std::vector<double> before(rows.row(n).begin(), rows.row(n).end()), after = perturbation::applyToRow(p, before);
    for (std::size_t j = 0; j < before.size(); ++j) sum += (after[j] - before[j]) * (after[j] - before[j]);
  }
  return sum / static_cast<double>(rows.rows());
}

}  // namespace lacuna::testing
