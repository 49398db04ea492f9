#include <QTest>

#include <Eigen/Eigenvalues>

#include <limits>

#include "lacuna/algebra/algebra.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"

using namespace lacuna;
using namespace lacuna::algebra;

namespace {

MatrixD noise(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  Rng rng(seed, "test");
  MatrixD result(rows, columns);
  for (double& value : result.reshaped()) value = rng.normal();
  return result;
}

}  // namespace

class AlgebraTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void productsEqualTheirDefinition_data();
  void productsEqualTheirDefinition();
  void nothingToSumIsZero();
  void eigenpairsSolveTheirEquation();
  void notFiniteIsRefused();
  void serialBlasNests();
};

void AlgebraTest::productsEqualTheirDefinition_data() {
  QTest::addColumn<int>("m");
  QTest::addColumn<int>("n");
  QTest::addColumn<int>("k");
  QTest::newRow("one by one") << 1 << 1 << 1;
  QTest::newRow("a row") << 1 << 7 << 5;
  QTest::newRow("a column") << 9 << 1 << 4;
  QTest::newRow("oblong") << 13 << 40 << 3;
  QTest::newRow("deep") << 17 << 5 << 300;
}

void AlgebraTest::productsEqualTheirDefinition() {
  QFETCH(int, m);
  QFETCH(int, n);
  QFETCH(int, k);
  const MatrixD a = noise(m, k, 1), b = noise(k, n, 2), bt = b.transpose(), at = a.transpose(), expected = a.lazyProduct(b);
  MatrixD out(m, n);
  multiply(a.data(), b.data(), out.data(), m, n, k);
  QVERIFY((out - expected).cwiseAbs().maxCoeff() < 1e-12);
  multiplyTransposed(a.data(), bt.data(), out.setZero().data(), m, n, k);
  QVERIFY((out - expected).cwiseAbs().maxCoeff() < 1e-12);
  transposedMultiply(at.data(), b.data(), out.setZero().data(), m, n, k);
  QVERIFY((out - expected).cwiseAbs().maxCoeff() < 1e-12);
  const MatrixF af = a.cast<float>(), bf = b.cast<float>(), btf = bt.cast<float>();
  MatrixF outF(m, n);
  multiply(af.data(), bf.data(), outF.data(), m, n, k);
  QVERIFY((outF.cast<double>() - expected).cwiseAbs().maxCoeff() < 1e-4);
  multiplyTransposed(af.data(), btf.data(), outF.setZero().data(), m, n, k);
  QVERIFY((outF.cast<double>() - expected).cwiseAbs().maxCoeff() < 1e-4);
}

void AlgebraTest::nothingToSumIsZero() {
  MatrixD out = MatrixD::Constant(2, 3, 5);
  multiply(static_cast<const double*>(nullptr), nullptr, out.data(), 2, 3, 0);
  QCOMPARE(out.cwiseAbs().maxCoeff(), 0.0);
}

void AlgebraTest::eigenpairsSolveTheirEquation() {
  const MatrixD x = noise(30, 12, 3), matrix = x.transpose() * x;
  const SymmetricEigen eigen = symmetricEigen(matrix);
  QVERIFY((matrix * eigen.vectors - eigen.vectors * eigen.values.asDiagonal()).cwiseAbs().maxCoeff() < 1e-11);
  QVERIFY((eigen.vectors.transpose() * eigen.vectors - MatrixD::Identity(12, 12)).cwiseAbs().maxCoeff() < 1e-13);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> reference(matrix);
  QVERIFY((reference.eigenvalues() - eigen.values).cwiseAbs().maxCoeff() < 1e-11);
  QCOMPARE(symmetricEigen(MatrixD(0, 0)).values.size(), 0);
}

void AlgebraTest::notFiniteIsRefused() {
  MatrixD matrix = MatrixD::Identity(3, 3);
  matrix(1, 1) = std::numeric_limits<double>::quiet_NaN();
  QVERIFY_EXCEPTION_THROWN(symmetricEigen(matrix), Error);
}

void AlgebraTest::serialBlasNests() {
  const MatrixD a = noise(300, 300, 4), b = noise(300, 300, 5);
  MatrixD first(300, 300), second(300, 300);
  setBlasThreads(2);
  {
    const SerialBlas outer;
    { const SerialBlas inner; }
    multiply(a.data(), b.data(), first.data(), 300, 300, 300);
  }
  setBlasThreads(1);
  multiply(a.data(), b.data(), second.data(), 300, 300, 300);
  QVERIFY(first == second);   // still serial after the inner guard has gone
}

QTEST_APPLESS_MAIN(AlgebraTest)
#include "algebra_test.moc"
