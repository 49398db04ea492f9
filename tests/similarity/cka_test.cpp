#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/QR>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/similarity/similarity.h"

using namespace lacuna;
using namespace lacuna::similarity;
using lacuna::statistics::Status;
using lacuna::testing::knownAnswer;
using lacuna::testing::matrix;
using lacuna::testing::numbers;

namespace {

MatrixF noise(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  Rng rng(seed, "test");
  MatrixF result(rows, columns);
  for (float& value : result.reshaped()) value = static_cast<float>(rng.normal());
  return result;
}

MatrixF knownX() { return matrix(knownAnswer("cka")["X"]).cast<float>(); }
MatrixF knownY() { return matrix(knownAnswer("cka")["Y"]).cast<float>(); }

// HSIC1 as Song et al. write it: zero-diagonal Gram matrices.
double hsicByDefinition(const MatrixD& x, const MatrixD& y) {
  MatrixD k = x * x.transpose(), l = y * y.transpose();
  k.diagonal().setZero();
  l.diagonal().setZero();
  const double n = static_cast<double>(x.rows());
  const VectorD kOne = k.rowwise().sum(), lOne = l.rowwise().sum();
  return (k.cwiseProduct(l).sum() + k.sum() * l.sum() / ((n - 1) * (n - 2)) - 2 / (n - 2) * kOne.dot(lOne)) / (n * (n - 3));
}

}  // namespace

class CkaTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswers();
  void featureSpaceEqualsTheDefinition();
  void wideStatesTakeTheGramRouteToTheSameNumber();
  void invariantToScaleRotationAndShift();
  void zeroedColumnsKnownAnswers();
  void minibatchKnownAnswers();
  void matrixEqualsPairs();
  void manyLayersTakeTilesToTheSameNumber();
  void biasedIsHighForIndependentWideStatesDebiasedIsNot();
  void massiveDimensionHidesAblationUntilZScored();
  void sinkRowsHideAblation();
  void constantShiftIsInvisible();
  void edges_data();
  void edges();
  void jackknifeEqualsRemovingRows();
  void displacementAndCosine();
  void zScoreDropsConstantColumns();
  void nextTokenAgreementOfKnownDistributions();
};

void CkaTest::knownAnswers() {
  const auto known = knownAnswer("cka");
  const MatrixF x = knownX(), y = knownY();
  const auto hsic = numbers(known["hsic1"]);
  LACUNA_NEAR(hsic1(x.cast<double>(), y.cast<double>()), hsic[0], 1e-12);
  LACUNA_NEAR(hsic1(x.cast<double>(), x.cast<double>()), hsic[1], 1e-12);
  LACUNA_NEAR(hsic1(y.cast<double>(), y.cast<double>()), hsic[2], 1e-12);
  const Cka cka = linearCka(x, y);
  LACUNA_NEAR(cka.biased, known["biased"].toDouble(), 1e-12);
  LACUNA_NEAR(cka.debiased, known["debiased"].toDouble(), 1e-12);
  QCOMPARE(cka.status, Status::Ok);
  LACUNA_NEAR(linearCka(y, x).debiased, cka.debiased, 1e-14);
}

void CkaTest::featureSpaceEqualsTheDefinition() {
  const MatrixD x = noise(40, 7, 1).cast<double>(), y = noise(40, 5, 2).cast<double>();
  LACUNA_NEAR(hsic1(x, y), hsicByDefinition(x, y), 1e-11);
  LACUNA_NEAR(hsic1(x, x), hsicByDefinition(x, x), 1e-11);
}

void CkaTest::wideStatesTakeTheGramRouteToTheSameNumber() {
  const MatrixD x = noise(20, 150, 3).cast<double>(), y = noise(20, 130, 4).cast<double>();
  LACUNA_NEAR(hsic1(x, y), hsicByDefinition(x, y), 1e-10);
  LACUNA_NEAR(hsic1(x, x), hsicByDefinition(x, x), 1e-10);
}

void CkaTest::invariantToScaleRotationAndShift() {
  const MatrixF x = noise(30, 6, 5), y = noise(30, 6, 6) + x;
  const Eigen::MatrixXf q = Eigen::HouseholderQR<Eigen::MatrixXf>(Eigen::MatrixXf(noise(6, 6, 7))).householderQ();
  const MatrixF moved = ((3 * x * q).array() + 5).matrix();
  LACUNA_NEAR(linearCka(moved, y).biased, linearCka(x, y).biased, 1e-5);
  LACUNA_NEAR(linearCka(moved, y).debiased, linearCka(x, y).debiased, 1e-5);
  LACUNA_NEAR(linearCka(moved, x).biased, 1, 1e-6);
  LACUNA_NEAR(linearCka(x, x).debiased, 1, 1e-14);
}

