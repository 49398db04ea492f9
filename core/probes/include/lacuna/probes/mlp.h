#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "lacuna/probes/probes.h"
#include "lacuna/statistics/estimate.h"

/// A probe with one hidden layer and what it attributes to inputs (methods.md 4.3, 4.4 d). A cross-check of the linear probe, never
/// the default for choosing S_i: it finds structure in any labels.
namespace lacuna::probes {

struct MlpConfig {
  int hidden = 0;                         ///< 0: min(256, max(1, d/4))
  double rate = 1e-3, decay = 1e-2;       ///< AdamW (Loshchilov and Hutter 2019), β .9 and .999, ε 1e-8
  int batch = 512, epochs = 50;
  int patience = 5;                       ///< epochs without a lower Tune loss before stopping; the best epoch's weights are kept
};

/// Softmax over the clusters: z = W2·relu(W1·x̃ + b1) + b2.
struct MlpProbe {
  VectorD mean, sd;                       ///< [d] of the Fit rows; sd 0 marks a dropped constant input
  MatrixF w1, w2;                         ///< [h, d] on standardised inputs, [K, h]
  VectorF b1, b2;                         ///< [h], [K]
  std::vector<double> tuneLoss;           ///< cross-entropy on Tune after every epoch
  int bestEpoch = 0;                      ///< 1-based; 0: not trained
  std::vector<statistics::Estimate> auc;  ///< [K] of z_k against the other clusters, on Evaluate
  std::string status;                     ///< "OK", "TOO_FEW": Fit or Tune has no rows, or Fit fewer than two clusters
  MatrixD logits(const MatrixF& x) const; ///< [M, K], in fp64
};
/// Trains on Fit, stops on Tune, is judged on Evaluate. Rows labelled −1 or −2 and rows that are not finite are left out.
/// Deterministic in context.seed, at any thread count. Errors: LAC-3101 for shapes that do not fit or a senseless config.
MlpProbe fitMlp(const ProbeInput& input, const MlpConfig& config, const RunContext& context);

/// A function of [d] and its gradient, at several points at once.
struct ValueAndGradient {
  VectorD values;                         ///< [S]
  MatrixD gradients;                      ///< [S, d]
};
using DifferentiableFunction = std::function<ValueAndGradient(const MatrixD& points)>;

struct IntegratedGradientsConfig {
  int steps = 64, maxSteps = 1024;        ///< midpoints; doubled until complete or above maxSteps
  double tolerance = 0.05;
};
struct IntegratedGradients {
  VectorD attribution;                    ///< [d]
  double difference = 0;                  ///< f(x) − f(baseline), what the attributions should sum to
  double error = 0;                       ///< |Σ attribution − difference|/|difference|; infinite when only the difference is 0
  int steps = 0;                          ///< used
  bool complete = false;                  ///< error ≤ tolerance
};
/// (x − baseline)·∫₀¹ ∇f(baseline + a(x − baseline)) da by the midpoint rule (Sundararajan et al. 2017).
IntegratedGradients integratedGradients(const DifferentiableFunction& f, const VectorD& x, const VectorD& baseline,
                                        const IntegratedGradientsConfig& config = {});

struct MlpImportance {
  VectorD importance;                     ///< [d] mean |IG| of the logit over documents; NaN without documents
  std::int64_t documents = 0;
  std::int64_t doubled = 0;               ///< documents that needed more than the first number of steps
  std::int64_t incomplete = 0;            ///< documents still above the tolerance at maxSteps; they count in the mean
  double worstError = 0;
};
/// Attribution of logit `cluster` to the inputs against the baseline μ (the Fit mean), over the given documents: those of the
/// cluster that are held out. x [M, d].
MlpImportance mlpImportance(const MlpProbe& probe, const MatrixF& x, ClusterId cluster, const IntegratedGradientsConfig& config,
                            const RunContext& context);

}  // namespace lacuna::probes
