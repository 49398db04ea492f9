#pragma once

#include <memory>

#include "lacuna/base/matrix.h"

namespace lacuna::perturbation {

/// Principal components of a covariance, largest variance first.
struct Components {
  VectorD variances;  ///< [d] ≥ 0
  MatrixD rows;       ///< [d, d] orthonormal rows
  /// The fewest leading components that carry `share` of the variance, at least `least`.
  Eigen::Index carrying(double share, Eigen::Index least) const;
};
/// Kept for the last few matrices: every control draw of a site asks for the same one.
std::shared_ptr<const Components> components(const MatrixD& covariance);

}  // namespace lacuna::perturbation
