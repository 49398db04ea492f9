#include <QTest>

#include <algorithm>
#include <cmath>
#include <set>

#include "components.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/perturbation/controls.h"
#include "perturbations.h"

using namespace lacuna;
using namespace lacuna::perturbation;

namespace {

struct Reference {
  MatrixD rows;                    ///< [N, d]
  activations::SiteStats stats;
};

/// Correlated rows with a mean; moments exactly those of the rows.
Reference reference(Eigen::Index d) {
  Rng rng(3, "test-reference");
  MatrixD mix(d, d);
  Reference r{MatrixD(400, d), {}};
  for (Eigen::Index i = 0; i < mix.size(); ++i) mix.data()[i] = rng.normal() * (i % d < 3 ? 3 : 1);
  for (Eigen::Index i = 0; i < r.rows.size(); ++i) r.rows.data()[i] = rng.normal();
  r.rows = r.rows * mix;
  for (Eigen::Index j = 0; j < d; ++j) r.rows.col(j).array() += 0.5 * static_cast<double>(j);
  r.stats = testing::statsOf(r.rows);
  return r;
}

Perturbation targetProjection(const Reference& r) {
  Perturbation p;
  p.site = model::Site::ResidPost;
  p.layer = LayerIndex(1);
  p.method = Method::Project;
  p.epsilon = 0.5;
  p.basis = MatrixD::Zero(2, r.stats.mean.size());
  p.basis(0, 1) = p.basis(1, 4) = 1;
  p.centre.assign(r.stats.mean.begin(), r.stats.mean.end());
  return p;
}

}  // namespace

class ControlsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void neuronsComeFromTheirStrata();
  void spentStrataAreReplacedByNeighbours();
  void moreNeuronsThanAreLeft();
  void everyDrawIsItsOwnAndRepeatable();
  void neuronControlsCoverTheirStratumEvenly();
  void subspaceIsOrthonormalInTheLeadingComponents();
  void randomDirectionRemovesLittle();
  void projectionControlMovesAsFar_data();
  void projectionControlMovesAsFar();
  void meanControlTakesItsOwnMeans();
  void signControlMovesAsManyCoordinates();
  void noiseControlDiffersInSeedAlone();
  void foreignMomentsAreRefused();
};

void ControlsTest::neuronsComeFromTheirStrata() {
  VectorD rms(200), norm(200);
  for (int j = 0; j < 200; ++j) {
    rms[j] = j;                     // decile j / 20
    norm[j] = (j * 37) % 200;       // quintile of its own
  }
  const std::vector<std::int32_t> target = {5, 77, 150};
  const auto quintile = [&](std::int32_t j) { return static_cast<int>(norm[j]) / 40; };
  for (int draw = 0; draw < 50; ++draw) {
    const auto control = matchedNeurons(target, rms, norm, 1, draw);
    QCOMPARE(control.size(), std::size_t(3));
    QVERIFY(std::is_sorted(control.begin(), control.end()));
    std::multiset<std::pair<int, int>> wanted, got;
    for (const auto j : target) wanted.insert({j / 20, quintile(j)});
    for (const auto j : control) got.insert({j / 20, quintile(j)});
    QVERIFY(wanted == got);
    for (const auto j : control) QVERIFY(std::find(target.begin(), target.end(), j) == target.end());
  }
}

void ControlsTest::spentStrataAreReplacedByNeighbours() {
  VectorD rms(100);
  for (int j = 0; j < 100; ++j) rms[j] = j;
  std::vector<std::int32_t> target;
  for (int j = 50; j < 60; ++j) target.push_back(j);  // a whole decile
  const auto control = matchedNeurons(target, rms, VectorD(), 1, 0);
  QCOMPARE(control.size(), std::size_t(10));
  QCOMPARE(std::set<std::int32_t>(control.begin(), control.end()).size(), std::size_t(10));
  for (const auto j : control) QVERIFY((j >= 40 && j < 50) || (j >= 60 && j < 70));
}

void ControlsTest::moreNeuronsThanAreLeft() {
  const VectorD rms = VectorD::Ones(6);
  QVERIFY((matchedNeurons({0, 1, 2, 3}, rms, VectorD(), 1, 0) == std::vector<std::int32_t>{4, 5}));
  QVERIFY(matchedNeurons({0, 1, 2, 3, 4, 5}, rms, VectorD(), 1, 0).empty());
}

void ControlsTest::everyDrawIsItsOwnAndRepeatable() {
  const VectorD rms = VectorD::LinSpaced(300, 0, 1), norm = VectorD::LinSpaced(300, 1, 0);
  const std::vector<std::int32_t> target = {1, 50, 120, 200};
  QVERIFY(matchedNeurons(target, rms, norm, 1, 0) == matchedNeurons(target, rms, norm, 1, 0));
  QVERIFY(matchedNeurons(target, rms, norm, 1, 0) != matchedNeurons(target, rms, norm, 1, 1));
  QVERIFY(matchedNeurons(target, rms, norm, 1, 0) != matchedNeurons(target, rms, norm, 2, 0));
  const MatrixD covariance = reference(8).stats.covariance;
  QVERIFY(matchedSubspace(covariance, 2, 1, 3) == matchedSubspace(covariance, 2, 1, 3));
  QVERIFY(matchedSubspace(covariance, 2, 1, 3) != matchedSubspace(covariance, 2, 1, 4));
}

void ControlsTest::neuronControlsCoverTheirStratumEvenly() {
  const VectorD rms = VectorD::LinSpaced(100, 0, 1);
  int count[100] = {};
  for (int draw = 0; draw < 900; ++draw) ++count[matchedNeurons({25}, rms, VectorD(), 7, draw).at(0)];
  for (int j = 20; j < 30; ++j)
    if (j != 25) QVERIFY2(count[j] > 60 && count[j] < 145, qPrintable(QString::number(count[j])));  // 100 expected, sd 9.4
}

