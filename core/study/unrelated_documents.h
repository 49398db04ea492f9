#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "lacuna/effects/strength.h"
#include "lacuna/model/forward.h"
#include "workspace.h"

namespace lacuna::study {

/// Documents of role "tune" from all clusters but one, none of a family that cluster shares: at most 400, drawn by Philox, in two halves
/// that share no family. What a perturbation of that cluster should leave alone (methods.md 10).
class UnrelatedDocuments {
 public:
  /// asAnswer: all tokens count as answer for the scope of an edit, not as prompt.
  UnrelatedDocuments(Workspace& workspace, ClusterId cluster, bool asAnswer, const RunContext& context);

  std::int64_t documents() const { return static_cast<std::int64_t>(m_halves[0].texts.size() + m_halves[1].texts.size()); }
  std::int64_t families(effects::Half half) const { return m_halves[static_cast<std::size_t>(half)].families; }
  /// Perturbed − clean loss of every document, in mean nats a token; one entry an arm.
  std::vector<effects::LossIncrease> increases(effects::Half half, std::span<const model::Arm> arms, const RunContext& context);

 private:
  struct Part {
    std::vector<std::vector<std::int32_t>> texts;
    std::vector<std::int32_t> groups;                ///< family within the half, from 0
    std::int64_t families = 0;
    std::vector<double> clean;                       ///< mean log p a token; empty until asked for
  };
  std::vector<std::vector<double>> meanLogProbs(const Part& part, std::span<const model::Arm> arms, const RunContext& context) const;

  const model::Model& m_model;
  bool m_asAnswer;
  Part m_halves[2];
};

}  // namespace lacuna::study
