#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lacuna/effects/strength.h"
#include "lacuna/model/forward.h"
#include "workspace.h"

namespace lacuna::study {

/// A text whose loss is watched: minus the mean log p of its scored tokens.
struct UnrelatedText {
  model::Forest forest;
  std::vector<model::ScoredToken> scored;
  std::int32_t group = 0;                            ///< family of a document, group of an item
};

/// Texts that a perturbation of one cluster should leave alone, in two halves that share no group (methods.md 10).
class UnrelatedSet {
 public:
  /// drawn: in the order of their draw; their groups alternate between the halves. The model must outlive this.
  UnrelatedSet(const model::Model& model, std::string name, std::vector<UnrelatedText> drawn);

  const std::string& name() const { return m_name; }
  std::int64_t texts() const { return static_cast<std::int64_t>(m_halves[0].texts.size() + m_halves[1].texts.size()); }
  /// Fewest groups of a half.
  std::int64_t groups() const { return std::min(m_halves[0].groupCount, m_halves[1].groupCount); }
  /// Perturbed − clean loss of every text of a half, in nats a token; one entry an arm.
  std::vector<effects::LossIncrease> increases(effects::Half half, std::span<const model::Arm> arms, const RunContext& context);

 private:
  struct Part {
    std::vector<UnrelatedText> texts;
    std::vector<std::int32_t> groups;                ///< [texts] from 0
    std::int64_t groupCount = 0;
    std::vector<double> clean;                       ///< mean log p; empty until asked for
  };
  std::vector<std::vector<double>> meanLogProbs(const Part& part, std::span<const model::Arm> arms, const RunContext& context) const;

  const model::Model& m_model;
  std::string m_name;
  Part m_halves[2];
};

/// Documents of role "tune" from all other clusters, none of a family the cluster shares; at most 400, drawn by Philox. All tokens but the
/// first are scored. asAnswer: they count as answer for the scope of an edit, not as prompt.
UnrelatedSet unrelatedDocuments(Workspace& workspace, ClusterId cluster, bool asAnswer, const RunContext& context);
/// Tuning items of a task, at most 400: the tokens of the right answer are scored, as in the margin.
UnrelatedSet unrelatedItems(Workspace& workspace, const tasks::Task& task, const RunContext& context);
/// Places of the tasks whose similarity to the cluster lies in the lowest third of all tasks': ⌊n/3⌋ of the n with a similarity.
std::vector<std::size_t> unlikeTasks(Workspace& workspace, ClusterId cluster);

}  // namespace lacuna::study
