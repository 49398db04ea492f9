#include <QTest>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/statistics/agreement.h"
#include "lacuna/statistics/mediation.h"
#include "lacuna/statistics/shrinkage.h"

using namespace lacuna;
using namespace lacuna::statistics;
using lacuna::testing::knownAnswer;
using lacuna::testing::matrix;
using lacuna::testing::numbers;

namespace {

void compare(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance) {
  QCOMPARE(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) LACUNA_NEAR(actual[i], expected[i], tolerance);
}

std::vector<std::int32_t> eachItsOwn(std::size_t n) {
  std::vector<std::int32_t> groups(n);
  std::iota(groups.begin(), groups.end(), 0);
  return groups;
}

const double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

class ShrinkageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void empiricalBayesKnownAnswer();
  void empiricalBayesEdges();
  void tiltKnownAnswer();
  void tiltMovesOnlyWhatMayMove();
  void divergenceOfDistributions();
  void demingKnownAnswer();
  void demingEdges();
  void linearDatamodelScoreKnownAnswer();
  void cohenKnownAnswers();
  void fleissKnownAnswer();
  void krippendorffPublishedExamples_data();
  void krippendorffPublishedExamples();
  void agreementEdges();
  void mediationKnownAnswer();
  void mediationIdentities();
  void mediationWithoutEffectHasNoProportion();
};

void ShrinkageTest::empiricalBayesKnownAnswer() {
  const auto known = knownAnswer("eb");
  const Shrunk shrunk = empiricalBayes(numbers(known["y"]), numbers(known["se"]));
  QCOMPARE(shrunk.status, Status::Ok);
  LACUNA_NEAR(shrunk.tau2, known["tau2"].toDouble(), 1e-13);
  LACUNA_NEAR(shrunk.mu, known["mu"].toDouble(), 1e-13);
  compare(shrunk.mean, numbers(known["post"]), 1e-13);
  compare(shrunk.sd, numbers(known["psd"]), 1e-13);
  compare(shrunk.probabilityPositive, numbers(known["p_pos"]), 1e-12);
  const double factors[] = {.790226, .790226, .912770, .485002};
  for (std::size_t i = 0; i < 4; ++i) LACUNA_PRINTED(shrunk.factor[i], factors[i], 6);
}

void ShrinkageTest::empiricalBayesEdges() {
  const std::vector<double> y = {.3, -.1}, se = {.1, .2};
  const Shrunk two = empiricalBayes(y, se);
  QCOMPARE(two.status, Status::NotIdentified);
  QCOMPARE(two.mean, y);
  const Shrunk equal = empiricalBayes(std::vector<double>{.2, .2, .2}, std::vector<double>{.1, .1, .1});
  QCOMPARE(equal.status, Status::Degenerate);
  compare(equal.mean, {.2, .2, .2}, 1e-15);
  QVERIFY(std::isnan(equal.probabilityPositive[0]));    // no verdict from a spread of 0
  // The mean's own uncertainty only widens.
  const auto known = knownAnswer("eb");
  const Shrunk wider = empiricalBayes(numbers(known["y"]), numbers(known["se"]), true);
  for (std::size_t i = 0; i < 4; ++i) QVERIFY(wider.sd[i] > numbers(known["psd"])[i]);
  QCOMPARE(empiricalBayes(std::vector<double>{1, kNan, 2}, std::vector<double>{1, 1, 1}).status, Status::NanInput);
}

void ShrinkageTest::tiltKnownAnswer() {
  const auto known = knownAnswer("tilt");
  TiltConfig config;
  config.eta = known["eta"].toDouble();
  const Tilt tilted = tilt(numbers(knownAnswer("eb")["post"]), numbers(known["w0"]), config);
  compare(tilted.multiplier, numbers(known["m"]), 1e-12);
  compare(tilted.weights, numbers(known["w"]), 1e-12);
  LACUNA_NEAR(tilted.kl, known["kl"].toDouble(), 1e-12);
}

void ShrinkageTest::tiltMovesOnlyWhatMayMove() {
  const std::vector<double> values = {3, 1, -1, -3}, weights = {1, 1, 1, 1};
  const Tilt some = tilt(values, weights, {}, std::vector<std::uint8_t>{1, 0, 0, 1}, std::vector<double>{1.2, 9, 9, 9});
  LACUNA_NEAR(some.multiplier[0], 1.2, 1e-15);    // capped
  QCOMPARE(some.multiplier[1], 1.0);
  QCOMPARE(some.multiplier[2], 1.0);
  QVERIFY(some.multiplier[3] < 1 && some.multiplier[3] >= .5);
  LACUNA_NEAR(std::accumulate(some.weights.begin(), some.weights.end(), 0.0), 1, 1e-15);
  const Tilt flat = tilt(std::vector<double>(4, 2.0), weights);
  QCOMPARE(flat.status, Status::ZeroVariance);
  LACUNA_NEAR(flat.kl, 0, 1e-15);
  QCOMPARE(tilt(std::vector<double>{1, kNan}, std::vector<double>{1, 1}).status, Status::NanInput);
}

