#include <algorithm>
#include <cmath>
#include <limits>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/corpus/near_duplicates.h"

namespace lacuna::corpus {
namespace {

__extension__ using Wide = unsigned __int128;   // of GCC and clang alike
constexpr std::uint64_t kPrime = (std::uint64_t{1} << 61) - 1;

/// x mod (2⁶¹ − 1) of a product, by adding its upper bits to the lower ones.
std::uint64_t modPrime(Wide x) {
  const auto folded = static_cast<std::uint64_t>(x & kPrime) + static_cast<std::uint64_t>(x >> 61);
  const std::uint64_t again = (folded & kPrime) + (folded >> 61);
  return again >= kPrime ? again - kPrime : again;
}

template <class Function> double integral(double low, double high, const Function& f) {
  constexpr double kStep = .001;
  double area = 0;
  for (double x = low; x < high; x += kStep) area += f(x + kStep / 2) * kStep;
  return area;
}

}  // namespace

double lshChance(double jaccard, LshShape shape) { return 1 - std::pow(1 - std::pow(jaccard, shape.rows), shape.bands); }

LshShape lshShape(double threshold, int permutations) {
  LACUNA_CHECK(permutations > 0);
  LshShape best{1, 1};
  double least = std::numeric_limits<double>::infinity();
  for (int bands = 1; bands <= permutations; ++bands)
    for (int rows = 1; rows <= permutations / bands; ++rows) {
      const LshShape shape{bands, rows};
      const double falsePositives = integral(0, threshold, [&](double s) { return lshChance(s, shape); });
      const double falseNegatives = integral(threshold, 1, [&](double s) { return 1 - lshChance(s, shape); });
      const double error = .5 * falsePositives + .5 * falseNegatives;
      if (error >= least) continue;
      least = error;
      best = shape;
    }
  return best;
}

MinHash::MinHash(int permutations, std::uint64_t seed) {
  LACUNA_CHECK(permutations > 0);
  for (int i = 0; i < permutations; ++i) {
    Rng rng(seed, "corpus.minhash", static_cast<std::uint64_t>(i));
    const std::uint64_t a = 1 + rng.below(kPrime - 1), b = rng.below(kPrime);
    m_coefficients.emplace_back(a, b);
  }
}

std::vector<std::uint32_t> MinHash::signature(const Shingles& shingles) const {
  std::vector<std::uint32_t> least(m_coefficients.size(), std::numeric_limits<std::uint32_t>::max());
  for (const std::uint64_t shingle : shingles) {
    const std::uint64_t h = shingle % kPrime;
    for (std::size_t i = 0; i < least.size(); ++i) {
      const auto& [a, b] = m_coefficients[i];
      least[i] = std::min(least[i], static_cast<std::uint32_t>(modPrime(static_cast<Wide>(a) * h + b)));
    }
  }
  return least;
}

double MinHash::similarity(std::span<const std::uint32_t> a, std::span<const std::uint32_t> b) {
  LACUNA_CHECK(a.size() == b.size() && !a.empty());
  std::size_t equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i] ? 1 : 0;
  return static_cast<double>(equal) / static_cast<double>(a.size());
}

}  // namespace lacuna::corpus
