#pragma once

#include "lacuna/base/matrix.h"

namespace lacuna::similarity {

/// The two dense products of CKA, in fp64 on libtorch's BLAS.
double squaredNormOfProduct(const MatrixD& a, const MatrixD& b);   ///< ‖Aᵀ B‖²_F; A [n, p], B [n, q]
MatrixD gram(const MatrixD& a);                                    ///< A Aᵀ [n, n]

}  // namespace lacuna::similarity
