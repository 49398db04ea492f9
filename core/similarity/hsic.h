#pragma once

#include "lacuna/base/matrix.h"

namespace lacuna::similarity {

/// One side of CKA: centred states and their squared row norms.
struct Side {
  MatrixD centred;                   ///< [n, d]
  VectorD norms;                     ///< [n]
  bool finite = true;
};
Side sideOf(const MatrixD& x);

/// ‖Xᵀ Y‖²_F of two centred sides: n² times the biased HSIC.
double crossNorm(const Side& x, const Side& y);
/// HSIC1 from that norm: the zero-diagonal U-statistic in feature space.
double unbiased(double norm, const Side& x, const Side& y);

}  // namespace lacuna::similarity
