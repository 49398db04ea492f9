#pragma once

#include <span>

#include "lacuna/base/matrix.h"

namespace lacuna::similarity {

/// The dense products of CKA, in fp64.
double squaredNormOfProduct(const MatrixD& a, const MatrixD& b);   ///< ‖Aᵀ B‖²_F; A [n, p], B [n, q]
MatrixD gram(const MatrixD& a);                                    ///< A Aᵀ [n, n]
/// Σ Kᵢ∘Kⱼ of the Gram matrices K = A Aᵀ of all pairs, [matrices, matrices]; the matrices have the same rows. Tiles of K are made
/// for all matrices, multiplied and forgotten: memory does not grow with n². The same bits at any thread count.
MatrixD gramProducts(std::span<const MatrixD* const> matrices, int threads);

}  // namespace lacuna::similarity
