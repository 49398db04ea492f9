#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/statistics/estimate.h"

/// Estimates as data: each y comes with its own known variance v > 0 (methods.md 9.2 c).
namespace lacuna::statistics {

enum class Between { DerSimonianLaird, Reml };

struct MetaAnalysis {
  Estimate fixed, random;        ///< common-effect and random-effects mean, normal intervals
  Estimate prediction;           ///< where the effect of a new study lies: t with k − 2 degrees; TOO_FEW below 3 studies
  double q = kMissing, pHeterogeneity = kMissing, tau2 = kMissing, i2 = kMissing;
  Status status = Status::Ok;    ///< k < 2 → TOO_FEW, bad input → NAN_INPUT, REML → NOT_CONVERGED
};
MetaAnalysis metaAnalysis(std::span<const double> y, std::span<const double> v, Between method = Between::DerSimonianLaird, double level = 0.95);

/// Random-effects meta-regression on X [k, p] (with its intercept): τ² by the moment estimator of the residual Q.
struct MetaRegression {
  std::vector<Estimate> b;
  double tau2 = kMissing, q = kMissing, i2 = kMissing;
  Status status = Status::Ok;    ///< k − p < 1 or X of deficient rank → NOT_IDENTIFIED
};
MetaRegression metaRegression(const MatrixD& x, std::span<const double> y, std::span<const double> v, double level = 0.95);

/// y = Xb + (1|first) + (1|second) + e by REML, variance ratios profiled (methods.md 9.2 d). `second` may be empty.
struct MixedModel {
  std::vector<Estimate> b;       ///< normal intervals
  double firstVariance = kMissing, secondVariance = kMissing, residualVariance = kMissing;
  double criterion = kMissing;   ///< −2 × restricted log-likelihood, constants left out
  Status status = Status::Ok;
};
MixedModel mixedModel(const MatrixD& x, const VectorD& y, std::span<const std::int32_t> first, std::span<const std::int32_t> second = {}, double level = 0.95);

}  // namespace lacuna::statistics
