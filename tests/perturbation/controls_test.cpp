#include <QTest>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
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
  void everyControlMovesAsFar_data();
  void everyControlMovesAsFar();
  void noiseMovesAsFarAsAnyTarget_data() { everyControlMovesAsFar_data(); }
  void noiseMovesAsFarAsAnyTarget();
  void leaceControlIsAProjection();
  void gradientControlLiesInTheLeadingComponents();
  void flipControlSeesTheSameLogits();
  void resampleControlTakesItsOwnDonors();
  void resampleControlNeedsTheBank();
  void controlsOfMlpProbesKeepTheirNeurons();
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

void ControlsTest::everyControlMovesAsFar_data() {
  QTest::addColumn<int>("index");
  const auto all = testing::examples(model::Site::ResidPost, 1, 12);
  for (std::size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].name.c_str()) << static_cast<int>(i);
}

/// Same ‖Δ‖ over the reference for directions; the same number of neurons for neuron methods. Scope, gate and place are the target's.
void ControlsTest::everyControlMovesAsFar() {
  QFETCH(int, index);
  const Reference r = reference(12);
  Perturbation target = testing::examples(model::Site::ResidPost, 1, 12)[static_cast<std::size_t>(index)].p;
  const StateBank bank{r.rows.topRows(30).cast<float>(), {}, 2};
  std::set<std::string> seen = {hash(target)};
  for (int draw = 0; draw < 5; ++draw) {
    Perturbation control = matchedControl(target, r.stats, VectorD(), bank, 1, draw);
    QCOMPARE(hash(control), hash(matchedControl(target, r.stats, VectorD(), bank, 1, draw)));
    const bool fresh = seen.insert(hash(control)).second;
    QVERIFY(hash(control) != hash(target) && (fresh || editsNeurons(target.method)));  // of 12 neurons the same few may come twice
    QVERIFY(control.site == target.site && control.layer == target.layer && control.keepNorm == target.keepNorm && control.gate.weights == target.gate.weights);
    QVERIFY(hash(fromJson(toJson(control))) == hash(control));
    if (editsNeurons(target.method)) {
      QCOMPARE(control.neurons.size(), target.neurons.size());
      continue;
    }
    if (target.steps > 1) continue;
    Perturbation open = target;
    open.gate = control.gate = {};
    open.keepNorm = control.keepNorm = false;
    const double ratio = testing::meanSquaredChange(control, r.rows) / testing::meanSquaredChange(open, r.rows);
    QVERIFY2(std::abs(ratio - 1) < 1e-9, qPrintable(QString::number(ratio)));
  }
}

void ControlsTest::noiseMovesAsFarAsAnyTarget() {
  QFETCH(int, index);
  const Reference r = reference(12);
  Perturbation target = testing::examples(model::Site::ResidPost, 1, 12)[static_cast<std::size_t>(index)].p;
  target.tokens = target.gate.weights.empty() ? model::TokenScope::Answer : model::TokenScope::All;
  Perturbation noise = noiseControl(target, r.stats, 1, 3);
  QVERIFY(noise.method == Method::Noise && noise.tokens == target.tokens && noise.gate.weights == target.gate.weights && noise.keepNorm == target.keepNorm);
  QCOMPARE(noise.epsilon, target.epsilon);
  QVERIFY(noise.seed == noiseControl(target, r.stats, 1, 3).seed && noise.seed != noiseControl(target, r.stats, 1, 4).seed);
  if (target.steps > 1) return;
  target.gate = noise.gate = {};
  target.keepNorm = noise.keepNorm = false;
  const double ratio = testing::meanSquaredChange(noise, r.rows) / testing::meanSquaredChange(target, r.rows);
  QVERIFY2(std::abs(ratio - 1) < (target.method == Method::Resample ? .2 : 1e-9), qPrintable(QString::number(ratio)));
}

