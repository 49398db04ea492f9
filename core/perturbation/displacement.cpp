#include <cmath>
#include <limits>

#include "lacuna/base/numbers.h"
#include "lacuna/perturbation/construction.h"
#include "spread.h"

namespace lacuna::perturbation {
namespace {

constexpr double kLargestEpsilon = 2;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Why the displacement of a perturbation has no closed form; empty: it has one.
std::string obstacle(const Perturbation& p, const activations::SiteStats& stats) {
  if (p.keepNorm) return "keep_norm has no closed form";
  if (p.steps > 1) return "several gradient steps have no closed form";
  if (!(stats.sd.squaredNorm() > 0)) return "the states of the site do not vary";
  return {};
}

/// Displacement at ε = 1.
double slope(const Perturbation& p, const activations::SiteStats& stats) { return std::sqrt(meanSquaredDelta(p, stats)) / stats.sd.norm(); }

Dose notIdentified(std::string reason) { return {kNone, statistics::Status::NotIdentified, std::move(reason)}; }

}  // namespace

double expectedDisplacement(const Perturbation& p, const activations::SiteStats& stats) {
  requireWidth(p, stats, "No displacement");
  return obstacle(p, stats).empty() ? std::abs(p.epsilon) * slope(p, stats) : kNone;
}

Dose epsilonForDisplacement(const Perturbation& p, const activations::SiteStats& stats, double displacement) {
  requireWidth(p, stats, "No dose");
  if (!(displacement >= 0)) return notIdentified("a displacement is a number ≥ 0");
  if (const std::string reason = obstacle(p, stats); !reason.empty()) return notIdentified(reason);
  const double unit = slope(p, stats);
  if (displacement == 0) return {};
  if (!(unit > 0)) return notIdentified("method cannot move that far: it moves no state");
  const double epsilon = displacement / unit;
  if (epsilon > kLargestEpsilon)
    return notIdentified("method cannot move that far: ε = " + formatFixed(epsilon, 3) + " would be needed, 2 is the most");
  return {epsilon, statistics::Status::Ok, {}};
}

}  // namespace lacuna::perturbation
