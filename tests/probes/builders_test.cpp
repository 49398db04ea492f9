#include <QTest>

#include <cmath>
#include <limits>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/probes/subspaces.h"

using namespace lacuna;
using namespace lacuna::probes;

namespace {

/// A cluster told by inputs 0 and 1 that share their noise, so that one direction does not take all of it away.
ProbeInput redundant(int rows, double shift, std::uint64_t seed) {
  Rng rng(seed, "test-builders");
  ProbeInput input{MatrixF(rows, 6), {}, {}, {}, 1};
  for (int n = 0; n < rows; ++n) {
    const bool in = rng.uniform() < 0.4;
    const double shared = rng.normal();
    for (int j = 0; j < 6; ++j)
      input.x(n, j) = static_cast<float>((j < 2 ? shared + 0.4 * rng.normal() + (in ? shift * (j + 1) : 0) : rng.normal()) * (j == 1 ? 5 : 1) + 2);
    input.labels.push_back(in ? 0 : -1);
    input.families.push_back(n);
    input.roles.push_back(n % 4 < 2 ? SplitRole::Fit : n % 4 == 2 ? SplitRole::Tune : SplitRole::Evaluate);
  }
  return input;
}

double orthonormality(const MatrixD& v) { return (v * v.transpose() - MatrixD::Identity(v.rows(), v.rows())).cwiseAbs().maxCoeff(); }

}  // namespace

class BuildersTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void inlpGoesOnUntilNothingIsTold();
  void inlpStopsAtItsLimit();
  void inlpOfNoiseTakesNothing();
  void inlpOfAFixedRankNeedsNoTune();
  void inlpWithoutTwoClassesIsMissing();
  void pcaFindsTheClustersOwnDirection_data();
  void pcaFindsTheClustersOwnDirection();
  void pcaCentresOnTheGlobalMean();
  void pcaEdges();
  void readDirections();
};

void BuildersTest::inlpGoesOnUntilNothingIsTold() {
  const ProbeInput input = redundant(4000, 1, 1);
  const InlpResult r = inlpSubspace(input, ClusterId(0), {}, {});
  QVERIFY2(r.guarded, qPrintable(QString::number(r.auc.back())));
  QVERIFY(r.v.rows() >= 1 && r.v.rows() <= 8);
  QCOMPARE(r.auc.size(), static_cast<std::size_t>(r.v.rows()) + 1);
  QVERIFY(r.auc.front() > 0.8 && r.auc.back() <= 0.55);
  QVERIFY(orthonormality(r.v) < 1e-12);
  const VectorD mu = VectorD::Constant(6, 2);
  QVERIFY(checkErasure(input, ClusterId(0), orthogonalErasure(r.v, mu), 1e-2, 0.55, {}).auc.value < 0.57);
  // The first direction is the probe's in unscaled space: input 1 is five times as wide.
  const MatrixD first = [&] { InlpConfig one; one.maxRounds = 1; return inlpSubspace(input, ClusterId(0), one, {}).v; }();
  ProbeInput scaled = input;
  scaled.x.col(1) /= 4;
  InlpConfig one;
  one.maxRounds = 1;
  const MatrixD narrow = inlpSubspace(scaled, ClusterId(0), one, {}).v;
  QVERIFY(std::abs(narrow(0, 1) / narrow(0, 0) / (first(0, 1) / first(0, 0)) - 4) < 1e-2);
}

/// Labels that mean nothing would stop it before the first round; as a control it takes as many directions as it is told to.
void BuildersTest::inlpOfAFixedRankNeedsNoTune() {
  ProbeInput input = redundant(1000, 1, 2);
  InlpConfig config;
  config.maxRounds = 4;
  config.stopAuc = 0;
  const InlpResult all = inlpSubspace(input, ClusterId(0), config, {});
  QCOMPARE(all.v.rows(), Eigen::Index(4));
  QCOMPARE(all.auc.size(), std::size_t(5));
  for (std::size_t i = 0; i < input.roles.size(); ++i)
    if (input.roles[i] != SplitRole::Fit) input.labels[i] = -2;
  const InlpResult blind = inlpSubspace(input, ClusterId(0), config, {});
  QVERIFY(blind.v == all.v);
  QVERIFY(std::isnan(blind.auc.front()) && !blind.guarded);
  config.stopAuc = 0.55;
  QCOMPARE(inlpSubspace(input, ClusterId(0), config, {}).v.rows(), Eigen::Index(0));
}

void BuildersTest::inlpStopsAtItsLimit() {
  InlpConfig config;
  config.maxRounds = 1;
  config.stopAuc = 0.1;
  const InlpResult r = inlpSubspace(redundant(1000, 1, 2), ClusterId(0), config, {});
  QCOMPARE(r.v.rows(), Eigen::Index(1));
  QCOMPARE(r.auc.size(), std::size_t(2));
  QVERIFY(!r.guarded);
}

