#include <cmath>

#include "lacuna/perturbation/perturbation.h"
#include "noise.h"

namespace lacuna::perturbation {
namespace {

std::vector<double> towards(const Perturbation& p, const std::vector<double>& h) {
  std::vector<double> delta(h.size(), 0);
  for (std::size_t i = 0; i < p.neurons.size(); ++i) {
    const auto neuron = static_cast<std::size_t>(p.neurons[i]);
    const double goal = p.method == Method::Mean ? p.centre.at(i) : p.method == Method::Set ? p.value : 0;
    delta.at(neuron) = goal - h.at(neuron);
  }
  return delta;
}

std::vector<double> project(const Perturbation& p, const std::vector<double>& h) {
  const auto width = static_cast<Eigen::Index>(h.size());
  const VectorD centred = Eigen::Map<const VectorD>(h.data(), width) - Eigen::Map<const VectorD>(p.centre.data(), width);
  const VectorD delta = -(p.basis.transpose() * (p.basis * centred));
  return {delta.begin(), delta.end()};
}

std::vector<double> deltaOf(const Perturbation& p, const std::vector<double>& h) {
  if (p.method == Method::Project) return project(p, h);
  if (p.method == Method::Noise) {
    const std::vector<float> row(h.begin(), h.end());
    return rowNoise(row, p.rho, p.seed);
  }
  if (p.method != Method::Shift) return towards(p, h);
  std::vector<double> delta = p.direction;
  for (double& value : delta) value *= p.rho;
  return delta;
}

double norm(const std::vector<double>& h) { return Eigen::Map<const VectorD>(h.data(), static_cast<Eigen::Index>(h.size())).norm(); }

}  // namespace

std::vector<double> applyToRow(const Perturbation& p, std::vector<double> h) {
  if (p.isNull()) return h;
  const double before = norm(h);
  const std::vector<double> delta = deltaOf(p, h);
  for (std::size_t j = 0; j < h.size(); ++j) h[j] += p.epsilon * delta.at(j);
  const double after = norm(h);
  if (p.keepNorm && after > 0)
    for (double& value : h) value *= before / after;
  return h;
}

}  // namespace lacuna::perturbation
