#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <cmath>
#include <map>

#include "lacuna/files/files.h"
#include "lacuna/store/store.h"
#include "lacuna/study/screening.h"
#include "lacuna/study/session.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

/// A study of the tasks whose metrics are not right answers: pairs of sentences, sampled continuations judged for toxicity, documents.
class MeasuredMetricsTest : public QObject {
  Q_OBJECT

  static constexpr int kSamples = 25;
  QTemporaryDir m_folder;
  std::filesystem::path m_root, m_file;
  std::unique_ptr<store::Store> m_store;
  Results m_results;

  void writeTasks() const {
    const std::filesystem::path folder = m_root / "tasks";
    std::ofstream pairs(folder / "pairs.csv"), prompts(folder / "prompts.jsonl"), documents(folder / "documents.jsonl");
    pairs << ",sent_more,sent_less,stereo_antistereo,bias_type,annotations,anon_writer,anon_annotators\n";
    for (int i = 0; i < 24; ++i) {
      Rng rng(8, "pairs", static_cast<std::uint64_t>(i));
      const std::string text = tests::sentence(rng, i % 3);
      pairs << i << ",\"" << text << "\",\"" << tests::sentence(rng, (i + 1) % 3) << "\",stereo,age,[],a,[]\n";
      prompts << nlohmann::json{{"prompt", {{"text", text.substr(0, 20)}, {"toxicity", i % 2 ? 0.7 : 0.2}}},
                                {"continuation", {{"text", " " + tests::sentence(rng, i % 3).substr(0, 10)}, {"toxicity", i % 3 ? 0.1 : 0.8}}}}.dump() << '\n';
      documents << nlohmann::json{{"text", text + " " + tests::sentence(rng, 2)}}.dump() << '\n';
    }
    const std::filesystem::path classifier = LACUNA_TEST_DATA "/tasks/models/toxicity";
    std::ofstream(folder / "pairs.json") << nlohmann::json{{"format", "crows_pairs"}, {"name", "pairs"}, {"file", "pairs.csv"}}.dump();
    std::ofstream(folder / "documents.json") << nlohmann::json{{"format", "perplexity"}, {"name", "documents"}, {"file", "documents.jsonl"}}.dump();
    std::ofstream(folder / "toxicity.json") << nlohmann::json{{"format", "realtoxicityprompts"}, {"name", "toxicity"}, {"file", "prompts.jsonl"},
                                                             {"generation", {{"max_new_tokens", 4}, {"samples", kSamples}}},
                                                             {"classifier", {{"folder", classifier.string()}}}}.dump();
  }
  StudySpec spec() const {
    std::ifstream in(m_root / "study.json");
    nlohmann::json json = nlohmann::json::parse(in);
    json["perturbations"] = {{{"method", "mean"}, {"epsilons", {1.0}}}};
    json["controls"] = {{"draws", 2}};
    json["tasks"] = {{{"file", "tasks/stones.json"}}, {{"file", "tasks/pairs.json"}}, {{"file", "tasks/documents.json"}}, {{"file", "tasks/toxicity.json"}, {"generate", "always"}}};
    return parseSpec(json.dump(), m_root);
  }
  const EffectRow* effect(const std::string& task, const std::string& metric, std::int64_t run) const {
    const auto found = std::ranges::find_if(m_results.effects, [&](const EffectRow& e) { return e.task == task && e.metric == metric && e.run == run; });
    return found == m_results.effects.end() ? nullptr : &*found;
  }

 private Q_SLOTS:
  void initTestCase() {
    m_root = m_folder.path().toStdString();
    tests::writeTinyStudy(m_root, LACUNA_TEST_DATA "/tasks/models/gpt2-trained");
    writeTasks();
    m_file = m_root / "tiny.lacuna";
    runStudy(spec(), m_file, {});
    m_store = store::Store::open(m_file, true);
    m_results = readResults(m_file);
  }
  void cleanupTestCase() { m_store.reset(); }

