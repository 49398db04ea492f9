#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/probes/subspaces.h"

using namespace lacuna;
using namespace lacuna::probes;
using lacuna::testing::knownAnswer;
using lacuna::testing::matrix;
using lacuna::testing::numbers;

namespace {

constexpr LeaceConfig kPlain{false, 1e-6};

/// Correlated states of very different scales; cluster k of `clusters` (and −1 for every fifth row) shifts along its own direction.
struct Labelled {
  MatrixF x;
  std::vector<std::int32_t> labels;
};
Labelled labelled(int rows, int width, int clusters, double shift, std::uint64_t seed) {
  Rng rng(seed, "test-erasure");
  MatrixD mix(width, width), directions(clusters, width);
  for (double& value : mix.reshaped()) value = rng.normal() / std::sqrt(static_cast<double>(width));
  for (double& value : directions.reshaped()) value = rng.normal();
  Labelled result{MatrixF(rows, width), {}};
  for (int n = 0; n < rows; ++n) {
    const int label = n % 5 == 4 ? -1 : static_cast<int>(rng.below(static_cast<std::uint64_t>(clusters)));
    VectorD h(width);
    for (double& value : h) value = rng.normal();
    h = mix.transpose() * h;
    if (label >= 0) h += shift * directions.row(label).transpose();
    for (int j = 0; j < width; ++j) result.x(n, j) = static_cast<float>(3 + h[j] * std::pow(4.0, j % 3));
    result.labels.push_back(label);
  }
  return result;
}

VectorD meanOf(const MatrixF& x, const std::vector<std::int32_t>& labels, const std::function<bool(std::int32_t)>& in) {
  VectorD sum = VectorD::Zero(x.cols());
  double count = 0;
  for (Eigen::Index n = 0; n < x.rows(); ++n)
    if (in(labels[static_cast<std::size_t>(n)])) sum += x.row(n).cast<double>(), count += 1;
  return sum / count;
}

double meanSquareEdit(const MatrixF& before, const MatrixF& after) {
  return (before.cast<double>() - after.cast<double>()).squaredNorm() / static_cast<double>(before.rows());
}

double gap(const MatrixF& x, const std::vector<std::int32_t>& labels, std::int32_t k) {
  return (meanOf(x, labels, [k](std::int32_t l) { return l == k; }) - meanOf(x, labels, [k](std::int32_t l) { return l != k; })).norm();
}

ProbeInput probeInput(const Labelled& data, int clusters) {
  ProbeInput input{data.x, data.labels, {}, {}, clusters};
  for (int n = 0; n < data.x.rows(); ++n) {
    input.families.push_back(n);
    input.roles.push_back(n % 3 == 0 ? SplitRole::Tune : n % 3 == 1 ? SplitRole::Evaluate : SplitRole::Fit);
  }
  return input;
}

}  // namespace

class ErasureTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswer_data();
  void knownAnswer();
  void knownMeanDifferenceProjection();
  void knownAffineProjection();
  void ledoitWolfAgreesWithScikitLearn();
  void classMeansBecomeEqual_data();
  void classMeansBecomeEqual();
  void erasingTwiceChangesNothing();
  void noObliqueEditIsSmaller();
  void rareClustersAreErased();
  void singularCovarianceIsErased();
  void undefinedErasersDoNothing();
  void ambiguousRowsAreLeftOut();
  void allClustersAtOnce();
  void aHeldOutProbeSaysWhatIsLeft();
  void checkWithoutTwoClassesIsMissing();
  void badInputIsRefused();
};

void ErasureTest::knownAnswer_data() {
  QTest::addColumn<bool>("allAtOnce");
  QTest::newRow("one against the rest") << false;
  QTest::newRow("all classes") << true;
}

