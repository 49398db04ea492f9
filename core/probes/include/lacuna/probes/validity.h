#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lacuna/probes/probes.h"
#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/estimate.h"

/// Whether a probe's answer is about the site it reads (methods.md 4.6). Everything is trained on Fit and judged on Evaluate.
/// Errors: LAC-3101 for shapes that do not fit or values that are not finite.
namespace lacuna::probes {

/// Inputs that know the surface of the text alone: layer-0 embedding means, a hashed bag of words, log length.
struct SurfaceBaseline {
  std::string name;
  MatrixF x;                              ///< [N, d_b], rows as in the probe input
};

struct ValidityConfig {
  ProbeConfig probe;                      ///< how baselines are fitted (λ by cross-validation)
  bool retrain = true;                    ///< probes on S_i alone and on its complement: two small problems a cluster
  statistics::BootstrapConfig bootstrap;  ///< of families; the seed is the run's
};

struct Validity {
  ClusterId cluster;
  statistics::Estimate auc;               ///< families bootstrapped where Evaluate documents share one, else Hanley–McNeil
  double averagePrecision = statistics::kMissing;
  std::vector<double> baselineAuc;        ///< [baselines]; NaN where one could not be fitted
  double gain = statistics::kMissing;     ///< AUC − the largest baseline AUC; NaN without one
  /// AUC of probes retrained at the same λ. The complement nearly as good as the whole: S_i is not where the information is.
  double setAuc = statistics::kMissing, complementAuc = statistics::kMissing;   ///< NaN for an empty S_i
  /// The Fit documents can be told apart without error at the λ floor of 1e-4: weights grow as λ falls.
  bool separable = false;
  std::string status;                     ///< "OK", "TOO_FEW": the probe was not fitted
};
/// One a probe, in order; probes as fitProbes made them from `input`. sets[i]: S_i of probe i; sets may be empty for none.
std::vector<Validity> probeValidity(const ProbeInput& input, std::span<const Probe> probes,
                                    std::span<const std::vector<NeuronIndex>> sets, std::span<const SurfaceBaseline> baselines,
                                    const ValidityConfig& config, const RunContext& context);

/// AUC of a document-level probe on single tokens, whose distribution differs from that of their means (methods.md 4.1).
/// states [T, d], labels [T] of the token's document, documents [T]: the groups of the bootstrap.
statistics::Estimate tokenAuc(const Probe& probe, const MatrixF& states, std::span<const std::uint8_t> labels,
                              std::span<const std::int32_t> documents, const statistics::BootstrapConfig& config);

/// A probe beside a covariate that costs nothing, such as log length.
struct CovariateProbe {
  ClusterId cluster;
  VectorD betaStd, wRaw;                  ///< [d] of the states
  double covariate = 0;                   ///< weight of the standardised covariate
  double auc = statistics::kMissing;      ///< states and covariate together
  double statesAuc = statistics::kMissing;      ///< the states' part of the same logit alone
  double covariateAuc = statistics::kMissing;   ///< the covariate's part alone
  std::string status;                     ///< "OK", "TOO_FEW", "NOT_CONVERGED"
};
/// Refits every probe at its own λ with covariate [N] unpenalised.
std::vector<CovariateProbe> fitBesideCovariate(const ProbeInput& input, std::span<const Probe> probes, std::span<const double> covariate,
                                               const ProbeConfig& config, const RunContext& context);

}  // namespace lacuna::probes
