#include "lacuna/statistics/correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"

namespace lacuna::statistics {
namespace {

bool allFinite(std::span<const double> x) {
  return std::all_of(x.begin(), x.end(), [](double value) { return std::isfinite(value); });
}

int orderOf(double a, double b) { return (a > b) - (a < b); }

struct PairOrders { std::int64_t concordant = 0, discordant = 0, tiedX = 0, tiedY = 0, pairs = 0; };

PairOrders pairOrders(std::span<const double> x, std::span<const double> y) {
  LACUNA_CHECK(x.size() == y.size());
  PairOrders result;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const int a = orderOf(x[i], x[j]), b = orderOf(y[i], y[j]);
      ++result.pairs;
      result.tiedX += a == 0;
      result.tiedY += b == 0;
      result.concordant += a * b > 0;
      result.discordant += a * b < 0;
    }
  return result;
}

// Centred midranks: their inner product orders permutations as ρ does.
std::vector<double> centredRanks(std::span<const double> x) {
  std::vector<double> ranks = midranks(x);
  for (double& rank : ranks) rank -= 0.5 * static_cast<double>(x.size() + 1);
  return ranks;
}

bool asExtreme(double product, double observed, double tolerance, Alternative alternative) {
  switch (alternative) {
    case Alternative::Greater: return product >= observed - tolerance;
    case Alternative::Less: return product <= observed + tolerance;
    case Alternative::TwoSided: break;
  }
  return std::abs(product) >= std::abs(observed) - tolerance;
}

double permutationP(const std::vector<double>& a, const std::vector<double>& b, const PermutationConfig& config) {
  const std::size_t n = a.size();
  const double observed = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  const double tolerance = 1e-9 * std::inner_product(a.begin(), a.end(), a.begin(), 0.0);
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto product = [&](const auto& positions) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[static_cast<std::size_t>(positions[i])];
    return sum;
  };
  std::int64_t hits = 0, total = 0;
  if (static_cast<int>(n) <= config.exactUpTo) {
    do {
      hits += asExtreme(product(order), observed, tolerance, config.alternative);
      ++total;
    } while (std::next_permutation(order.begin(), order.end()));
    return static_cast<double>(hits) / static_cast<double>(total);
  }
  for (int draw = 0; draw < config.permutations; ++draw) {
    Rng rng(config.seed, "spearman", static_cast<std::uint64_t>(draw));
    hits += asExtreme(product(rng.permutation(static_cast<std::int64_t>(n))), observed, tolerance, config.alternative);
  }
  return static_cast<double>(hits + 1) / static_cast<double>(config.permutations + 1);
}

}  // namespace

double pearson(std::span<const double> x, std::span<const double> y) {
  LACUNA_CHECK(x.size() == y.size());
  const double mx = mean(x), my = mean(y);
  double sxx = 0, syy = 0, sxy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sxx += (x[i] - mx) * (x[i] - mx);
    syy += (y[i] - my) * (y[i] - my);
    sxy += (x[i] - mx) * (y[i] - my);
  }
  // Rounding of a constant vector's mean leaves squares near (1e-16·|mean|)²: that is no variance.
  const double n = static_cast<double>(x.size());
  if (!(sxx > 1e-28 * n * mx * mx) || !(syy > 1e-28 * n * my * my)) return kMissing;
  return std::clamp(sxy / std::sqrt(sxx) / std::sqrt(syy), -1.0, 1.0);
}

double spearman(std::span<const double> x, std::span<const double> y) {
  LACUNA_CHECK(x.size() == y.size());
  return allFinite(x) && allFinite(y) ? pearson(midranks(x), midranks(y)) : kMissing;
}

double kendall(std::span<const double> x, std::span<const double> y) {
  if (!allFinite(x) || !allFinite(y)) return kMissing;
  const PairOrders orders = pairOrders(x, y);
  const double untied = std::sqrt(static_cast<double>(orders.pairs - orders.tiedX)) * std::sqrt(static_cast<double>(orders.pairs - orders.tiedY));
  return untied > 0 ? static_cast<double>(orders.concordant - orders.discordant) / untied : kMissing;
}

double pairOrderAccuracy(std::span<const double> x, std::span<const double> y) {
  if (!allFinite(x) || !allFinite(y)) return kMissing;
  const PairOrders orders = pairOrders(x, y);
  const std::int64_t ordered = orders.concordant + orders.discordant;
  return ordered > 0 ? static_cast<double>(orders.concordant) / static_cast<double>(ordered) : kMissing;
}

TestResult spearmanTest(std::span<const double> x, std::span<const double> y, const PermutationConfig& config) {
  LACUNA_CHECK(x.size() == y.size());
  TestResult result;
  result.n = static_cast<std::int64_t>(x.size());
  result.method = result.n <= config.exactUpTo ? "spearman-exact" : "spearman-permutation";
  if (!allFinite(x) || !allFinite(y)) {
    result.status = Status::NanInput;
    return result;
  }
  result.statistic = result.effect = spearman(x, y);
  if (std::isnan(result.effect)) {
    result.status = result.n < 3 ? Status::TooFew : Status::NotIdentified;
    return result;
  }
  if (result.n < 3) result.status = Status::TooFew;
  result.p = permutationP(centredRanks(x), centredRanks(y), config);
  return result;
}

namespace {

// Interval on Fisher's scale where atanh(correlation) has variance inflation/(n − 3).
Estimate fisherScale(double correlation, std::int64_t n, double level, double inflation) {
  Estimate result;
  result.value = correlation;
  result.level = level;
  result.n = result.groups = n;
  result.method = "fisher-z";
  if (!(std::abs(correlation) <= 1)) {
    result.status = Status::NotIdentified;
    return result;
  }
  if (n < 4) {
    result.status = Status::TooFew;
    return result;
  }
  const double z = std::atanh(correlation), error = std::sqrt(inflation / static_cast<double>(n - 3));
  const double half = normalQuantile(0.5 + level / 2) * error;
  result.low = std::tanh(z - half);
  result.high = std::tanh(z + half);
  result.se = (1 - correlation * correlation) * error;
  return result;
}

}  // namespace

Estimate fisherInterval(double pearson, std::int64_t n, double level) { return fisherScale(pearson, n, level, 1); }

Estimate spearmanInterval(double rho, std::int64_t n, double level) { return fisherScale(rho, n, level, 1 + rho * rho / 2); }

double spearmanBrown(double halfCorrelation) {
  return halfCorrelation > -1 ? 2 * halfCorrelation / (1 + halfCorrelation) : kMissing;
}

double disattenuated(double correlation, double reliability) {
  return reliability > 0 ? correlation / std::sqrt(reliability) : kMissing;
}

}  // namespace lacuna::statistics
