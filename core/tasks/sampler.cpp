#include "sampler.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <string>
#include <unordered_set>

#include "lacuna/base/error.h"

namespace lacuna::tasks {

void MersenneTwister::seed(std::uint32_t value) {
  m_state[0] = value;
  for (std::uint32_t i = 1; i < m_state.size(); ++i)
    m_state[i] = 1812433253u * (m_state[i - 1] ^ (m_state[i - 1] >> 30)) + i;
  m_at = m_state.size();
}

MersenneTwister MersenneTwister::fromSeed(std::uint32_t value) {
  MersenneTwister twister;
  twister.seed(value);
  return twister;
}

MersenneTwister MersenneTwister::fromKey(std::uint32_t key) {
  MersenneTwister twister;
  twister.seed(19650218u);
  auto& s = twister.m_state;
  std::size_t i = 1;
  const auto advance = [&] {
    if (++i >= s.size()) { s[0] = s.back(); i = 1; }
  };
  const auto mixed = [&](std::uint32_t factor) { return s[i] ^ ((s[i - 1] ^ (s[i - 1] >> 30)) * factor); };
  for (std::size_t n = s.size(); n > 0; --n) {
    s[i] = mixed(1664525u) + key;
    advance();
  }
  for (std::size_t n = s.size() - 1; n > 0; --n) {
    s[i] = mixed(1566083941u) - static_cast<std::uint32_t>(i);
    advance();
  }
  s[0] = 0x80000000u;
  return twister;
}

void MersenneTwister::twist() {
  const std::size_t n = m_state.size();
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t y = (m_state[i] & 0x80000000u) | (m_state[(i + 1) % n] & 0x7fffffffu);
    m_state[i] = m_state[(i + 397) % n] ^ (y >> 1) ^ ((y & 1u) ? 0x9908b0dfu : 0u);
  }
  m_at = 0;
}

std::uint32_t MersenneTwister::next() {
  if (m_at >= m_state.size()) twist();
  std::uint32_t y = m_state[m_at++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

std::int64_t PythonRandom::below(std::int64_t n) {
  const int bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(n)));
  LACUNA_CHECK(bits <= 32);
  std::int64_t value = 0;
  do value = m_bits.next() >> (32 - bits);
  while (value >= n);
  return value;
}

std::vector<std::int64_t> PythonRandom::sample(std::int64_t n, std::int64_t k) {
  LACUNA_CHECK(k >= 0 && k <= n);
  std::vector<std::int64_t> result;
  std::int64_t setSize = 21;
  if (k > 5) {
    std::int64_t table = 1;
    while (table < 3 * k) table *= 4;
    setSize += table;
  }
  if (n <= setSize) {
    std::vector<std::int64_t> pool(static_cast<std::size_t>(n));
    std::iota(pool.begin(), pool.end(), 0);
    for (std::int64_t i = 0; i < k; ++i) {
      auto& place = pool[static_cast<std::size_t>(below(n - i))];
      result.push_back(place);
      place = pool[static_cast<std::size_t>(n - i - 1)];
    }
    return result;
  }
  std::unordered_set<std::int64_t> taken;
  for (std::int64_t i = 0; i < k; ++i) {
    std::int64_t j = below(n);
    while (!taken.insert(j).second) j = below(n);
    result.push_back(j);
  }
  return result;
}

std::vector<std::int64_t> numpyPermutation(std::uint32_t seed, std::int64_t n) {
  MersenneTwister bits = MersenneTwister::fromSeed(seed);
  std::vector<std::int64_t> result(static_cast<std::size_t>(n));
  std::iota(result.begin(), result.end(), 0);
  for (std::uint32_t i = static_cast<std::uint32_t>(std::max<std::int64_t>(n, 1)) - 1; i > 0; --i) {
    const std::uint32_t mask = std::bit_ceil(i + 1) - 1;
    std::uint32_t j = 0;
    do j = bits.next() & mask;
    while (j > i);
    std::swap(result[i], result[j]);
  }
  return result;
}

ExampleSampler::ExampleSampler(Kind kind, std::vector<std::int64_t> pool, std::int64_t shots, bool excludeItem)
    : m_kind(kind), m_pool(std::move(pool)), m_shots(shots), m_excludeItem(excludeItem) {}

std::vector<std::int64_t> ExampleSampler::without(std::int64_t item) const {
  std::vector<std::int64_t> positions;
  for (std::size_t i = 0; i < m_pool.size(); ++i)
    if (!m_excludeItem || m_pool[i] != item) positions.push_back(static_cast<std::int64_t>(i));
  return positions;
}

std::vector<std::int64_t> ExampleSampler::next(std::int64_t item) {
  if (m_shots == 0) return {};
  std::vector<std::int64_t> result = m_kind == Kind::LmEval ? drawn(item) : without(item);
  if (static_cast<std::int64_t>(result.size()) < m_shots)
    throw Error("LAC-1301", "Wanted " + std::to_string(m_shots) + " examples, but the pool has only " +
                                std::to_string(result.size()) + " records that may be used.",
                "Ask for fewer examples or give a larger few-shot file.");
  result.resize(static_cast<std::size_t>(m_shots));
  return result;
}

std::vector<std::int64_t> ExampleSampler::drawn(std::int64_t item) {
  const auto n = static_cast<std::int64_t>(m_pool.size());
  const std::int64_t wanted = m_shots + (m_excludeItem ? 1 : 0);
  if (n >= wanted) {
    std::vector<std::int64_t> positions = m_random.sample(n, wanted);
    if (m_excludeItem)
      std::erase_if(positions, [&](std::int64_t p) { return m_pool[static_cast<std::size_t>(p)] == item; });
    if (static_cast<std::int64_t>(positions.size()) >= m_shots) return positions;
  }
  const std::vector<std::int64_t> usable = without(item);
  if (static_cast<std::int64_t>(usable.size()) < m_shots) return usable;
  std::vector<std::int64_t> positions = m_random.sample(static_cast<std::int64_t>(usable.size()), m_shots);
  for (auto& position : positions) position = usable[static_cast<std::size_t>(position)];
  return positions;
}

}  // namespace lacuna::tasks
