#include "lacuna/base/rng.h"

#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>
#include <unordered_map>
#include <utility>

#include <xxhash.h>

#include "lacuna/base/error.h"

namespace lacuna {

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * counter[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * counter[2];
    counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
               static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

// Key: (seed, stage). Counter: block number in the low half, item in the high half, so streams of items never meet.
Rng::Rng(std::uint64_t seed, std::string_view stage, std::uint64_t item) {
  const std::uint64_t key = XXH3_64bits_withSeed(stage.data(), stage.size(), seed);
  m_key[0] = static_cast<std::uint32_t>(key);
  m_key[1] = static_cast<std::uint32_t>(key >> 32);
  m_counter[0] = m_counter[1] = 0;
  m_counter[2] = static_cast<std::uint32_t>(item);
  m_counter[3] = static_cast<std::uint32_t>(item >> 32);
}

void Rng::refill() {
  const auto block = philox4x32({m_counter[0], m_counter[1], m_counter[2], m_counter[3]}, {m_key[0], m_key[1]});
  for (int i = 0; i < 4; ++i) m_block[i] = block[static_cast<std::size_t>(i)];
  if (++m_counter[0] == 0) ++m_counter[1];
  m_used = 0;
}

std::uint32_t Rng::nextU32() {
  if (m_used == 4) refill();
  return m_block[m_used++];
}

std::uint64_t Rng::nextU64() {
  const std::uint64_t low = nextU32();
  return low | (std::uint64_t{nextU32()} << 32);
}

double Rng::uniform() { return static_cast<double>(nextU64() >> 11) * 0x1p-53; }

double Rng::normal() {
  if (m_hasSpare) {
    m_hasSpare = false;
    return m_spareNormal;
  }
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));  // 1 − u lies in (0, 1]
  const double angle = 2 * std::numbers::pi * uniform();
  m_spareNormal = radius * std::sin(angle);
  m_hasSpare = true;
  return radius * std::cos(angle);
}

// Lemire's multiply-and-reject (ACM TOMACS 29, 2019).
std::uint64_t Rng::below(std::uint64_t n) {
  LACUNA_CHECK(n > 0);
  __extension__ using Wide = unsigned __int128;
  Wide product = Wide{nextU64()} * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t threshold = (0 - n) % n;
    while (static_cast<std::uint64_t>(product) < threshold) product = Wide{nextU64()} * n;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

std::vector<std::int64_t> Rng::permutation(std::int64_t n) {
  LACUNA_CHECK(n >= 0);
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[below(i)]);
  return order;
}

// The first k steps of a Fisher–Yates shuffle; only displaced entries are kept, so memory is O(k).
std::vector<std::int64_t> Rng::sample(std::int64_t n, std::int64_t k) {
  LACUNA_CHECK(k >= 0 && k <= n);
  std::unordered_map<std::int64_t, std::int64_t> displaced;
  const auto at = [&](std::int64_t i) {
    const auto found = displaced.find(i);
    return found == displaced.end() ? i : found->second;
  };
  std::vector<std::int64_t> drawn;
  drawn.reserve(static_cast<std::size_t>(k));
  for (std::int64_t i = 0; i < k; ++i) {
    const std::int64_t j = i + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(n - i)));
    drawn.push_back(at(j));
    displaced[j] = at(i);
  }
  return drawn;
}

}  // namespace lacuna