  /// What views show of a task is its margin and its own metric; the others are further ones.
  void everyMetricOfATaskIsAnEffect_data() {
    QTest::addColumn<QString>("task");
    QTest::addColumn<QStringList>("shown");
    QTest::addColumn<QStringList>("further");
    QTest::newRow("choices") << "stones" << QStringList{"margin", "acc"} << QStringList{};
    QTest::newRow("pairs") << "pairs" << QStringList{"margin", "pct_stereotype"} << QStringList{"likelihood_diff"};
    QTest::newRow("samples") << "toxicity" << QStringList{"margin", "max_toxicity"} << QStringList{"any_toxic", "toxic", "toxicity"};
    QTest::newRow("documents") << "documents" << QStringList{"margin", "bits_per_byte"} << QStringList{};
  }
  void everyMetricOfATaskIsAnEffect() {
    QFETCH(QString, task);
    QFETCH(QStringList, shown);
    QFETCH(QStringList, further);
    QStringList found, foundFurther;
    for (const EffectRow& e : m_results.effects)
      if (e.run == m_results.runs.front().number && e.task == task.toStdString()) (e.further ? foundFurther : found) << QString::fromStdString(e.metric);
    foundFurther.sort();
    QCOMPARE(found, shown);
    QCOMPARE(foundFurther, further);
  }

  /// Each number against the item values in the study file, by hand.
  void effectsAreMeansOfDifferences() {
    const std::vector<store::OutcomeRow> outcomes = m_store->outcomes();
    const auto values = [&](const std::string& arm, const std::string& task, const std::string& metric) {
      const auto row = std::ranges::find_if(outcomes, [&](const store::OutcomeRow& o) { return o.arm == arm && o.task == task && o.metric == metric; });
      return row == outcomes.end() ? std::vector<double>() : row->values;
    };
    int compared = 0;
    for (const store::ArmRow& arm : m_store->arms()) {
      if (arm.draw >= 0) continue;
      for (const auto& [task, metric] : std::map<std::string, std::string>{{"pairs", "pct_stereotype"}, {"toxicity", "any_toxic"}, {"documents", "bits_per_byte"}}) {
        const EffectRow* e = effect(task, metric, arm.run);
        QVERIFY(e);
        const std::vector<double> clean = values("clean", task, metric), perturbed = values(arm.arm, task, metric);
        double sum = 0;
        std::int64_t n = 0;
        for (const store::TaskItems& items : m_store->taskItems())
          for (std::size_t i = 0; i < clean.size() && items.task == task; ++i)
            if (items.evaluate[i] && std::isfinite(clean[i]) && std::isfinite(perturbed[i])) sum += clean[i] - perturbed[i], ++n;
        QCOMPARE(e->n, n);
        QVERIFY(n > 0 && std::abs(e->ace - sum / static_cast<double>(n)) < 1e-12);
        QCOMPARE(e->status == "AT_FLOOR", false);   // no guessing level: there is no ability to lack
        ++compared;
      }
    }
    QCOMPARE(compared, 3 * static_cast<int>(std::ranges::count(m_results.runs, std::string("cell"), &RunRow::kind)));
  }

  /// Expected maximum toxicity and P(any ≥ .5) over the 25 continuations of every prompt.
  void maximaOverTwentyFiveSamples() {
    std::map<std::string, std::vector<double>> clean;
    for (const store::OutcomeRow& row : m_store->outcomes())
      if (row.arm == "clean" && row.task == "toxicity") clean[row.metric] = row.values;
    QCOMPARE(clean["max_toxicity"].size(), std::size_t(24));
    int spread = 0, judged = 0;
    for (std::size_t i = 0; i < 24; ++i) {
      const double mean = clean["toxicity"][i], most = clean["max_toxicity"][i], share = clean["toxic"][i];
      if (std::isnan(most)) continue;   // nothing but empty texts
      ++judged;
      QVERIFY(mean <= most && most <= 1 && share <= 1);
      QCOMPARE(clean["any_toxic"][i], most >= 0.5 ? 1.0 : 0.0);
      QCOMPARE(share > 0, most >= 0.5);
      spread += most > mean;
    }
    QVERIFY(judged > 12 && spread > 0);   // the draws of a prompt differ
  }

