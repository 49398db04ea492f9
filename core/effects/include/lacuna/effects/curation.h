#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lacuna/base/matrix.h"
#include "lacuna/statistics/estimate.h"
#include "lacuna/statistics/shrinkage.h"

/// From control-adjusted effects to careful advice about a data mixture (methods.md 12). An ACE says what a representation carries, not
/// what training on the data gave: the report is a hypothesis until stage 13's gate passes, and it never prints compute saved.
namespace lacuna::effects {

enum class CorpusKnown { Exact, Proxy, Unknown };   ///< are the clusters of the model's own training data?
/// What the advice rests on, from weak to strong.
enum class Evidence { AceOnly, ToyRetrain, ProxyModels, TargetAblation };
std::string evidenceName(Evidence evidence);

struct CurationInput {
  std::vector<std::string> clusters, tasks;
  MatrixD ace, variance;                 ///< [clusters, tasks] ACE_adj and its sampling variance
  MatrixD pControl;                      ///< [clusters, tasks] p of the effect against its controls, in the effect's own direction
  MatrixD specificity;                   ///< [clusters, tasks] SI
  VectorD outcomeSd;                     ///< [tasks] sd of clean item outcomes
  VectorD utilities;                     ///< [tasks] u_T, rescaled to Σ|u| = 1; negative for what one wants less of
  VectorD shares;                        ///< [clusters] token shares w0, design-weighted
  VectorD available, used;               ///< [clusters] tokens there are and tokens an epoch of the mixture takes; empty: no epoch cap
  MatrixD draws;                         ///< [draws, clusters·tasks] joint bootstrap draws of ace, row-major cells; empty: independent
  CorpusKnown corpus = CorpusKnown::Unknown;
  bool circular = false;                 ///< clusters were made from states of the model under study
  bool interactions = false;             ///< pairs of clusters were perturbed together beside the single ones
  std::int64_t items = 0;                ///< of the smallest task
  double mde = statistics::kMissing;     ///< largest minimum detectable effect of the tasks
  Evidence evidence = Evidence::AceOnly;
  std::optional<statistics::Calibration> calibration;   ///< DAE = a + b·ACE of stage 13
  double calibrationMean = 0;            ///< mean ACE the calibration was fitted on
  bool gatePassed = false;               ///< stage 13: pooled LDS above 0 and above the baselines
};

struct CurationConfig {
  double certain = 0.9, alpha = 0.05;    ///< P(U > 0) and p_ctrl that a verdict needs
  double eta = 0.5;                      ///< strength of the tilt
  double maxEpochs = 4;                  ///< of a repeated cluster (Muennighoff et al. 2023)
  int top = 3;                           ///< P(among the `top` largest)
  double level = 0.95;
  std::optional<bool> meanUncertainty;   ///< of the shrinkage; left out: added below ten clusters
  std::uint64_t seed = 0;
  int draws = 10000;                     ///< when none are given
};

enum class CurationVerdict { NoChange, Up, Down };
struct CurationRow {
  std::string cluster;
  statistics::Estimate utility;          ///< U = Σ_T u_T·posterior/sd_T, interval over the draws
  double probabilityPositive = statistics::kMissing, probabilityTop = statistics::kMissing;
  statistics::Estimate rank;             ///< 1 = largest U
  CurationVerdict verdict = CurationVerdict::NoChange;
  std::string reason;                    ///< what the verdict rests on, or which condition failed
  double multiplier = 1, share = 0, newShare = 0;   ///< token share before and after the tilt, Σ = 1
  std::vector<statistics::Estimate> removalEffect;  ///< [tasks] predicted DAE; empty where no calibration may be used
};
struct CurationReport {
  std::vector<statistics::Shrunk> shrunk;   ///< [tasks] status NOT_IDENTIFIED: fewer than 3 clusters, raw values; DEGENERATE: τ² = 0
  std::vector<CurationRow> rows;
  double kl = 0;                         ///< KL(w ‖ w0) in nats
  bool hypothesis = true;                ///< to be printed across the report
  std::vector<std::string> caveats;      ///< all mandatory
  std::vector<std::string> ladder;       ///< kinds of evidence, weakest first; the present one is marked
};
/// Throws LAC-1401 when shapes disagree, all utilities are 0, or a share or sd is not above 0.
CurationReport curationReport(const CurationInput& input, const CurationConfig& config = {});

}  // namespace lacuna::effects
