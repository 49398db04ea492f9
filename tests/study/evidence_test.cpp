#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/store/store.h"
#include "lacuna/study/cluster_edits.h"
#include "lacuna/study/evidence.h"
#include "read_evidence.h"

using namespace lacuna;
using namespace lacuna::study;

namespace {

std::vector<DocumentRow> documentsIn(const std::vector<std::int32_t>& clusters, const std::vector<std::string>& sources) {
  std::vector<DocumentRow> rows;
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    DocumentRow& d = rows.emplace_back();
    d.id = DocumentId(static_cast<std::int64_t>(i));
    d.cluster = clusters[i];
    d.source = sources[i];
  }
  return rows;
}

const std::vector<DocumentRow> kSix = documentsIn({0, 0, 1, 1, -1, -2}, {"a", "b", "b", "b", "a", ""});

}  // namespace

/// What a study file says for and against its clusters, read back from texts that may be of an older version, or broken.
class EvidenceTest : public QObject {
  Q_OBJECT

  QTemporaryDir m_folder;
  int m_files = 0;
  std::unique_ptr<store::Store> file() {
    auto store = store::Store::create((m_folder.path() + "/" + QString::number(++m_files) + ".lacuna").toStdString());
    store->putStage({"clusters", "done", "key", "", "", 0});
    return store;
  }

 private Q_SLOTS:
  void rowsComeBack() {
    const auto store = file();
    store->setMeta("k_curve", "[[4,0.31,0.02,0.91,0.03,null,0],[8,0.29,null,0.85,0.04,0.5,1]]");
    store->setMeta("cluster_validity", R"([["language",0.8,0.5,0.6,0.4,0.39,0.3,0.5,0.35,900]])");
    store->setMeta("condensed_tree", "[[10,11,0.5,6,0.8,2,1.5,0],[10,12,0.5,3,0.7,0.9,0.6,null]]");
    store->setMeta("topic_merges", R"([[3,1,0.92,20,80,"plus, sum","add",2]])");
    store->setMeta("refine_stopped", "why");
    store->putClusterRecord({{{"language", R"(["en","de"])", {0, 0, 1, 1, -1, 7}}, {"short", "[]", {0, 1}}},
                             {{ClusterId(0), {0, 2}}},
                             {{0, 12, 0.5, 0.75, 0.25, std::nan(""), 2, 3, {0, 0, 1, 1, -1, 0}}},
                             {{0, 0, "split", 1, 2, 5, 0.5, 0.1}}});
    const Evidence e = readEvidence(*store, kSix, R"({"clusters":{"method":"topics"}})");
    QCOMPARE(e.method, std::string("topics"));
    QCOMPARE(e.curve.size(), std::size_t{2});
    QVERIFY(std::isnan(e.curve[0].ami) && std::isnan(e.curve[1].standardError) && e.curve[1].chosen && e.stable);
    QVERIFY(e.against("language") && e.against("language")->ari == 0.3 && e.against("language")->documents == 900 && !e.against("source"));
    QCOMPARE(e.tree.size(), std::size_t{3});   // the root is told by its children
    QVERIFY(e.tree[0].node == 10 && e.tree[0].parent == -1 && e.tree[0].size == 10 && e.tree[0].end == 0.5);
    QVERIFY(e.tree[1].cluster == ClusterId(0) && !e.tree[2].cluster.valid() && e.tree[1].half == 0.8);
    QVERIFY(e.merges[0].becomes == ClusterId(2) && e.merges[0].fromWords == "plus, sum" && e.merges[0].intoSize == 80);
    QCOMPARE(e.field("language")->codes, (std::vector<std::int32_t>{0, 0, 1, 1, -1, -1}));   // a place that is not there is none
    QVERIFY(!e.field("short"));                // not of these documents
    QVERIFY(e.field("source"));                // told by the documents
    QVERIFY(e.rounds.size() == 1 && e.rounds[0].labels.empty() && e.rounds[0].purityAfter == 0.75 && std::isnan(e.rounds[0].silhouetteAfter));
    QCOMPARE(e.steps[0].action, std::string("split"));
    QVERIFY(e.ambiguous == 1 && e.noise == 1 && !e.stale && e.multiLabel());
    QCOMPARE(store->clusterRecord().rounds[0].labels, (std::vector<std::int32_t>{0, 0, 1, 1, -1, 0}));
  }

  void olderFilesAreRead() {   // numbers of the sources alone, trees and merges without what was added
    const auto store = file();
    store->setMeta("cluster_validity", "[[0.8,0.5,0.6,0.4,0.39,0.3,0.5,0.35,900]]");
    store->setMeta("condensed_tree", "[[10,11,0.5,6]]");
    store->setMeta("topic_merges", "[[3,1,0.92]]");
    const Evidence e = readEvidence(*store, kSix, "");
    QVERIFY(e.against("source") && e.against("source")->purity == 0.8 && e.against("source")->documents == 900);
    QVERIFY(std::isnan(e.tree[1].half) && !e.tree[1].cluster.valid());
    QVERIFY(e.merges[0].fromWords.empty() && !e.merges[0].becomes.valid());
    QCOMPARE(e.field("source")->values, (std::vector<std::string>{"b", "a"}));
    QCOMPARE(e.field("source")->codes, (std::vector<std::int32_t>{1, 0, 0, 0, 1, -1}));
  }

