#include "lacuna/statistics/descriptive.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lacuna/base/error.h"
#include "lacuna/statistics/estimate.h"

namespace lacuna::statistics {
namespace {

// Type 7 at p of `sorted`, which is sorted only as far as the partial sort of quantiles() went.
double orderedQuantile(std::vector<double>& values, std::size_t from, double p) {
  const double position = static_cast<double>(values.size() - 1) * p;
  const auto low = static_cast<std::size_t>(position);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(low);
  std::nth_element(values.begin() + static_cast<std::ptrdiff_t>(from), at, values.end());
  const double fraction = position - static_cast<double>(low);
  if (fraction == 0) return *at;
  return *at + fraction * (*std::min_element(at + 1, values.end()) - *at);
}

}  // namespace

double mean(std::span<const double> x) {
  return x.empty() ? kMissing : std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double variance(std::span<const double> x, int ddof) {
  const double degrees = static_cast<double>(x.size()) - ddof;
  if (degrees <= 0) return kMissing;
  const double centre = mean(x);
  double sum = 0;
  for (const double value : x) sum += (value - centre) * (value - centre);
  return sum / degrees;
}

double standardDeviation(std::span<const double> x, int ddof) { return std::sqrt(variance(x, ddof)); }

double median(std::span<const double> x) { return quantile(x, 0.5); }

double quantile(std::span<const double> x, double p) { return quantiles(x, std::span(&p, 1))[0]; }

std::vector<double> quantiles(std::span<const double> x, std::span<const double> p) {
  std::vector<double> result(p.size(), kMissing);
  if (x.empty() || std::any_of(x.begin(), x.end(), [](double value) { return std::isnan(value); })) return result;
  std::vector<double> values(x.begin(), x.end());
  std::size_t from = 0;
  for (const std::size_t k : ascendingOrder(p)) {
    if (!(p[k] >= 0 && p[k] <= 1)) continue;
    result[k] = orderedQuantile(values, from, p[k]);
    from = static_cast<std::size_t>(static_cast<double>(values.size() - 1) * p[k]);
  }
  return result;
}

std::vector<std::size_t> ascendingOrder(std::span<const double> x) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] < x[b]; });
  return order;
}

std::vector<double> midranks(std::span<const double> x) {
  const auto order = ascendingOrder(x);
  std::vector<double> ranks(x.size());
  for (std::size_t i = 0, end = 0; i < order.size(); i = end) {
    while (end < order.size() && x[order[end]] == x[order[i]]) ++end;
    if (end == i) ++end;  // NaN equals nothing, not even itself
    for (std::size_t k = i; k < end; ++k) ranks[order[k]] = 0.5 * static_cast<double>(i + 1 + end);
  }
  return ranks;
}

std::vector<double> isotonic(std::span<const double> y, std::span<const double> weights) {
  LACUNA_CHECK(weights.empty() || weights.size() == y.size());
  struct Block { double value, weight; std::size_t size; };
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < y.size(); ++i) {
    blocks.push_back({y[i], weights.empty() ? 1.0 : weights[i], 1});
    while (blocks.size() > 1 && blocks[blocks.size() - 2].value >= blocks.back().value) {
      const Block last = blocks.back();
      blocks.pop_back();
      Block& into = blocks.back();
      // Equal values must stay bit-equal, or a second pass would not be idempotent.
      if (into.value != last.value)
        into.value = (into.value * into.weight + last.value * last.weight) / (into.weight + last.weight);
      into.weight += last.weight;
      into.size += last.size;
    }
  }
  std::vector<double> fit;
  fit.reserve(y.size());
  for (const Block& block : blocks) fit.insert(fit.end(), block.size, block.value);
  return fit;
}

double monotonicityIndex(std::span<const double> y) {
  const std::vector<double> fit = isotonic(y);
  const double centre = mean(y);
  double residual = 0, total = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    residual += (y[i] - fit[i]) * (y[i] - fit[i]);
    total += (y[i] - centre) * (y[i] - centre);
  }
  return total > 0 ? 1 - residual / total : kMissing;
}

double trapezoid(std::span<const double> x, std::span<const double> y) {
  LACUNA_CHECK(x.size() == y.size());
  if (x.empty()) return kMissing;
  double area = 0;
  for (std::size_t i = 1; i < x.size(); ++i) area += 0.5 * (x[i] - x[i - 1]) * (y[i] + y[i - 1]);
  return area;
}

double firstCrossing(std::span<const double> x, std::span<const double> y, double level) {
  LACUNA_CHECK(x.size() == y.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (y[i] < level || std::isnan(y[i])) continue;
    if (i == 0 || y[i] == level) return x[i];
    return x[i - 1] + (x[i] - x[i - 1]) * (level - y[i - 1]) / (y[i] - y[i - 1]);
  }
  return kMissing;
}

}  // namespace lacuna::statistics
