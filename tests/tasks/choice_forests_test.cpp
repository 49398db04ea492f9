#include <QtTest/QtTest>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>

#include "item_metrics.h"
#include "lacuna/base/error.h"
#include "lacuna/tasks/choice_forests.h"
#include "task_fixtures.h"

using namespace lacuna;
using namespace lacuna::tasks;

namespace {

/// Adds a constant to one coordinate of the rows of a scope.
class Push : public model::Edit {
 public:
  explicit Push(model::TokenScope scope) : m_scope(scope) {}
  model::Site site() const override { return model::Site::ResidPost; }
  LayerIndex layer() const override { return LayerIndex(0); }
  model::TokenScope tokens() const override { return m_scope; }
  void apply(model::SiteRows rows) const override {
    for (std::int64_t r = 0; r < rows.rows; ++r)
      if (rows.selected[r]) rows.values[r * rows.width + 3] += 2;
  }

 private:
  model::TokenScope m_scope;
};

std::vector<std::int64_t> places(const Task& task) {
  std::vector<std::int64_t> all(task.items.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// The margin of one item from its forest alone, under every arm.
std::vector<double> margins(const model::Model& model, const ChoiceForest& item, std::span<const model::Arm> arms) {
  model::ForwardRequest request;
  for (const auto& choice : item.choices) request.scored.insert(request.scored.end(), choice.begin(), choice.end());
  const auto logProbs = model::forward(model, item.forest, arms, request, {}).logProbs;
  std::vector<double> out;
  for (const auto& arm : logProbs) {
    std::vector<double> scores;
    auto next = arm.begin();
    for (const auto& choice : item.choices) {
      const auto end = next + static_cast<std::ptrdiff_t>(choice.size());
      scores.push_back(std::accumulate(next, end, 0.0) / (item.perToken ? static_cast<double>(choice.size()) : 1.0));
      next = end;
    }
    const auto from = scores.begin() + item.gold, to = from + item.golds;
    const std::vector<double> right(from, to);
    if (item.golds > 1) {
      std::vector<double> others(scores.begin(), from);
      others.insert(others.end(), to, scores.end());
      out.push_back(logSumExp(right) - logSumExp(others) - std::log(static_cast<double>(right.size()) / static_cast<double>(others.size())));
    } else {
      out.push_back(scores.size() == 1 ? scores[0] : choiceMargin(scores, item.gold));
    }
  }
  return out;
}

}  // namespace

class ChoiceForestsTest : public QObject {
  Q_OBJECT

  std::map<std::string, std::shared_ptr<const model::Model>> m_models;
  std::vector<fixtures::TaskRun> m_runs = fixtures::taskRuns();

  const model::Model& load(const std::filesystem::path& folder) {
    auto& model = m_models[std::filesystem::weakly_canonical(folder).string()];
    if (!model) model = model::Model::load(folder, {});
    return *model;
  }

 private Q_SLOTS:
  void marginsAreTheScorersBitForBit_data() {
    QTest::addColumn<int>("run");
    for (std::size_t i = 0; i < m_runs.size(); ++i) QTest::newRow(m_runs[i].name().c_str()) << static_cast<int>(i);
  }
  void marginsAreTheScorersBitForBit() {
    QFETCH(int, run);
    const fixtures::TaskRun& fixture = m_runs[static_cast<std::size_t>(run)];
    if (fixture.name().find("mlm") != std::string::npos) QSKIP("needs a masked language model");
    Task task = fixture.task();
    const double close = task.format == "realtoxicityprompts" ? 1e-12 : 0;   // sets of texts: sums in another order
    task.items.resize(std::min<std::size_t>(task.items.size(), 12));
    const model::Model& model = load(fixture.model());
    const std::vector<model::Arm> arms{{}, {{std::make_shared<Push>(model::TokenScope::Last)}}, {{std::make_shared<Push>(model::TokenScope::All)}}};
    const auto forests = choiceForests(model, task, places(task), {});
    const auto scores = scoreItems(model, task, places(task), arms, false, {});
    QCOMPARE(forests.size(), task.items.size());
    int compared = 0;
    for (std::size_t i = 0; i < forests.size(); ++i) {
      const auto found = std::find_if(scores[0].items.begin(), scores[0].items.end(), [&](const ItemScore& score) {
        return score.metric == "margin" && score.item == task.items[i].index;
      });
      QVERIFY(found != scores[0].items.end());
      const auto at = static_cast<std::size_t>(found - scores[0].items.begin());
      QCOMPARE(forests[i].place, static_cast<std::int64_t>(i));
      if (forests[i].status == "beyond_positions") continue;
      QCOMPARE(forests[i].status, found->status);
      if (forests[i].status != "ok") continue;
      const auto own = margins(model, forests[i], arms);
      for (std::size_t a = 0; a < arms.size(); ++a) QVERIFY(std::abs(own[a] - scores[a].items[at].value) <= close);
      QVERIFY(own[2] != own[0]);
      ++compared;
    }
    QVERIFY(compared > 0);
  }

  /// A document is one text, however many windows it takes; positions are no limit to a model that rotates them.
  void documentsAreOneChoice() {
    QTemporaryDir folder;
    const std::filesystem::path file = std::filesystem::path(folder.path().toStdString()) / "documents.jsonl";
    std::string words;
    for (int i = 0; i < 300; ++i) words += "word" + std::to_string(i) + " ";
    std::ofstream data(file);
    for (const std::string& text : {std::string("The boat is bright and the sea is calm."), words}) data << nlohmann::json{{"text", text}}.dump() << '\n';
    data.close();
    const std::filesystem::path sidecar = std::filesystem::path(folder.path().toStdString()) / "task.json";
    std::ofstream(sidecar) << nlohmann::json{{"format", "perplexity"}, {"name", "documents"}, {"file", "documents.jsonl"}}.dump();
    const Task task = readTask(sidecar);
    const model::Model& model = load(fixtures::taskFolder() / "models/llama-random");
    const std::vector<model::Arm> arms{{}, {{std::make_shared<Push>(model::TokenScope::All)}}};
    const auto forests = choiceForests(model, task, places(task), {});
    const auto scores = scoreItems(model, task, places(task), arms, false, {});
    std::size_t windows = 0, compared = 0;
    for (std::size_t i = 0; i < forests.size(); ++i)
      for (std::size_t a = 0; a < arms.size() && forests[i].status == "ok"; ++a, ++compared) {
        QCOMPARE(forests[i].choices.size(), std::size_t(1));
        windows = std::max(windows, static_cast<std::size_t>(std::ranges::count(forests[i].forest, -1, &model::Segment::parent)));
        const auto found = std::ranges::find_if(scores[a].items, [&](const ItemScore& s) { return s.metric == "margin" && s.item == task.items[i].index; });
        QVERIFY(std::abs(margins(model, forests[i], arms)[a] - found->value) < 1e-9);
      }
    QCOMPARE(compared, std::size_t(4));
    QVERIFY(windows > 1);
  }

  void promptsAreRunOnce() {
    const model::Model& model = load(fixtures::taskFolder() / "models/gpt2-trained");
    const Task task = readTask(fixtures::taskFolder() / "multiple_choice/task.json", {.fewshotFile = {}, .shots = 2, .sampler = "first"});
    for (const ChoiceForest& item : choiceForests(model, task, std::vector<std::int64_t>{0, 1, 2}, {})) {
      QCOMPARE(item.choices.size(), task.items[static_cast<std::size_t>(item.place)].choices.size());
      std::size_t prompt = 0, all = 0;
      for (const model::Segment& segment : item.forest) (segment.answer ? all : prompt) += segment.ids.size();
      std::size_t answers = 0;
      for (const auto& choice : item.choices) answers += choice.size();
      QVERIFY(prompt > 16 && all <= answers);
      for (const auto& choice : item.choices)
        for (const model::ScoredToken& token : choice) QVERIFY(item.forest[static_cast<std::size_t>(token.segment)].answer);
    }
  }

  /// Items whose answers cannot be encoded have no choices and say why, as the scorer does.
  void whatCannotBeScoredSaysWhy() {
    const model::Model& model = load(fixtures::taskFolder() / "models/gpt2-trained");
    Task task = readTask(fixtures::taskFolder() / "multiple_choice/task.json");
    task.items.resize(3);
    task.items[0].prompt = "  ";
    task.items[1].choices.resize(1);
    task.items[1].gold = 0;
    const auto items = choiceForests(model, task, places(task), {});
    QCOMPARE(items[0].status, std::string("blank_context"));
    QCOMPARE(items[1].status, std::string("one_choice"));
    QCOMPARE(items[2].status, std::string("ok"));
    QVERIFY(items[0].choices.empty() && items[1].choices.empty());
    QVERIFY_EXCEPTION_THROWN(choiceForests(model, task, std::vector<std::int64_t>{3}, {}), Error);
  }

  /// GPT-2's learned positions: a prompt that is cut on the left fills them, and its last token has none.
  void textsThatFillAllPositionsAreLeftOut() {
    const model::Model& model = load(fixtures::taskFolder() / "models/gpt2-trained");
    QVERIFY(model.info().learnedPositions);
    Task task = readTask(fixtures::taskFolder() / "multiple_choice/task.json");
    task.items.resize(1);
    for (std::int64_t i = 0; i < model.info().maxPositions; ++i) task.items[0].prompt += " and more";
    QCOMPARE(choiceForests(model, task, places(task), {})[0].status, std::string("beyond_positions"));
    const model::Arm clean;
    QCOMPARE(scoreItems(model, task, places(task), std::span(&clean, 1), false, {})[0].items[0].status, std::string("ok"));
  }
};

QTEST_GUILESS_MAIN(ChoiceForestsTest)
#include "choice_forests_test.moc"
