#include <QtTest/QtTest>

#include <QTemporaryDir>
#include <cmath>
#include <numeric>

#include "item_metrics.h"
#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "task_fixtures.h"

using namespace lacuna;
using namespace lacuna::tasks;

namespace {

/// Adds a constant to one coordinate of every row: a null edit when the constant is 0.
class Push : public model::Edit {
 public:
  Push(std::int64_t layer, float by, model::TokenScope scope = model::TokenScope::All) : m_layer(layer), m_by(by), m_scope(scope) {}
  model::Site site() const override { return model::Site::ResidPost; }
  LayerIndex layer() const override { return m_layer; }
  model::TokenScope tokens() const override { return m_scope; }
  void apply(model::SiteRows rows) const override {
    for (std::int64_t r = 0; r < rows.rows; ++r)
      if (rows.selected[r]) rows.values[r * rows.width + 3] += m_by;
  }

 private:
  LayerIndex m_layer;
  float m_by;
  model::TokenScope m_scope;
};

model::Arm pushed(std::int64_t layer, float by, model::TokenScope scope = model::TokenScope::All) {
  return {{std::make_shared<Push>(layer, by, scope)}};
}

std::uint64_t bits(double value) {
  std::uint64_t result = 0;
  std::memcpy(&result, &value, sizeof result);
  return result;
}

using Key = std::pair<std::int64_t, std::string>;
std::map<Key, std::pair<std::uint64_t, std::string>> byKey(const ArmScores& scores) {
  std::map<Key, std::pair<std::uint64_t, std::string>> result;
  for (const ItemScore& s : scores.items) result[{s.item, s.metric}] = {bits(s.value), s.prediction};
  return result;
}

std::vector<std::int64_t> all(const Task& task) {
  std::vector<std::int64_t> items(task.items.size());
  std::iota(items.begin(), items.end(), 0);
  return items;
}

}  // namespace

class ScoreTest : public QObject {
  Q_OBJECT

 private:
  std::shared_ptr<const model::Model> m_model;
  Task m_choices, m_texts;

  Task few(const Task& task, std::size_t n) const {
    Task result = task;
    result.items.resize(std::min(n, result.items.size()));
    return result;
  }

 private Q_SLOTS:
  void initTestCase() {
    const std::filesystem::path folder = LACUNA_TEST_DATA "/tasks";
    m_model = model::Model::load(folder / "models/gpt2-trained", {});
    m_choices = readTask(folder / "multiple_choice/task.json", {.fewshotFile = {}, .shots = 2, .sampler = "first"});
    m_texts = few(readTask(folder / "gsm8k_words/task.json"), 6);
  }

  void itemsInAnyOrderAndAnyCompanyHaveTheSameBits() {
    const model::Arm clean;
    const auto whole = byKey(scoreTask(*m_model, m_choices, std::span(&clean, 1), false, {}).at(0));
    std::vector<std::int64_t> order = all(m_choices);
    std::reverse(order.begin(), order.end());
    std::swap(order[3], order[7]);
    QCOMPARE(byKey(scoreItems(*m_model, m_choices, order, std::span(&clean, 1), false, {}).at(0)), whole);
    for (const std::int64_t item : {0, 11}) {
      const auto alone = byKey(scoreItems(*m_model, m_choices, std::vector<std::int64_t>{item}, std::span(&clean, 1), false, {}).at(0));
      QVERIFY(!alone.empty());
      for (const auto& [key, value] : alone) QCOMPARE(value, whole.at(key));
    }
  }

  void armsInAnyCompanyHaveTheSameBits() {
    const std::vector<model::Arm> arms{{}, pushed(0, 2), pushed(1, -3), pushed(1, 1, model::TokenScope::Last), pushed(2, .5, model::TokenScope::Answer)};
    const Task task = few(m_choices, 10);
    const auto together = scoreTask(*m_model, task, arms, false, {});
    for (std::size_t arm = 0; arm < arms.size(); ++arm) {
      const auto alone = scoreTask(*m_model, task, std::span(&arms[arm], 1), false, {});
      QCOMPARE(byKey(alone.at(0)), byKey(together[arm]));
      if (arm > 0) QVERIFY(byKey(together[arm]) != byKey(together[0]));
      if (arm > 0) QVERIFY(together[arm].edits.rows > 0);
    }
  }

  void aNullArmIsExactlyTheCleanOne() {
    const std::vector<model::Arm> arms{{}, pushed(1, 0)};
    const auto scores = scoreTask(*m_model, few(m_choices, 8), arms, true, {});
    QCOMPARE(byKey(scores[1]), byKey(scores[0]));
    QCOMPARE(scores[1].edits.deltaSquared, 0.0);
  }

  void textsOfAnArmDoNotDependOnOtherItemsOrArms() {
    const std::vector<model::Arm> arms{{}, pushed(1, 4)};
    const auto together = scoreTask(*m_model, m_texts, arms, true, {});
    const auto one = scoreItems(*m_model, m_texts, std::vector<std::int64_t>{4}, std::span(&arms[1], 1), true, {});
    const auto wanted = byKey(together[1]);
    for (const auto& [key, value] : byKey(one.at(0))) QCOMPARE(value.second, wanted.at(key).second);
  }

  void generationRunsOnlyWhenAsked() {
    const model::Arm clean;
    const auto quick = scoreTask(*m_model, m_texts, std::span(&clean, 1), false, {});
    for (const ItemScore& score : quick[0].items) QVERIFY(score.metric.starts_with("margin"));
    QCOMPARE(quick[0].items.size(), 2 * m_texts.items.size());
  }

