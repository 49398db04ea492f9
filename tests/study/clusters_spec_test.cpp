#include <QtTest>

#include "clusters_spec.h"
#include "lacuna/base/error.h"
#include "lacuna/study/spec.h"

using namespace lacuna;

namespace {

/// JSON with ' for quotes and ~ for quotes within a text.
study::StudySpec specOf(QString clusters) {
  clusters.replace(QChar(39), QChar(34)).replace(QChar('~'), QStringLiteral("\\\""));
  return study::parseSpec("{\"model\": \"m\", \"corpus\": {\"path\": \"c\"}, \"clusters\": " + clusters.toStdString() + "}", ".");
}

}  // namespace

class ClustersSpecTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void readsEveryOption() {
    const auto spec = specOf("{'method': 'topics', 'min_cluster_size': 12, 'min_samples': 3, 'selection': 'leaf', 'topics': 7, 'merge_similarity': 0.9,"
                             "'terms': 'bm25', 'representatives': 5, 'umap': {'neighbours': 20, 'dimensions': 3, 'min_dist': 0.1, 'spread': 1.5, 'epochs': 90, 'metric': 'euclidean', 'start': 'pca'}}");
    const clusters::ClusterConfig& c = spec.clusters;
    QVERIFY(c.method == "topics" && c.minClusterSize == 12 && c.minSamples == 3 && c.selection == clusters::Selection::Leaf && c.topics == 7);
    QVERIFY(c.mergeSimilarity == 0.9 && c.terms == clusters::TermWeighting::Bm25 && c.representatives == 5);
    QVERIFY(c.umap.neighbours == 20 && c.umap.dimensions == 3 && c.umap.minDist == 0.1 && c.umap.spread == 1.5 && c.umap.epochs == 90);
    QVERIFY(c.umap.metric == clusters::Metric::Euclidean && c.umap.start == clusters::MapStart::Pca);
    const auto again = study::parseSpec(study::toJson(spec), ".");
    QCOMPARE(study::toJson(again), study::toJson(spec));
  }

  void readsFilters() {
    const auto spec = specOf("{'method': 'filters', 'filters': [{'name': 'code', 'where': 'language == ~py~'}, {'name': 'rest', 'where': ''}]}");
    QCOMPARE(spec.clusters.filters.size(), std::size_t{2});
    QCOMPARE(study::toJson(study::parseSpec(study::toJson(spec), ".")), study::toJson(spec));
  }

  void readsRefining() {
    const auto spec = specOf("{'refine': {'rounds': 3, 'purity': 0.8, 'silhouette': 0.1, 'merge_cosine': 0.9, 'min_size': 40, 'field': 'language'}}");
    const clusters::RefineConfig& r = spec.clusters.refine;
    QVERIFY(r.rounds == 3 && r.leastPurity == 0.8 && r.leastSilhouette == 0.1 && r.mergeCosine == 0.9 && r.minSize == 40 && r.field == "language");
    QCOMPARE(study::toJson(study::parseSpec(study::toJson(spec), ".")), study::toJson(spec));
    const clusters::RefineConfig none = specOf("{}").clusters.refine;   // defaults of methods.md 3.9, but switched off
    QVERIFY(none.rounds == 0 && none.leastPurity == 0.7 && none.leastSilhouette == 0.05 && none.mergeCosine == 0.95 && none.minSize == 100 && none.field == "source");
    QVERIFY(!study::clustersJson({}).contains("refine"));   // studies without it keep their keys
  }

  void optionsOfOtherMethodsAreLeftOut() {
    const nlohmann::json json = study::clustersJson({});
    QVERIFY(!json.contains("umap") && !json.contains("min_samples") && !json.contains("filters"));
  }

  void refusesByName_data() {
    QTest::addColumn<QString>("clusters");
    QTest::addColumn<QString>("named");
    QTest::newRow("method") << "{'method': 'ward'}" << "/clusters/method";
    QTest::newRow("cluster of one") << "{'min_cluster_size': 1}" << "/clusters/min_cluster_size";
    QTest::newRow("no neighbour") << "{'min_samples': 0}" << "/clusters/min_samples";
    QTest::newRow("selection") << "{'selection': 'most'}" << "/clusters/selection";
    QTest::newRow("terms") << "{'terms': 'tf'}" << "/clusters/terms";
    QTest::newRow("one neighbour in the map") << "{'umap': {'neighbours': 1}}" << "/clusters/umap/neighbours";
    QTest::newRow("unknown key of the map") << "{'umap': {'neighbors': 15}}" << "/clusters/umap/neighbors";
    QTest::newRow("metric") << "{'umap': {'metric': 'l1'}}" << "/clusters/umap/metric";
    QTest::newRow("negative topics") << "{'topics': -1}" << "/clusters/topics";
    QTest::newRow("similarity") << "{'merge_similarity': 0}" << "/clusters/merge_similarity";
    QTest::newRow("no filter") << "{'method': 'filters'}" << "/clusters/filters";
    QTest::newRow("filter without a name") << "{'filters': [{'where': 'a == 1'}]}" << "/clusters/filters/0/name";
    QTest::newRow("unknown key of refining") << "{'refine': {'round': 3}}" << "/clusters/refine/round";
    QTest::newRow("purity above 1") << "{'refine': {'purity': 70}}" << "/clusters/refine/purity";
    QTest::newRow("rounds below 0") << "{'refine': {'rounds': -1}}" << "/clusters/refine/rounds";
    QTest::newRow("no field") << "{'refine': {'field': ''}}" << "/clusters/refine/field";
    QTest::newRow("refining is an object") << "{'refine': true}" << "/clusters/refine";
    QTest::newRow("k") << "{'k': 0}" << "/clusters/k";
  }
  void refusesByName() {
    QFETCH(QString, clusters);
    QFETCH(QString, named);
    try {
      specOf(clusters);
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1401"));
      QVERIFY2(error.message().find(named.toStdString()) != std::string::npos, error.what());
    }
  }

  void aFilterThatCannotBeReadIsRefused() {
    QVERIFY_THROWS_EXCEPTION(Error, specOf("{'method': 'filters', 'filters': [{'name': 'broken', 'where': 'language =='}]}"));
  }
};

QTEST_GUILESS_MAIN(ClustersSpecTest)
#include "clusters_spec_test.moc"
