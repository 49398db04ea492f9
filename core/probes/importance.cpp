#include <algorithm>
#include <cmath>
#include <numeric>

#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/probes/probes.h"

namespace lacuna::probes {
namespace {

/// Indices by falling importance, ties by lower index (methods.md 0.5).
std::vector<NeuronIndex> ranking(const VectorD& importance) {
  std::vector<NeuronIndex> order;
  for (Eigen::Index j = 0; j < importance.size(); ++j) order.emplace_back(j);
  std::stable_sort(order.begin(), order.end(),
                   [&](NeuronIndex a, NeuronIndex b) { return importance[a.value] > importance[b.value]; });
  return order;
}

std::size_t countAbove(const VectorD& importance, const std::vector<NeuronIndex>& order, double threshold) {
  const auto end = std::find_if(order.begin(), order.end(), [&](NeuronIndex j) { return importance[j.value] <= threshold; });
  return static_cast<std::size_t>(end - order.begin());
}

/// The smallest leading set whose share of the sum is at least q; sums are given a rounding error's slack.
std::size_t countMass(const VectorD& importance, const std::vector<NeuronIndex>& order, double q) {
  const double goal = q * importance.sum() * (1 - 1e-12);
  double sum = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (sum >= goal) return i;
    sum += importance[order[i].value];
  }
  return order.size();
}

}  // namespace

std::vector<NeuronIndex> selectNeurons(const VectorD& importance, const TauConfig& tau) {
  if (!(tau.value >= 0))
    throw Error("LAC-3103", "The threshold τ is " + formatNumber(tau.value) + "; expected a number ≥ 0.");
  std::vector<NeuronIndex> order = ranking(importance);
  order.resize(countAbove(importance, order, 0));  // inputs without weight never belong to the set
  std::size_t count = order.size();
  if (tau.rule == TauRule::Uniform)
    count = countAbove(importance, order, tau.value / static_cast<double>(importance.size()));
  else if (tau.rule == TauRule::Mass)
    count = countMass(importance, order, tau.value);
  else if (tau.rule == TauRule::PermNull)
    count = countAbove(importance, order, tau.value);
  else
    count = std::min(count, static_cast<std::size_t>(tau.value));
  order.resize(count);
  return order;
}

Concentration concentration(const VectorD& shares) {
  const double total = shares.sum();
  if (!(total > 0)) return {};
  VectorD w = shares / total;
  std::sort(w.data(), w.data() + w.size());
  double entropy = 0, ranked = 0;
  for (Eigen::Index i = 0; i < w.size(); ++i) {
    if (w[i] > 0) entropy -= w[i] * std::log(w[i]);
    ranked += static_cast<double>(i + 1) * w[i];
  }
  const double n = static_cast<double>(w.size());
  return {1 / w.squaredNorm(), std::exp(entropy), 2 * ranked / n - (n + 1) / n};
}

}  // namespace lacuna::probes