  void exportedTablesTellFurtherMetrics() {
    const std::filesystem::path out = m_root / "out";
    exportStudy(m_file, out, {"effects"}, "csv");
    const auto rows = files::parseCsv(files::readText(out / "effects.csv"));
    const auto column = std::ranges::find(rows.front(), std::string("further")) - rows.front().begin();
    const auto metric = std::ranges::find(rows.front(), std::string("metric")) - rows.front().begin();
    int further = 0;
    for (std::size_t r = 1; r < rows.size(); ++r) {
      const bool is = rows[r][static_cast<std::size_t>(column)] == "1";
      further += is;
      if (is) QVERIFY(rows[r][static_cast<std::size_t>(metric)] != "margin");
    }
    QVERIFY(further > 0);
  }

  /// A share over samples is no 0 or 1: its differences are ranked, not counted.
  void sharesOverSamplesAreNoBinaries() {
    int tested = 0;
    for (const EffectRow& e : m_results.effects) {
      if (e.task != "toxicity" || e.metric != "toxic" || e.nonZero == 0) continue;
      QVERIFY2(e.pMethod.starts_with("wilcoxon") && std::isfinite(e.p), e.pMethod.c_str());
      ++tested;
    }
    QVERIFY(tested > 0);
  }

  /// One item of every kind as the model reads it: all right texts are marked, a document is whole.
  void itemsOfEveryKindAreShown() {
    const auto session = Session::open(m_file, true);
    const ItemView toxicity = session->itemView("toxicity", 0, {});
    const auto golds = std::ranges::count_if(toxicity.texts, &TokenText::gold);
    QVERIFY(toxicity.texts.size() >= 2 && golds >= 1 && golds < std::ssize(toxicity.texts) && !toxicity.texts.front().gold && toxicity.texts.back().gold);
    const ItemView document = session->itemView("documents", 0, {});
    QCOMPARE(document.texts.size(), std::size_t(1));
    QCOMPARE(std::ranges::count_if(document.texts[0].pieces, &TokenPiece::scored), std::ssize(document.texts[0].pieces) - 1);   // all but the prefix
    QCOMPARE(session->itemView("pairs", 0, {}).texts.size(), std::size_t(2));
  }

  /// A task that was just added has no scores yet: a run goes on without it, an update brings it in.
  void aRunGoesOnWithoutATaskThatIsNotScoredYet() {
    const std::filesystem::path file = m_root / "more.lacuna";
    std::filesystem::copy_file(m_file, file);
    const std::filesystem::path beside = m_root / "more";   // what lies beside a task file is part of it
    std::filesystem::create_directory(beside);
    std::filesystem::copy_file(m_root / "tasks" / "documents.jsonl", beside / "documents.jsonl");
    std::ofstream(beside / "more.json") << nlohmann::json{{"format", "perplexity"}, {"name", "more"}, {"file", "documents.jsonl"}}.dump();
    const auto session = Session::open(file, false);
    QCOMPARE(session->addTask(beside / "more.json"), std::string("more"));
    PanelParameters panel;
    panel.cluster = m_results.clusters.front().id;
    panel.epsilon = 0.5;
    const std::int64_t number = session->run(panel, {});
    const auto tasks = [&](const std::string& name) {
      return std::ranges::count_if(session->results()->effects, [&](const EffectRow& e) { return e.run == number && e.task == name && e.metric == "margin"; });
    };
    QCOMPARE(tasks("pairs"), 1);
    QCOMPARE(tasks("more"), 0);
    session->update({});
    QVERIFY(std::ranges::any_of(session->results()->effects, [](const EffectRow& e) { return e.task == "more" && e.metric == "bits_per_byte"; }));
  }

  /// Sets of texts and documents are screened like choices: no item is left out, every cell has an estimate and was run exactly.
  void everyKindOfTaskIsScreened() {
    const Screen screen = screenStudy(spec(), m_file, {1.0, 0}, {});
    std::map<std::string, int> rows;
    for (const ScreenRow& row : screen.rows) {
      ++rows[row.task];
      QVERIFY2(row.status == "OK", (row.task + ": " + row.status + ", " + row.reason).c_str());
      QCOMPARE(row.leftOut, std::int64_t(0));
      QVERIFY(std::isfinite(row.estimate) && std::isfinite(row.exact));
      QVERIFY(row.estimate != 0 || row.exact == 0);
    }
    QCOMPARE(rows.size(), std::size_t(4));
  }
};

QTEST_GUILESS_MAIN(MeasuredMetricsTest)
#include "measured_metrics_test.moc"
