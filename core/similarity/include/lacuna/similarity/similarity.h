#pragma once

#include <cstdint>
#include <span>
#include <vector>

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

/// All pairs of two lists of states over the same rows, e.g. clean against perturbed layers: [a.size()][b.size()]. The terms of
/// each matrix with itself are computed once, as are those of a matrix given twice. `threads` 0: all cores.
std::vector<std::vector<Cka>> linearCkaMatrix(std::span<const MatrixF> a, std::span<const MatrixF> b, int threads = 0);

/// Debiased CKA with a delete-one-document jackknife interval (HSIC1 is a U-statistic; resampling with replacement would make
/// twin rows and bias it upwards). Holds two [n, n] matrices. The interval is not cut at 0 or 1. n < 50 deserves a warning.
statistics::Estimate ckaInterval(const MatrixF& x, const MatrixF& y, double level = 0.95);

/// CKA of more rows than fit in memory (Nguyen et al. 2021): HSIC1 is averaged over batches of at least 4, better 64 rows, and the
/// ratio taken at the end. Both sides must see the same batches. `biased` stays missing.
class MinibatchCka {
 public:
  void add(const MatrixF& x, const MatrixF& y);
  Cka result() const;
  std::int64_t batches() const { return m_batches; }

 private:
  double m_xy = 0, m_xx = 0, m_yy = 0;
  std::int64_t m_batches = 0;
  bool m_tooFew = false, m_nonFinite = false;
};

/// What moved, beside CKA: RMS of ‖y − x‖ / ‖x − mean x‖, and mean cosine of rows.
struct Displacement { double relativeRms = statistics::kMissing, meanCosine = statistics::kMissing; };
Displacement displacement(const MatrixF& x, const MatrixF& y);

/// Each column centred and divided by x's sd; the same mean and sd for both sides (constant columns dropped).
void zScore(MatrixF& x, MatrixF& y);

/// How alike two sets of next-token logits [n, vocabulary] are: mean KL(clean ‖ perturbed) in nats, share of rows whose largest
/// logit is the same token.
struct Agreement { double kl = statistics::kMissing, top1 = statistics::kMissing; };
Agreement nextTokenAgreement(const MatrixF& clean, const MatrixF& perturbed);

}  // namespace lacuna::similarity
