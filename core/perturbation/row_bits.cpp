#include "row_bits.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "lacuna/base/rng.h"

namespace lacuna::perturbation {
namespace {

/// FNV-1a over 32-bit words; −0 counts as 0.
std::uint64_t contentKey(std::span<const float> row) {
  std::uint64_t key = 14695981039346656037ULL;
  for (const float value : row) key = (key ^ std::bit_cast<std::uint32_t>(value == 0 ? 0.0F : value)) * 1099511628211ULL;
  return key;
}

std::size_t bucketOf(std::int32_t position) { return static_cast<std::size_t>(std::bit_width(static_cast<std::uint32_t>(std::max(position, 0)))); }

}  // namespace

std::vector<double> rowNoise(std::span<const float> row, double rho, std::uint64_t seed) {
  Rng rng(seed, "perturbation-noise", contentKey(row));
  std::vector<double> noise(row.size());
  double squared = 0;
  for (double& value : noise) {
    value = rng.normal();
    squared += value * value;
  }
  const double scale = squared > 0 ? rho * std::sqrt(static_cast<double>(row.size()) / squared) : 0;
  for (double& value : noise) value *= scale;
  return noise;
}

Donors::Donors(std::int64_t bankRows, const std::vector<std::int32_t>& positions, std::uint64_t seed) : m_seed(seed) {
  if (positions.empty()) {
    m_byBucket.emplace_back(static_cast<std::size_t>(bankRows));
    std::iota(m_byBucket[0].begin(), m_byBucket[0].end(), 0);
    return;
  }
  m_byBucket.resize(33);  // a bucket for every width of a position in bits
  for (std::size_t i = 0; i < positions.size(); ++i) m_byBucket[bucketOf(positions[i])].push_back(static_cast<std::int64_t>(i));
}

const std::vector<std::int64_t>& Donors::bucketFor(std::int32_t position) const {
  if (!needsPosition()) return m_byBucket[0];
  const std::size_t wanted = bucketOf(position);
  for (std::size_t away = 0; away < m_byBucket.size(); ++away) {
    if (away <= wanted && !m_byBucket[wanted - away].empty()) return m_byBucket[wanted - away];
    if (wanted + away < m_byBucket.size() && !m_byBucket[wanted + away].empty()) return m_byBucket[wanted + away];
  }
  return m_byBucket[0];
}

std::int64_t Donors::choose(std::span<const float> row, std::int32_t position) const {
  const std::vector<std::int64_t>& bucket = bucketFor(position);
  return bucket[static_cast<std::size_t>(Rng(m_seed, "perturbation-resample", contentKey(row)).below(bucket.size()))];
}

}  // namespace lacuna::perturbation