void ControlsTest::subspaceIsOrthonormalInTheLeadingComponents() {
  const Reference r = reference(12);
  const auto principal = components(r.stats.covariance);
  const Eigen::Index kept = principal->carrying(0.9, 3);
  QVERIFY(kept < 12);
  for (int draw = 0; draw < 20; ++draw) {
    const MatrixD v = matchedSubspace(r.stats.covariance, 3, 1, draw);
    QCOMPARE(v.rows(), Eigen::Index(3));
    QVERIFY((v * v.transpose() - MatrixD::Identity(3, 3)).cwiseAbs().maxCoeff() < 1e-10);
    QVERIFY((v * principal->rows.bottomRows(12 - kept).transpose()).cwiseAbs().maxCoeff() < 1e-10);
  }
  QCOMPARE(matchedSubspace(r.stats.covariance, 12, 1, 0).rows(), Eigen::Index(12));
  QCOMPARE(matchedSubspace(r.stats.covariance, 0, 1, 0).rows(), Eigen::Index(0));
}

void ControlsTest::randomDirectionRemovesLittle() {
  // Without rescaling a random direction takes about r/d of the variance (methods.md 5.5), far less than a probe's.
  VectorD variances(16);
  for (Eigen::Index j = 0; j < 16; ++j) variances[j] = 1 + 0.02 * static_cast<double>(j);
  const MatrixD covariance = variances.asDiagonal();
  double share = 0;
  for (int draw = 0; draw < 400; ++draw) {
    const MatrixD v = matchedSubspace(covariance, 1, 1, draw);
    share += (v * covariance * v.transpose())(0, 0) / covariance.trace() / 400;
  }
  QVERIFY2(share > 0.055 && share < 0.072, qPrintable(QString::number(share)));
}

void ControlsTest::projectionControlMovesAsFar_data() {
  QTest::addColumn<bool>("affine");
  QTest::newRow("affine") << true;
  QTest::newRow("linear") << false;
}

void ControlsTest::projectionControlMovesAsFar() {
  QFETCH(bool, affine);
  const Reference r = reference(12);
  Perturbation target = targetProjection(r);
  if (!affine) target.centre.assign(12, 0);
  const double wanted = testing::meanSquaredChange(target, r.rows);
  for (int draw = 0; draw < 5; ++draw) {
    const Perturbation control = matchedControl(target, r.stats, VectorD(), 1, draw);
    QCOMPARE(control.basis.rows(), Eigen::Index(2));
    QVERIFY(control.centre == target.centre);
    QVERIFY2(std::abs(testing::meanSquaredChange(control, r.rows) / wanted - 1) < 1e-9, qPrintable(QString::number(testing::meanSquaredChange(control, r.rows) / wanted)));
    QVERIFY(hash(control) != hash(target));
  }
}

void ControlsTest::meanControlTakesItsOwnMeans() {
  const Reference r = reference(30);
  Perturbation target;
  target.layer = LayerIndex(0);
  target.neurons = {4, 20};
  target.centre = {r.stats.mean[4], r.stats.mean[20]};
  const Perturbation control = matchedControl(target, r.stats, VectorD::Ones(30), 1, 0);
  QCOMPARE(control.neurons.size(), std::size_t(2));
  QCOMPARE(control.epsilon, target.epsilon);
  for (std::size_t i = 0; i < 2; ++i) QCOMPARE(control.centre[i], r.stats.mean[control.neurons[i]]);
}

void ControlsTest::signControlMovesAsManyCoordinates() {
  const Reference r = reference(30);
  Perturbation target;
  target.site = model::Site::ResidPost;
  target.layer = LayerIndex(0);
  target.method = Method::Shift;
  target.rho = r.stats.rho;
  target.epsilon = .1;
  target.direction.assign(30, 0);
  for (std::size_t j = 0; j < 30; j += 3) target.direction[j] = j % 2 == 0 ? 1 : -1;
  std::set<std::vector<double>> seen;
  for (int draw = 0; draw < 10; ++draw) {
    const Perturbation control = matchedControl(target, r.stats, VectorD(), 1, draw);
    QCOMPARE(std::count(control.direction.begin(), control.direction.end(), 0.0), 20);
    QVERIFY(std::abs(testing::meanSquaredChange(control, r.rows) - testing::meanSquaredChange(target, r.rows)) < 1e-12);
    seen.insert(control.direction);
  }
  QCOMPARE(seen.size(), std::size_t(10));
}

void ControlsTest::noiseControlDiffersInSeedAlone() {
  const Reference r = reference(6);
  Perturbation target;
  target.site = model::Site::ResidPost;
  target.layer = LayerIndex(0);
  target.method = Method::Noise;
  target.rho = 2;
  Perturbation control = matchedControl(target, r.stats, VectorD(), 1, 0);
  QVERIFY(control.seed != target.seed);
  control.seed = target.seed;
  QVERIFY(hash(control) == hash(target));
}

void ControlsTest::foreignMomentsAreRefused() {
  Perturbation target = targetProjection(reference(12));
  QVERIFY_EXCEPTION_THROWN(matchedControl(target, reference(8).stats, VectorD(), 1, 0), Error);
  target.method = Method::Zero;
  target.neurons = {9};
  QVERIFY_EXCEPTION_THROWN(matchedControl(target, reference(8).stats, VectorD(), 1, 0), Error);
}

QTEST_GUILESS_MAIN(ControlsTest)
#include "controls_test.moc"
