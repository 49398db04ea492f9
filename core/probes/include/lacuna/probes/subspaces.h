#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lacuna/probes/probes.h"
#include "lacuna/statistics/estimate.h"

/// Building V_i at the site that is edited (methods.md 5.2), beside meanDifferenceSubspace and probeSubspace. Labels as everywhere:
/// −1 belongs to the rest of every cluster, −2 to nobody. Errors: LAC-3101 for shapes that do not fit or values that are not finite.
namespace lacuna::probes {

struct PcaSubspaceConfig {
  int directions = 3;
  double commonShare = 0.5;               ///< of the rest's variance, removed first
};
/// The cluster's strongest directions: principal axes of the rest that together carry at least commonShare of its variance (about
/// the global mean) are taken away, then the leading axes of the cluster's rows about the global mean are kept.
/// x [N, d] → orthonormal rows [≤ directions, d]; none without both sides.
MatrixD pcaSubspace(const MatrixF& x, std::span<const std::uint8_t> inCluster, const PcaSubspaceConfig& config, const RunContext& context);

struct InlpConfig {
  int maxRounds = 8;
  double stopAuc = 0.55;                  ///< 0: all rounds, whatever the AUC; Tune is then not needed
  double lambda = 1e-2;
  double tolerance = 1e-4;
  int maxIterations = 500;
};
struct InlpResult {
  MatrixD v;                              ///< [rounds, d] orthonormal
  std::vector<double> auc;                ///< on Tune: of the probe of each round, before its direction is taken away, then the last
  bool guarded = false;                   ///< the last AUC is at most stopAuc
};
/// Iterative nullspace projection (Ravfogel et al. 2020): fit on Fit rows projected so far, stop by AUC on Tune, otherwise add the
/// probe's direction in unscaled space and make all directions orthonormal anew.
/// Without both classes in Fit and in Tune: no direction, NaN, not guarded.
InlpResult inlpSubspace(const ProbeInput& input, ClusterId cluster, const InlpConfig& config, const RunContext& context);

/// An affine edit h ↦ h − Bᵀ A (h − μ).
struct AffineErasure {
  MatrixD b, a;                           ///< [r, d]; A·Bᵀ = I makes it a projection
  VectorD mu;                             ///< [d]
  MatrixF apply(const MatrixF& h) const;  ///< [M, d], in fp64 inside
};
/// h ↦ h − VᵀV(h − μ) for orthonormal rows V.
AffineErasure orthogonalErasure(const MatrixD& v, const VectorD& mu);

struct LeaceConfig {
  bool shrink = true;                     ///< Σ towards tr(Σ)/d·I, Ledoit and Wolf 2004, α clamped to [0, 1]
  double relativeCut = 1e-6;              ///< of the largest eigenvalue, for the pseudo-inverse of a singular Σ
};
/// Least-squares erasure (Belrose et al. 2023) of each cluster against the rest: B = δ, A = Σ⁻¹δ/(δᵀΣ⁻¹δ), one factorisation of Σ
/// for all. Any A with A·δ = 1 makes class means equal; Σ decides how little else moves, so shrinking costs no guardedness.
struct LeaceErasers {
  MatrixD delta;                          ///< [K, d] μ_cluster − μ_rest
  MatrixD readout;                        ///< [K, d] Σ⁻¹δ/(δᵀΣ⁻¹δ)
  VectorD mu;                             ///< [d]
  MatrixD sigma;                          ///< [d, d] covariance over n − 1, after shrinking
  double alpha = 0;                       ///< shrinkage used
  bool singular = false;                  ///< the pseudo-inverse was needed
  std::vector<std::uint8_t> defined;      ///< [K] 0: an empty side or equal means; rows are 0 and the edit does nothing
  AffineErasure eraser(std::int64_t cluster) const;
};
/// x [N, d], labels [N] 0 … clusters − 1. No tolerance is absolute: rare clusters and small shifts are erased like others.
LeaceErasers leaceErasers(const MatrixF& x, std::span<const std::int32_t> labels, int clusters, const LeaceConfig& config, const RunContext& context);
/// All clusters at once: rows labelled ≥ 0 and, as one more class, those labelled −1. Rank ≤ classes − 1.
AffineErasure leaceAll(const MatrixF& x, std::span<const std::int32_t> labels, int clusters, const LeaceConfig& config, const RunContext& context);
/// Ledoit and Wolf's coefficient of rows x [n, d] about their mean, in [0, 1].
double ledoitWolf(const MatrixF& x, const RunContext& context);

struct ErasureCheck {
  statistics::Estimate auc;               ///< on edited Evaluate rows; NaN with TOO_FEW when Tune or Evaluate lacks a class
  bool incomplete = false;                ///< flag incomplete_erasure: AUC above the limit
};
/// Refits a balanced L2 probe on edited Tune rows, which no builder's directions saw, and judges it on edited Evaluate rows.
ErasureCheck checkErasure(const ProbeInput& input, ClusterId cluster, const AffineErasure& erasure, double lambda, double limit,
                          const RunContext& context);

/// Cosines of the principal angles between V [r, d] (orthonormal rows) and the `top` directions that W [out, d] reads most strongly
/// (its leading right singular vectors), falling; near 0: the edit is in a space the next layer hardly reads. [min(r, top)]
VectorD readCosines(const MatrixD& v, const MatrixD& w, int top);

}  // namespace lacuna::probes
