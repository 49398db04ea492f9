#include <QTest>
#include <cmath>

#include "lacuna/base/rng.h"
#include "lacuna/clusters/nearest.h"

using namespace lacuna;
using namespace lacuna::clusters;
using Labels = std::vector<std::int32_t>;

/// Where documents lie that no cluster was made of.
class NearestTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void byTheMeanDirection() {
    MatrixF x(5, 2);
    x << 1, 0, .8F, .6F, 0, 1, 0, 1, -1, 0;
    const Labels labels{0, 0, 2, 2, -1};   // cluster 1 is empty; the last row is noise
    MatrixF others(6, 2);
    others << .9F, .1F, .1F, .9F, -1, .1F, 0, 0, -1, -.2F, 30, 1;
    QCOMPARE(nearestClusters(x, labels, 3, others, {}), (Labels{0, 2, 2, -1, 2, 0}));   // noise attracts nothing; lengths do not matter
  }

  /// 1 − d₁/d₂: 0 halfway between two, 1 on a mean, 1 where there is no other.
  void strengthSaysHowMuchNearer() {
    MatrixF x(2, 2);
    x << 1, 0, 0, 1;
    MatrixF others(4, 2);
    others << 1, 1, 5, 0, .8F, .6F, 0, 0;
    const auto found = nearestWithStrength(x, {0, 1}, 2, others, {});
    QCOMPARE(found[0].cluster, 0);
    QVERIFY(std::abs(found[0].strength) < 1e-12 && std::abs(found[0].cosine - std::sqrt(.5)) < 1e-12);
    QVERIFY(found[1].cluster == 0 && found[1].strength == 1 && found[1].cosine == 1);
    QVERIFY(found[2].cluster == 0 && std::abs(found[2].strength - (1 - .2 / .4)) < 1e-6);
    QVERIFY(found[3].cluster == -1 && found[3].strength == 0);
    QCOMPARE(nearestWithStrength(x, {0, -1}, 1, others, {})[0].strength, 1.0);
  }

  void ofEqualsTheFirst() {
    MatrixF x(2, 2);
    x << 1, 0, 1, 0;
    MatrixF one(1, 2);
    one << 1, 1;
    QCOMPARE(nearestClusters(x, {1, 0}, 2, one, {}), Labels{0});
  }

  void nothingToChooseFrom() {
    MatrixF x(2, 2);
    x << 1, 0, -1, 0;
    QCOMPARE(nearestClusters(x, {0, 0}, 1, MatrixF::Ones(1, 2), {}), Labels{-1});   // the mean has no direction
    QCOMPARE(nearestClusters(x, {-1, -1}, 0, MatrixF::Ones(2, 2), {}), (Labels{-1, -1}));
    QVERIFY(nearestClusters(x, {0, 0}, 1, MatrixF(), {}).empty());
  }

  void membersAreNearestToTheirOwn() {
    Rng rng(2, "test.nearest");
    MatrixF x(300, 8);
    Labels labels;
    for (Eigen::Index i = 0; i < 300; ++i) {
      labels.push_back(static_cast<std::int32_t>(i % 4));
      for (Eigen::Index j = 0; j < 8; ++j) x(i, j) = static_cast<float>((j == i % 4 ? 5 : 0) + .2 * rng.normal());
    }
    x.rowwise().normalize();
    QCOMPARE(nearestClusters(x, labels, 4, x, {}), labels);
  }
};

QTEST_GUILESS_MAIN(NearestTest)
#include "nearest_test.moc"
