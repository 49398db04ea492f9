#include <array>
#include <cmath>
#include <cstdint>

#include "differences.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/base/run_context.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/effect_size.h"
#include "lacuna/statistics/tests.h"

namespace lacuna::statistics {
namespace {

// Sum of ±d for a mask of signs, eight d at a time from tables of all 256 partial sums.
class FlippedSums {
 public:
  explicit FlippedSums(const std::vector<double>& d) : m_tables((d.size() + 7) / 8) {
    for (std::size_t t = 0; t < m_tables.size(); ++t)
      for (std::size_t bits = 0; bits < 256; ++bits) {
        double sum = 0;
        for (std::size_t k = 0; k < 8 && 8 * t + k < d.size(); ++k) sum += bits >> k & 1 ? -d[8 * t + k] : d[8 * t + k];
        m_tables[t][bits] = sum;
      }
  }
  double exact(std::uint64_t mask) const {
    double sum = 0;
    for (std::size_t t = 0; t < m_tables.size(); ++t) sum += m_tables[t][mask >> (8 * t) & 255];
    return sum;
  }
  double random(Rng& rng) const {
    double sum = 0;
    std::uint64_t bits = 0;
    for (std::size_t t = 0; t < m_tables.size(); ++t, bits >>= 8) {
      if (t % 8 == 0) bits = rng.nextU64();
      sum += m_tables[t][bits & 255];
    }
    return sum;
  }

 private:
  std::vector<std::array<double, 256>> m_tables;
};

// Flips whose sum is at least, and at most, as far up as the observed one; and as far from 0.
struct Hits {
  std::int64_t upper = 0, lower = 0, both = 0;
  void count(double sum, double observed, double tolerance) {
    upper += sum >= observed - tolerance;
    lower += sum <= observed + tolerance;
    both += std::abs(sum) >= std::abs(observed) - tolerance;
  }
  std::int64_t of(Alternative alternative) const {
    if (alternative == Alternative::TwoSided) return both;
    return alternative == Alternative::Greater ? upper : lower;
  }
};

Hits exactHits(const FlippedSums& sums, std::size_t n, double observed, double tolerance) {
  Hits hits;
  for (std::uint64_t mask = 0; mask < std::uint64_t{1} << n; ++mask) hits.count(sums.exact(mask), observed, tolerance);
  return hits;
}

Hits sampledHits(const FlippedSums& sums, const SignFlipConfig& config, double observed, double tolerance) {
  std::vector<double> drawn(static_cast<std::size_t>(config.flips));
  parallelFor(config.flips, RunContext{}.threadCount(), 512, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t f = begin; f < end; ++f) {
      Rng rng(config.seed, "statistics.sign-flip", static_cast<std::uint64_t>(f));
      drawn[static_cast<std::size_t>(f)] = sums.random(rng);
    }
  });
  Hits hits;
  for (const double sum : drawn) hits.count(sum, observed, tolerance);
  return hits;
}

}  // namespace

TestResult signFlip(std::span<const double> d, const SignFlipConfig& config) {
  LACUNA_CHECK(config.exactUpTo <= 30 && config.flips > 0);
  TestResult result;
  result.method = "sign-flip";
  if (!allFinite(d)) {
    result.status = Status::NanInput;
    return result;
  }
  std::vector<double> moved;
  double magnitude = 0, observed = 0;
  for (const double value : d) {
    if (value != 0) moved.push_back(value);
    magnitude += std::abs(value);
    observed += value;
  }
  result.n = static_cast<std::int64_t>(moved.size());
  result.statistic = mean(d);
  result.effect = hedges(d);
  if (moved.empty()) {
    result.p = 1;
    result.status = Status::Degenerate;
    return result;
  }
  if (result.n < 6) result.status = Status::TooFew;
  const FlippedSums sums(moved);
  const double tolerance = 1e-10 * magnitude;
  if (result.n <= config.exactUpTo) {
    result.p = std::ldexp(static_cast<double>(exactHits(sums, moved.size(), observed, tolerance).of(config.alternative)), -static_cast<int>(result.n));
    result.method = "sign-flip-exact";
  } else {
    result.p = static_cast<double>(1 + sampledHits(sums, config, observed, tolerance).of(config.alternative)) / (1.0 + config.flips);
    result.method = "sign-flip-sampled";
  }
  return result;
}

}  // namespace lacuna::statistics
