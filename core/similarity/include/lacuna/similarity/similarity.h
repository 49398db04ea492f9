#pragma once

#include "lacuna/base/matrix.h"
#include "lacuna/statistics/estimate.h"

namespace lacuna::similarity {

/// Linear CKA of two sets of states of the same n rows (methods.md 7). X [n, dx], Y [n, dy]; sums in fp64.
struct Cka {
  double biased = statistics::kMissing;
  double debiased = statistics::kMissing;    ///< HSIC1 (Song et al. 2007); may lie below 0 or above 1
  statistics::Status status = statistics::Status::Ok;   ///< TOO_FEW (n < 4), NOT_IDENTIFIED (no variance)
};
Cka linearCka(const MatrixF& x, const MatrixF& y);
/// The unbiased HSIC estimate in feature space; both inputs [n, d].
double hsic1(const MatrixD& x, const MatrixD& y);

/// What moved, beside CKA: RMS of ‖y − x‖ / ‖x − mean x‖, and mean cosine of rows.
struct Displacement { double relativeRms = statistics::kMissing, meanCosine = statistics::kMissing; };
Displacement displacement(const MatrixF& x, const MatrixF& y);

/// Each column centred and divided by x's sd; the same mean and sd for both sides (constant columns dropped).
void zScore(MatrixF& x, MatrixF& y);

}  // namespace lacuna::similarity