void ErasureTest::knownAnswer() {
  QFETCH(bool, allAtOnce);
  const QJsonObject known = ::knownAnswer("leace");
  const MatrixF x = matrix(known["X"]).cast<float>();
  const MatrixD sigma = matrix(known["Sigma"]), p = matrix(known["P"]), erased = matrix(known["erased"]);
  std::vector<std::int32_t> labels;
  for (const double z : numbers(known["z"])) labels.push_back(static_cast<std::int32_t>(z));
  const LeaceErasers all = leaceErasers(x, labels, 2, kPlain, {});
  QVERIFY((all.sigma - sigma).cwiseAbs().maxCoeff() < 1e-12);
  const AffineErasure eraser = allAtOnce ? leaceAll(x, labels, 2, kPlain, {}) : all.eraser(1);
  QCOMPARE(eraser.a.rows(), Eigen::Index(1));
  QVERIFY((MatrixD::Identity(2, 2) - eraser.b.transpose() * eraser.a - p).cwiseAbs().maxCoeff() < 1e-12);
  QVERIFY(std::abs(eraser.mu[0] - 1.5) < 1e-12 && std::abs(eraser.mu[1]) < 1e-12);
  const MatrixF edited = eraser.apply(x);
  QVERIFY((edited.cast<double>() - erased).cwiseAbs().maxCoeff() < 1e-6);
  LACUNA_NEAR(meanSquareEdit(x, edited), known["msd"].toDouble(), 1e-6);
  for (std::int32_t k = 0; k < 2; ++k)
    QVERIFY((meanOf(edited, labels, [k](std::int32_t l) { return l == k; }) - eraser.mu).cwiseAbs().maxCoeff() < 1e-6);
}

void ErasureTest::knownMeanDifferenceProjection() {
  const MatrixF x = matrix(::knownAnswer("leace")["X"]).cast<float>();
  const MatrixD v = meanDifferenceSubspace(x, {1, 1, 1, 0, 0, 0});
  const VectorD mu = x.cast<double>().colwise().mean();
  LACUNA_PRINTED(meanSquareEdit(x, orthogonalErasure(v, mu).apply(x)), 2.916667, 6);
}

void ErasureTest::knownAffineProjection() {
  MatrixF h(1, 4);
  h << 3, -1, 2, .5F;
  MatrixD v(1, 4);
  v << 1, 0, 0, 0;
  VectorD mu(4);
  mu << 1, 0, 1, 0;
  const MatrixF edited = orthogonalErasure(v, mu).apply(h);
  QCOMPARE(edited(0, 0), 1.0F);
  QVERIFY(edited.rightCols(3) == h.rightCols(3));
}

void ErasureTest::ledoitWolfAgreesWithScikitLearn() {
  const QJsonArray cases = testing::readJson("probes_reference.json")["ledoit_wolf"].toArray();
  QCOMPARE(cases.size(), 3);
  for (const QJsonValue& one : cases) LACUNA_NEAR(ledoitWolf(matrix(one["x"]).cast<float>(), {}), one["alpha"].toDouble(), 1e-9);
  MatrixF isotropic(4, 2);
  isotropic << 1, 0, -1, 0, 0, 1, 0, -1;
  QCOMPARE(ledoitWolf(isotropic, {}), 0.0);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const double alpha = ledoitWolf(labelled(6, 5, 2, 0, seed).x, {});
    QVERIFY(alpha >= 0 && alpha <= 1);
  }
}

void ErasureTest::classMeansBecomeEqual_data() {
  QTest::addColumn<bool>("shrink");
  QTest::newRow("plain") << false;
  QTest::newRow("shrunk") << true;
}

void ErasureTest::classMeansBecomeEqual() {
  QFETCH(bool, shrink);
  const Labelled data = labelled(300, 12, 4, 0.5, 1);
  const LeaceErasers all = leaceErasers(data.x, data.labels, 4, {shrink, 1e-6}, {});
  QCOMPARE(all.alpha > 0, shrink);
  QVERIFY(!all.singular);
  for (std::int32_t k = 0; k < 4; ++k) {
    QVERIFY(gap(data.x, data.labels, k) > 1);
    QVERIFY(gap(all.eraser(k).apply(data.x), data.labels, k) < 1e-5);
  }
}

