#include "gradient_steps.h"

#include <cmath>

namespace lacuna::perturbation {
namespace {

double sign(double value) { return value > 0 ? 1.0 : value < 0 ? -1.0 : 0.0; }

}  // namespace

VectorD probeGradient(const Perturbation& p, const VectorD& h) {
  VectorD active = p.probe.hidden * h;
  for (Eigen::Index u = 0; u < active.size(); ++u)
    active[u] = active[u] + p.probe.bias[static_cast<std::size_t>(u)] > 0 ? p.probe.output[static_cast<std::size_t>(u)] : 0;
  const VectorD gradient = p.probe.hidden.transpose() * active;
  if (p.neurons.empty()) return gradient;
  VectorD restricted = VectorD::Zero(gradient.size());
  for (const std::int32_t neuron : p.neurons) restricted[neuron] = gradient[neuron];
  return restricted;
}

VectorD stepAgainst(const Perturbation& p, VectorD h) {
  const double step = p.epsilon / p.steps * p.rho;
  for (int k = 0; k < p.steps; ++k) {
    const VectorD gradient = probeGradient(p, h);
    const double size = gradient.norm();
    if (size == 0) break;
    if (p.method == Method::Shift) h -= step * gradient.unaryExpr(&sign);
    else h -= step * std::sqrt(static_cast<double>(h.size())) / size * gradient;
  }
  return h;
}

}  // namespace lacuna::perturbation
