#include "lacuna/perturbation/construction.h"

#include <Eigen/LU>
#include <algorithm>

#include "lacuna/base/error.h"
#include "lacuna/probes/probes.h"
#include "spread.h"

namespace lacuna::perturbation {
namespace {

std::vector<double> listOf(const VectorD& v) { return {v.begin(), v.end()}; }

[[noreturn]] void refuse(const Perturbation& p, const std::string& what) {
  throw Error("LAC-1201", "perturbation of " + model::siteName(p.site) + " " + std::to_string(p.layer.value) + ": " + what,
              "The probe, the moments and the states must be of the same model and site.");
}

Perturbation begun(model::Capture place, Method method, double epsilon) {
  Perturbation p;
  p.site = place.site;
  p.layer = place.layer;
  p.method = method;
  p.epsilon = epsilon;
  return p;
}

void requireInside(const Perturbation& p, Eigen::Index width) {
  for (const std::int32_t neuron : p.neurons)
    if (neuron < 0 || neuron >= width) refuse(p, "neuron " + std::to_string(neuron) + " is outside the site, which is " + std::to_string(width) + " wide");
}

void takeStates(Perturbation& p, const StateBank& bank, Eigen::Index width) {
  if (bank.states.rows() == 0 || bank.states.cols() != width)
    refuse(p, "resample wants a bank of states " + std::to_string(width) + " wide, found " +
                  std::to_string(bank.states.rows()) + " of " + std::to_string(bank.states.cols()));
  if (!bank.positions.empty() && static_cast<Eigen::Index>(bank.positions.size()) != bank.states.rows())
    refuse(p, "the bank has " + std::to_string(bank.states.rows()) + " states and " + std::to_string(bank.positions.size()) + " positions");
  p.bank = MatrixD(bank.states.rows(), static_cast<Eigen::Index>(p.neurons.size()));
  for (std::size_t i = 0; i < p.neurons.size(); ++i) p.bank.col(static_cast<Eigen::Index>(i)) = bank.states.col(p.neurons[i]).cast<double>();
  p.bankPositions = bank.positions;
  p.seed = bank.seed;
}

/// B: an orthonormal basis of the directions; A = (B·Σ⁺·Bᵀ)⁻¹·B·Σ⁺.
std::string eraseObliquely(Perturbation& p, const MatrixD& rows, const activations::SiteStats& stats) {
  p.basis = probes::orthonormalRows(rows);
  const MatrixD weighted = timesPseudoInverse(p.basis, stats);
  const MatrixD inner = weighted * p.basis.transpose();
  const Eigen::FullPivLU<MatrixD> solver(inner);
  if (!solver.isInvertible() || !(inner.diagonal().minCoeff() > 0)) return "the states do not vary along the direction";
  p.readout = solver.solve(weighted);
  return {};
}

/// −g of a linear probe's logit, on S alone when there is one.
VectorD descent(const Direction& direction, const std::vector<std::int32_t>& neurons) {
  const VectorD full = -direction.rows.row(0).transpose();
  if (neurons.empty()) return full;
  VectorD restricted = VectorD::Zero(full.size());
  for (const std::int32_t neuron : neurons) restricted[neuron] = full[neuron];
  return restricted;
}

std::string takeGradient(Perturbation& p, const Direction& direction, const activations::SiteStats& stats) {
  p.rho = stats.rho;
  p.neurons = direction.neurons;
  requireInside(p, stats.mean.size());
  if (direction.probe.hidden.rows() > 0) {
    p.probe = direction.probe;
    p.steps = direction.steps;
    std::sort(p.neurons.begin(), p.neurons.end());
    return {};
  }
  const VectorD u = descent(direction, p.neurons);
  p.neurons.clear();
  if (u.norm() == 0) return "the direction is 0";
  if (p.method == Method::GradL2) p.direction = listOf(u.normalized());
  else p.direction = listOf(u.unaryExpr([](double v) { return v > 0 ? 1.0 : v < 0 ? -1.0 : 0.0; }));
  return {};
}

std::string takeDirection(Perturbation& p, const Direction& direction, const activations::SiteStats& stats) {
  if (p.method == Method::Shift || p.method == Method::GradL2) return takeGradient(p, direction, stats);
  if (p.method == Method::Flip) {
    p.direction = listOf(direction.rows.row(0).transpose());
    p.bias = direction.bias;
    p.margin = direction.margin;
    return {};
  }
  p.centre = direction.throughZero ? std::vector<double>(static_cast<std::size_t>(stats.mean.size()), 0) : listOf(stats.mean);
  if (p.method == Method::Leace) return eraseObliquely(p, direction.rows, stats);
  p.basis = probes::orthonormalRows(direction.rows);
  return {};
}

}  // namespace

Built fromNeurons(model::Capture place, Method method, std::vector<std::int32_t> neurons, const activations::SiteStats& stats,
                  double epsilon, const StateBank& bank) {
  Perturbation p = begun(place, method, epsilon);
  if (!editsNeurons(method) || method == Method::Set) refuse(p, "'" + methodName(method) + "' is not built from neurons and moments");
  if (neurons.empty()) return {std::nullopt, "S is empty: no neuron was selected"};
  p.neurons = std::move(neurons);
  std::sort(p.neurons.begin(), p.neurons.end());
  p.neurons.erase(std::unique(p.neurons.begin(), p.neurons.end()), p.neurons.end());
  requireInside(p, stats.mean.size());
  if (method == Method::Mean)
    for (const std::int32_t neuron : p.neurons) p.centre.push_back(stats.mean[neuron]);
  if (method == Method::Resample) takeStates(p, bank, stats.mean.size());
  return {std::move(p), {}};
}

Built fromDirection(model::Capture place, Method method, const Direction& direction, const activations::SiteStats& stats, double epsilon) {
  Perturbation p = begun(place, method, epsilon);
  if (editsNeurons(method) || method == Method::Noise) refuse(p, "'" + methodName(method) + "' is not built from a direction");
  const bool gradient = method == Method::Shift || method == Method::GradL2;
  const MatrixD& given = gradient && direction.probe.hidden.rows() > 0 ? direction.probe.hidden : direction.rows;
  if (given.rows() == 0 || given.norm() == 0) return {std::nullopt, "the direction is 0"};
  if (given.cols() != stats.mean.size())
    refuse(p, "the direction has " + std::to_string(given.cols()) + " numbers, the site's moments " + std::to_string(stats.mean.size()));
  if (std::string why = takeDirection(p, direction, stats); !why.empty()) return {std::nullopt, std::move(why)};
  return {std::move(p), {}};
}

}  // namespace lacuna::perturbation
