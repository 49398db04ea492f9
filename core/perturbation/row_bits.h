#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/perturbation/perturbation.h"

namespace lacuna::perturbation {

/// Random parts of an edit. Their stream is chosen by the row's own bits, so the same state gets the same draw in any batch.
/// Isotropic noise of Euclidean norm rho·sqrt(d) for one row.
std::vector<double> rowNoise(std::span<const float> row, double rho, std::uint64_t seed);

/// Which row of a bank replaces a state. With bank positions the donor comes from the bucket of the row's position (1, 2–3, 4–7,
/// 8–15, …; position 0 has its own), or from the nearest bucket that has donors, the earlier of two.
class Donors {
 public:
  Donors(std::int64_t bankRows, const std::vector<std::int32_t>& positions, std::uint64_t seed);
  bool needsPosition() const { return m_byBucket.size() > 1; }
  std::int64_t choose(std::span<const float> row, std::int32_t position) const;

 private:
  const std::vector<std::int64_t>& bucketFor(std::int32_t position) const;
  std::vector<std::vector<std::int64_t>> m_byBucket;   ///< one bucket when positions do not matter
  std::uint64_t m_seed;
};

}  // namespace lacuna::perturbation
