#include <QtTest>

#include <cmath>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "moments.h"

using namespace lacuna;
using namespace lacuna::activations;

namespace {
MatrixF randomStates(Eigen::Index tokens, Eigen::Index d) {
  Rng rng(2, "test.moments");
  MatrixF x(tokens, d);
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(rng.normal() + 3);
  return x;
}
}  // namespace

class MomentsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void rhoKnownAnswer() {
    const auto kat = testing::knownAnswer("rho_site");
    MatrixF h(3, 4);
    for (int r = 0; r < 3; ++r)
      for (int c = 0; c < 4; ++c) h(r, c) = static_cast<float>(kat["H"].toArray()[r].toArray()[c].toDouble());
    Moments moments(4, true);
    moments.add(h);
    const SiteStats stats = moments.finish();
    QVERIFY(std::abs(stats.rho - kat["rho"].toDouble()) < 1e-12);
    QVERIFY(std::abs(std::sqrt(stats.meanSquare.mean()) - kat["uncentred"].toDouble()) < 1e-12);
  }

  void equalsTheTwoPassFormulas() {
    const MatrixF x = randomStates(400, 9);
    Moments moments(9, true);
    moments.add(x.topRows(150));
    moments.add(x.middleRows(150, 1));
    moments.add(x.bottomRows(249));
    const SiteStats stats = moments.finish();
    const MatrixD y = x.cast<double>();
    const VectorD mean = y.colwise().mean().transpose();
    const MatrixD centred = y.rowwise() - mean.transpose();
    QCOMPARE(stats.tokens, 400);
    QVERIFY((stats.mean - mean).cwiseAbs().maxCoeff() < 1e-12);
    QVERIFY((stats.covariance - centred.transpose() * centred / 400).cwiseAbs().maxCoeff() < 1e-10);
    QVERIFY((stats.sd.cwiseAbs2() - stats.covariance.diagonal()).cwiseAbs().maxCoeff() < 1e-10);
    QVERIFY(std::abs(stats.rho * stats.rho - stats.covariance.trace() / 9) < 1e-10);
  }

  void covarianceCanBeLeftOut() {
    Moments moments(3, false);
    moments.add(randomStates(5, 3));
    QCOMPARE(moments.finish().covariance.size(), Eigen::Index{0});
    QCOMPARE(Moments(4096, true).finish().covariance.size(), Eigen::Index{0});
  }
};

QTEST_GUILESS_MAIN(MomentsTest)
#include "moments_test.moc"
