#pragma once

#include <array>
#include <cstdint>
#include <vector>

/// Generators of other programs, bit for bit: published few-shot prompts depend on them. Everything of our own uses lacuna::Rng.
namespace lacuna::tasks {

/// MT19937 (Matsumoto & Nishimura 1998).
class MersenneTwister {
 public:
  static MersenneTwister fromKey(std::uint32_t key);   ///< init_by_array({key}): CPython's random.Random(key)
  static MersenneTwister fromSeed(std::uint32_t seed); ///< init_genrand(seed): numpy's RandomState(seed)
  std::uint32_t next();

 private:
  void seed(std::uint32_t value);
  void twist();
  std::array<std::uint32_t, 624> m_state{};
  std::size_t m_at = 624;
};

/// CPython's Random.sample(range(n), k): k distinct values, 0 ≤ k ≤ n.
class PythonRandom {
 public:
  explicit PythonRandom(std::uint32_t seed) : m_bits(MersenneTwister::fromKey(seed)) {}
  std::vector<std::int64_t> sample(std::int64_t n, std::int64_t k);

 private:
  std::int64_t below(std::int64_t n);
  MersenneTwister m_bits;
};

/// numpy's RandomState(seed).permutation(n).
std::vector<std::int64_t> numpyPermutation(std::uint32_t seed, std::int64_t n);

/// Draws the examples of consecutive items (README of the fixtures, section 4). `pool` holds one number a record, equal numbers for
/// equal records; an item's number need not be in the pool.
class ExampleSampler {
 public:
  enum class Kind { LmEval, First };
  ExampleSampler(Kind kind, std::vector<std::int64_t> pool, std::int64_t shots, bool excludeItem);
  /// Positions in the pool; throws LAC-1301 when the pool is too small.
  std::vector<std::int64_t> next(std::int64_t item);

 private:
  std::vector<std::int64_t> drawn(std::int64_t item);
  std::vector<std::int64_t> without(std::int64_t item) const;
  Kind m_kind;
  std::vector<std::int64_t> m_pool;
  std::int64_t m_shots;
  bool m_excludeItem;
  PythonRandom m_random{1234};
};

}  // namespace lacuna::tasks
