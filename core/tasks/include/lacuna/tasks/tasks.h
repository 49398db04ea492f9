#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lacuna/base/run_context.h"
#include "lacuna/model/forward.h"

namespace lacuna::tasks {

/// One question as it is scored: text before, candidate answers or references.
struct Item {
  std::int64_t index = 0;                  ///< position in the data file
  std::string group;                       ///< items of one template or passage; own index when there is none
  std::string prompt;                      ///< everything before the answer, examples included
  std::vector<std::string> choices;        ///< multiple choice
  int gold = -1;
  std::vector<std::string> references;     ///< generation
  std::vector<std::int64_t> fewshot;       ///< positions of its examples in the pool
  std::map<std::string, double> choiceScores;  ///< BIG-bench target_scores by choice
};

enum class Kind { MultipleChoice, Generation };

/// A task file read through its sidecar (tests/data and the format's contract: docs/tasks.md).
struct Task {
  std::string name, format;
  Kind kind = Kind::MultipleChoice;
  std::vector<Item> items;
  std::string targetDelimiter = " ";
  std::vector<std::string> metrics;        ///< secondary metrics, in the order they are written
  std::vector<std::string> until;          ///< generation
  int maxNewTokens = 256;
  nlohmann::ordered_json sidecar;          ///< as read
};
struct TaskOptions {
  std::filesystem::path fewshotFile;       ///< empty: the sidecar's
  int shots = 0;
  std::string sampler;                     ///< empty: the sidecar's, else "lm-eval"
};
/// Throws LAC-1301 with file and key.
Task readTask(const std::filesystem::path& sidecar, const TaskOptions& options = {});

/// One value: a row of the long table. Ground truth of everything after.
struct ItemScore {
  std::int64_t item = 0;
  std::string metric;                      ///< "margin", "acc", "exact_match_strict", …
  double value = 0;
  std::string status;                      ///< "ok" or why there is no value
  std::string prediction, target;
  std::int64_t tokens = 0;
};
struct ChoiceScore {
  std::int64_t item = 0; int choice = 0;
  double logLikelihood = 0; std::int64_t tokens = 0, characters = 0; bool greedy = false;
};
struct ArmScores {
  std::vector<ItemScore> items;            ///< items × metrics
  std::vector<ChoiceScore> choices;
  model::EditReport edits;
};

/// Scores every item under every arm: log-likelihoods as formats.md 6.1 with 6.7, generation greedy.
/// metric "margin" (primary, always written): logp(gold) − logsumexp(others) for choices; mean log p of the gold answer's tokens
/// for generation. Generation is run only if a metric of the task needs it and `generate` is set.
std::vector<ArmScores> scoreTask(const model::Model& model, const Task& task, std::span<const model::Arm> arms, bool generate,
                                 const RunContext& context);

/// The same for a subset of items (previews): indices into task.items.
std::vector<ArmScores> scoreItems(const model::Model& model, const Task& task, std::span<const std::int64_t> items,
                                  std::span<const model::Arm> arms, bool generate, const RunContext& context);

}  // namespace lacuna::tasks