void ErasureTest::erasingTwiceChangesNothing() {
  const Labelled data = labelled(200, 8, 3, 0.5, 2);
  const LeaceErasers all = leaceErasers(data.x, data.labels, 3, {}, {});
  for (const AffineErasure& eraser : {all.eraser(1), leaceAll(data.x, data.labels, 3, {}, {})}) {
    QVERIFY((eraser.a * eraser.b.transpose() - MatrixD::Identity(eraser.a.rows(), eraser.a.rows())).cwiseAbs().maxCoeff() < 1e-10);
    const MatrixF once = eraser.apply(data.x);
    QVERIFY((eraser.apply(once) - once).cwiseAbs().maxCoeff() < 1e-4F);
    QVERIFY((once - data.x).cwiseAbs().maxCoeff() > 0.1F);
  }
}

void ErasureTest::noObliqueEditIsSmaller() {
  const Labelled data = labelled(400, 6, 2, 0.5, 3);
  const AffineErasure best = leaceErasers(data.x, data.labels, 2, kPlain, {}).eraser(0);
  const double least = meanSquareEdit(data.x, best.apply(data.x));
  Rng rng(3, "test-oblique");
  for (int trial = 0; trial < 20; ++trial) {
    AffineErasure other = best;
    for (double& value : other.a.reshaped()) value += 0.05 * rng.normal() * other.a.norm();
    other.a /= other.a.row(0).dot(other.b.row(0));
    QVERIFY(meanSquareEdit(data.x, other.apply(data.x)) > least);
  }
}

void ErasureTest::rareClustersAreErased() {
  // Prevalence .005, shift half a standard deviation: an absolute tolerance on the whitened cross-covariance would skip it.
  Rng rng(4, "test-rare");
  MatrixF x(10000, 10);
  std::vector<std::int32_t> labels;
  for (int n = 0; n < 10000; ++n) {
    labels.push_back(n % 200 == 0 ? 0 : -1);
    for (int j = 0; j < 10; ++j) x(n, j) = static_cast<float>(rng.normal() + (labels.back() == 0 && j == 3 ? 0.5 : 0));
  }
  for (const bool shrink : {false, true}) {
    const LeaceErasers all = leaceErasers(x, labels, 1, {shrink, 1e-6}, {});
    QCOMPARE(int(all.defined[0]), 1);
    const double before = gap(x, labels, 0);
    QVERIFY(before > 0.3);
    QVERIFY(gap(all.eraser(0).apply(x), labels, 0) < 1e-5 * before);
  }
}

void ErasureTest::singularCovarianceIsErased() {
  Labelled data = labelled(30, 50, 2, 1, 5);
  data.x.col(7).setConstant(2);
  const LeaceErasers plain = leaceErasers(data.x, data.labels, 2, kPlain, {});
  QVERIFY(plain.singular);
  QVERIFY(gap(plain.eraser(0).apply(data.x), data.labels, 0) < 1e-3 * gap(data.x, data.labels, 0));
  const LeaceErasers shrunk = leaceErasers(data.x, data.labels, 2, {}, {});
  QVERIFY(!shrunk.singular && shrunk.alpha > 0);
  QVERIFY(gap(shrunk.eraser(1).apply(data.x), data.labels, 1) < 1e-5 * gap(data.x, data.labels, 1));
}

void ErasureTest::undefinedErasersDoNothing() {
  MatrixF x(4, 2);
  x << 1, 0, 3, 0, 1, 1, 3, 1;
  const LeaceErasers all = leaceErasers(x, std::vector<std::int32_t>{0, 0, 1, 1}, 4, {}, {});
  QVERIFY(all.defined == (std::vector<std::uint8_t>{1, 1, 0, 0}));
  QCOMPARE(all.eraser(2).a.rows(), Eigen::Index(0));
  QVERIFY(all.eraser(2).apply(x) == x);
  const LeaceErasers equal = leaceErasers(x, std::vector<std::int32_t>{0, 1, 1, 0}, 2, {}, {});
  QVERIFY(equal.defined == (std::vector<std::uint8_t>{0, 0}));
  QCOMPARE(leaceAll(x, std::vector<std::int32_t>{0, 1, 1, 0}, 2, {}, {}).a.rows(), Eigen::Index(0));
}

