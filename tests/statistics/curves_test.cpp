#include <QTest>

#include <cmath>
#include <limits>
#include <vector>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/statistics/curves.h"
#include "lacuna/statistics/descriptive.h"

using namespace lacuna;
using namespace lacuna::statistics;

namespace {

const std::vector<double> kSizes = {70e6, 160e6, 410e6, 1e9, 1.4e9, 2.8e9};
const std::vector<double> kDoses = {0, .1, .2, .3, .4, .5, .6, .7, .8, .9, 1};
const std::vector<double> kNoisy = {1.040818, .943887, .998362, .973645, .970947, .825688, .639600, .525361, .362696, .296460, .084516};

std::vector<double> over(const std::vector<double>& x, auto&& f) {
  std::vector<double> y;
  for (const double value : x) y.push_back(f(value));
  return y;
}

std::vector<double> kneed() {
  return over(kDoses, [](double e) { return e < .4 ? 1 - .05 * e : .98 - 1.5 * (e - .4); });
}

MatrixD noisyCopies(const std::vector<double>& y, int rows, double sd) {
  Rng rng(3, "test");
  MatrixD draws(rows, static_cast<Eigen::Index>(y.size()));
  for (Eigen::Index b = 0; b < rows; ++b)
    for (Eigen::Index j = 0; j < draws.cols(); ++j) draws(b, j) = y[static_cast<std::size_t>(j)] + sd * rng.normal();
  return draws;
}

}  // namespace

class CurvesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void powerLawKnownAnswer();
  void scalingIsChosenByAicc();
  void scalingIgnoresAnOutlier();
  void scalingEdges();
  void scalingIntervalsHoldTheTruth();
  void hingeKnownAnswers();
  void hingeNoisyKnownAnswer();
  void hingeOfASaturatingPair();
  void noKneeInALine();
  void hingeEdges();
  void kneeIntervalOverDraws();
  void kneedleKnownAnswer();
  void bisectionBrackets_data();
  void bisectionBrackets();
  void nonMonotoneBudgetStopsAtTheFirstCrossing();
  void budgetEdges();
  void toleranceThresholds();
};

void CurvesTest::powerLawKnownAnswer() {
  const std::vector<double> printed = {.181192, .156697, .134331, .117481, .112037, .102167};
  const auto y = over(kSizes, [](double n) { return .05 + 12 * std::pow(n, -.25); });
  for (std::size_t i = 0; i < y.size(); ++i) LACUNA_PRINTED(y[i], printed[i], 6);
  const ScalingFit fit = fitScaling(kSizes, y, {}, Scaling::Power);
  QCOMPARE(fit.status, Status::Ok);
  LACUNA_NEAR(fit.exponent, .25, 1e-5);
  LACUNA_NEAR(fit.offset, .05, 1e-5);
  LACUNA_NEAR(fit.slope, 12, 1e-3);
  LACUNA_NEAR(fit.at(2e9), .05 + 12 * std::pow(2e9, -.25), 1e-7);
  // From the six printed digits alone.
  const ScalingFit rough = fitScaling(kSizes, printed, {}, Scaling::Power);
  LACUNA_NEAR(rough.exponent, .25, 1e-3);
  LACUNA_NEAR(rough.offset, .05, 1e-3);
}

void CurvesTest::scalingIsChosenByAicc() {
  const auto power = over(kSizes, [](double n) { return .05 + 12 * std::pow(n, -.25); });
  const auto line = over(kSizes, [](double n) { return .3 - .01 * std::log(n); });
  QVERIFY(chooseScaling(kSizes, power, {}).kind == Scaling::Power);
  QVERIFY(chooseScaling(kSizes, line, {}).kind == Scaling::LogLinear);
  QVERIFY(chooseScaling(kSizes, std::vector<double>(6, .2), {}).kind == Scaling::Constant);
  const ScalingFit slope = chooseScaling(kSizes, line, {});
  LACUNA_NEAR(slope.slope, -.01, 1e-9);
  LACUNA_NEAR(slope.at(1e9), .3 - .01 * std::log(1e9), 1e-9);
  // An effect may be negative: nothing takes its logarithm.
  const auto negative = over(kSizes, [](double n) { return -.2 - 12 * std::pow(n, -.3); });
  LACUNA_NEAR(fitScaling(kSizes, negative, {}, Scaling::Power).exponent, .3, 1e-4);
}

