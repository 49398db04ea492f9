#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/study/session.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

/// Clusters refined by a study (methods.md 3.9): what it keeps of the rounds, who sees ambiguous documents, and the way back.
class RefineStudyTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_folderPath, m_file;
  StudySpec m_spec;

  StudySpec specWith(const std::string& clusters) const {
    return parseSpec(withOverride(files::readText(m_folderPath / "study.json"), "clusters=" + clusters), m_folderPath);
  }
  static std::vector<std::int32_t> labelsOf(const Results& r) {
    std::vector<std::int32_t> labels;
    for (const DocumentRow& d : r.documents) labels.push_back(d.cluster);
    return labels;
  }
  static StageState stateOf(const Results& r, const std::string& name) {
    for (const StageRow& s : r.stages)
      if (s.name == name) return s.state;
    return StageState::Empty;
  }
  std::vector<std::vector<std::string>> table(const std::string& name) const {
    exportStudy(m_file, m_folderPath / "tables", {name}, "csv");
    return files::parseCsv(files::readText(m_folderPath / "tables" / (name + ".csv")));
  }

 private Q_SLOTS:
  void initTestCase() {
    m_folderPath = m_folder.path().toStdString();
    tests::writeTinyStudy(m_folderPath, LACUNA_TEST_DATA "/tasks/models/gpt2-trained");
    m_file = m_folderPath / "tiny.lacuna";
    m_spec = specWith(R"({"method": "kmeans", "k": 2, "refine": {"rounds": 3, "min_size": 40, "purity": 0.8}})");
    runStudy(m_spec, m_file, {});
  }

  void theRoundsAreKept() {
    const Results r = readResults(m_file);
    const Evidence& e = r.evidence;
    QVERIFY(!e.rounds.empty() && !e.stopped.empty() && !e.stale);
    QCOMPARE(e.rounds.front().clustersBefore, std::int64_t{2});
    QCOMPARE(e.rounds.back().clustersAfter, std::ssize(r.clusters));
    QVERIFY(r.clusters.size() >= 3);   // three kinds of text were in two clusters
    QVERIFY(e.rounds.back().purityAfter > e.rounds.front().purityBefore + 0.1);
    std::int64_t ambiguous = 0;
    for (const store::RefineStepRow& s : e.steps) ambiguous += s.action == "ambiguous" ? s.documents : 0;
    QCOMPARE(e.ambiguous, ambiguous);
    QVERIFY(std::any_of(e.steps.begin(), e.steps.end(), [](const auto& s) { return s.action == "split" && s.other == 2; }));
    double macro = 0;
    for (const ClusterRow& c : r.clusters) macro += c.silhouette / static_cast<double>(r.clusters.size());
    QVERIFY(std::abs(macro - e.rounds.back().silhouetteAfter) < 1e-9);
    QCOMPARE(table("refine_rounds").size(), e.rounds.size() + 1);
    QCOMPARE(table("refine_log").size(), e.steps.size() + 1);
    const auto validity = table("cluster_validity");
    QCOMPARE(validity.at(1).at(0), std::string("source"));
  }

  void ambiguousDocumentsAreSeenByNoProbe() {
    const Results r = readResults(m_file);
    for (const DocumentRow& d : r.documents) {
      QVERIFY(d.cluster >= -2);
      if (d.cluster < 0) QVERIFY(d.tokens == 0 && std::isnan(d.silhouette) && d.strength == 0);
    }
  }

  void theRestOfTheStudyGoesOnFromThere() {
    const Results r = readResults(m_file);
    std::set<std::int32_t> probed;
    for (const ProbeRow& p : r.probes) probed.insert(static_cast<std::int32_t>(p.cluster.value));
    QCOMPARE(probed.size(), r.clusters.size());
    QVERIFY(!r.effects.empty());
    QVERIFY(runStudy(m_spec, m_file, {}).stagesRun.empty());
  }

  void goingBackIsAnEditThatUpdatesKeepAndUndoTakesBack() {
    const auto session = Session::open(m_file);
    const Results refined = *session->results();
    StudySpec plain = m_spec;
    plain.clusters.refine.rounds = 0;
    const auto other = m_folderPath / "plain.lacuna";
    runStudy(plain, other, {});
    const std::vector<std::int32_t> unrefined = labelsOf(readResults(other));
    ClusterEdit back;
    back.kind = "revert";
    back.value = "1";
    session->editClusters(back);
    QCOMPARE(labelsOf(*session->results()), unrefined);
    QCOMPARE(session->results()->clusters.size(), std::size_t{2});
    QCOMPARE(stateOf(*session->results(), "effects"), StageState::Stale);
    QVERIFY(session->results()->evidence.stale);
    const EditRow logged = session->people()->edits.back();
    QCOMPARE(logged.after.size(), logged.documents.size());
    QVERIFY(!logged.created.empty() && !logged.clustering.empty());

    session->update({});
    QCOMPARE(labelsOf(*session->results()), unrefined);
    QVERIFY(!session->results()->evidence.stale);
    QCOMPARE(session->results()->evidence.rounds.size(), refined.evidence.rounds.size());   // the log stays
    for (const ClusterRow& c : session->results()->clusters) QVERIFY(std::isfinite(c.silhouette) && !c.terms.empty());

    QVERIFY(session->undoEdit());
    QCOMPARE(labelsOf(*session->results()), labelsOf(refined));
    session->update({});
    QCOMPARE(labelsOf(*session->results()), labelsOf(refined));
    QCOMPARE(session->results()->clusters.size(), refined.clusters.size());
    QCOMPARE(session->results()->macroSilhouette, refined.macroSilhouette);
    QVERIFY(session->redoEdit());
    QCOMPARE(labelsOf(*session->results()), unrefined);
    QVERIFY(session->undoEdit());
  }

  void roundsThatAreNotThereAreRefused_data() {
    QTest::addColumn<QString>("round");
    QTest::newRow("after the last") << QStringLiteral("9");
    QTest::newRow("no number") << QStringLiteral("x");
  }
  void roundsThatAreNotThereAreRefused() {
    QFETCH(QString, round);
    const auto session = Session::open(m_file);
    const std::vector<std::int32_t> before = labelsOf(*session->results());
    ClusterEdit back;
    back.kind = "revert";
    back.value = round.toStdString();
    try {
      session->editClusters(back);
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1503"));
    }
    QCOMPARE(labelsOf(*session->results()), before);
  }

  void aChangedSpecIsOutOfDateUntilTheUpdate() {
    const auto copy = m_folderPath / "changed.lacuna";
    std::filesystem::copy_file(m_file, copy);
    const auto session = Session::open(copy);
    session->update({});   // what the last undo left
    try {
      session->changeSpec("clusters/choose_k=[1]");
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1401"));
    }
    QCOMPARE(stateOf(*session->results(), "clusters"), StageState::UpToDate);
    session->changeSpec("clusters/choose_k=[2,3,4]");
    QCOMPARE(stateOf(*session->results(), "clusters"), StageState::Stale);
    QVERIFY(session->results()->specJson.find("choose_k") != std::string::npos);
    session->update({});
    QCOMPARE(stateOf(*session->results(), "clusters"), StageState::UpToDate);
    QCOMPARE(session->results()->evidence.curve.size(), std::size_t{3});
    QCOMPARE(std::count_if(session->results()->evidence.curve.begin(), session->results()->evidence.curve.end(), [](const KRow& k) { return k.chosen; }), std::ptrdiff_t{1});
  }

  void anUnknownFieldIsNamed() {
    const auto file = m_folderPath / "field.lacuna";
    try {
      runStudy(specWith(R"({"method": "kmeans", "k": 3, "refine": {"rounds": 1, "field": "colour"}})"), file, {});
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1605"));
      QVERIFY2(error.message().find("'colour'") != std::string::npos, error.what());
      QVERIFY2(error.hint().find("source") != std::string::npos, error.hint().c_str());
    }
  }
};

QTEST_GUILESS_MAIN(RefineStudyTest)
#include "refine_test.moc"
