#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace lacuna {

/// The bijection behind Rng: Philox4x32 with 10 rounds.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// Counter-based generator (Philox4x32-10, Salmon et al. 2011) keyed by (seed, stage, item): the same numbers at any
/// thread count, batch size or order of calls. `stage` is hashed; each (stage, item) is a stream of its own.
class Rng {
 public:
  Rng(std::uint64_t seed, std::string_view stage, std::uint64_t item = 0);

  std::uint32_t nextU32();
  std::uint64_t nextU64();
  double uniform();                          ///< [0, 1), 53 bits
  double normal();                           ///< Box–Muller
  std::uint64_t below(std::uint64_t n);      ///< unbiased, 0 … n−1; n > 0
  /// A uniform permutation of 0 … n−1 (Fisher–Yates).
  std::vector<std::int64_t> permutation(std::int64_t n);
  /// k distinct values of 0 … n−1, in random order.
  std::vector<std::int64_t> sample(std::int64_t n, std::int64_t k);

 private:
  void refill();
  std::uint32_t m_key[2], m_counter[4], m_block[4];
  int m_used = 4;
  double m_spareNormal = 0;
  bool m_hasSpare = false;
};

}  // namespace lacuna