void ShrinkageTest::divergenceOfDistributions() {
  LACUNA_NEAR(klDivergence(std::vector<double>{.75, .25}, std::vector<double>{.5, .5}), .75 * std::log(1.5) + .25 * std::log(.5), 1e-15);
  LACUNA_NEAR(klDivergence(std::vector<double>{1, 0}, std::vector<double>{.5, .5}), std::log(2.0), 1e-15);
  QVERIFY(std::isinf(klDivergence(std::vector<double>{.5, .5}, std::vector<double>{1, 0})));
}

void ShrinkageTest::demingKnownAnswer() {
  const std::vector<double> x = {.1, .2, .3, .4, .5}, y = {.15, .33, .41, .62, .70};
  const Calibration line = deming(x, y);
  LACUNA_PRINTED(line.slope.value, 1.408428, 6);
  LACUNA_PRINTED(line.intercept.value, .019471, 6);
  QVERIFY(line.slope.low < line.slope.value && line.slope.value < line.slope.high && line.slope.low > 0);
  // The axes may change places.
  LACUNA_NEAR(deming(y, x).slope.value, 1 / line.slope.value, 1e-12);
  // With error on y alone it is least squares: slope 1.39.
  LACUNA_NEAR(deming(x, y, 1e9).slope.value, 1.39, 1e-6);
  const Estimate middle = predict(line, .3, .3), far = predict(line, 3, .3);
  LACUNA_NEAR(middle.value, line.intercept.value + .3 * line.slope.value, 1e-15);
  QVERIFY(far.high - far.low > 5 * (middle.high - middle.low));
}

void ShrinkageTest::demingEdges() {
  QCOMPARE(deming(std::vector<double>{1, 2}, std::vector<double>{1, 2}).status, Status::TooFew);
  QCOMPARE(deming(std::vector<double>{1, 1, 1, 1}, std::vector<double>{1, 2, 3, 4}).status, Status::NotIdentified);
  QCOMPARE(deming(std::vector<double>{-1, 0, 1}, std::vector<double>{1, -2, 1}).slope.status, Status::NotIdentified);
  QVERIFY(std::isnan(predict(deming(std::vector<double>{1, 2}, std::vector<double>{1, 2}), 1, 1).value));
}

void ShrinkageTest::linearDatamodelScoreKnownAnswer() {
  const auto known = knownAnswer("lds");
  MatrixD members = MatrixD::Zero(6, 4);
  Eigen::Index row = 0;
  for (const QJsonValue& subset : known["subsets"].toArray()) {
    for (const double i : numbers(subset)) members(row, static_cast<Eigen::Index>(i)) = 1;
    ++row;
  }
  const Estimate score = linearDatamodelScore(members, numbers(known["tau"]), numbers(known["y"]), {500, 0.95, 1});
  LACUNA_NEAR(score.value, known["lds"].toDouble(), 1e-14);
  QVERIFY(score.low <= score.value && score.high >= score.value);
  QCOMPARE(linearDatamodelScore(members, numbers(known["tau"]), std::vector<double>(6, 1.0), {}).status, Status::NotIdentified);
}

void ShrinkageTest::cohenKnownAnswers() {
  const auto known = knownAnswer("kappa");
  const Kappa kappa = cohenKappa(matrix(known["table"]));
  LACUNA_NEAR(kappa.kappa.value, known["kappa"].toDouble(), 1e-14);
  LACUNA_NEAR(kappa.kappa.se, known["se"].toDouble(), 1e-13);
  LACUNA_NEAR(kappa.kappa.low, known["lo"].toDouble(), 1e-13);
  LACUNA_NEAR(kappa.kappa.high, known["hi"].toDouble(), 1e-13);
  LACUNA_NEAR(kappa.observed, .7, 1e-15);
  MatrixD paradox(2, 2);
  paradox << 90, 5, 5, 0;
  LACUNA_NEAR(cohenKappa(paradox).kappa.value, known["paradox"].toDouble(), 1e-13);
  LACUNA_NEAR(cohenKappa(paradox).observed, .9, 1e-15);
}

