#pragma once

#include <string>

#include "lacuna/perturbation/construction.h"
#include "lacuna/probes/subspaces.h"
#include "lacuna/study/results.h"

namespace lacuna::study {

/// One subspace V_i to be fitted on documents of role Fit (methods.md 5.2).
struct SubspaceFit {
  std::string builder;                     ///< "meandiff", "probe", "pca", "inlp"
  ClusterId cluster;
  int rank = 1;
  double lambda = 1e-2;                    ///< of probe and inlp
  bool fixedRank = false;                  ///< inlp: all `rank` rounds. Labels that mean nothing would stop it before the first one
};
/// Spanning directions in unscaled space [≤ rank, d]; no rows where there is nothing to take away.
MatrixD fitSubspace(const probes::ProbeInput& input, const SubspaceFit& fit, const RunContext& context);

/// In-cluster mean minus that of the rest over the Fit rows; 0 when a side is empty.
VectorD meanDifference(const probes::ProbeInput& input, ClusterId cluster);

/// While it lives, the Fit documents of an input carry the labels of a permutation, all others −2 (probes/label_null.h).
class PermutedLabels {
 public:
  PermutedLabels(probes::ProbeInput& input, std::uint64_t seed, int draw);
  ~PermutedLabels() { m_input.labels.swap(m_true); }
  PermutedLabels(const PermutedLabels&) = delete;
  PermutedLabels& operator=(const PermutedLabels&) = delete;

 private:
  probes::ProbeInput& m_input;
  std::vector<std::int32_t> m_true;
};

/// Rows of role Fit that belong to the cluster or to the rest, and which are members.
struct FitRows {
  explicit FitRows(const probes::ProbeInput& input);
  MatrixF x;
  std::vector<std::int32_t> labels, families;
  std::vector<std::uint8_t> members(ClusterId cluster) const;
};

/// The edit that takes spanning directions away, at full strength.
perturbation::Built wholeEdit(model::Capture place, perturbation::Method method, const MatrixD& directions, const activations::SiteStats& stats);

/// What is checked: the very edit that a study makes of directions at full strength, on documents of roles Tune and Evaluate.
struct ErasureQuestion {
  ClusterId cluster;
  model::Capture place;
  perturbation::Method method = perturbation::Method::Project;
  std::string kind;                        ///< names the row
  double lambda = 1e-2;                    ///< of the fresh probe
};
SubspaceRow checkedSubspace(const probes::ProbeInput& input, const ErasureQuestion& question, const MatrixD& directions,
                            const activations::SiteStats& stats, const RunContext& context);

}  // namespace lacuna::study