void CurvesTest::scalingIgnoresAnOutlier() {
  const std::vector<double> sizes = {1e7, 3e7, 7e7, 1.6e8, 4.1e8, 1e9, 1.4e9, 2.8e9, 6.9e9};
  auto y = over(sizes, [](double n) { return .05 + 12 * std::pow(n, -.25); });
  y[4] += .5;
  LACUNA_NEAR(fitScaling(sizes, y, std::vector<double>(9, .01), Scaling::Power).exponent, .25, 2e-3);
}

void CurvesTest::scalingEdges() {
  const std::vector<double> y = {1, 2, 3, 4, 5};
  QCOMPARE(fitScaling(std::span(kSizes).first(5), y, {}, Scaling::Power).status, Status::NotIdentified);
  QCOMPARE(fitScaling(std::span(kSizes).first(4), std::span(y).first(4), {}, Scaling::LogLinear).status, Status::NotIdentified);
  QCOMPARE(fitScaling(std::span(kSizes).first(5), y, std::vector<double>{1, 1, 0, 1, 1}, Scaling::Constant).status, Status::NanInput);
  QCOMPARE(chooseScaling(std::span(kSizes).first(2), std::span(y).first(2), {}).status, Status::NotIdentified);
  QVERIFY(chooseScaling(std::span(kSizes).first(5), y, {}).kind != Scaling::Power);
}

void CurvesTest::scalingIntervalsHoldTheTruth() {
  const auto y = over(kSizes, [](double n) { return .05 + 12 * std::pow(n, -.25); });
  const auto intervals = scalingIntervals(kSizes, noisyCopies(y, 60, .0005), {}, .95);
  QVERIFY(intervals[2].low < .25 && .25 < intervals[2].high);
  QVERIFY(intervals[0].low < .05 && .05 < intervals[0].high);
  QCOMPARE(intervals[2].n, 60);
}

void CurvesTest::hingeKnownAnswers() {
  const Hinge fit = hinge(kDoses, kneed());
  LACUNA_NEAR(fit.knee.value, .4, 1e-12);
  LACUNA_NEAR(fit.b0, 1, 1e-10);
  LACUNA_NEAR(fit.b1, -.05, 1e-10);
  LACUNA_NEAR(fit.b2, -1.45, 1e-10);
  QCOMPARE(fit.status, Status::Ok);
}

void CurvesTest::hingeNoisyKnownAnswer() {
  const Hinge fit = hinge(kDoses, kNoisy);
  LACUNA_NEAR(fit.knee.value, .4, 1e-12);
  LACUNA_PRINTED(fit.sse, .008957, 6);
  LACUNA_NEAR(fit.knee.low, .325, 1e-12);
  LACUNA_NEAR(fit.knee.high, .465, 1e-12);
  LACUNA_PRINTED(fit.supF, 82.69, 2);
  QVERIFY(fit.p < .01);
  QCOMPARE(fit.status, Status::Ok);
  // Equal weights change nothing.
  const Hinge weighted = hinge(kDoses, kNoisy, std::vector<double>(11, 4.0));
  LACUNA_NEAR(weighted.knee.low, fit.knee.low, 1e-12);
  LACUNA_NEAR(weighted.supF, fit.supF, 1e-9);
  LACUNA_NEAR(weighted.b2, fit.b2, 1e-10);
}

void CurvesTest::hingeOfASaturatingPair() {
  const Hinge pair = hinge(kDoses, over(kDoses, [](double e) { return 4 * std::max(0.0, 2 * e - 1); }));
  LACUNA_NEAR(pair.knee.value, .5, 1e-12);
  LACUNA_NEAR(pair.b2, 8, 1e-10);
  const Hinge single = hinge(kDoses, std::vector<double>(11, 0.0));
  QCOMPARE(single.status, Status::NotIdentified);
  QCOMPARE(single.p, 1.0);
}

void CurvesTest::noKneeInALine() {
  Rng rng(12, "test");
  int found = 0;
  for (int trial = 0; trial < 40; ++trial) {
    const auto y = over(kDoses, [&](double e) { return 1 - .5 * e + .02 * rng.normal(); });
    HingeConfig config;
    config.nullDraws = 199;
    config.seed = static_cast<std::uint64_t>(trial);
    found += hinge(kDoses, y, {}, config).p <= .05;
  }
  QVERIFY2(found <= 8, qPrintable(QString::number(found)));
}