  void brokenTextsAreNotKnown_data() {
    QTest::addColumn<QString>("text");
    QTest::newRow("cut") << QStringLiteral("[[1,2");
    QTest::newRow("no list") << QStringLiteral("{\"a\":1}");
    QTest::newRow("rows that are none") << QStringLiteral("[1,\"x\",null]");
    QTest::newRow("short rows") << QStringLiteral("[[],[1]]");
    QTest::newRow("wrong kinds") << QStringLiteral("[[\"a\",{},[],true,null,1e400]]");
  }
  void brokenTextsAreNotKnown() {
    QFETCH(QString, text);
    const auto store = file();
    for (const char* key : {"k_curve", "cluster_validity", "condensed_tree", "topic_merges"}) store->setMeta(key, text.toStdString());
    store->putClusterRecord({{{"source", text.toStdString(), {0, 0, 0, 0, 0, 0}}}, {}, {}, {}});
    const Evidence e = readEvidence(*store, kSix, text.toStdString());
    for (const KRow& row : e.curve) QVERIFY(!row.chosen);
    for (const MergeRow& row : e.merges) QVERIFY(!row.becomes.valid());
    QVERIFY(!e.stable && e.method.empty());
  }

  void contingencyBesideWhatIsExpected() {
    Evidence e;
    const Field field{"language", {"en", "de"}, {0, 1, 1, -1, 0, 0}};
    const auto rows = contingencyOf(kSix, e, field);
    QCOMPARE(rows.size(), std::size_t{4});
    // Documents 0, 1, 2 have a cluster and a value: two of cluster 0, one of cluster 1; one is English.
    const std::vector<std::pair<std::int64_t, double>> expected{{1, 2.0 / 3}, {1, 4.0 / 3}, {0, 1.0 / 3}, {1, 2.0 / 3}};
    for (std::size_t i = 0; i < rows.size(); ++i) {
      QCOMPARE(rows[i].documents, expected[i].first);
      QVERIFY(std::abs(rows[i].expected - expected[i].second) < 1e-12);
    }
    auto weighted = kSix;   // documents of the second value stand for ten each
    for (std::size_t i = 0; i < weighted.size(); ++i) weighted[i].weight = field.codes[i] == 1 ? 10 : 1;
    const auto drawn = contingencyOf(weighted, e, field);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      QCOMPARE(drawn[i].documents, rows[i].documents);
      QCOMPARE(drawn[i].population, static_cast<double>(rows[i].documents) * (rows[i].value == 1 ? 10 : 1));
    }
    e.memberships = {{ClusterId(0), {0, 1}}, {ClusterId(1), {1, 2}}};   // document 1 is in both
    const auto shared = contingencyOf(kSix, e, field);
    QCOMPARE(shared[3].documents, std::int64_t{2});
    QVERIFY(std::abs(shared[3].expected - 4.0 / 3) < 1e-12);
  }

  void clustersOfADocument() {
    Evidence e;
    QCOMPARE(e.clustersOf(kSix[2]), std::vector<ClusterId>{ClusterId(1)});
    QVERIFY(e.clustersOf(kSix[5]).empty());
    e.memberships = {{ClusterId(0), {0, 2}}, {ClusterId(1), {2}}};
    QCOMPARE(e.clustersOf(kSix[2]), (std::vector<ClusterId>{ClusterId(0), ClusterId(1)}));
  }

  void aReturnKnowsWhereEveryDocumentGoes() {
    ClusterEdit edit;
    edit.kind = "revert";
    edit.value = "2";
    edit.labels = {0, 1, 1, 0, 0, -2};
    const EditRow row = plannedEdit(edit, {}, kSix);
    QCOMPARE(row.documents, (std::vector<std::int32_t>{1, 3, 4}));
    QCOMPARE(row.before, (std::vector<std::int32_t>{0, 1, -1}));
    QCOMPARE(row.after, (std::vector<std::int32_t>{1, 0, 0}));
    std::vector<std::int32_t> labels;
    std::vector<DocumentId> ids;
    for (const DocumentRow& d : kSix) labels.push_back(d.cluster), ids.push_back(d.id);
    applyEdits({row}, ids, labels);
    QCOMPARE(labels, edit.labels);
    EditRow other = row;
    other.after = {1, 0, 1};
    QVERIFY(editsHash({row}) != editsHash({other}));
    QCOMPARE(editName(row), std::string("return to the clusters before round 2 of refining"));
    edit.labels = {0, 0, 1, 1, -1, -2};
    QVERIFY_THROWS_EXCEPTION(Error, plannedEdit(edit, {}, kSix));   // nothing would change
    edit.labels.clear();
    QVERIFY_THROWS_EXCEPTION(Error, plannedEdit(edit, {}, kSix));   // there is no such round
  }
};

QTEST_GUILESS_MAIN(EvidenceTest)
#include "evidence_test.moc"