void CkaTest::zeroedColumnsKnownAnswers() {
  const MatrixF x = knownX();
  MatrixF first = x, second = x;
  first.col(0).setZero();
  second.col(1).setZero();
  LACUNA_PRINTED(linearCka(x, first).biased, .237023, 6);
  LACUNA_NEAR(linearCka(x, first).debiased, 0, 1e-14);
  LACUNA_PRINTED(linearCka(x, second).biased, .976996, 6);
  LACUNA_PRINTED(linearCka(x, second).debiased, .964486, 6);
}

void CkaTest::minibatchKnownAnswers() {
  const MatrixF x = knownX(), y = knownY();
  MatrixF x2 = x.colwise().reverse(), y2 = y.colwise().reverse() * .5f;
  x2.col(0).array() += .5f;
  y2.array() += 1;
  MinibatchCka batches;
  batches.add(x, y);
  batches.add(x2, y2);
  QCOMPARE(batches.batches(), 2);
  LACUNA_PRINTED(batches.result().debiased, .712109, 6);
  MatrixF allX(12, 2), allY(12, 1);
  allX << x, x2;
  allY << y, y2;
  LACUNA_PRINTED(linearCka(allX, allY).debiased, .796833, 6);
  QCOMPARE(MinibatchCka().result().status, Status::TooFew);
}

void CkaTest::matrixEqualsPairs() {
  const std::vector<MatrixF> a = {noise(25, 4, 1), noise(25, 9, 2)}, b = {noise(25, 4, 3), noise(25, 4, 1), noise(25, 60, 5)};
  const auto all = linearCkaMatrix(a, b);
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j < b.size(); ++j) {
      LACUNA_NEAR(all[i][j].debiased, linearCka(a[i], b[j]).debiased, 1e-14);
      LACUNA_NEAR(all[i][j].biased, linearCka(a[i], b[j]).biased, 1e-14);
    }
  LACUNA_NEAR(all[0][1].debiased, 1, 1e-14);
}

// 1100 rows are two whole tiles and a part of one; one layer is in both lists.
void CkaTest::manyLayersTakeTilesToTheSameNumber() {
  std::vector<MatrixF> a, b;
  for (std::uint64_t layer = 0; layer < 4; ++layer) a.push_back(noise(1100, 700, 20 + layer));
  for (std::uint64_t layer = 0; layer < 3; ++layer) b.push_back(noise(1100, 700, 30 + layer) + a[layer]);
  b.push_back(a[3]);
  const auto all = linearCkaMatrix(a, b);
  const MatrixD x = a[1].cast<double>().rowwise() - a[1].cast<double>().colwise().mean(), y = b[1].cast<double>().rowwise() - b[1].cast<double>().colwise().mean();
  LACUNA_NEAR(all[1][1].debiased, hsicByDefinition(x, y) / std::sqrt(hsicByDefinition(x, x) * hsicByDefinition(y, y)), 1e-12);
  LACUNA_NEAR(all[1][1].biased, (x.transpose() * y).squaredNorm() / ((x.transpose() * x).norm() * (y.transpose() * y).norm()), 1e-12);
  LACUNA_NEAR(all[0][1].debiased, linearCka(a[0], b[1]).debiased, 1e-12);
  LACUNA_NEAR(all[3][3].debiased, 1, 1e-14);
}

void CkaTest::biasedIsHighForIndependentWideStatesDebiasedIsNot() {
  const Cka cka = linearCka(noise(50, 1000, 11), noise(50, 1000, 12));
  QVERIFY(cka.biased > .93);
  QVERIFY(std::abs(cka.debiased) < .05);
}

void CkaTest::massiveDimensionHidesAblationUntilZScored() {
  MatrixF x = noise(500, 64, 13), y;
  x.col(0) *= 50;
  y = x;
  y.rightCols(32).setZero();
  QVERIFY(linearCka(x, y).debiased > .9999);
  zScore(x, y);
  QVERIFY(linearCka(x, y).debiased < .8);
}

void CkaTest::sinkRowsHideAblation() {
  MatrixF x = noise(525, 64, 14);
  x.topRows(25).col(5).array() += 1000;
  MatrixF y = x;
  y.rightCols(32).setZero();
  QVERIFY(linearCka(x, y).debiased > .9999);
  QVERIFY(linearCka(x.bottomRows(500), y.bottomRows(500)).debiased < .8);
}

void CkaTest::constantShiftIsInvisible() {
  const MatrixF x = noise(60, 8, 15), y = (x.array() + 4).matrix();
  LACUNA_NEAR(linearCka(x, y).debiased, 1, 1e-6);
  QVERIFY(displacement(x, y).relativeRms > 3);
}

