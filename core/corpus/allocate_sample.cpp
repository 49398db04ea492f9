#include <algorithm>
#include <cmath>
#include <numeric>

#include "lacuna/base/error.h"
#include "lacuna/corpus/corpus.h"

namespace lacuna::corpus {

namespace {

struct Bounds { std::vector<double> low, high, weight; };

/// Real-valued sizes clamp(scale · weight, low, high).
std::vector<double> sizesAt(const Bounds& bounds, double scale) {
  std::vector<double> sizes(bounds.weight.size());
  for (std::size_t s = 0; s < sizes.size(); ++s) sizes[s] = std::clamp(scale * bounds.weight[s], bounds.low[s], bounds.high[s]);
  return sizes;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

/// The scale at which the sizes add up to `total`: they grow with it, so halving finds it. What a cap cuts off goes to the others.
std::vector<double> sizesAddingTo(const Bounds& bounds, double total) {
  double low = 0, high = 1;
  while (sum(sizesAt(bounds, high)) < total) high *= 2;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (sum(sizesAt(bounds, middle)) < total ? low : high) = middle;
  }
  return sizesAt(bounds, high);
}

/// Whole numbers: rounded down, then one more for the largest remainders (ties by index), never above its cap.
std::vector<std::int64_t> largestRemainder(const std::vector<double>& sizes, const std::vector<double>& caps, std::int64_t total) {
  std::vector<std::int64_t> whole(sizes.size());
  std::vector<double> remainder(sizes.size());
  for (std::size_t s = 0; s < sizes.size(); ++s) {
    whole[s] = static_cast<std::int64_t>(std::floor(sizes[s] + 1e-9));
    remainder[s] = sizes[s] - static_cast<double>(whole[s]);
  }
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return remainder[a] > remainder[b]; });
  std::int64_t left = total - std::accumulate(whole.begin(), whole.end(), std::int64_t{0});
  for (const std::size_t s : order) {
    if (left <= 0) break;
    if (static_cast<double>(whole[s]) >= caps[s]) continue;
    ++whole[s];
    --left;
  }
  return whole;
}

}  // namespace

std::vector<std::int64_t> allocateSample(const std::vector<std::int64_t>& sizes, std::int64_t total, double power, std::int64_t floor) {
  LACUNA_CHECK(total >= 0 && floor >= 0);
  const std::int64_t all = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  if (total >= all) return sizes;
  Bounds bounds;
  for (const std::int64_t n : sizes) {
    bounds.high.push_back(static_cast<double>(n));
    bounds.low.push_back(static_cast<double>(std::min(n, floor)));
    bounds.weight.push_back(n > 0 ? std::pow(static_cast<double>(n), power) : 0);
  }
  // Floors that alone exceed the total cannot be kept: the total is what was asked for.
  if (sum(bounds.low) > static_cast<double>(total)) std::fill(bounds.low.begin(), bounds.low.end(), 0.0);
  return largestRemainder(sizesAddingTo(bounds, static_cast<double>(total)), bounds.high, total);
}

}  // namespace lacuna::corpus
