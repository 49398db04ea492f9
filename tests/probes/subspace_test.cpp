#include <QTest>

#include "lacuna/probes/probes.h"

using namespace lacuna;
using namespace lacuna::probes;

class SubspaceTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void overlappingDirectionsSpanTheirPlane();
  void repeatedDirectionsAreDropped();
  void meanDifferencePointsFromTheRestToTheCluster();
  void emptySidesGiveNoDirection();
  void probeDirectionHasUnitLength();
};

void SubspaceTest::overlappingDirectionsSpanTheirPlane() {
  MatrixD directions(2, 4);
  directions << 1, 0, 0, 0, 1 / std::sqrt(2.0), 1 / std::sqrt(2.0), 0, 0;
  const MatrixD v = orthonormalRows(directions);
  QCOMPARE(v.rows(), Eigen::Index(2));
  QVERIFY((v * v.transpose() - MatrixD::Identity(2, 2)).cwiseAbs().maxCoeff() < 1e-12);
  VectorD h(4);
  h << 3, -1, 2, .5;
  const VectorD rest = h - v.transpose() * (v * h);
  VectorD expected(4);
  expected << 0, 0, 2, .5;
  QVERIFY((rest - expected).cwiseAbs().maxCoeff() < 1e-12);
}

void SubspaceTest::repeatedDirectionsAreDropped() {
  MatrixD directions(3, 3);
  directions << 1, 2, 3, 2, 4, 6, 1, 2, 3 + 1e-9;
  QCOMPARE(orthonormalRows(directions).rows(), Eigen::Index(1));
  QCOMPARE(orthonormalRows(MatrixD::Zero(2, 3)).rows(), Eigen::Index(0));
  QCOMPARE(orthonormalRows(MatrixD(0, 3)).rows(), Eigen::Index(0));
}

void SubspaceTest::meanDifferencePointsFromTheRestToTheCluster() {
  MatrixF x(4, 2);
  x << 5, 1, 7, 1, 0, 1, 2, 1;
  const MatrixD v = meanDifferenceSubspace(x, {1, 1, 0, 0});
  QCOMPARE(v.rows(), Eigen::Index(1));
  QVERIFY(std::abs(v(0, 0) - 1) < 1e-12 && std::abs(v(0, 1)) < 1e-12);
}

void SubspaceTest::emptySidesGiveNoDirection() {
  const MatrixF x = MatrixF::Ones(3, 2);
  QCOMPARE(meanDifferenceSubspace(x, {1, 1, 1}).rows(), Eigen::Index(0));
  QCOMPARE(meanDifferenceSubspace(x, {0, 0, 0}).rows(), Eigen::Index(0));
  QCOMPARE(meanDifferenceSubspace(x, {1, 0, 0}).rows(), Eigen::Index(0));  // equal means: no difference
}

void SubspaceTest::probeDirectionHasUnitLength() {
  VectorD w(3);
  w << 0, 3, 4;
  const MatrixD v = probeSubspace(w);
  QVERIFY(std::abs(v(0, 1) - 0.6) < 1e-12 && std::abs(v(0, 2) - 0.8) < 1e-12);
  QCOMPARE(probeSubspace(VectorD::Zero(3)).rows(), Eigen::Index(0));
}

QTEST_GUILESS_MAIN(SubspaceTest)
#include "subspace_test.moc"
