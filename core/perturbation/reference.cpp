#include <cmath>

#include "gradient_steps.h"
#include "lacuna/perturbation/perturbation.h"
#include "row_bits.h"

namespace lacuna::perturbation {
namespace {

using Values = std::vector<double>;

VectorD vectorOf(const Values& h) { return Eigen::Map<const VectorD>(h.data(), static_cast<Eigen::Index>(h.size())); }
Values listOf(const VectorD& v) { return {v.begin(), v.end()}; }

/// Donor chosen by the bits that the state has in fp32.
Values donorOf(const Perturbation& p, const std::vector<float>& row, std::int32_t position) {
  const auto donor = Donors(p.bank.rows(), p.bankPositions, p.seed).choose(row, position);
  return listOf(p.bank.row(donor).transpose());
}

Values towards(const Perturbation& p, const Values& h, const Values& goals) {
  Values delta(h.size(), 0);
  for (std::size_t i = 0; i < p.neurons.size(); ++i) {
    const auto neuron = static_cast<std::size_t>(p.neurons[i]);
    delta.at(neuron) = goals.at(i) - h.at(neuron);
  }
  return delta;
}

Values deltaOf(const Perturbation& p, const Values& h, std::int32_t position) {
  const std::vector<float> row(h.begin(), h.end());
  const double root = std::sqrt(static_cast<double>(h.size()));
  switch (p.method) {
    case Method::Zero: return towards(p, h, Values(p.neurons.size(), 0));
    case Method::Mean: return towards(p, h, p.centre);
    case Method::Set: return towards(p, h, Values(p.neurons.size(), p.value));
    case Method::Resample: return towards(p, h, donorOf(p, row, position));
    case Method::Project: return listOf(-(p.basis.transpose() * (p.basis * (vectorOf(h) - vectorOf(p.centre)))));
    case Method::Leace: return listOf(-(p.basis.transpose() * (p.readout * (vectorOf(h) - vectorOf(p.centre)))));
    case Method::Shift: return listOf(p.rho * vectorOf(p.direction));
    case Method::GradL2: return listOf(p.rho * root * vectorOf(p.direction));
    case Method::Flip: {
      const VectorD w = vectorOf(p.direction);
      return listOf(-(w.dot(vectorOf(h)) + p.bias + p.margin) / w.squaredNorm() * w);
    }
    case Method::Noise: return rowNoise(row, p.rho, p.seed);
  }
  return {};
}

Values moved(const Perturbation& p, const Values& h, std::int32_t position) {
  if (p.probe.hidden.rows() > 0) return listOf(stepAgainst(p, vectorOf(h)));
  return listOf(vectorOf(h) + p.epsilon * vectorOf(deltaOf(p, h, position)));
}

}  // namespace

std::vector<double> applyToRow(const Perturbation& p, std::vector<double> h, std::int32_t position) {
  if (p.isNull()) return h;
  if (!p.gate.weights.empty() && vectorOf(p.gate.weights).dot(vectorOf(h)) + p.gate.bias <= 0) return h;
  const double before = vectorOf(h).norm();
  h = moved(p, h, position);
  const double after = vectorOf(h).norm();
  if (p.keepNorm && after > 0)
    for (double& value : h) value *= before / after;
  return h;
}

}  // namespace lacuna::perturbation
