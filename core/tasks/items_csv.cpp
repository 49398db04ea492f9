#include "lacuna/base/error.h"
#include "lacuna/base/numbers.h"
#include "lacuna/files/files.h"
#include "lacuna/tasks/tasks.h"

namespace lacuna::tasks {

void writeItemsCsv(const std::filesystem::path& path, const Task& task, std::span<const std::string> armLabels,
                   std::span<const ArmScores> scores) {
  LACUNA_CHECK(armLabels.size() == scores.size());
  std::string items = files::csvRow({"task", "item", "arm", "metric", "value", "status", "prediction", "target", "n_tokens"});
  std::string choices = files::csvRow({"task", "item", "arm", "choice", "loglikelihood", "n_tokens", "n_chars", "is_greedy"});
  for (std::size_t arm = 0; arm < scores.size(); ++arm) {
    for (const ItemScore& s : scores[arm].items)
      items += files::csvRow({task.name, std::to_string(s.item), armLabels[arm], s.metric,
                              s.status == "ok" && s.metric != "generated_text" ? formatNumber(s.value) : "", s.status, s.prediction,
                              s.target, std::to_string(s.tokens)});
    for (const ChoiceScore& c : scores[arm].choices)
      choices += files::csvRow({task.name, std::to_string(c.item), armLabels[arm], std::to_string(c.choice), formatNumber(c.logLikelihood),
                                std::to_string(c.tokens), std::to_string(c.characters), c.greedy ? "1" : "0"});
  }
  files::writeFileAtomically(path, items);
  if (task.kind != Kind::MultipleChoice) return;
  std::filesystem::path beside = path;
  beside.replace_filename(path.stem().string() + "_choices" + path.extension().string());
  files::writeFileAtomically(beside, choices);
}

}  // namespace lacuna::tasks
