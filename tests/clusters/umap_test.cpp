#include <QtTest>

#include <cstring>

#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/clusters/umap.h"

using namespace lacuna;
using clusters::Metric;
using clusters::UmapConfig;

namespace {

RunContext withThreads(int threads, std::uint64_t seed = 0) {
  RunContext context;
  context.threads = threads;
  context.seed = seed;
  return context;
}

MatrixF cloud(Eigen::Index n, Eigen::Index d, std::uint64_t seed) {
  Rng rng(seed, "test.umap");
  MatrixF x(n, d);
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(rng.normal());
  return x;
}

/// Two groups far apart, so that the neighbour graph falls into two parts.
MatrixF twoParts(Eigen::Index n, Eigen::Index d) {
  MatrixF x = cloud(n, d, 9);
  for (Eigen::Index i = 0; i < n; i += 2) x.row(i).array() += 100;
  return x;
}

Metric metricOf(const QJsonObject& entry) { return entry["metric"].toString() == "cosine" ? Metric::Cosine : Metric::Euclidean; }

MatrixF rowsOf(const QJsonObject& entry) {
  MatrixF x = (testing::matrix(entry["hundredths"]) / 100).cast<float>();
  if (metricOf(entry) == Metric::Cosine) x = x.rowwise().normalized().eval();
  return x;
}

void addEntries(const char* list) {
  QTest::addColumn<QJsonObject>("entry");
  for (const QJsonValue& entry : testing::readJson("umap_reference.json")[QLatin1String(list)].toArray())
    QTest::newRow(qPrintable(entry["name"].toString())) << entry.toObject();
}

}  // namespace

class UmapTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswerCurve_data() {
    QTest::addColumn<double>("minDist");
    QTest::addColumn<double>("a");
    QTest::addColumn<double>("b");
    QTest::newRow("min_dist 0") << 0.0 << 1.932808 << .790495;
    QTest::newRow("min_dist .1") << .1 << 1.576943 << .895061;
  }
  void knownAnswerCurve() {
    QFETCH(double, minDist);
    QFETCH(double, a);
    QFETCH(double, b);
    const clusters::Curve curve = clusters::fitCurve(minDist, 1);
    LACUNA_NEAR(curve.a, a, 2e-6);   // what scipy stops at; the least squares lie 1e-6 away
    LACUNA_NEAR(curve.b, b, 2e-6);
  }

  void knownAnswerSmoothing() {
    const clusters::Smoothed s = clusters::smoothDistances({0, 1, 2, 3, 4}, 2);
    QCOMPARE(s.rho, 1.0);
    LACUNA_NEAR(s.sigma, 2.263611, 1e-4);   // bisected until the sum is within 1e-5
  }

  void smoothingHasAFloor() {
    QCOMPARE(clusters::smoothDistances({0, 0, 0, 0}, 5).sigma, 5e-3);   // duplicates alone: of all distances
    QCOMPARE(clusters::smoothDistances({0, 0, 0, 0}, 5).rho, 0.0);
    QVERIFY(clusters::smoothDistances({0, 1, 1, 1}, 5).sigma >= .75e-3);
  }

  void graphEqualsTheReference_data() { addEntries("graphs"); }
  void graphEqualsTheReference() {
    QFETCH(QJsonObject, entry);
    const auto graph = clusters::fuzzyGraph(clusters::nearestNeighbours(rowsOf(entry), entry["k"].toInt() - 1, metricOf(entry), {}));
    const std::vector<double> rows = testing::numbers(entry["rows"]), columns = testing::numbers(entry["columns"]), weights = testing::numbers(entry["weights"]);
    QCOMPARE(graph.columns.size(), columns.size());
    for (std::size_t e = 0; e < columns.size(); ++e) {
      const auto row = static_cast<std::size_t>(rows[e]);
      QVERIFY(graph.begins[row] <= static_cast<std::int64_t>(e) && static_cast<std::int64_t>(e) < graph.begins[row + 1]);
      QCOMPARE(static_cast<double>(graph.columns[e]), columns[e]);
      LACUNA_NEAR(static_cast<double>(graph.weights[e]), weights[e], 5e-5);
    }
  }

  void measuresEqualTheReference_data() { addEntries("maps"); }
  void measuresEqualTheReference() {
    QFETCH(QJsonObject, entry);
    const MatrixF x = rowsOf(entry), map = x.leftCols(2);
    LACUNA_NEAR(clusters::trustworthiness(x, map, 10, metricOf(entry), {}), entry["first_columns"].toDouble(), 1e-4);   // ties in fp32
    LACUNA_NEAR(clusters::neighboursKept(x, map, 10, metricOf(entry), {}), entry["first_columns_kept"].toDouble(), 1e-3);
  }

  void mapsAreAsGoodAsTheReference_data() { addEntries("maps"); }
  void mapsAreAsGoodAsTheReference() {
    QFETCH(QJsonObject, entry);
    const MatrixF x = rowsOf(entry);
    UmapConfig config;
    config.metric = metricOf(entry);
    config.dimensions = entry["dimensions"].toInt();
    double trust = 0, kept = 0;
    constexpr int seeds = 3;
    for (int seed = 0; seed < seeds; ++seed) {
      const MatrixF map = clusters::umap(x, config, withThreads(2, static_cast<std::uint64_t>(seed)));
      trust += clusters::trustworthiness(x, map, 10, config.metric, {}) / seeds;
      kept += clusters::neighboursKept(x, map, 10, config.metric, {}) / seeds;
    }
    qInfo("trustworthiness %.4f (umap-learn %.4f), kept %.4f (%.4f)", trust, entry["trustworthiness"].toDouble(), kept, entry["kept"].toDouble());
    QVERIFY(trust >= .99 * entry["trustworthiness"].toDouble());
    QVERIFY(kept >= .99 * entry["kept"].toDouble());
  }

  void sameBitsAtAnyThreadCount_data() {
    QTest::addColumn<QString>("start");
    QTest::addColumn<int>("dimensions");
    QTest::newRow("spectral, five dimensions") << "spectral" << 5;
    QTest::newRow("pca, two dimensions") << "pca" << 2;
    QTest::newRow("spectral, seven dimensions") << "spectral" << 7;
  }
  void sameBitsAtAnyThreadCount() {
    QFETCH(QString, start);
    QFETCH(int, dimensions);
    const MatrixF x = cloud(3000, 20, 1).rowwise().normalized();
    UmapConfig config;
    config.start = start == "pca" ? clusters::MapStart::Pca : clusters::MapStart::Spectral;
    config.dimensions = dimensions;
    config.epochs = 20;
    const MatrixF one = clusters::umap(x, config, withThreads(1)), two = clusters::umap(x, config, withThreads(2)), other = clusters::umap(x, config, withThreads(2, 1));
    QVERIFY(one.allFinite());
    QCOMPARE(std::memcmp(one.data(), two.data(), static_cast<std::size_t>(one.size()) * sizeof(float)), 0);
    QVERIFY(std::memcmp(one.data(), other.data(), static_cast<std::size_t>(one.size()) * sizeof(float)) != 0);
  }

  void partsOfTheGraphStayApart() {
    const MatrixF x = twoParts(200, 6);
    UmapConfig config;
    config.metric = Metric::Euclidean;
    config.dimensions = 2;
    const MatrixF map = clusters::umap(x, config, {});
    float within = 0, between = std::numeric_limits<float>::infinity();
    for (Eigen::Index i = 0; i < 200; ++i)
      for (Eigen::Index j = 0; j < i; ++j) {
        const float distance = (map.row(i) - map.row(j)).norm();
        if ((i - j) % 2 == 0) within = std::max(within, distance);
        else between = std::min(between, distance);
      }
    QVERIFY2(between > within / 4, qPrintable(QStringLiteral("%1 %2").arg(double(between)).arg(double(within))));
  }

  void newRowsLandBesideTheirNeighbours() {
    const MatrixF x = twoParts(300, 6);
    UmapConfig config;
    config.metric = Metric::Euclidean;
    const MatrixF map = clusters::umap(x, config, {});
    const MatrixF placed = clusters::umapTransform(x, map, x.topRows(40).array() + .01F, config, {});
    const clusters::Neighbours own = clusters::nearestNeighbours(map, 60, Metric::Euclidean, {});
    for (Eigen::Index i = 0; i < 40; ++i) {
      const auto last = static_cast<std::size_t>(i * own.k + own.k - 1);
      QVERIFY((placed.row(i) - map.row(i)).norm() <= own.distances[last]);
    }
    QCOMPARE(clusters::umapTransform(x, map, MatrixF(0, 6), config, {}).rows(), Eigen::Index{0});
  }

  void tilesAndTreeFindTheSameNeighbours() {
    MatrixF padded = MatrixF::Zero(1500, 20);
    padded.leftCols(6) = cloud(1500, 6, 3);
    const auto tree = clusters::nearestNeighbours(padded.leftCols(6), 12, Metric::Euclidean, {}), tiles = clusters::nearestNeighbours(padded, 12, Metric::Euclidean, {});
    int different = 0;
    for (std::size_t i = 0; i < tree.rows.size(); ++i) different += tree.rows[i] != tiles.rows[i];
    QVERIFY2(different <= 2, qPrintable(QString::number(different)));   // fp32 candidates may swap two that are as near
    for (std::size_t i = 0; i < tree.rows.size(); ++i) QVERIFY(std::abs(tree.distances[i] - tiles.distances[i]) < 1e-5F);
  }

  void refusesByName_data() {
    QTest::addColumn<int>("neighbours");
    QTest::addColumn<int>("dimensions");
    QTest::addColumn<double>("minDist");
    QTest::addColumn<double>("bad");
    QTest::addColumn<QString>("named");
    QTest::newRow("one neighbour") << 1 << 2 << 0.0 << 0.0 << "found 1";
    QTest::newRow("more than rows") << 21 << 2 << 0.0 << 0.0 << "found 21";
    QTest::newRow("no dimension") << 5 << 0 << 0.0 << 0.0 << "found 0";
    QTest::newRow("min_dist") << 5 << 2 << 4.0 << 0.0 << "min_dist";
    QTest::newRow("not finite") << 5 << 2 << 0.0 << double(NAN) << "row 2";
  }
  void refusesByName() {
    QFETCH(int, neighbours);
    QFETCH(int, dimensions);
    QFETCH(double, minDist);
    QFETCH(double, bad);
    QFETCH(QString, named);
    MatrixF x = cloud(20, 3, 1);
    x(2, 1) += static_cast<float>(bad);
    UmapConfig config;
    config.neighbours = neighbours;
    config.dimensions = dimensions;
    config.minDist = minDist;
    config.metric = Metric::Euclidean;
    try {
      clusters::umap(x, config, {});
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1601"));
      QVERIFY2(error.message().find(named.toStdString()) != std::string::npos, error.what());
    }
  }

  void canBeCancelled() {
    std::stop_source stop;
    RunContext context;
    context.stop = stop.get_token();
    context.progress = [&](const Progress& progress) {
      if (progress.stage == "Map" && progress.done == 5) stop.request_stop();
    };
    UmapConfig config;
    QVERIFY_THROWS_EXCEPTION(Cancelled, clusters::umap(cloud(100, 5, 2).rowwise().normalized(), config, context));
  }
};

QTEST_GUILESS_MAIN(UmapTest)
#include "umap_test.moc"