void ErasureTest::ambiguousRowsAreLeftOut() {
  Labelled data = labelled(120, 5, 2, 0.5, 6);
  const VectorD before = leaceErasers(data.x.topRows(100), std::vector<std::int32_t>(data.labels.begin(), data.labels.begin() + 100), 2, {}, {}).readout.row(0);
  for (std::size_t n = 100; n < 120; ++n) data.labels[n] = -2;
  data.x.bottomRows(20) *= 9;
  QVERIFY(before == VectorD(leaceErasers(data.x, data.labels, 2, {}, {}).readout.row(0)));
}

void ErasureTest::allClustersAtOnce() {
  const Labelled data = labelled(600, 9, 4, 0.6, 7);
  const AffineErasure eraser = leaceAll(data.x, data.labels, 4, kPlain, {});
  QCOMPARE(eraser.a.rows(), Eigen::Index(4));  // four clusters and the unlabelled: five classes
  const MatrixF edited = eraser.apply(data.x);
  for (std::int32_t k = -1; k < 4; ++k)
    QVERIFY((meanOf(edited, data.labels, [k](std::int32_t l) { return l == k; }) - eraser.mu).norm() < 1e-4);
  const AffineErasure single = leaceErasers(data.x, data.labels, 4, kPlain, {}).eraser(0);
  QVERIFY(meanSquareEdit(data.x, edited) > meanSquareEdit(data.x, single.apply(data.x)));
}

void ErasureTest::aHeldOutProbeSaysWhatIsLeft() {
  const Labelled data = labelled(3000, 6, 2, 0.6, 8);
  const ProbeInput input = probeInput(data, 2);
  const VectorD mu = data.x.cast<double>().colwise().mean();
  const ErasureCheck nothing = checkErasure(input, ClusterId(0), orthogonalErasure(MatrixD(0, 6), mu), 1e-2, 0.55, {});
  QVERIFY(nothing.auc.value > 0.7 && nothing.incomplete);
  Labelled fit{MatrixF(1000, 6), {}};
  for (int n = 0; n < 1000; ++n) fit.x.row(n) = data.x.row(3 * n + 2), fit.labels.push_back(data.labels[static_cast<std::size_t>(3 * n + 2)]);
  const ErasureCheck erased = checkErasure(input, ClusterId(0), leaceErasers(fit.x, fit.labels, 2, {}, {}).eraser(0), 1e-2, 0.55, {});
  QVERIFY2(erased.auc.value < 0.56, qPrintable(QString::number(erased.auc.value)));
  QCOMPARE(erased.incomplete, erased.auc.value > 0.55);
  QVERIFY(erased.auc.low < 0.5);
}

void ErasureTest::checkWithoutTwoClassesIsMissing() {
  const Labelled data = labelled(60, 3, 2, 0.5, 9);
  const ErasureCheck check = checkErasure(probeInput(data, 3), ClusterId(2), orthogonalErasure(MatrixD(0, 3), VectorD::Zero(3)), 1e-2, 0.55, {});
  QCOMPARE(check.auc.status, statistics::Status::TooFew);
  QVERIFY(std::isnan(check.auc.value) && !check.incomplete);
}

void ErasureTest::badInputIsRefused() {
  Labelled data = labelled(20, 3, 2, 0.5, 10);
  QVERIFY_EXCEPTION_THROWN(leaceErasers(data.x, std::vector<std::int32_t>(19, 0), 2, {}, {}), Error);
  QVERIFY_EXCEPTION_THROWN(leaceErasers(data.x, std::vector<std::int32_t>(20, -2), 2, {}, {}), Error);
  data.x(1, 1) = std::numeric_limits<float>::quiet_NaN();
  QVERIFY_EXCEPTION_THROWN(leaceErasers(data.x, data.labels, 2, {}, {}), Error);
  QVERIFY_EXCEPTION_THROWN(orthogonalErasure(MatrixD::Ones(1, 3), VectorD::Zero(3)).apply(MatrixF::Zero(2, 4)), Error);
}

QTEST_GUILESS_MAIN(ErasureTest)
#include "erasure_test.moc"