  void gsm8kMarginReadsTheAnswerAlone() {
    const model::Arm clean;
    const auto scores = scoreItems(*m_model, m_texts, std::vector<std::int64_t>{0}, std::span(&clean, 1), false, {});
    const ItemScore &answer = scores[0].items.at(0), &rationale = scores[0].items.at(1);
    QCOMPARE(rationale.metric, std::string("margin_rationale"));
    QVERIFY(answer.tokens >= 1 && answer.tokens < 6);
    QVERIFY(rationale.tokens > 15);
    QVERIFY(answer.value < 0 && rationale.value < 0);
  }

  void progressIsToldAndAStopIsHeard() {
    const model::Arm clean;
    std::uint64_t last = 0;
    RunContext context;
    context.progress = [&](const Progress& p) { last = p.total; };
    scoreTask(*m_model, few(m_choices, 3), std::span(&clean, 1), false, context);
    QVERIFY(last > 0);
    std::stop_source source;
    source.request_stop();
    context.stop = source.get_token();
    QVERIFY_EXCEPTION_THROWN(scoreTask(*m_model, m_choices, std::span(&clean, 1), false, context), Cancelled);
  }

  void whatNeedsAnotherModelIsSaid() {
    const model::Arm clean;
    Task toxicity = readTask(LACUNA_TEST_DATA "/tasks/real_toxicity/task.json"), crows = readTask(LACUNA_TEST_DATA "/tasks/crows_pairs/task.json");
    QVERIFY_EXCEPTION_THROWN(scoreTask(*m_model, toxicity, std::span(&clean, 1), true, {}), Error);
    crows.metrics = {"crows_mlm"};
    QVERIFY_EXCEPTION_THROWN(scoreTask(*m_model, crows, std::span(&clean, 1), true, {}), Error);
    toxicity.items.resize(2);
    const auto margins = scoreTask(*m_model, toxicity, std::span(&clean, 1), false, {});
    QCOMPARE(margins[0].items.size(), std::size_t{6});   // margin, log-odds and the continuation of the file
  }

  void textsThatCannotBeScoredHaveAStatus() {
    Task task = few(m_choices, 3);
    task.items[0].prompt = "   ";
    task.items[1].choices[2] = "";
    task.targetDelimiter = "";
    const model::Arm clean;
    const auto scores = scoreTask(*m_model, task, std::span(&clean, 1), false, {});
    std::map<std::int64_t, std::string> status;
    for (const ItemScore& s : scores[0].items) {
      status[s.item] = s.status;
      QCOMPARE(std::isnan(s.value), s.status != "ok");
    }
    QCOMPARE(status[task.items[0].index], std::string("blank_context"));
    QCOMPARE(status[task.items[1].index], std::string("empty_continuation"));
    QCOMPARE(status[task.items[2].index], std::string("ok"));
  }

  void marginsAndTies() {
    QCOMPARE(choiceMargin({-1, -2, -2}, 0), 1 - std::log(2.0));
    QVERIFY(std::isnan(choiceMargin({-1}, 0)));
    QCOMPARE(argmax({1, 3, 3}), 1);
    QCOMPARE(fractionalCredit({1, 3, 3}, 2), 0.5);
    QCOMPARE(fractionalCredit({1, 3, 3}, 0), 0.0);
    Task task;
    task.format = "multiple_choice";
    task.metrics = {"acc"};
    Item item;
    item.choices = {"a", "bb"};
    item.gold = 1;
    const ChoiceReadings longer{{-2, -3}, {}, {1, 2}, {false, false}, "ok"};
    QCOMPARE(choiceMetrics(task, item, longer).at(0).value, -1.5 + 2);   // a token, for they differ in length
    QCOMPARE(choiceMetrics(task, item, longer).at(2).value, 0.0);
  }

  void csvHoldsEveryRowAndReadsBack() {
    QTemporaryDir folder;
    const std::filesystem::path path = std::filesystem::path(folder.path().toStdString()) / "items.csv";
    ArmScores scores;
    scores.items = {{3, "acc", 1, "ok", "a,\"b\"\nc", "t", 2}, {4, "acc", std::nan(""), "empty", "", "", 0}, {4, "generated_text", std::nan(""), "ok", std::string("x\0y", 3), "", 5}};
    scores.choices = {{3, 1, -1.0 / 3, 2, 4, true}};
    Task task = m_choices;
    task.name = "n";
    const std::vector<std::string> labels{"clean"};
    writeItemsCsv(path, task, labels, std::span(&scores, 1));
    const auto rows = files::parseCsv(files::readText(path));
    QCOMPARE(rows.size(), std::size_t{4});
    QCOMPARE(rows[1], (std::vector<std::string>{"n", "3", "clean", "acc", "1", "ok", "a,\"b\"\nc", "t", "2"}));
    QCOMPARE(rows[2][4] + rows[2][5], std::string("empty"));
    QCOMPARE(rows[3][6], std::string("x\0y", 3));
    const auto choices = files::parseCsv(files::readText(path.parent_path() / "items_choices.csv"));
    QCOMPARE(choices.at(1).at(4), std::string("-0.3333333333333333"));
    QCOMPARE(choices.at(1).at(7), std::string("1"));
  }
};

QTEST_GUILESS_MAIN(ScoreTest)
#include "score_test.moc"
