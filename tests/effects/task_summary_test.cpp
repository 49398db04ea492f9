#include <QTest>

#include <cmath>

#include "lacuna/effects/task_summary.h"

using namespace lacuna;
using effects::SummaryRow;
using tasks::ArmScores;
using tasks::Task;

namespace {

Task pairsOf(const std::string& format, int n) {
  Task task;
  task.format = format;
  task.name = "t";
  for (int i = 0; i < n; ++i) {
    tasks::Item item;
    item.index = i;
    item.group = std::to_string(i);
    item.choices = {"yes", "no"};
    item.gold = i % 2;
    item.category = i % 3 == 0 ? "age" : "gender";
    item.antistereo = i % 4 == 0;
    task.items.push_back(item);
  }
  return task;
}

const SummaryRow& find(const std::vector<SummaryRow>& rows, const std::string& metric, const std::string& subset = "") {
  for (const SummaryRow& row : rows)
    if (row.metric == metric && row.subset == subset) return row;
  qFatal("no row %s %s", metric.c_str(), subset.c_str());
}

}  // namespace

class TaskSummaryTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void meansStandardErrorsAndMissing() {
    const Task task = pairsOf("multiple_choice", 12);
    ArmScores scores;
    for (int i = 0; i < 12; ++i) scores.items.push_back({i, "acc", i < 3 ? 1.0 : 0.0, i == 11 ? "too_long" : "ok", "0", "0", 1});
    const auto rows = effects::summarise(task, scores);
    const SummaryRow& all = find(rows, "acc");
    const double p = 3.0 / 11;
    QCOMPARE(all.estimate.value, p);
    QVERIFY(std::abs(all.estimate.se - std::sqrt(p * (1 - p) / 10)) < 1e-12);   // the harness's standard error
    QCOMPARE(all.missing, std::int64_t{1});
    QVERIFY(all.estimate.low < p && all.estimate.high > p);
    QCOMPARE(find(rows, "acc", "age").estimate.n, std::int64_t{4});
  }

  void pairsByCategoryAndDirection() {
    const Task task = pairsOf("crows_pairs", 24);
    ArmScores scores;
    for (int i = 0; i < 24; ++i) scores.items.push_back({i, "pct_stereotype", i % 4 == 0 ? 0.0 : 1.0, "ok", "0", "", 1});
    const auto rows = effects::summarise(task, scores);
    QCOMPARE(find(rows, "pct_stereotype").estimate.value, 0.75);
    QCOMPARE(find(rows, "pct_stereotype", "antistereo").estimate.value, 0.0);
    QCOMPARE(find(rows, "pct_stereotype", "stereo").estimate.value, 1.0);
    QCOMPARE(find(rows, "pct_distance").estimate.value, 0.25);
    QVERIFY(find(rows, "pct_distance").estimate.low < 0.25 && find(rows, "pct_distance").estimate.high > 0.25);
  }

  void f1OfThePositiveChoice() {
    Task task = pairsOf("multiple_choice", 40);   // gold: yes on even items
    task.positive = "yes";
    ArmScores scores;
    // Right on all but every fifth item: TP 16, FP 4, FN 4.
    for (int i = 0; i < 40; ++i) scores.items.push_back({i, "acc", i % 5 ? 1.0 : 0.0, "ok", std::to_string(i % 5 ? i % 2 : 1 - i % 2), "", 1});
    const auto rows = effects::summarise(task, scores);
    QVERIFY(std::abs(find(rows, "f1").estimate.value - 0.8) < 1e-12);
    QVERIFY(std::abs(find(rows, "precision").estimate.value - 0.8) < 1e-12);
    QVERIFY(find(rows, "f1").estimate.low > 0.5 && find(rows, "f1").estimate.low < 0.8 && find(rows, "f1").estimate.high < 1);
    // Nothing positive in truth or prediction: not zero, but not identified.
    for (tasks::Item& item : task.items) item.gold = 1;
    for (tasks::ItemScore& score : scores.items) score.prediction = "1";
    const auto none = effects::summarise(task, scores);
    QVERIFY(std::isnan(find(none, "f1").estimate.value));
    QCOMPARE(find(none, "f1").estimate.status, statistics::Status::NotIdentified);
  }

  void documentsCountTogether() {
    Task task;
    task.format = "perplexity";
    task.metrics = {"word_perplexity", "bits_per_byte"};
    ArmScores scores;
    for (int i = 0; i < 3; ++i) {
      tasks::Item item;
      item.index = i;
      item.prompt = i == 0 ? "one two" : i == 1 ? "three" : "";
      task.items.push_back(item);
      scores.items.push_back({i, "loglikelihood", -6, i == 2 ? "empty" : "ok", "", "", 3});
    }
    const auto rows = effects::summarise(task, scores);
    QVERIFY(std::abs(find(rows, "word_perplexity").estimate.value - std::exp(4.0)) < 1e-12);   // 12 nats over 3 words
    QVERIFY(std::abs(find(rows, "bits_per_byte").estimate.value - 1 / std::log(2.0)) < 1e-12); // over 12 bytes
    QCOMPARE(find(rows, "bits_per_byte").missing, std::int64_t{1});
  }

  void tableHoldsWhatIsNotThere() {
    const Task task = pairsOf("multiple_choice", 2);
    ArmScores scores;
    for (int i = 0; i < 2; ++i) scores.items.push_back({i, "acc", std::nan(""), "too_long", "", "", 0});
    const std::string csv = effects::summaryCsv(task, "clean", effects::summarise(task, scores), true);
    QVERIFY2(csv.find("t,clean,acc,,,,,,0,2,") != std::string::npos, csv.c_str());
  }
};

QTEST_GUILESS_MAIN(TaskSummaryTest)
#include "task_summary_test.moc"