void ControlsTest::leaceControlIsAProjection() {
  const Reference r = reference(12);
  const Perturbation target = testing::example(Method::Leace, model::Site::ResidPost, 1, 12), control = matchedControl(target, r.stats, VectorD(), 1, 0);
  QVERIFY(control.method == Method::Project && control.centre == target.centre);
  QCOMPARE(control.basis.rows(), target.basis.rows());
  QVERIFY((control.basis * control.basis.transpose() - MatrixD::Identity(2, 2)).cwiseAbs().maxCoeff() < 1e-10);
}

void ControlsTest::gradientControlLiesInTheLeadingComponents() {
  const Reference r = reference(12);
  const Perturbation target = testing::example(Method::GradL2, model::Site::ResidPost, 1, 12), control = matchedControl(target, r.stats, VectorD(), 1, 0);
  const VectorD u = Eigen::Map<const VectorD>(control.direction.data(), 12);
  QVERIFY(std::abs(u.norm() - 1) < 1e-10);
  const auto principal = components(r.stats.covariance);
  const Eigen::Index kept = principal->carrying(0.9, 1);
  QVERIFY(kept < 12 && (principal->rows.bottomRows(12 - kept) * u).cwiseAbs().maxCoeff() < 1e-10);
}

void ControlsTest::flipControlSeesTheSameLogits() {
  const Reference r = reference(12);
  const Perturbation target = testing::example(Method::Flip, model::Site::ResidPost, 1, 12), control = matchedControl(target, r.stats, VectorD(), 1, 0);
  const auto logits = [&](const Perturbation& p) {
    return VectorD((r.rows * Eigen::Map<const VectorD>(p.direction.data(), 12)).array() + p.bias);
  };
  const VectorD wanted = logits(target), got = logits(control);
  QVERIFY(std::abs(wanted.mean() - got.mean()) < 1e-9);
  QVERIFY(std::abs((wanted.array() - wanted.mean()).square().sum() / (got.array() - got.mean()).square().sum() - 1) < 1e-9);
  QVERIFY(control.margin == target.margin && control.direction != target.direction);
}

void ControlsTest::resampleControlTakesItsOwnDonors() {
  const Reference r = reference(12);
  const Perturbation target = testing::example(Method::Resample, model::Site::ResidPost, 1, 12);
  const StateBank bank{r.rows.topRows(30).cast<float>(), std::vector<std::int32_t>(30, 4), 2};
  const Perturbation control = matchedControl(target, r.stats, VectorD(), bank, 1, 0);
  QCOMPARE(control.bank.rows(), Eigen::Index(30));
  QCOMPARE(control.bankPositions.size(), std::size_t(30));
  QCOMPARE(control.seed, target.seed);
  for (std::size_t i = 0; i < control.neurons.size(); ++i) {
    QVERIFY(std::find(target.neurons.begin(), target.neurons.end(), control.neurons[i]) == target.neurons.end());
    QCOMPARE(control.bank(17, static_cast<Eigen::Index>(i)), static_cast<double>(bank.states(17, control.neurons[i])));
  }
}

void ControlsTest::resampleControlNeedsTheBank() {
  const Perturbation target = testing::example(Method::Resample, model::Site::ResidPost, 1, 12);
  QVERIFY_EXCEPTION_THROWN(matchedControl(target, reference(12).stats, VectorD(), 1, 0), Error);
}

void ControlsTest::controlsOfMlpProbesKeepTheirNeurons() {
  const Reference r = reference(12);
  Perturbation target = testing::example(Method::Shift, model::Site::ResidPost, 1, 12);
  target.direction.clear();
  target.probe = testing::randomProbe(12, 80);
  const Perturbation everywhere = matchedControl(target, r.stats, VectorD(), 1, 0);
  QCOMPARE(std::count(everywhere.direction.begin(), everywhere.direction.end(), 0.0), 0);
  target.neurons = {1, 5, 8};
  const Perturbation some = matchedControl(target, r.stats, VectorD(), 1, 0);
  QCOMPARE(std::count(some.direction.begin(), some.direction.end(), 0.0), 9);
  QVERIFY(some.probe.hidden.rows() == 0 && some.neurons.empty());
}

QTEST_GUILESS_MAIN(ControlsTest)
#include "controls_test.moc"
