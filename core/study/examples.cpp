#include "lacuna/study/examples.h"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "lacuna/base/error.h"
#include "lacuna/store/store.h"

namespace lacuna::study {
namespace {

using nlohmann::json;

/// The outcomes of one arm on one task.
class ArmOutcomes {
 public:
  ArmOutcomes(const std::vector<store::OutcomeRow>& all, const std::string& arm, const std::string& task, const std::string& metric) {
    for (const store::OutcomeRow& row : all) {
      if (row.arm != arm || row.task != task) continue;
      if (row.metric == "margin") m_margin = row.values;
      if (row.metric != metric) continue;
      m_score = row.values;
      m_answers = json::parse(row.answers, nullptr, false);
    }
  }
  double margin(std::size_t at) const { return at < m_margin.size() ? m_margin[at] : std::nan(""); }
  double score(std::size_t at) const { return at < m_score.size() ? m_score[at] : std::nan(""); }
  std::string answer(std::size_t at) const { return m_answers.is_array() && at < m_answers.size() && m_answers[at].is_string() ? m_answers[at].get<std::string>() : ""; }

 private:
  std::vector<double> m_margin, m_score;
  json m_answers;
};

std::string textAt(const json& list, std::size_t at) { return list.is_array() && at < list.size() && list[at].is_string() ? list[at].get<std::string>() : ""; }

int flipOf(double before, double after) {
  if (std::isnan(before) || std::isnan(after) || before == after) return 0;
  return after > before ? 1 : -1;
}

std::string targetArm(const store::Store& store, std::int64_t run) {
  for (const store::ArmRow& arm : store.arms())
    if (arm.run == run && arm.draw < 0) return arm.arm;
  throw Error("LAC-1404", store.path().string() + ": run " + std::to_string(run) + " does not exist or perturbs nothing", "lacuna-cli export --what runs lists them");
}

store::TaskRow taskNamed(const store::Store& store, const std::string& name) {
  for (const store::TaskRow& row : store.tasks())
    if (row.name == name) return row;
  throw Error("LAC-1404", store.path().string() + ": there is no task '" + name + "'", "lacuna-cli export --what tasks lists them");
}

/// Largest loss first; items without a margin last.
bool losesMore(const ExampleRow& a, const ExampleRow& b) {
  const double x = a.perturbedMargin - a.cleanMargin, y = b.perturbedMargin - b.cleanMargin;
  return std::isnan(y) ? !std::isnan(x) : x < y;
}

}  // namespace

std::vector<ExampleRow> exampleRows(const std::filesystem::path& study, std::int64_t run, const std::string& task) {
  const auto store = store::Store::open(study, true);
  const store::TaskRow info = taskNamed(*store, task);
  const std::vector<store::OutcomeRow> outcomes = store->outcomes();
  const ArmOutcomes clean(outcomes, "clean", task, info.metric), perturbed(outcomes, targetArm(*store, run), task, info.metric);
  std::vector<ExampleRow> rows;
  for (const store::TaskItems& items : store->taskItems()) {
    if (items.task != task) continue;
    const json questions = json::parse(items.questions, nullptr, false), golds = json::parse(items.golds, nullptr, false);
    for (std::size_t i = 0; i < items.items.size(); ++i) {
      if (!items.evaluate[i]) continue;
      rows.push_back({items.items[i], textAt(questions, i), textAt(golds, i), clean.answer(i), perturbed.answer(i), clean.score(i), perturbed.score(i),
                      clean.margin(i), perturbed.margin(i), flipOf(clean.score(i), perturbed.score(i))});
    }
  }
  std::stable_sort(rows.begin(), rows.end(), losesMore);
  return rows;
}

}  // namespace lacuna::study
