#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lacuna::perturbation {

/// Isotropic noise of Euclidean norm rho·sqrt(d) for one row. The stream is chosen by the row's own bits, so the same state
/// gets the same noise in any batch.
std::vector<double> rowNoise(std::span<const float> row, double rho, std::uint64_t seed);

}  // namespace lacuna::perturbation
