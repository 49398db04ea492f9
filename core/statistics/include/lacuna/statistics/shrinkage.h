#pragma once

#include <span>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/estimate.h"

/// From noisy effects to a careful report (methods.md 12, 13.4).
namespace lacuna::statistics {

struct Shrunk {
  std::vector<double> factor, mean, sd, probabilityPositive;   ///< posterior of every effect; P is NaN where sd is 0
  double mu = kMissing, tau2 = kMissing;
  Status status = Status::Ok;    ///< K < 3 → NOT_IDENTIFIED (raw values back), τ² = 0 → DEGENERATE (all at μ: no verdict)
};
/// Empirical Bayes: mean μ + τ²/(τ² + v)(y − μ), sd √(τ²v/(τ² + v)), μ and τ² after DerSimonian & Laird.
/// meanUncertainty adds (1 − factor)²·Var(μ) to the variance: wanted below ten effects.
Shrunk empiricalBayes(std::span<const double> y, std::span<const double> se, bool meanUncertainty = false);

struct TiltConfig {
  double eta = 0.5, smallest = 0.5, largest = 2;
};
struct Tilt {
  std::vector<double> multiplier, weights;   ///< m and w ∝ w0·m, Σ w = 1
  double kl = kMissing;                      ///< KL(w ‖ w0) in nats
  Status status = Status::Ok;
};
/// m = clip(exp(η(z − mean z))), z = value/sd(values, ddof 0). Rows with move 0 keep m = 1 (empty: all move). caps bound m from
/// above, e.g. 4·available/used (empty: none).
Tilt tilt(std::span<const double> values, std::span<const double> weights, const TiltConfig& config = {},
          std::span<const std::uint8_t> move = {}, std::span<const double> caps = {});
/// Σ p ln(p/q) of two distributions; infinite where q is 0 and p is not.
double klDivergence(std::span<const double> p, std::span<const double> q);

struct Calibration {
  Estimate slope, intercept;                 ///< jackknife t intervals
  double residualSd = kMissing;
  Status status = Status::Ok;                ///< n < 3 → TOO_FEW, no covariance → NOT_IDENTIFIED
};
/// Deming regression: both axes carry error; lambda = Var(error y)/Var(error x).
Calibration deming(std::span<const double> x, std::span<const double> y, double lambda = 1, double level = 0.95);
/// y at a new x: t with n − 2 degrees on the residual sd and the slope's uncertainty.
Estimate predict(const Calibration& calibration, double x, double meanX, double level = 0.95);

/// Linear datamodelling score (Ilyas et al. 2022): Spearman of Σ_{i∈S_m} attribution_i with the outcomes over subsets m;
/// percentile bootstrap over subsets. members [subsets, parts] 0 or 1. A constant side → NOT_IDENTIFIED.
Estimate linearDatamodelScore(const MatrixD& members, std::span<const double> attributions, std::span<const double> outcomes,
                              const BootstrapConfig& config);

}  // namespace lacuna::statistics
