#pragma once

#include <span>
#include <vector>

#include "lacuna/activations/activations.h"
#include "lacuna/probes/validity.h"
#include "workspace.h"

namespace lacuna::study {

/// What the probe stage stores of one site.
struct SiteRows {
  std::vector<ProbeRow> probes;
  std::vector<store::DirectionRow> directions;
  std::vector<RankingRow> rankings;
  std::vector<SubspaceRow> subspaces;
};

/// What all sites share: labels, families and roles of the documents, and inputs that know the surface of the texts alone.
struct ProbeMaterial {
  probes::ProbeInput input;                     ///< x is set site by site
  std::vector<probes::SurfaceBaseline> baselines;
  std::vector<std::vector<std::uint8_t>> members = {};   ///< [clusters][documents] where documents may be in several; else empty
};

/// While it lives, the labels are those that one cluster sees: its members, and all others as the rest (one-vs-rest, methods.md 3.4). Nothing
/// changes where documents are in one cluster at most.
class SeenFrom {
 public:
  SeenFrom(ProbeMaterial& material, ClusterId cluster);
  ~SeenFrom() {
    if (!m_labels.empty()) m_input.labels.swap(m_labels);
  }
  SeenFrom(const SeenFrom&) = delete;
  SeenFrom& operator=(const SeenFrom&) = delete;

 private:
  probes::ProbeInput& m_input;
  std::vector<std::int32_t> m_labels;
};

/// Fits the probes of one site and everything that hangs on them: S_i, validity, directions, permuted labels, rankings.
SiteRows probeSite(ProbeMaterial& material, const activations::SiteActivations& site, const StudySpec& spec, const RunContext& context);

/// States of reference documents as donors of resample ablation: one token a document of role Fit.
std::vector<store::StateBankRow> stateBanks(Workspace& workspace, const corpus::Corpus& part, std::span<const std::int32_t> labels);

}  // namespace lacuna::study
