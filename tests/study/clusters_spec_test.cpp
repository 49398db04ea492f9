#include <QtTest>

#include "clusters_spec.h"
#include "lacuna/base/error.h"
#include "lacuna/study/spec.h"

using namespace lacuna;

namespace {

study::StudySpec specOf(const QString& clusters) { return study::parseSpec("{\"clusters\": " + clusters.toStdString() + "}", "."); }

}  // namespace

class ClustersSpecTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void readsEveryOption() {
    const auto spec = specOf(R"({"method": "topics", "min_cluster_size": 12, "min_samples": 3, "selection": "leaf", "topics": 7, "merge_similarity": 0.9, "terms": "bm25",
      "representatives": 5, "umap": {"neighbours": 20, "dimensions": 3, "min_dist": 0.1, "spread": 1.5, "epochs": 90, "metric": "euclidean", "start": "pca"}})");
    const clusters::ClusterConfig& c = spec.clusters;
    QVERIFY(c.method == "topics" && c.minClusterSize == 12 && c.minSamples == 3 && c.selection == clusters::Selection::Leaf && c.topics == 7);
    QVERIFY(c.mergeSimilarity == 0.9 && c.terms == clusters::TermWeighting::Bm25 && c.representatives == 5);
    QVERIFY(c.umap.neighbours == 20 && c.umap.dimensions == 3 && c.umap.minDist == 0.1 && c.umap.spread == 1.5 && c.umap.epochs == 90);
    QVERIFY(c.umap.metric == clusters::Metric::Euclidean && c.umap.start == clusters::MapStart::Pca);
    const auto again = study::parseSpec(study::toJson(spec), ".");
    QCOMPARE(study::toJson(again), study::toJson(spec));
  }

  void readsFilters() {
    const auto spec = specOf(R"({"method": "filters", "filters": [{"name": "code", "where": "language == \"py\""}, {"name": "rest", "where": ""}]})");
    QCOMPARE(spec.clusters.filters.size(), std::size_t{2});
    QCOMPARE(study::toJson(study::parseSpec(study::toJson(spec), ".")), study::toJson(spec));
  }

  void optionsOfOtherMethodsAreLeftOut() {
    const nlohmann::json json = study::clustersJson({});
    QVERIFY(!json.contains("umap") && !json.contains("min_samples") && !json.contains("filters"));
  }

  void refusesByName_data() {
    QTest::addColumn<QString>("clusters");
    QTest::addColumn<QString>("named");
    QTest::newRow("method") << R"({"method": "ward"})" << "/clusters/method";
    QTest::newRow("cluster of one") << R"({"min_cluster_size": 1})" << "/clusters/min_cluster_size";
    QTest::newRow("no neighbour") << R"({"min_samples": 0})" << "/clusters/min_samples";
    QTest::newRow("selection") << R"({"selection": "most"})" << "/clusters/selection";
    QTest::newRow("terms") << R"({"terms": "tf"})" << "/clusters/terms";
    QTest::newRow("one neighbour in the map") << R"({"umap": {"neighbours": 1}})" << "/clusters/umap/neighbours";
    QTest::newRow("unknown key of the map") << R"({"umap": {"neighbors": 15}})" << "/clusters/umap/neighbors";
    QTest::newRow("metric") << R"({"umap": {"metric": "l1"}})" << "/clusters/umap/metric";
    QTest::newRow("negative topics") << R"({"topics": -1})" << "/clusters/topics";
    QTest::newRow("similarity") << R"({"merge_similarity": 0})" << "/clusters/merge_similarity";
    QTest::newRow("no filter") << R"({"method": "filters"})" << "/clusters/filters";
    QTest::newRow("filter without a name") << R"({"filters": [{"where": "a == 1"}]})" << "/clusters/filters/0/name";
    QTest::newRow("k") << R"({"k": 0})" << "/clusters/k";
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
    QVERIFY_THROWS_EXCEPTION(Error, specOf(R"({"method": "filters", "filters": [{"name": "broken", "where": "language =="}]})"));
  }
};

QTEST_GUILESS_MAIN(ClustersSpecTest)
#include "clusters_spec_test.moc"
