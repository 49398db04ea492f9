#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/study/session.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

/// Clusters edited by hand in a study file: what moves, what becomes out of date, what comes back, and that nothing is lost.
class ClusterEditsTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_spec, m_file;

  static std::int64_t sizeOf(const Results& r, int cluster) {
    for (const ClusterRow& c : r.clusters)
      if (c.id.value == cluster) return c.size;
    return 0;
  }
  static StageState stateOf(const Results& r, const std::string& name) {
    for (const StageRow& s : r.stages)
      if (s.name == name) return s.state;
    return StageState::Empty;
  }

 private Q_SLOTS:
  void initTestCase() {
    const std::filesystem::path folder = m_folder.path().toStdString();
    m_spec = tests::writeTinyStudy(folder, LACUNA_TEST_DATA "/tasks/models/gpt2-trained");
    m_file = folder / "tiny.lacuna";
    runStudy(readSpec(m_spec), m_file, {});
  }

  void namesAndColoursLeaveTheNumbersAlone() {
    const auto session = Session::open(m_file);
    session->editClusters({"rename", ClusterId(0), {}, {}, "woods"});
    session->editClusters({"recolour", ClusterId(0), {}, {}, "5"});
    QCOMPARE(session->results()->clusters[0].label, std::string("woods"));
    QCOMPARE(session->results()->clusters[0].colour, 5);
    QCOMPARE(stateOf(*session->results(), "probes"), StageState::UpToDate);
    QVERIFY(session->undoEdit());
    QCOMPARE(session->results()->clusters[0].colour, -1);
    QVERIFY(session->redoEdit());
    QVERIFY(!session->redoEdit());
    QCOMPARE(session->people()->edits.size(), std::size_t(4));
  }

  void mergeSplitAndUndo() {
    const auto session = Session::open(m_file);
    const Results before = *session->results();
    session->editClusters({"merge", ClusterId(2), ClusterId(1), {}, {}});
    QCOMPARE(session->results()->clusters.size(), std::size_t(2));
    QCOMPARE(sizeOf(*session->results(), 1), sizeOf(before, 1) + sizeOf(before, 2));
    QCOMPARE(stateOf(*session->results(), "clusters"), StageState::Stale);
    QCOMPARE(stateOf(*session->results(), "effects"), StageState::Stale);
    const std::vector<std::int32_t> some = {0, 3, 6, 9};
    session->editClusters({"split", {}, {}, some, "few"});
    QCOMPARE(session->results()->clusters.back().id, ClusterId(3));
    QCOMPARE(session->results()->clusters.back().label, std::string("few"));
    QVERIFY(session->undoEdit() && session->undoEdit());
    for (std::size_t i = 0; i < before.documents.size(); ++i) QCOMPARE(session->results()->documents[i].cluster, before.documents[i].cluster);
    QCOMPARE(session->results()->clusters.size(), std::size_t(3));
    QCOMPARE(sizeOf(*session->results(), 0), sizeOf(before, 0));
  }

  /// After the merge the study runs again with two clusters, silhouettes and terms anew; the name given by hand stays.
  void anUpdateTakesTheEditsAlong() {
    {
      const auto session = Session::open(m_file);
      session->editClusters({"merge", ClusterId(2), ClusterId(1), {}, {}});
    }
    const RunSummary summary = runStudy(readSpec(m_spec), m_file, {});
    QVERIFY(std::find(summary.stagesRun.begin(), summary.stagesRun.end(), "clusters") != summary.stagesRun.end());
    const Results r = readResults(m_file);
    QCOMPARE(r.clusters.size(), std::size_t(2));
    QCOMPARE(r.clusters[0].label, std::string("woods"));
    QCOMPARE(r.clusters[0].colour, 5);
    QCOMPARE(r.clusters[1].size, std::int64_t(r.documents.size()) - r.clusters[0].size);
    QVERIFY(std::isfinite(r.macroSilhouette) && !r.clusters[1].terms.empty());
    for (const ProbeRow& p : r.probes) QVERIFY(p.cluster != ClusterId(2));
    for (const EffectRow& e : r.effects) QVERIFY(e.cluster != ClusterId(2));
    QVERIFY(!r.effects.empty());
    QCOMPARE(stateOf(r, "effects"), StageState::UpToDate);
    QVERIFY(runStudy(readSpec(m_spec), m_file, {}).stagesRun.empty());
  }

  void answersGoIntoTheLogAndBesideTheClusters() {
    const std::filesystem::path sheet = m_file.parent_path() / "sheet.csv";
    exportSheet(m_file, "ann", sheet);
    auto rows = files::parseCsv(files::readText(sheet));
    std::string filled = files::csvRow(rows[0]);
    for (std::size_t i = 1; i < rows.size(); ++i) {
      if (rows[i][0] == "fits") rows[i][5] = "fits";
      filled += files::csvRow(rows[i]);
    }
    files::writeFileAtomically(sheet, filled);
    QCOMPARE(importSheet(m_file, "ann", sheet).rows.size(), std::size_t(100));
    QCOMPARE(importSheet(m_file, " bob ", sheet).rows.size(), std::size_t(100));
    QCOMPARE(importSheet(m_file, "bob", sheet).known, std::int64_t(100));
    const auto session = Session::open(m_file);
    QCOMPARE(session->people()->agreement.back().raters, std::int64_t(2));
    QCOMPARE(session->people()->agreement.back().observed, 1.0);
    exportStudy(m_file, m_file.parent_path() / "tables", {"clusters", "annotations", "agreement", "rater_pairs", "edits"}, "csv");
    const auto table = files::parseCsv(files::readText(m_file.parent_path() / "tables" / "clusters.csv"));
    const auto column = std::size_t(std::find(table[0].begin(), table[0].end(), "observed") - table[0].begin());
    QCOMPARE(table.at(1).at(column), std::string("1"));
    QCOMPARE(files::parseCsv(files::readText(m_file.parent_path() / "tables" / "annotations.csv")).size(), std::size_t(201));
  }

  void pagesOfTasksAndExamplesAreFilled() {
    const auto session = Session::open(m_file);
    const auto pages = session->taskPages();
    QCOMPARE(pages.size(), std::size_t(2));
    QCOMPARE(pages[0].name, std::string("stones"));
    QCOMPARE(pages[0].items, std::int64_t(40));
    QCOMPARE(pages[0].chance, 0.5);
    QVERIFY(pages[0].clean.low <= pages[0].clean.value && pages[0].clean.value <= pages[0].clean.high);
    for (std::int64_t place = 0; place < 40; ++place) {
      const ItemView view = session->itemView("stones", place, {});
      QCOMPARE(view.status, std::string("ok"));
      QCOMPARE(view.texts.size(), std::size_t(2));
      QCOMPARE(view.texts[0].gold, !view.texts[1].gold);
      QVERIFY(view.texts[0].pieces.back().scored && !view.texts[0].pieces.front().scored);
    }
    const auto& runs = session->results()->runs;
    const auto done = std::find_if(runs.begin(), runs.end(), [](const RunRow& run) { return run.kind == "cell" && run.status == "done"; });
    QVERIFY(done != runs.end());
    const Examples examples = session->examples(done->number, "stones");
    QCOMPARE(std::int64_t(examples.rows.size()), pages[0].reported);
    for (std::size_t i = 1; i < examples.rows.size(); ++i)
      QVERIFY(examples.rows[i - 1].cleanMargin - examples.rows[i - 1].perturbedMargin >= examples.rows[i].cleanMargin - examples.rows[i].perturbedMargin);
    double effect = 0;
    for (const ExampleRow& row : examples.rows) effect += (row.cleanMargin - row.perturbedMargin) / static_cast<double>(examples.rows.size());
    for (const EffectRow& e : session->results()->effects)
      if (e.run == done->number && e.task == "stones" && e.metric == "margin") QVERIFY(std::abs(e.ace - effect) < 1e-9);
    QVERIFY_EXCEPTION_THROWN(session->examples(9999, "stones"), Error);
    QVERIFY_EXCEPTION_THROWN(session->itemView("nonsense", 0, {}), Error);
  }
};

QTEST_GUILESS_MAIN(ClusterEditsTest)
#include "cluster_edits_test.moc"
