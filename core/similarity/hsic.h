#pragma once

#include <set>
#include <span>
#include <utility>

#include "lacuna/base/matrix.h"

namespace lacuna::similarity {

/// One side of CKA: centred states and their squared row norms.
struct Side {
  MatrixD centred;                   ///< [n, d]
  VectorD norms;                     ///< [n]
  bool finite = true;
};
Side sideOf(MatrixD x);

using SidePair = std::pair<Eigen::Index, Eigen::Index>;

/// ‖Xᵢᵀ Xⱼ‖²_F of centred sides over the same n rows (n² times the biased HSIC): symmetric [sides, sides], NaN where neither asked for
/// nor made on the way.
/// Takes the cheaper of two roads to the same fp64 sums: one product of features a pair (n dᵢ dⱼ), or Σ Kᵢ∘Kⱼ over tiles of the
/// Gram matrices (n² dᵢ a side, whatever the number of pairs; memory sides × 256² a thread).
MatrixD crossNorms(std::span<const Side> sides, const std::set<SidePair>& pairs, int threads);
/// HSIC1 from that norm: the zero-diagonal U-statistic in feature space.
double unbiased(double norm, const Side& x, const Side& y);

}  // namespace lacuna::similarity
