#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/store/store.h"
#include "lacuna/study/examples.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

/// What a study keeps of its tasks, so that items can be looked at without model or data file.
class ExamplesTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_file;

  static void writePrompts(const std::filesystem::path& folder) {
    std::ofstream data(folder / "prompts.jsonl");
    for (int i = 0; i < 12; ++i) {
      Rng rng(6, "prompts", static_cast<std::uint64_t>(i));
      data << nlohmann::json{{"prompt", {{"text", tests::sentence(rng, 0).substr(0, 20)}, {"toxicity", i % 2 ? 0.7 : 0.2}}},
                             {"continuation", {{"text", " " + tests::sentence(rng, i % 3).substr(0, 10)}, {"toxicity", i % 3 ? 0.1 : 0.8}}}}.dump()
           << '\n';
    }
    const std::filesystem::path classifier = LACUNA_TEST_DATA "/tasks/models/toxicity";
    std::ofstream(folder / "toxicity.json") << nlohmann::json{{"format", "realtoxicityprompts"}, {"name", "toxicity"}, {"file", "prompts.jsonl"},
                                                             {"generation", {{"max_new_tokens", 4}}}, {"classifier", {{"folder", classifier.string()}}}}.dump();
  }

 private Q_SLOTS:
  void initTestCase() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/models/gpt2_default");
    writePrompts(folder / "tasks");
    std::ifstream in(folder / "study.json");
    nlohmann::json spec = nlohmann::json::parse(in);
    spec["perturbations"] = {{{"method", "mean"}, {"epsilons", {1.0}}}};
    spec["controls"] = {{"draws", 2}};
    spec["tasks"] = {{{"file", "tasks/stones.json"}}, {{"file", "tasks/toxicity.json"}, {"generate", "always"}}};
    m_file = folder / "tiny.lacuna";
    runStudy(parseSpec(spec.dump(), folder), m_file, {});
  }

  void tasksSayWhereTheyAreFrom() {
    const Results r = readResults(m_file);
    QCOMPARE(r.tasks.size(), std::size_t{2});
    for (const TaskRow& task : r.tasks) {
      QVERIFY(!task.fileHash.empty() && std::filesystem::exists(task.file));
      const auto example = nlohmann::json::parse(task.example);
      QCOMPARE(example.at("tokens").size(), example.at("scored").size());
      QVERIFY(example.at("text").get<std::string>().size() >= example.at("tokens").back()[1].get<std::size_t>());
    }
    QCOMPARE(r.tasks[0].metric, std::string("acc"));
    QVERIFY(r.tasks[0].judgeHash.empty());
    QCOMPARE(r.tasks[1].judge, std::string("toxic, softmax"));
    QVERIFY(!r.tasks[1].judgeHash.empty());
    QVERIFY(r.tasks[1].accuracy >= 0 && r.tasks[1].accuracy <= 1);
  }

  void examplesSetCleanBesidePerturbed_data() {
    QTest::addColumn<QString>("task");
    QTest::newRow("choices") << "stones";
    QTest::newRow("generated") << "toxicity";
  }
  void examplesSetCleanBesidePerturbed() {
    QFETCH(QString, task);
    const Results r = readResults(m_file);
    int differ = 0;
    for (const RunRow& run : r.runs) {
      const std::vector<ExampleRow> rows = exampleRows(m_file, run.number, task.toStdString());
      QVERIFY(!rows.empty());
      double before = -INFINITY;
      for (const ExampleRow& row : rows) {
        QVERIFY(!row.question.empty() && !row.gold.empty() && std::isfinite(row.cleanMargin) && std::isfinite(row.perturbedMargin));
        QVERIFY(row.perturbedMargin - row.cleanMargin >= before);   // the largest loss first
        before = row.perturbedMargin - row.cleanMargin;
        if (task == "stones") {
          QVERIFY(!row.clean.empty() && !row.perturbed.empty());
          QCOMPARE(row.cleanScore == 1, row.clean == row.gold);
          QCOMPARE(row.flip, static_cast<int>(row.perturbedScore - row.cleanScore));
        }
        differ += row.cleanMargin != row.perturbedMargin;   // answers of so small a model need not flip
      }
    }
    QVERIFY(differ > 0);
  }

  void whatIsNotThereIsSaid() {
    QVERIFY_EXCEPTION_THROWN(exampleRows(m_file, 999, "stones"), Error);
    QVERIFY_EXCEPTION_THROWN(exampleRows(m_file, 1, "nothing"), Error);
  }
};

QTEST_GUILESS_MAIN(ExamplesTest)
#include "examples_test.moc"
