#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "differences.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/tests.h"

namespace lacuna::statistics {
namespace {

// Doubles as integers of the same order, so that bisection ends after 64 steps at an exact value.
std::uint64_t orderedBits(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return bits >> 63 ? ~bits : bits | (std::uint64_t{1} << 63);
}

double fromOrderedBits(std::uint64_t bits) {
  return std::bit_cast<double>(bits >> 63 ? bits & ~(std::uint64_t{1} << 63) : ~bits);
}

// Number of i ≤ j with (x_i + x_j)/2 ≤ bound, for ascending x: two pointers, O(n).
std::int64_t walshUpTo(const std::vector<double>& x, double bound) {
  std::int64_t count = 0;
  auto j = static_cast<std::int64_t>(x.size()) - 1;
  for (std::int64_t i = 0; i <= j; ++i) {
    while (j >= i && 0.5 * (x[static_cast<std::size_t>(i)] + x[static_cast<std::size_t>(j)]) > bound) --j;
    if (j >= i) count += j - i + 1;
  }
  return count;
}

// The Walsh average of 0-based rank k, without listing all n(n + 1)/2 of them.
double walshAverage(const std::vector<double>& x, std::int64_t k) {
  std::uint64_t low = orderedBits(x.front()), high = orderedBits(x.back());
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (walshUpTo(x, fromOrderedBits(middle)) > k) high = middle;
    else low = middle + 1;
  }
  return fromOrderedBits(low) + 0.0;    // −0 becomes 0
}

// Null distribution of W+ for ranks 1 … n: mass at 0 … n(n + 1)/2.
std::vector<double> nullMass(std::int64_t n) {
  std::vector<double> mass(static_cast<std::size_t>(n * (n + 1) / 2) + 1, 0.0);
  mass[0] = 1;
  for (std::int64_t rank = 1, reached = 0; rank <= n; ++rank) {
    reached += rank;
    for (std::int64_t s = reached; s >= 0; --s) {
      double& here = mass[static_cast<std::size_t>(s)];
      here = 0.5 * (here + (s >= rank ? mass[static_cast<std::size_t>(s - rank)] : 0.0));
    }
  }
  return mass;
}

struct Cut { std::int64_t position = 0; double tail = 0; bool reached = true; };

// Largest c with P(W+ ≤ c) ≤ tail; the interval runs from the c-th Walsh average to the c-th from above (0-based).
Cut exactCut(std::int64_t n, double tail) {
  Cut cut{-1, 0, true};
  double sum = 0;
  for (const double mass : nullMass(n)) {
    sum += mass;
    if (sum > tail * (1 + 1e-12)) break;
    cut.tail = sum;
    ++cut.position;
  }
  if (cut.position < 0) cut = {0, std::pow(0.5, static_cast<double>(n)), false};
  return cut;
}

Cut asymptoticCut(std::int64_t n, double tail) {
  const double count = static_cast<double>(n), centre = count * (count + 1) / 4;
  const double sd = std::sqrt(count * (count + 1) * (2 * count + 1) / 24);
  const auto position = static_cast<std::int64_t>(std::floor(centre + normalQuantile(tail) * sd - 0.5));
  return {std::max<std::int64_t>(0, position), tail, true};
}

}  // namespace

Estimate hodgesLehmann(std::span<const double> d, double level) {
  Estimate result;
  result.level = level;
  result.n = result.groups = static_cast<std::int64_t>(d.size());
  const bool exact = result.n <= 200;
  result.method = exact ? "hodges-lehmann-exact" : "hodges-lehmann-asymptotic";
  if (d.empty() || !allFinite(d)) {
    result.status = d.empty() ? Status::TooFew : Status::NanInput;
    return result;
  }
  std::vector<double> x(d.begin(), d.end());
  std::sort(x.begin(), x.end());
  const std::int64_t averages = result.n * (result.n + 1) / 2;
  result.value = 0.5 * (walshAverage(x, (averages - 1) / 2) + walshAverage(x, averages / 2));
  const Cut cut = exact ? exactCut(result.n, (1 - level) / 2) : asymptoticCut(result.n, (1 - level) / 2);
  result.level = 1 - 2 * cut.tail;
  result.low = walshAverage(x, cut.position);
  result.high = walshAverage(x, averages - 1 - cut.position);
  if (!cut.reached) result.status = Status::TooFew;
  else if (x.front() == x.back()) result.status = Status::ZeroVariance;
  return result;
}

}  // namespace lacuna::statistics
