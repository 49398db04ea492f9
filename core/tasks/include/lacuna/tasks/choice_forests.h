#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lacuna/tasks/tasks.h"

namespace lacuna::tasks {

/// One item as a forest of tokens, so that its margin can be made from log-probabilities by others (attribution patching, effects::screen).
/// A choice's log-likelihood is the sum over its tokens, with `perToken` the mean; then margin = logp(gold) − logsumexp(others), of a lone
/// answer its own log-likelihood: the bits of scoreItems' "margin". RealToxicityPrompts: the toxic texts, then the neutral ones, which are
/// right together; the margin is then scoreItems' plus log(neutral / toxic texts). Of a document all its windows are one choice.
struct ChoiceForest {
  std::int64_t place = 0;                                ///< in task.items
  model::Forest forest;                                  ///< the prompt once, the choices behind it
  std::vector<std::vector<model::ScoredToken>> choices;  ///< one for a task that generates: its gold answer (GSM8K: behind "#### ")
  int gold = 0;                                          ///< CrowS-Pairs: sent_more
  int golds = 1;                                         ///< choices from `gold` on that are right together
  bool perToken = false;                                 ///< where the choices differ in length, and for gold answers
  /// "ok", or why there are no choices: as scoreItems' margin, or "beyond_positions" (a text that fills all learned positions, whose last
  /// token scoreItems reads off the logits before it).
  std::string status = "ok";
};

/// The same task in the other world: items that have a counterfactual prompt get it as their prompt, the others none at all
/// (`status` "blank_context" or the like). Answers and positions stay.
Task counterfactualTask(const Task& task);
/// Whether any item has a counterfactual prompt.
bool hasCounterfactuals(const Task& task);

/// Encoded, truncated and compared as scoreItems does it. items: positions in task.items. Throws LAC-1301, LAC-1302.
std::vector<ChoiceForest> choiceForests(const model::Model& model, const Task& task, std::span<const std::int64_t> items, const RunContext& context);

}  // namespace lacuna::tasks
