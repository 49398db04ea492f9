#include <QtTest>

#include <algorithm>
#include <cstring>

#include "kmeans_seeding.h"
#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/clusters/kmeans.h"

using namespace lacuna;
using clusters::euclideanKMeans;

namespace {

MatrixF column(std::initializer_list<float> values) {
  MatrixF x(static_cast<Eigen::Index>(values.size()), 1);
  std::copy(values.begin(), values.end(), x.data());
  return x;
}

MatrixF cloud(Eigen::Index n, Eigen::Index d, std::uint64_t seed) {
  Rng rng(seed, "test.euclidean");
  MatrixF x(n, d);
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(rng.normal());
  return x;
}

RunContext withThreads(int threads) {
  RunContext context;
  context.threads = threads;
  return context;
}

double inertiaByDefinition(const MatrixF& x, const clusters::EuclideanResult& r) {
  double sum = 0;
  for (Eigen::Index i = 0; i < x.rows(); ++i) sum += (x.row(i).cast<double>() - r.centres.row(r.labels[static_cast<std::size_t>(i)])).squaredNorm();
  return sum;
}

}  // namespace

class EuclideanKMeansTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswersOfLloyd_data() {
    QTest::addColumn<QList<float>>("x");
    QTest::addColumn<QList<double>>("seeds");
    QTest::addColumn<QList<double>>("centres");
    QTest::addColumn<double>("inertia");
    QTest::newRow("a bad start stays bad") << QList<float>{0, 1, 10, 11, 20, 21} << QList<double>{0, 1, 10} << QList<double>{0, 1, 15.5} << 101.0;
    QTest::newRow("a good start") << QList<float>{0, 1, 10, 11, 20, 21} << QList<double>{0, 10, 20} << QList<double>{.5, 10.5, 20.5} << 1.5;
    QTest::newRow("empty clusters are filled") << QList<float>{1, 2, 4, 5, 11} << QList<double>{3, 100, 101} << QList<double>{1.5, 4.5, 11} << 1.0;
  }
  void knownAnswersOfLloyd() {
    QFETCH(QList<float>, x);
    QFETCH(QList<double>, seeds);
    QFETCH(QList<double>, centres);
    QFETCH(double, inertia);
    const MatrixF rows = Eigen::Map<const MatrixF>(x.constData(), x.size(), 1);
    const auto result = clusters::lloyd(rows, Eigen::Map<const MatrixD>(seeds.constData(), seeds.size(), 1), 300, {});
    QList<double> found(result.centres.data(), result.centres.data() + result.centres.size());
    std::sort(found.begin(), found.end());
    for (qsizetype c = 0; c < centres.size(); ++c) LACUNA_NEAR(found[c], centres[c], 1e-6);
    LACUNA_NEAR(result.inertia, inertia, 1e-6);
  }

  void restartsFindTheBestOfSix() { LACUNA_NEAR(euclideanKMeans(column({0, 1, 10, 11, 20, 21}), 3, 10, 300, {}).inertia, 1.5, 1e-6); }

  void seedsAreDrawnBySquaredDistance() {   // x = {1, 2, 4, 5, 11}: given a seed at 4 the others come with D² = 9, 4, 0, 1, 49 of 63
    const MatrixF x = column({1, 2, 4, 5, 11});
    const clusters::SeedDistances squared = [](const MatrixF& rows, const MatrixF& to, const RunContext&) {
      MatrixF out(rows.rows(), to.rows());
      for (Eigen::Index i = 0; i < out.rows(); ++i)
        for (Eigen::Index c = 0; c < out.cols(); ++c) out(i, c) = (rows(i, 0) - to(c, 0)) * (rows(i, 0) - to(c, 0));
      return out;
    };
    int far = 0, first = 0;
    for (const MatrixF& seeds : clusters::kMeansPlusPlus(x, 2, 4000, squared, {})) {
      if (seeds(0, 0) != 4) continue;
      ++first;
      far += seeds(1, 0) == 11;
      QVERIFY(seeds(1, 0) != 4);
    }
    QVERIFY(first > 650 && first < 950);   // a fifth
    // The better of two draws: 11 unless both are among the others, or beaten by one of them; 11 leaves 9 + 4 + 0 + 1 = 14, 1 leaves 1 + 1 + 49 …
    QVERIFY(std::abs(static_cast<double>(far) / first - (1 - std::pow(14.0 / 63, 2))) < .03);
  }

  void neverWorseThanTheReference_data() {
    QTest::addColumn<QJsonObject>("entry");
    for (const QJsonValue& entry : testing::readJson("kmeans_reference.json")["cases"].toArray())
      QTest::newRow(qPrintable(entry["name"].toString())) << entry.toObject();
  }
  void neverWorseThanTheReference() {
    QFETCH(QJsonObject, entry);
    const MatrixF x = (testing::matrix(entry["hundredths"]) / 100).cast<float>();
    const auto result = euclideanKMeans(x, entry["k"].toInt(), 10, 300, {});
    const double reference = entry["inertia"].toDouble();
    QVERIFY2(result.inertia <= reference * (1 + 1e-5) + 1e-6, qPrintable(QStringLiteral("%1, reference %2").arg(result.inertia, 0, 'g', 12).arg(reference, 0, 'g', 12)));
    LACUNA_NEAR(inertiaByDefinition(x, result), result.inertia, 1e-6);
    std::vector<int> sizes(static_cast<std::size_t>(result.centres.rows()), 0);
    for (const auto label : result.labels) ++sizes[static_cast<std::size_t>(label)];
    QVERIFY(std::is_sorted(sizes.rbegin(), sizes.rend()));
  }

  void noSingleMoveHelps() {
    const MatrixF x = cloud(150, 3, 4);
    auto result = euclideanKMeans(x, 5, 2, 300, {});
    std::vector<double> sizes(5, 0);
    for (const auto label : result.labels) sizes[static_cast<std::size_t>(label)] += 1;
    for (Eigen::Index i = 0; i < 150; ++i) {
      const auto a = static_cast<std::size_t>(result.labels[static_cast<std::size_t>(i)]);
      const double leave = (x.row(i).cast<double>() - result.centres.row(static_cast<Eigen::Index>(a))).squaredNorm() * sizes[a] / (sizes[a] - 1);
      for (std::size_t b = 0; b < 5; ++b)
        if (b != a) QVERIFY((x.row(i).cast<double>() - result.centres.row(static_cast<Eigen::Index>(b))).squaredNorm() * sizes[b] / (sizes[b] + 1) > leave * (1 - 1e-4));
    }
  }

  void sameBitsAtAnyThreadCount() {
    const MatrixF x = cloud(3000, 20, 5);
    const auto one = euclideanKMeans(x, 7, 4, 50, withThreads(1)), two = euclideanKMeans(x, 7, 4, 50, withThreads(2));
    QCOMPARE(one.labels, two.labels);
    QCOMPARE(std::memcmp(one.centres.data(), two.centres.data(), static_cast<std::size_t>(one.centres.size()) * sizeof(double)), 0);
  }

  void edges_data() {
    QTest::addColumn<int>("n");
    QTest::addColumn<int>("k");
    QTest::addColumn<int>("found");
    QTest::newRow("k = N") << 6 << 6 << 6;
    QTest::newRow("k > N") << 4 << 9 << 4;
    QTest::newRow("k = 1") << 9 << 1 << 1;
  }
  void edges() {
    QFETCH(int, n);
    QFETCH(int, k);
    QFETCH(int, found);
    const auto result = euclideanKMeans(cloud(n, 3, 1), k, 3, 100, {});
    QCOMPARE(result.centres.rows(), static_cast<Eigen::Index>(found));
    if (found == n) QVERIFY(result.inertia < 1e-9);
  }

  void identicalRowsAreOneCluster() {
    const auto result = euclideanKMeans(MatrixF::Constant(12, 3, 2.5F), 4, 3, 100, {});
    QCOMPARE(result.labels, std::vector<std::int32_t>(12, 0));
    QCOMPARE(result.inertia, 0.0);
  }

  void rowsThatAreNotFiniteAreNoise() {
    MatrixF x = cloud(30, 3, 2);
    x(4, 1) = std::nanf("");
    const auto result = euclideanKMeans(x, 3, 2, 100, {});
    QCOMPARE(result.labels[4], -1);
    QVERIFY(result.centres.allFinite());
    QVERIFY_THROWS_EXCEPTION(Error, euclideanKMeans(MatrixF::Constant(3, 2, std::nanf("")), 2, 1, 10, {}));
    QVERIFY_THROWS_EXCEPTION(Error, euclideanKMeans(x, 0, 1, 10, {}));
  }

  void newRowsGoToTheNearestCentre() {
    MatrixD centres(2, 1);
    centres << 0, 10;
    const auto placed = clusters::assignToNearest(centres, column({0, 5, 9, 40, std::nanf("")}), {});
    QCOMPARE(placed.labels, (std::vector<std::int32_t>{0, 0, 1, 1, -1}));
    QCOMPARE(placed.strengths, (std::vector<double>{1, 0, 1 - 1.0 / 9, 1 - 30.0 / 40, 0}));
  }
};

QTEST_GUILESS_MAIN(EuclideanKMeansTest)
#include "euclidean_kmeans_test.moc"
