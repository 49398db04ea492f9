#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <map>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/files/files.h"
#include "lacuna/store/store.h"
#include "lacuna/study/people.h"
#include "lacuna/study/session.h"
#include "lacuna/study/study.h"
#include "tiny_study.h"

using namespace lacuna;
using namespace lacuna::study;

namespace {

/// ' for quotes, ~ for quotes within a text.
std::string json(QString text) { return text.replace(QChar(39), QChar(34)).replace(QChar('~'), QStringLiteral("\\\"")).toStdString(); }

}  // namespace

/// Documents in several clusters (methods.md 3.4): every number of a cluster is that of the cluster against the rest.
class SharedClustersStudyTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  std::filesystem::path m_folderPath, m_shared, m_apart;

  StudySpec specWith(const std::string& clusters) const {
    return parseSpec(withOverride(files::readText(m_folderPath / "study.json"), "clusters=" + clusters), m_folderPath);
  }
  std::filesystem::path runWith(const char* name, const std::string& clusters) const {
    const auto file = m_folderPath / name;
    runStudy(specWith(clusters), file, {});
    return file;
  }
  static const ProbeRow* probeOf(const Results& r, int cluster, const ProbeRow& like) {
    for (const ProbeRow& p : r.probes)
      if (p.cluster.value == cluster && p.site == like.site && p.layer == like.layer) return &p;
    return nullptr;
  }

 private Q_SLOTS:
  void initTestCase() {
    m_folderPath = m_folder.path().toStdString();
    tests::writeTinyStudy(m_folderPath, LACUNA_TEST_DATA "/tasks/models/gpt2-trained");
    // 0: nature. 1: nature and code, so that 0 is a part of it. 2: maths.
    const QString both = "{'name': 'words', 'where': 'source == ~nature~ or source == ~code~'}, {'name': 'maths', 'where': 'source == ~maths~'}]}";
    m_shared = runWith("shared.lacuna", json("{'method': 'filters', 'multi_label': true, 'filters': [{'name': 'nature', 'where': 'source == ~nature~'}, " + both));
    m_apart = runWith("apart.lacuna", json("{'method': 'filters', 'filters': [" + both));
  }

  void membershipsAreKeptAndExported() {
    const Results r = readResults(m_shared);
    QVERIFY(r.evidence.multiLabel());
    std::map<std::string, std::int64_t> bySource;
    for (const DocumentRow& d : r.documents) ++bySource[d.source];
    QCOMPARE(r.clusters[0].size, bySource["nature"]);
    QCOMPARE(r.clusters[1].size, bySource["nature"] + bySource["code"]);
    for (const DocumentRow& d : r.documents) {
      const auto of = r.evidence.clustersOf(d);
      const std::size_t expected = d.source == "nature" ? 2 : 1;
      QCOMPARE(of.size(), expected);
      QCOMPARE(of.front().value, std::int64_t{d.cluster});   // the first it passes
    }
    exportStudy(m_shared, m_folderPath / "tables", {"document_clusters"}, "csv");
    const auto table = files::parseCsv(files::readText(m_folderPath / "tables" / "document_clusters.csv"));
    QCOMPARE(std::int64_t(table.size()) - 1, 2 * bySource["nature"] + bySource["code"] + bySource["maths"]);
  }

  /// The same documents against the same rest are the same probe, whatever else a document belongs to.
  void probesAreOneAgainstTheRest() {
    const Results shared = readResults(m_shared), apart = readResults(m_apart);
    int compared = 0;
    for (const ProbeRow& p : apart.probes)
      for (const auto& [there, here] : {std::pair(0, 1), std::pair(1, 2)}) {
        if (p.cluster.value != there) continue;
        const ProbeRow* q = probeOf(shared, here, p);
        QVERIFY(q);
        QCOMPARE(q->status, p.status);
        QCOMPARE(q->auc, p.auc);
        QCOMPARE(q->lambda, p.lambda);
        QCOMPARE(q->beta, p.beta);
        QCOMPARE(q->selected, p.selected);
        QCOMPARE(q->tokenAuc, p.tokenAuc);
        QCOMPARE(q->gain, p.gain);
        ++compared;
      }
    QVERIFY(compared >= 4);
    for (const ProbeRow& p : shared.probes) QVERIFY2(p.status == "OK" || p.status == "NOT_CONVERGED", p.status.c_str());
    QCOMPARE(shared.probes.size() * 2, apart.probes.size() * 3);
  }

  void relationsKnowAllMembers() {
    const auto shared = store::Store::open(m_shared, true), apart = store::Store::open(m_apart, true);
    std::map<std::int64_t, std::size_t> counts;
    for (const store::RelationRow& row : shared->relations()) ++counts[row.cluster.value];
    QCOMPARE(counts.size(), std::size_t{3});
    QCOMPARE(apart->relations().size(), std::size_t{4});
  }

  void theStudyGoesOnToEffects() {
    const Results r = readResults(m_shared);
    std::set<std::int64_t> clusters;
    for (const EffectRow& e : r.effects) clusters.insert(e.cluster.value);
    QCOMPARE(clusters, (std::set<std::int64_t>{0, 1, 2}));
    QVERIFY(r.evidence.validity.empty());   // no partition to compare
    std::int64_t memberships = 0;
    for (const ContingencyRow& row : contingencyOf(r.documents, r.evidence, *r.evidence.field("source"))) memberships += row.documents;
    QCOMPARE(memberships, r.clusters[0].size + r.clusters[1].size + r.clusters[2].size);
  }

  void nobodyMovesWhatIsInSeveral_data() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"merge", "split", "exclude", "revert"}) QTest::newRow(kind) << QString::fromUtf8(kind);
  }
  void nobodyMovesWhatIsInSeveral() {
    QFETCH(QString, kind);
    const auto session = Session::open(m_shared);
    try {
      session->editClusters({kind.toStdString(), ClusterId(0), ClusterId(1), {0, 1}, "1"});
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1503"));
    }
  }

  void namesCanStillBeGiven() {
    const auto copy = m_folderPath / "named.lacuna";
    std::filesystem::copy_file(m_shared, copy);
    const auto session = Session::open(copy);
    session->editClusters({"rename", ClusterId(1), {}, {}, "prose"});
    QCOMPARE(session->results()->clusters[1].label, std::string("prose"));
  }

  void intrudersAreStrangers() {
    const Results r = readResults(m_shared);
    const auto items = drawSheets(r.documents, {ClusterId(0), ClusterId(1), ClusterId(2)}, "intruder", 0, r.evidence.memberships);
    QVERIFY(!items.empty());
    for (const SheetItem& item : items) {
      const auto of = r.evidence.clustersOf(r.documents[item.intruder.index()]);
      QVERIFY(std::find(of.begin(), of.end(), item.cluster) == of.end());
    }
  }

  void whatNeedsAPartitionIsRefused_data() {
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("named");
    QTest::newRow("another method") << QStringLiteral("clusters/method=kmeans") << QStringLiteral("/clusters/multi_label");
    QTest::newRow("refining") << QStringLiteral("clusters/refine={'rounds': 2}") << QStringLiteral("/clusters/refine");
    QTest::newRow("a probe of all clusters") << QStringLiteral("probes/rankings=['gradients']") << QStringLiteral("/probes/rankings");
    QTest::newRow("donors of other clusters") << QStringLiteral("perturbations=[{'method': 'resample', 'epsilons': [1.0]}]") << QStringLiteral("/perturbations");
  }
  void whatNeedsAPartitionIsRefused() {
    QFETCH(QString, change);
    QFETCH(QString, named);
    const std::string spec = withOverride(toJson(parseSpec(readResults(m_shared).specJson, m_folderPath)), json(change));
    try {
      parseSpec(spec, m_folderPath);
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1401"));
      QVERIFY2(error.message().find(named.toStdString()) != std::string::npos, error.what());
    }
  }
};

QTEST_GUILESS_MAIN(SharedClustersStudyTest)
#include "shared_clusters_test.moc"
