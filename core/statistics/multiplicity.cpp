#include "lacuna/statistics/multiplicity.h"

#include <algorithm>
#include <cmath>

#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/estimate.h"

namespace lacuna::statistics {
namespace {

struct Family {
  std::vector<double> p;                // those that count
  std::vector<std::size_t> position;    // where each came from
};

Family familyOf(std::span<const double> p, MissingP missing) {
  Family family;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (std::isnan(p[i]) && missing == MissingP::Excluded) continue;
    family.p.push_back(std::isnan(p[i]) ? 1.0 : std::min(p[i], 1.0));
    family.position.push_back(i);
  }
  return family;
}

// Benjamini–Hochberg; under any dependence every p counts Σ 1/k times.
std::vector<double> stepUp(std::span<const double> p, MissingP missing, bool anyDependence) {
  const Family family = familyOf(p, missing);
  const auto order = ascendingOrder(family.p);
  const std::size_t m = order.size();
  double inflation = 1;
  if (anyDependence)
    for (std::size_t k = 2; k <= m; ++k) inflation += 1 / static_cast<double>(k);
  std::vector<double> adjusted(p.size(), kMissing);
  double smallest = 1;
  for (std::size_t k = m; k-- > 0;) {
    // The factor first: it is at least 1, so no adjusted p can round below its p.
    smallest = std::min(smallest, family.p[order[k]] * (inflation * (static_cast<double>(m) / static_cast<double>(k + 1))));
    adjusted[family.position[order[k]]] = smallest;
  }
  return adjusted;
}

}  // namespace

std::vector<double> holm(std::span<const double> p, MissingP missing) {
  const Family family = familyOf(p, missing);
  const auto order = ascendingOrder(family.p);
  std::vector<double> adjusted(p.size(), kMissing);
  double largest = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    largest = std::max(largest, std::min(1.0, family.p[order[k]] * static_cast<double>(order.size() - k)));
    adjusted[family.position[order[k]]] = largest;
  }
  return adjusted;
}

std::vector<double> benjaminiHochberg(std::span<const double> p, MissingP missing) { return stepUp(p, missing, false); }

std::vector<double> benjaminiYekutieli(std::span<const double> p, MissingP missing) { return stepUp(p, missing, true); }

}  // namespace lacuna::statistics