void CkaTest::edges_data() {
  QTest::addColumn<int>("rows");
  QTest::addColumn<QString>("kind");
  QTest::addColumn<int>("status");
  QTest::newRow("three rows") << 3 << "noise" << static_cast<int>(Status::TooFew);
  QTest::newRow("no rows") << 0 << "noise" << static_cast<int>(Status::TooFew);
  QTest::newRow("constant") << 10 << "constant" << static_cast<int>(Status::NotIdentified);
  QTest::newRow("not finite") << 10 << "nan" << static_cast<int>(Status::NanInput);
  QTest::newRow("no columns") << 10 << "empty" << static_cast<int>(Status::NotIdentified);
}

void CkaTest::edges() {
  QFETCH(int, rows);
  QFETCH(QString, kind);
  QFETCH(int, status);
  const MatrixF x = noise(rows, 3, 1);
  MatrixF y = noise(rows, 3, 2);
  if (kind == "constant") y.setConstant(.1f);
  if (kind == "nan") y(2, 1) = std::numeric_limits<float>::infinity();
  if (kind == "empty") y.resize(rows, 0);
  QCOMPARE(static_cast<int>(linearCka(x, y).status), status);
  QVERIFY(std::isnan(linearCka(x, y).debiased));
  QCOMPARE(static_cast<int>(ckaInterval(x, y).status), status);
  QVERIFY(std::isnan(ckaInterval(x, y).low));
}

void CkaTest::jackknifeEqualsRemovingRows() {
  const MatrixF x = noise(15, 4, 21), y = noise(15, 6, 22) + x.replicate(1, 2).leftCols(6);
  VectorD without(15);
  for (Eigen::Index i = 0; i < 15; ++i) {
    MatrixF a(14, 4), b(14, 6);
    a << x.topRows(i), x.bottomRows(14 - i);
    b << y.topRows(i), y.bottomRows(14 - i);
    without(i) = linearCka(a, b).debiased;
  }
  const double se = std::sqrt(14.0 / 15 * (without.array() - without.mean()).square().sum());
  const auto interval = ckaInterval(x, y);
  LACUNA_NEAR(interval.se, se, 1e-10);
  LACUNA_NEAR(interval.value, linearCka(x, y).debiased, 1e-14);
  LACUNA_NEAR(interval.high - interval.low, 2 * 2.1447866879169273 * se, 1e-9);
}

void CkaTest::displacementAndCosine() {
  MatrixF x(3, 2), y(3, 2);
  x << 1, 0, 0, 1, -1, -1;
  y << 0, 1, 0, 2, 0, 0;
  const Displacement moved = displacement(x, y);
  LACUNA_NEAR(moved.relativeRms, std::sqrt((2.0 + 1 + 2) / 4), 1e-7);
  LACUNA_NEAR(moved.meanCosine, .5, 1e-7);    // the zero row has no direction
  LACUNA_NEAR(displacement(x, x).relativeRms, 0, 1e-15);
  LACUNA_NEAR(displacement(x, x).meanCosine, 1, 1e-7);
  QVERIFY(std::isnan(displacement(MatrixF::Ones(3, 2), y).relativeRms));
}

void CkaTest::zScoreDropsConstantColumns() {
  MatrixF x = noise(40, 4, 31), y = noise(40, 4, 32);
  x.col(2).setConstant(3.7f);
  const MatrixF x0 = x, y0 = y;
  zScore(x, y);
  QCOMPARE(x.cols(), 3);
  QCOMPARE(y.cols(), 3);
  for (Eigen::Index j = 0; j < 3; ++j) {
    const VectorD column = x.col(j).cast<double>();
    LACUNA_NEAR(column.mean(), 0, 1e-6);
    LACUNA_NEAR(column.squaredNorm() / 40, 1, 1e-6);
  }
  // Both sides move by x's mean and sd.
  const double sd = (x0(1, 3) - x0(0, 3)) / (x(1, 2) - x(0, 2));
  LACUNA_NEAR((y(1, 2) - y(0, 2)) * sd, y0(1, 3) - y0(0, 3), 1e-5);
}

void CkaTest::nextTokenAgreementOfKnownDistributions() {
  MatrixF clean(2, 2), perturbed(2, 2);
  clean << 0, 0, std::log(.75f), std::log(.25f);
  perturbed << 5, 5, std::log(.25f), std::log(.75f);
  const Agreement agreement = nextTokenAgreement(clean, perturbed);
  LACUNA_NEAR(agreement.kl, .5 * (.75 * std::log(3.0) - .25 * std::log(3.0)), 1e-6);
  LACUNA_NEAR(agreement.top1, .5, 1e-15);
  QCOMPARE(nextTokenAgreement(clean, clean).kl, 0.0);
}

QTEST_GUILESS_MAIN(CkaTest)
#include "cka_test.moc"