void BuildersTest::inlpOfNoiseTakesNothing() {
  InlpConfig config;
  config.stopAuc = 0.6;
  const InlpResult r = inlpSubspace(redundant(2000, 0, 3), ClusterId(0), config, {});
  QVERIFY(r.guarded);
  QCOMPARE(r.v.rows(), Eigen::Index(0));
}

void BuildersTest::inlpWithoutTwoClassesIsMissing() {
  const InlpResult r = inlpSubspace(redundant(100, 1, 4), ClusterId(3), {}, {});
  QVERIFY(!r.guarded && std::isnan(r.auc.front()));
  QCOMPARE(r.v.rows(), Eigen::Index(0));
}

void BuildersTest::pcaFindsTheClustersOwnDirection_data() {
  QTest::addColumn<int>("rows");
  QTest::addColumn<int>("width");
  QTest::newRow("tall") << 2000 << 8;
  QTest::newRow("wide") << 60 << 150;
}

void BuildersTest::pcaFindsTheClustersOwnDirection() {
  QFETCH(int, rows);
  QFETCH(int, width);
  Rng rng(5, "test-pca");
  MatrixF x(rows, width);
  std::vector<std::uint8_t> in;
  for (int n = 0; n < rows; ++n) {
    in.push_back(n % 2);
    for (int j = 0; j < width; ++j) x(n, j) = static_cast<float>(0.1 * rng.normal());
    x(n, 0) += static_cast<float>(10 * rng.normal());                   // wide in both
    if (in.back() != 0) x(n, 1) += static_cast<float>(3 * rng.normal());  // wide in the cluster alone
  }
  const MatrixD v = pcaSubspace(x, in, {2, 0.5}, {});
  QCOMPARE(v.rows(), Eigen::Index(2));
  QVERIFY(orthonormality(v) < 1e-10);
  QVERIFY(v.col(1).norm() > 0.99);
  QVERIFY(v.col(0).norm() < 0.1);
  QVERIFY(pcaSubspace(x, in, {1, 0.0}, {}).col(0).norm() > 0.99);  // nothing removed: the common direction leads
}

void BuildersTest::pcaCentresOnTheGlobalMean() {
  Rng rng(6, "test-pca");
  MatrixF x(400, 4);
  std::vector<std::uint8_t> in;
  for (int n = 0; n < 400; ++n) {
    in.push_back(n % 4 == 0);
    x.row(n) << static_cast<float>(5 * rng.normal()), static_cast<float>(0.1 * rng.normal()), static_cast<float>(in.back() != 0 ? 2 : 0), 7;
  }
  const MatrixD v = pcaSubspace(x, in, {1, 0.5}, {});
  QVERIFY(std::abs(v(0, 2)) > 0.99);  // the shift itself, which the cluster's own mean would hide
}

void BuildersTest::pcaEdges() {
  const MatrixF x = MatrixF::Random(6, 3);
  QCOMPARE(pcaSubspace(x, std::vector<std::uint8_t>(6, 1), {}, {}).rows(), Eigen::Index(0));
  QCOMPARE(pcaSubspace(x, std::vector<std::uint8_t>{1, 0, 0, 0, 0, 0}, {3, 1.0}, {}).rows(), Eigen::Index(0));  // all of it is common
  QCOMPARE(pcaSubspace(x, std::vector<std::uint8_t>{1, 0, 0, 0, 0, 0}, {3, 0.0}, {}).rows(), Eigen::Index(1));
  QVERIFY_EXCEPTION_THROWN(pcaSubspace(x, std::vector<std::uint8_t>(5, 1), {}, {}), Error);
}

void BuildersTest::readDirections() {
  MatrixD w(3, 4);
  w << 5, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0;
  MatrixD v(2, 4);
  v << 0.6, 0.8, 0, 0, 0, 0, 0, 1;
  const VectorD one = readCosines(v, w, 1), two = readCosines(v, w, 2), all = readCosines(v, w, 9);
  QCOMPARE(one.size(), Eigen::Index(1));
  QVERIFY(std::abs(one[0] - 0.6) < 1e-12);
  QVERIFY(std::abs(two[0] - 1) < 1e-12 && std::abs(two[1]) < 1e-12);
  QCOMPARE(all.size(), Eigen::Index(2));
  QCOMPARE(readCosines(MatrixD(0, 4), w, 1).size(), Eigen::Index(0));
  QVERIFY_EXCEPTION_THROWN(readCosines(v, MatrixD::Ones(2, 3), 1), Error);
}

QTEST_GUILESS_MAIN(BuildersTest)
#include "builders_test.moc"
