#include <QtTest>

#include <algorithm>
#include <cmath>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/clusters/clusters.h"

using namespace lacuna;
using clusters::sphericalKMeans;

namespace {

/// `perGroup` noisy unit rows around each of `groups` random directions.
MatrixF groupedRows(Eigen::Index groups, Eigen::Index perGroup, Eigen::Index d, float noise) {
  Rng rng(11, "test.kmeans");
  MatrixF x(groups * perGroup, d), directions(groups, d);
  for (Eigen::Index i = 0; i < directions.size(); ++i) directions.data()[i] = static_cast<float>(rng.normal());
  directions = directions.rowwise().normalized().eval();
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    for (Eigen::Index j = 0; j < d; ++j) x(i, j) = directions(i % groups, j) + noise * static_cast<float>(rng.normal());
  return x.rowwise().normalized();
}

RunContext withThreads(int threads, std::uint64_t seed = 0) {
  RunContext context;
  context.threads = threads;
  context.seed = seed;
  return context;
}

std::set<std::int32_t> distinct(const std::vector<std::int32_t>& labels) { return {labels.begin(), labels.end()}; }

}  // namespace

class KMeansTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswerFourVectors() {
    MatrixF x(4, 2);
    x << 1, 0, .8F, .6F, 0, 1, -.6F, .8F;
    const auto result = sphericalKMeans(x, 2, 10, 300, {});
    QCOMPARE(result.labels, (std::vector<std::int32_t>{0, 0, 1, 1}));
    QVERIFY(std::abs(result.objective - 3.794733) < 1e-6);
    MatrixF expected(2, 2);
    expected << .948683F, .316228F, -.316228F, .948683F;
    QVERIFY((result.centres - expected).cwiseAbs().maxCoeff() < 1e-5F);
  }

  void findsSeparatedGroups() {
    const MatrixF x = groupedRows(6, 80, 24, .08F);
    std::vector<std::int32_t> truth;
    for (std::int32_t i = 0; i < 480; ++i) truth.push_back(i % 6);
    const auto result = sphericalKMeans(x, 6, 10, 300, {});
    QCOMPARE(clusters::agreement(result.labels, truth).ari, 1.0);
    // The objective is what the definition says it is.
    double sum = 0;
    for (Eigen::Index i = 0; i < x.rows(); ++i) sum += static_cast<double>(x.row(i).dot(result.centres.row(result.labels[static_cast<std::size_t>(i)])));
    QVERIFY(std::abs(sum - result.objective) < 1e-3);
  }

  void everyRowIsWithItsNearestCentre() {
    const MatrixF x = groupedRows(4, 200, 16, .6F);
    const auto result = sphericalKMeans(x, 5, 3, 300, {});
    const MatrixF products = x * result.centres.transpose();
    int elsewhere = 0;
    for (Eigen::Index i = 0; i < x.rows(); ++i) elsewhere += products.row(i).maxCoeff() > products(i, result.labels[static_cast<std::size_t>(i)]) + 1e-4F;
    QVERIFY2(elsewhere <= 8, qPrintable(QString::number(elsewhere)));   // the tolerance may stop it a step early
  }

  void sameBitsAtAnyThreadCount() {
    const MatrixF x = groupedRows(5, 700, 33, .5F);
    const auto one = sphericalKMeans(x, 9, 3, 60, withThreads(1)), two = sphericalKMeans(x, 9, 3, 60, withThreads(2));
    QCOMPARE(one.labels, two.labels);
    QCOMPARE(std::memcmp(one.centres.data(), two.centres.data(), static_cast<std::size_t>(one.centres.size()) * sizeof(float)), 0);
    QVERIFY(one.objective == two.objective);
  }

  void moreRestartsAreNeverWorse() {
    const MatrixF x = groupedRows(8, 40, 12, .5F);
    double before = 0;
    for (const int restarts : {1, 3, 10}) {
      const double objective = sphericalKMeans(x, 8, restarts, 300, {}).objective;
      QVERIFY(objective >= before);
      before = objective;
    }
  }

  void clustersAreSortedBySize() {
    const auto result = sphericalKMeans(groupedRows(4, 60, 8, .7F), 4, 2, 300, {});
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(result.centres.rows()), 0);
    for (const auto label : result.labels) ++sizes[static_cast<std::size_t>(label)];
    QVERIFY(std::is_sorted(sizes.rbegin(), sizes.rend()));
  }

  void asManyClustersAsRows_data() {
    QTest::addColumn<int>("k");
    QTest::newRow("k = N") << 7;
    QTest::newRow("k > N") << 50;
  }
  void asManyClustersAsRows() {
    QFETCH(int, k);
    const auto result = sphericalKMeans(groupedRows(7, 1, 9, .1F), k, 2, 300, {});
    QCOMPARE(distinct(result.labels).size(), std::size_t{7});
    QVERIFY(std::abs(result.objective - 7) < 1e-5);
  }

  void oneClusterHoldsAll() {
    const MatrixF x = groupedRows(3, 10, 5, .2F);
    const auto result = sphericalKMeans(x, 1, 2, 300, {});
    QCOMPARE(distinct(result.labels), (std::set<std::int32_t>{0}));
    QVERIFY(std::abs(result.objective - x.cast<double>().colwise().sum().norm()) < 1e-4);
  }

  void duplicatesGiveNoMoreClustersThanDistinctRows() {
    MatrixF x(30, 3);
    for (Eigen::Index i = 0; i < 30; ++i) x.row(i) = MatrixF::Identity(3, 3).row(i % 3);
    const auto result = sphericalKMeans(x, 8, 4, 300, {});
    QCOMPARE(result.centres.rows(), Eigen::Index{3});
    QVERIFY(std::abs(result.objective - 30) < 1e-6);
  }

  void identicalRowsAreOneCluster() {
    MatrixF x = MatrixF::Constant(12, 4, .5F);
    const auto result = sphericalKMeans(x, 3, 3, 300, {});
    QCOMPARE(result.labels, std::vector<std::int32_t>(12, 0));
  }

  void oppositeRowsThatCancelStillHaveACentre() {
    MatrixF x(2, 2);
    x << 1, 0, -1, 0;
    const auto result = sphericalKMeans(x, 1, 1, 5, {});
    QCOMPARE(result.labels, (std::vector<std::int32_t>{0, 0}));
    QVERIFY(result.centres.allFinite());
  }

  void rowsWithoutDirectionAreNoise() {
    MatrixF x = groupedRows(2, 10, 6, .1F);
    x.row(3).setZero();
    x(7, 2) = std::nanf("");
    const auto result = sphericalKMeans(x, 2, 3, 300, {});
    QCOMPARE(result.labels[3], -1);
    QCOMPARE(result.labels[7], -1);
    QCOMPARE(distinct(result.labels).size(), std::size_t{3});
  }

  void refusesWhatCannotBeClustered() {
    QVERIFY_THROWS_EXCEPTION(Error, sphericalKMeans(groupedRows(2, 5, 3, .1F), 0, 1, 10, {}));
    QVERIFY_THROWS_EXCEPTION(Error, sphericalKMeans(MatrixF::Zero(5, 3), 2, 1, 10, {}));
  }

  void canBeCancelled() {
    std::stop_source stop;
    RunContext context;
    context.stop = stop.get_token();
    context.progress = [&](const Progress& progress) {
      if (progress.done == 1) stop.request_stop();
    };
    QVERIFY_THROWS_EXCEPTION(Cancelled, sphericalKMeans(groupedRows(4, 50, 8, .5F), 4, 5, 300, context));
  }
};

QTEST_GUILESS_MAIN(KMeansTest)
#include "kmeans_test.moc"
