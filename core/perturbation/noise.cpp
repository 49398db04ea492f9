#include "noise.h"

#include <bit>
#include <cmath>

#include "lacuna/base/rng.h"

namespace lacuna::perturbation {
namespace {

/// FNV-1a over 32-bit words; −0 counts as 0.
std::uint64_t contentKey(std::span<const float> row) {
  std::uint64_t key = 14695981039346656037ULL;
  for (const float value : row) key = (key ^ std::bit_cast<std::uint32_t>(value == 0 ? 0.0F : value)) * 1099511628211ULL;
  return key;
}

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

}  // namespace lacuna::perturbation