void CurvesTest::hingeEdges() {
  QCOMPARE(hinge(std::span(kDoses).first(5), std::span(kNoisy).first(5)).status, Status::TooFew);
  auto bad = kNoisy;
  bad[3] = std::numeric_limits<double>::quiet_NaN();
  QCOMPARE(hinge(kDoses, bad).status, Status::NanInput);
  QCOMPARE(hinge(std::vector<double>(11, .3), kNoisy).status, Status::TooFew);
}

void CurvesTest::kneeIntervalOverDraws() {
  const Estimate interval = kneeInterval(kDoses, noisyCopies(kneed(), 200, .02));
  QVERIFY(interval.low <= .4 && .4 <= interval.high && interval.high - interval.low < .15);
  QCOMPARE(kneeInterval(kDoses, MatrixD(0, 11)).status, Status::TooFew);
}

void CurvesTest::kneedleKnownAnswer() {
  const Kneedle knee = kneedle(kDoses, kneed());
  LACUNA_NEAR(knee.dose, .4, 1e-12);
  LACUNA_PRINTED(knee.value, .378261, 6);
  const Kneedle rising = kneedle(kDoses, over(kDoses, [](double e) { return std::min(1.0, 4 * e); }));
  LACUNA_NEAR(rising.dose, .3, 1e-12);
  LACUNA_NEAR(rising.value, .7, 1e-12);
  QVERIFY(std::isnan(kneedle(kDoses, std::vector<double>(11, 1.0)).dose));
}

void CurvesTest::bisectionBrackets_data() {
  QTest::addColumn<int>("steps");
  QTest::addColumn<double>("low");
  QTest::addColumn<double>("high");
  QTest::newRow("4") << 4 << .625 << .75;
  QTest::newRow("8") << 8 << .625 << .6328125;
  QTest::newRow("12") << 12 << .63232421875 << .6328125;
}

void CurvesTest::bisectionBrackets() {
  QFETCH(int, steps);
  QFETCH(double, low);
  QFETCH(double, high);
  const Bracket bracket = bisect([](double e) { return .05 * e * e > .02; }, {0, 2}, steps);
  QCOMPARE(bracket.low, low);
  QCOMPARE(bracket.high, high);
}

void CurvesTest::nonMonotoneBudgetStopsAtTheFirstCrossing() {
  const Threshold threshold = budgetThreshold(std::vector{.1, .2, .4, .8}, std::vector{0., .03, .01, .05}, std::vector(4, 1e-4), .02);
  QCOMPARE(threshold.dose, .1);
  QCOMPARE(threshold.firstBeyond, .2);
  QVERIFY(threshold.nonMonotone);
  QVERIFY(!budgetThreshold(std::vector{.1, .2, .4, .8}, std::vector{0., .03, .01, .05}, std::vector(4, .02), .02).nonMonotone);
}

void CurvesTest::budgetEdges() {
  const std::vector<double> doses = {.1, .2, .4}, se(3, .001);
  const Threshold never = budgetThreshold(doses, std::vector{.001, .002, .003}, se, .02);
  QCOMPARE(never.status, Status::AtCeiling);
  QCOMPARE(never.dose, .4);
  const Threshold atOnce = budgetThreshold(doses, std::vector{.03, .04, .05}, se, .02);
  QCOMPARE(atOnce.status, Status::NotIdentified);
  QCOMPARE(atOnce.dose, 0.0);
  // The mean keeps the budget, its upper bound does not; what is not a number does not pass either.
  QCOMPARE(budgetThreshold(doses, std::vector{.001, .019, .03}, se, .02).dose, .1);
  QCOMPARE(budgetThreshold(doses, std::vector{.001, std::numeric_limits<double>::quiet_NaN(), .003}, se, .02).dose, .1);
  QCOMPARE(budgetThreshold({}, {}, {}, .02).status, Status::TooFew);
}

void CurvesTest::toleranceThresholds() {
  const std::vector<double> doses = {.1, .2, .3, .4};
  QCOMPARE(toleranceThreshold(doses, std::vector{.99, .96, .94, .97}).dose, .2);    // a recovery later does not count
  QCOMPARE(toleranceThreshold(doses, std::vector{.99, .96, .95, .97}).status, Status::AtCeiling);
  QCOMPARE(toleranceThreshold(doses, std::vector{.90, .96, .95, .97}).status, Status::NotIdentified);
}

QTEST_GUILESS_MAIN(CurvesTest)
#include "curves_test.moc"
