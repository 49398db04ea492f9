#include "lacuna/tasks/judges.h"

#include <algorithm>

#include "lacuna/base/error.h"
#include "sidecar.h"

namespace lacuna::tasks {
namespace {

std::shared_ptr<const TextClassifier> classifierOf(const Task& task, const JudgeFolders& folders, const RunContext& context) {
  const auto& folder = folders.classifier.empty() ? task.classifier.folder : folders.classifier;
  if (folder.empty()) return nullptr;
  const auto& label = folders.choice.label.empty() ? task.classifier.label : folders.choice.label;
  const auto& rule = folders.choice.rule.empty() ? task.classifier.rule : folders.choice.rule;
  return TextClassifier::load(folder, {label, rule}, context);
}

}  // namespace

Judges Judges::load(Task& task, const JudgeFolders& folders, const RunContext& context) {
  Judges judges;
  if (task.format == "realtoxicityprompts") judges.classifier = classifierOf(task, folders, context);
  const auto& folder = folders.bleurt.empty() ? task.bleurtFolder : folders.bleurt;
  if (task.format != "generation" || folder.empty()) return judges;
  judges.bleurt = Bleurt::load(folder, context);
  if (std::find(task.metrics.begin(), task.metrics.end(), "bleurt") == task.metrics.end()) task.metrics.emplace_back("bleurt");
  return judges;
}

std::string Judges::words() const {
  if (classifier) return classifier->label() + ", " + ruleName(classifier->rule());
  return bleurt ? "bleurt" : "";
}

std::vector<std::filesystem::path> judgeFolders(const std::filesystem::path& sidecar) {
  std::vector<std::filesystem::path> folders;
  try {
    const Sidecar s = readSidecar(sidecar);
    for (const auto& folder : {s.classifier.folder, s.bleurt})
      if (!folder.empty()) folders.push_back(folder);
  } catch (const Error&) {
    folders.clear();   // reading the task says what is wrong
  }
  return folders;
}

ScoreOptions Judges::options(bool generate, const RunContext& context) const {
  ScoreOptions out{.generate = generate, .toxicity = {}, .bleurt = {}};
  if (classifier) out.toxicity = [this, &context](std::span<const std::string> texts) { return classifier->scores(texts, context); };
  if (bleurt) out.bleurt = [this, &context](std::span<const TextPair> pairs) { return bleurt->scores(pairs, context); };
  return out;
}

}  // namespace lacuna::tasks
