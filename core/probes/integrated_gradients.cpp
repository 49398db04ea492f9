#include <cmath>
#include <limits>

#include "lacuna/base/error.h"
#include "lacuna/probes/mlp.h"

namespace lacuna::probes {
namespace {

MatrixD midpoints(const VectorD& from, const VectorD& change, int steps) {
  MatrixD points(steps, from.size());
  for (int s = 0; s < steps; ++s) points.row(s) = (from + (s + 0.5) / steps * change).transpose();
  return points;
}

double relativeError(double sum, double difference) {
  if (sum == difference) return 0;
  return difference == 0 ? std::numeric_limits<double>::infinity() : std::abs(sum - difference) / std::abs(difference);
}

}  // namespace

IntegratedGradients integratedGradients(const DifferentiableFunction& f, const VectorD& x, const VectorD& baseline,
                                        const IntegratedGradientsConfig& config) {
  if (x.size() != baseline.size() || config.steps < 1)
    throw Error("LAC-3101", "Integrated gradients need a point and a baseline of one length, and at least one step.");
  const VectorD change = x - baseline;
  MatrixD ends(2, x.size());
  ends << baseline.transpose(), x.transpose();
  const VectorD values = f(ends).values;
  IntegratedGradients result;
  result.difference = values[1] - values[0];
  for (int steps = config.steps;; steps *= 2) {
    const VectorD slope = f(midpoints(baseline, change, steps)).gradients.colwise().mean();
    result.attribution = change.cwiseProduct(slope);
    result.error = relativeError(result.attribution.sum(), result.difference);
    result.steps = steps;
    result.complete = result.error <= config.tolerance;
    if (result.complete || steps > config.maxSteps / 2) return result;
  }
}

}  // namespace lacuna::probes
