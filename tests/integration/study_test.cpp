#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/store/store.h"
#include "lacuna/study/session.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

/// The whole path on a tiny model: what a study holds, what is done again and what is not.
class StudyTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_spec, m_file;
  const std::filesystem::path m_model = LACUNA_TEST_DATA "/models/gpt2_default";

  StudySpec spec() const { return readSpec(m_spec); }

 private Q_SLOTS:
  void initTestCase() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    m_spec = tests::writeTinyStudy(folder, m_model);
    m_file = folder / "tiny.lacuna";
    const RunSummary summary = runStudy(spec(), m_file, {});
    QCOMPARE(summary.cellsRun, std::int64_t(12));  // 3 clusters × (2 + 1 + 1) doses
    QCOMPARE(summary.stagesRun.size(), std::size_t(5));
  }

  void everyTableIsFilled() {
    const Results r = readResults(m_file);
    QCOMPARE(r.clusters.size(), std::size_t(3));
    QCOMPARE(r.effects.size(), std::size_t(12 * 2 * 2));  // cells × tasks × (margin, acc)
    QCOMPARE(r.tasks.size(), std::size_t(2));
    QVERIFY(!r.documents.empty() && !r.probes.empty() && !r.cka.empty() && !r.ckaMatrices.empty());
    for (const EffectRow& e : r.effects) {
      // A random model answers no better than chance: its accuracies are gated, with the reason; the margin is always reported.
      if (!std::isfinite(e.ace)) {
        QCOMPARE(e.metric, std::string("acc"));
        QCOMPARE(e.status, std::string("AT_FLOOR"));
        QVERIFY(!e.reason.empty());
        continue;
      }
      QVERIFY(e.low <= e.ace && e.ace <= e.high);
      QVERIFY(e.n > 0 && e.n <= 40);
      if (e.controls > 0) QVERIFY(e.pControl >= 1.0 / 6 - 1e-12 && e.pControl <= 1);
    }
  }

  void theNullIsExactlyTheCleanRun() {
    const auto store = store::Store::open(m_file, true);
    int compared = 0;
    const auto outcomes = store->outcomes();
    for (const store::OutcomeRow& null : outcomes)
      for (const store::OutcomeRow& clean : outcomes) {
        if (null.arm != "null" || clean.arm != "clean" || null.task != clean.task || null.metric != clean.metric) continue;
        for (std::size_t i = 0; i < null.values.size(); ++i)
          if (!std::isnan(null.values[i])) {
            QVERIFY(null.values[i] == clean.values[i]);
            ++compared;
          }
      }
    QVERIFY(compared > 80);
  }

  void reportedNumbersUseEvaluationItemsOnly() {
    const auto store = store::Store::open(m_file, true);
    const auto items = store->taskItems();
    std::int64_t evaluated = 0;
    for (const std::uint8_t mark : items[0].evaluate) evaluated += mark;
    QVERIFY(evaluated > 0 && evaluated < std::int64_t(items[0].evaluate.size()));
    for (const EffectRow& e : store->effects())
      if (e.task == items[0].task) QCOMPARE(e.n, evaluated);
  }

  void nothingIsRunTwice() {
    const RunSummary again = runStudy(spec(), m_file, {});
    QCOMPARE(again.cellsRun, std::int64_t(0));
    QCOMPARE(again.cellsUpToDate, std::int64_t(12));
    QVERIFY(again.stagesRun.empty());
    for (const Plan::Stage& stage : planStudy(spec(), m_file, {}).stages) QVERIFY2(stage.upToDate, stage.name.c_str());
  }

  void threadsDoNotChangeANumber() {
    const std::filesystem::path other = m_file.parent_path() / "threads.lacuna";
    RunContext one;
    one.threads = 1;
    runStudy(spec(), other, one);
    const auto a = store::Store::open(m_file, true)->outcomes(), b = store::Store::open(other, true)->outcomes();
    QCOMPARE(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
      for (std::size_t k = 0; k < a[i].values.size(); ++k)
        QVERIFY(a[i].arm == b[i].arm && (a[i].values[k] == b[i].values[k] || std::isnan(a[i].values[k])));
  }

  void aNewMethodRunsOnlyItsOwnCells() {
    const std::filesystem::path copy = m_file.parent_path() / "more.lacuna";
    std::filesystem::copy_file(m_file, copy);
    StudySpec more = spec();
    more.perturbations.emplace_back();
    more.perturbations.back().method = "zero";
    more.perturbations.back().site = "mlp_hidden";
    more.perturbations.back().epsilons = {1.0};
    more.perturbations.back().controlEpsilon = 1.0;
    const RunSummary summary = runStudy(more, copy, {});
    QCOMPARE(summary.cellsRun, std::int64_t(3));
    QCOMPARE(summary.cellsUpToDate, std::int64_t(12));
    QCOMPARE(readResults(copy).effects.size(), std::size_t(15 * 2 * 2));
  }

  void aPanelRunIsTheGridsCell() {
    const std::filesystem::path copy = m_file.parent_path() / "panel.lacuna";
    std::filesystem::copy_file(m_file, copy);
    const auto session = Session::open(copy);
    const auto before = session->results();
    PanelParameters panel;
    panel.cluster = ClusterId(1);
    panel.method = "mean";
    panel.tauRule = "mass";
    panel.tau = 0.25;
    panel.epsilon = 1.0;
    panel.seed = 11;
    const auto known = session->existingRun(panel);
    QVERIFY(known.has_value());
    panel.epsilon = 0.3;
    QVERIFY(!session->existingRun(panel));
    const std::int64_t number = session->run(panel, {});
    QCOMPARE(session->existingRun(panel).value_or(-1), number);
    QCOMPARE(session->results()->runs.size(), before->runs.size() + 1);
    int rows = 0;
    for (const EffectRow& e : session->results()->effects)
      if (e.run == number) {
        ++rows;
        QCOMPARE(e.controls, 5);
      }
    QCOMPARE(rows, 4);
  }

  void aPreviewStoresNothing() {
    const std::filesystem::path copy = m_file.parent_path() / "preview.lacuna";
    std::filesystem::copy_file(m_file, copy);
    const auto session = Session::open(copy);
    PanelParameters panel;
    panel.cluster = ClusterId(0);
    panel.method = "project";
    const auto before = session->results();
    const PreviewResult preview = session->preview(panel, 64, {});
    QCOMPARE(preview.tasks.size(), std::size_t(2));
    for (const PreviewTask& task : preview.tasks) {
      QVERIFY(std::isfinite(task.ace));
      QVERIFY(task.n > 0 && task.n < 30);  // tuning items only
    }
    QCOMPARE(session->results()->runs.size(), before->runs.size());
    QCOMPARE(session->preview(panel, 64, {}).tasks[0].ace, preview.tasks[0].ace);
    session->setViewState("stage", "{\"x\":1}");
    QCOMPARE(session->viewState("stage"), std::string("{\"x\":1}"));
  }

  void cancellingKeepsWhatIsDone() {
    const std::filesystem::path file = m_file.parent_path() / "cancel.lacuna";
    std::stop_source stop;
    RunContext context;
    context.stop = stop.get_token();
    context.progress = [&](const Progress& p) {
      if (p.stage == "Perturbing and scoring" && p.done == 2) stop.request_stop();
    };
    QVERIFY_EXCEPTION_THROWN(runStudy(spec(), file, context), Cancelled);
    const RunSummary rest = runStudy(spec(), file, {});
    QVERIFY(rest.cellsUpToDate > 0 && rest.cellsRun > 0);
    QCOMPARE(rest.cellsUpToDate + rest.cellsRun, std::int64_t(12));
  }

  void exportedNumbersAreTheStoredOnes() {
    const std::filesystem::path out = m_file.parent_path() / "tables";
    const auto written = exportStudy(m_file, out, {"all"}, "csv");
    std::set<std::string> names;
    for (const auto& file : written) names.insert(file.filename().string());
    QVERIFY(names.size() == written.size() && names.size() >= 76);
    for (const std::string& name : names)
      if (name.ends_with(".csv")) QVERIFY2(names.contains(name + "-metadata.json"), name.c_str());
    const auto rows = files::parseCsv(files::readText(out / "effects.csv"));
    const Results r = readResults(m_file);
    QCOMPARE(rows.size(), r.effects.size() + 1);
    const auto column = std::size_t(std::find(rows[0].begin(), rows[0].end(), "estimate") - rows[0].begin());
    for (std::size_t i = 0; i < r.effects.size(); ++i) {
      if (std::isnan(r.effects[i].ace)) QVERIFY(rows[i + 1].at(column).empty());
      else QCOMPARE(std::stod(rows[i + 1].at(column)), r.effects[i].ace);
    }
    QVERIFY_EXCEPTION_THROWN(exportStudy(m_file, out, {"nonsense"}, "csv"), Error);
  }
};

QTEST_GUILESS_MAIN(StudyTest)
#include "study_test.moc"