void ShrinkageTest::fleissKnownAnswer() {
  MatrixD counts(4, 2);
  counts << 3, 0, 2, 1, 0, 3, 1, 2;
  LACUNA_NEAR(fleissKappa(counts).kappa.value, knownAnswer("kappa")["fleiss"].toDouble(), 1e-14);
}

void ShrinkageTest::krippendorffPublishedExamples_data() {
  QTest::addColumn<int>("scale");
  QTest::addColumn<double>("alpha");
  // Krippendorff's worked example (Computing Krippendorff's Alpha-Reliability, 2011, section D): four observers, twelve units.
  QTest::newRow("nominal") << static_cast<int>(Scale::Nominal) << .743;
  QTest::newRow("ordinal") << static_cast<int>(Scale::Ordinal) << .815;
  QTest::newRow("interval") << static_cast<int>(Scale::Interval) << .849;
}

void ShrinkageTest::krippendorffPublishedExamples() {
  QFETCH(int, scale);
  QFETCH(double, alpha);
  MatrixD ratings(4, 12);
  ratings << 1, 2, 3, 3, 2, 1, 4, 1, 2, kNan, kNan, kNan,
             1, 2, 3, 3, 2, 2, 4, 1, 2, 5, kNan, 3,
             kNan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, kNan,
             1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, kNan;
  LACUNA_PRINTED(krippendorffAlpha(ratings, static_cast<Scale>(scale)).value, alpha, 3);
}

void ShrinkageTest::agreementEdges() {
  MatrixD one(2, 2);
  one << 30, 0, 0, 0;
  QCOMPARE(cohenKappa(one).kappa.status, Status::NotIdentified);
  QVERIFY(std::isnan(cohenKappa(one).kappa.value));
  QCOMPARE(cohenKappa(MatrixD::Zero(2, 2)).kappa.status, Status::TooFew);
  QCOMPARE(fleissKappa(MatrixD::Ones(4, 1)).kappa.status, Status::TooFew);
  QCOMPARE(krippendorffAlpha(MatrixD::Ones(2, 5)).status, Status::NotIdentified);
  QCOMPARE(krippendorffAlpha(MatrixD::Constant(2, 5, kNan)).status, Status::TooFew);
}

void ShrinkageTest::mediationKnownAnswer() {
  const CrossWorld item{2.0, 1.2, .9, .5};
  const Effects effects = decompose(item);
  LACUNA_NEAR(effects.total, 1.5, 1e-15);
  LACUNA_NEAR(effects.pureDirect, .7, 1e-15);
  LACUNA_NEAR(effects.totalIndirect, .8, 1e-15);
  LACUNA_NEAR(effects.totalDirect, 1.1, 1e-15);
  LACUNA_NEAR(effects.pureIndirect, .4, 1e-15);
  LACUNA_NEAR(effects.interaction, .4, 1e-15);
  LACUNA_NEAR(effects.pureDirect + effects.pureIndirect, 1.1, 1e-15);    // the naive sum is not the total
  const Mediation mean = mediate(std::vector<CrossWorld>(12, item), eachItsOwn(12), {200, .95, 0});
  LACUNA_PRINTED(mean.proportion.value, .533333, 6);
  QCOMPARE(mean.total.status, Status::ZeroVariance);
}

void ShrinkageTest::mediationIdentities() {
  Rng rng(4, "test");
  std::vector<CrossWorld> items(40);
  for (CrossWorld& y : items) y = {2 + rng.normal(), 1 + rng.normal(), .5 + rng.normal(), .2 * rng.normal()};
  const Mediation m = mediate(items, eachItsOwn(40), {1000, .95, 3});
  LACUNA_NEAR(m.total.value, m.pureDirect.value + m.totalIndirect.value, 1e-14);
  LACUNA_NEAR(m.total.value, m.totalDirect.value + m.pureIndirect.value, 1e-14);
  LACUNA_NEAR(m.interaction.value, m.totalIndirect.value - m.pureIndirect.value, 1e-14);
  QVERIFY(m.proportion.low < m.proportion.value && m.proportion.value < m.proportion.high);
}

void ShrinkageTest::mediationWithoutEffectHasNoProportion() {
  Rng rng(5, "test");
  std::vector<CrossWorld> items(30);
  for (std::size_t i = 0; i < items.size(); ++i) items[i] = {i % 2 ? 1.0 : -1.0, rng.normal(), rng.normal(), 0};
  const Mediation m = mediate(items, eachItsOwn(30), {200, .95, 1});
  QCOMPARE(m.proportion.status, Status::NotIdentified);
  QVERIFY(std::isnan(m.proportion.value) && std::isnan(m.proportion.low));
}

QTEST_GUILESS_MAIN(ShrinkageTest)
#include "shrinkage_test.moc"
