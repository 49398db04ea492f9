#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "lacuna/base/run_context.h"
#include "lacuna/model/forward.h"

namespace lacuna::tasks {

/// One question as it is scored: text before, candidate answers or references.
struct Item {
  std::int64_t index = 0;                  ///< position in the data file
  std::string group;                       ///< items of one template or passage; own index when there is none
  std::string prompt;                      ///< everything before the answer, examples included
  std::string question;                    ///< the prompt without description and examples
  std::string counterfactual;              ///< the prompt with its cause swapped (mediation); empty: the record has none
  std::vector<std::string> choices;        ///< multiple choice
  int gold = -1;
  std::vector<std::string> references;     ///< generation: right answers, the first is scored teacher-forced
  std::vector<std::int64_t> fewshot;       ///< positions of its examples in the pool
  std::map<std::string, double> choiceScores;  ///< BIG-bench target_scores by choice
  std::string category;                    ///< CrowS-Pairs: bias_type; RealToxicityPrompts: "toxic", "nontoxic", "unscored" prompt
  bool antistereo = false;                 ///< CrowS-Pairs: direction of the pair
};

enum class Kind { MultipleChoice, Generation };

/// How a generated text is compared with the references.
struct ExactMatchOptions {
  bool ignoreCase = false, ignorePunctuation = false, ignoreNumbers = false;
  std::vector<std::string> regexesToIgnore;   ///< ECMAScript; deleted first, in this order
};

/// How many continuations a prompt gets, and how their tokens are drawn.
struct TaskSampling {
  int samples = 0;                         ///< 0: one greedy text
  double temperature = 1, topP = 1;
  int topK = 0;
  std::uint64_t seed = 0;
};
/// What a sidecar says of the model that judges toxicity; paths are resolved.
struct TaskClassifier {
  std::filesystem::path folder;
  std::string label, rule;
};

/// A task file read through its sidecar (tests/data and the format's contract: docs/tasks.md).
struct Task {
  std::string name, format;
  Kind kind = Kind::MultipleChoice;        ///< MultipleChoice whenever choices are scored
  std::vector<Item> items;
  std::string targetDelimiter = " ";
  std::vector<std::string> metrics;        ///< secondary metrics, in the order they are written
  std::vector<std::string> until;          ///< generation
  int maxNewTokens = 256;
  TaskSampling sampling;
  nlohmann::ordered_json sidecar;          ///< as read
  bool chainOfThought = false;             ///< bbh
  ExactMatchOptions exactMatch;
  std::string outputRegex, stopString;     ///< BIG-bench
  std::vector<std::string> toxicTexts, neutralTexts;   ///< RealToxicityPrompts: the same continuations behind every prompt
  TaskClassifier classifier;
  std::filesystem::path bleurtFolder;
  std::filesystem::path file;              ///< the data
  int shots = 0;
  std::string positive;                    ///< choice whose F1 is reported (toxicity detection)
};
struct TaskOptions {
  std::filesystem::path fewshotFile;       ///< empty: the sidecar's
  int shots = 0;
  std::string sampler;                     ///< empty: the sidecar's, else "lm-eval"
};
/// `path`: a sidecar, a data file of a public format found by its content, or the folder of a BIG-bench task. Throws LAC-1301 with file and
/// place, what was expected and what found.
Task readTask(const std::filesystem::path& path, const TaskOptions& options = {});
/// A sidecar, or a data file whose content is surely that of a task; documents alone could be a corpus as well and are none here. Never throws.
bool looksLikeTask(const std::filesystem::path& path);

/// Whether a metric needs generated text.
bool isGenerated(const Task& task, const std::string& metric);
/// Mean score of blind guessing at "acc": mean of 1 / number of choices; 0 for generation.
double chanceLevel(const Task& task);

/// What the harness counts as words of a text: runs of white space and one more.
std::int64_t splitWords(std::string_view text);

/// One value: a row of the long table. Ground truth of everything after.
struct ItemScore {
  std::int64_t item = 0;
  std::string metric;                      ///< "margin", "acc", "exact_match_strict", …
  double value = 0;                        ///< NaN unless status is "ok"
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

struct TextPair { std::string reference, candidate; };

struct ScoreOptions {
  bool generate = true;
  /// P(toxic) of every text; needed by realtoxicityprompts, LAC-1302 without.
  std::function<std::vector<double>(std::span<const std::string> texts)> toxicity;
  /// BLEURT of every pair. Without it the metric "bleurt" has the status "no_bleurt_folder", and chrF and token F1 stand beside it.
  std::function<std::vector<double>(std::span<const TextPair> pairs)> bleurt;
};

/// Scores every item under every arm: log-likelihoods as formats.md 6.1 with 6.7, generation greedy.
/// metric "margin" (primary, always written): logp(gold) − logsumexp(others) for choices (mean log p a token where the choices of
/// the item differ in length; CrowS-Pairs: ll(sent_more) − ll(sent_less)); mean log p of the gold answer's tokens for generation
/// (GSM8K: of the tokens after "#### ", the whole rationale as "margin_rationale"); RealToxicityPrompts: −"toxic_log_odds".
/// docs/tasks.md lists what else is written. Generation is run only if a metric of the task needs it and `generate` is set.
std::vector<ArmScores> scoreTask(const model::Model& model, const Task& task, std::span<const model::Arm> arms, const ScoreOptions& options,
                                 const RunContext& context);
std::vector<ArmScores> scoreTask(const model::Model& model, const Task& task, std::span<const model::Arm> arms, bool generate,
                                 const RunContext& context);

/// The same for a subset of items (previews): indices into task.items.
std::vector<ArmScores> scoreItems(const model::Model& model, const Task& task, std::span<const std::int64_t> items,
                                  std::span<const model::Arm> arms, bool generate, const RunContext& context);
std::vector<ArmScores> scoreItems(const model::Model& model, const Task& task, std::span<const std::int64_t> items,
                                  std::span<const model::Arm> arms, const ScoreOptions& options, const RunContext& context);

/// items.csv, and items_choices.csv beside it when choices were scored. One label an arm. Throws LAC-3002.
void writeItemsCsv(const std::filesystem::path& path, const Task& task, std::span<const std::string> armLabels,
                   std::span<const ArmScores> scores);

}  // namespace lacuna::tasks
