#include <QtTest/QtTest>

#include <cmath>

#include "lacuna/base/rng.h"
#include "lacuna/effects/effects.h"
#include "lacuna/effects/strength.h"

using namespace lacuna;
using namespace lacuna::effects;
using statistics::Status;

namespace {

void near(double got, double wanted, double tolerance = 1e-6) {
  QVERIFY2(std::abs(got - wanted) <= tolerance, qPrintable(QString::number(got, 'g', 12) + " instead of " + QString::number(wanted, 'g', 12)));
}

std::vector<std::int32_t> own(std::size_t n) {
  std::vector<std::int32_t> groups(n);
  for (std::size_t i = 0; i < n; ++i) groups[i] = static_cast<std::int32_t>(i);
  return groups;
}

const std::vector<double> kPaired{.30, .10, 0, .25, -.05, .40, .15, .20, .05, .60};   // methods.md 6

Outcomes zeroBased() { return {kPaired, own(kPaired.size())}; }

DosePoint dose(double epsilon, double ace) {
  DosePoint point;
  point.epsilon = epsilon;
  point.ace.value = ace;
  return point;
}

}  // namespace

class EffectsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void pairedEffectKnownAnswer() {
    const std::vector<double> perturbed(kPaired.size(), 0);
    const Effect e = measureEffect(zeroBased(), perturbed, {}, {.draws = 10000, .level = .95, .seed = 1});
    near(e.ace.value, .2);
    near(e.ace.se, .062361);
    QCOMPARE(e.ace.method, std::string("bca"));
    near(e.ace.low, .10, .012);
    near(e.ace.high, .335, .012);
    near(e.cleanScore.low, .058930);
    near(e.cleanScore.high, .341070);
    QCOMPARE(e.ace.n, std::int64_t{10});
    QCOMPARE(e.wilcoxon.n, std::int64_t{9});
    QVERIFY(e.signFlip.p < .05);
    QCOMPARE(e.mcnemar.status, Status::NotIdentified);
  }

  void unchangedOutcomesHaveExactlyNoEffect() {
    const Effect e = measureEffect(zeroBased(), kPaired, {kPaired, kPaired}, {});
    QCOMPARE(e.ace.value, 0.0);
    QCOMPARE(e.ace.status, Status::ZeroVariance);
    QCOMPARE(e.controlMean, 0.0);
    QCOMPARE(e.pControl, 1.0);
    QCOMPARE(e.percentile, 0.5);
    QCOMPARE(e.wilcoxon.p, 1.0);
  }

  void controlsGivePercentileAndP() {
    const std::vector<double> aces{0, .1, .2, .2, .5};
    const ControlComparison c = compareWithControls(.2, aces);
    near(c.p, 4.0 / 6);
    near(c.percentile, (2 + 1.0) / 5);
    near(c.mean, .2);
    near(c.low, .01);
    near(c.high, .47);
    QVERIFY(std::isnan(compareWithControls(.2, {}).p));
  }

  void controlsAreAveragedOverTheItemsTheyHave() {
    std::vector<double> control(kPaired.size(), 0);
    control[9] = std::nan("");
    const Effect e = measureEffect(zeroBased(), std::vector<double>(kPaired.size(), 0), {control, std::vector<double>(kPaired.size(), std::nan(""))}, {});
    QCOMPARE(e.controls, 1);
    near(e.controlMean, 1.4 / 9);
    near(e.aceAdjusted, .2 - 1.4 / 9);
  }

  void testsRunOnGroupMeans() {
    Outcomes outcomes{{1, 3, 2, 2, 5, 1, 4, 2, 2, 6, 1, 1}, {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5}};
    const Effect e = measureEffect(outcomes, std::vector<double>(12, 0), {}, {});
    QCOMPARE(e.wilcoxon.n, std::int64_t{6});
    near(e.wilcoxon.p, 2.0 / 64);
    QCOMPARE(e.ace.groups, std::int64_t{6});
  }

  void binaryOutcomesGetMcNemarAndNoWilcoxon() {
    Outcomes outcomes{std::vector<double>(50, 0), own(50)};
    std::vector<double> perturbed(50, 0);
    for (std::size_t i = 0; i < 8; ++i) outcomes.clean[i] = 1;
    for (std::size_t i = 8; i < 10; ++i) perturbed[i] = 1;
    const Effect e = measureEffect(outcomes, perturbed, {}, {}, statistics::kMissing, true);
    near(e.mcnemar.p, .065430);
    near(e.mcnemar.effect, .12);
    QVERIFY(std::isnan(e.wilcoxon.p));
    outcomes.clean[0] = .5;
    QCOMPARE(measureEffect(outcomes, perturbed, {}, {}, statistics::kMissing, true).mcnemar.status, Status::NotIdentified);
  }

  void normalisedEffectNeedsRoomAboveTheFloor() {
    const std::vector<double> perturbed(kPaired.size(), 0);
    const Effect clear = measureEffect(zeroBased(), perturbed, {}, {}, 0.0);
    near(clear.normalised, 1);
    QCOMPARE(clear.normalisedStatus, Status::Ok);
    const Effect floored = measureEffect(zeroBased(), perturbed, {}, {}, .15);
    QVERIFY(std::isnan(floored.normalised));
    QCOMPARE(floored.normalisedStatus, Status::AtFloor);
    QCOMPARE(measureEffect(zeroBased(), perturbed, {}, {}).normalisedStatus, Status::NotIdentified);
  }

  void doseResponseKnownAnswer() {
    const DoseResponse r = doseResponse({dose(1, .30), dose(.5, .10), dose(.25, .02), dose(.75, .22)});
    QCOMPARE(r.points.size(), std::size_t{5});
    QCOMPARE(r.points.front().ace.value, 0.0);
    near(r.area, .1225);
    near(r.epsilonHalf, .604167);
    near(r.monotonicity, 1);
  }

  void doseResponseFallingCurveIsFittedUpsideDown() {
    const DoseResponse r = doseResponse({dose(0, 0), dose(1, -.30), dose(.5, -.10), dose(.25, -.02), dose(.75, -.22)});
    near(r.area, -.1225);
    near(r.epsilonHalf, .604167);
    near(r.monotonicity, 1);
  }

  void doseResponseViolationsLowerTheIndex() {
    const std::vector<double> y{0, .1, .05, .3, .25, .5};                    // PAV (0, .075, .075, .275, .275, .5)
    std::vector<DosePoint> points;
    for (std::size_t i = 0; i < y.size(); ++i) points.push_back(dose(.2 * static_cast<double>(i), y[i]));
    double mean = 0, total = 0;
    for (const double v : y) mean += v / 6;
    for (const double v : y) total += (v - mean) * (v - mean);
    near(doseResponse(points).monotonicity, 1 - 4 * .025 * .025 / total, 1e-12);
  }

  void doseResponseWithoutEffectHasNoHalf() { QVERIFY(std::isnan(doseResponse({dose(.5, 0), dose(1, 0)}).epsilonHalf)); }

  void specificityKnownAnswer() {
    MatrixD a(3, 3);
    a << .40, .05, .02, .10, .30, .05, .06, .04, .05;
    const Specificity s = specificity(a);
    const double row[]{.365, -.16, -.205}, diagonal[]{.175556, .138889, .078889};
    for (Eigen::Index i = 0; i < 3; ++i) {
      near(s.index(0, i), row[i], 1e-12);
      near(s.doubleCentred(i, i), diagonal[i]);
      near(s.doubleCentred.row(i).sum(), 0, 1e-12);
      near(s.doubleCentred.col(i).sum(), 0, 1e-12);
    }
    QVERIFY(std::isnan(specificity(MatrixD::Ones(2, 1)).index(0, 0)));
  }

  void standardisedDividesByTheTasksSpread() {
    const MatrixD a = standardised(MatrixD::Ones(2, 2), VectorD{{.5, 0}});
    QCOMPARE(a(0, 0), 2.0);
    QVERIFY(std::isnan(a(1, 1)));
  }

  void emergenceGateKnownAnswers() {
    near(emergenceP(12, 40, .25), .2849, 5e-5);
    near(emergenceP(16, 40, .25), .0262, 5e-5);
  }

  void strengthBisectionKnownBrackets_data() {
    QTest::addColumn<int>("steps");
    QTest::addColumn<double>("low");
    QTest::addColumn<double>("high");
    QTest::newRow("4") << 3 << .625 << .75;
    QTest::newRow("8") << 7 << .625 << .6328125;
    QTest::newRow("12") << 11 << .63232422 << .6328125;
  }
  void strengthBisectionKnownBrackets() {
    QFETCH(int, steps);
    QFETCH(double, low);
    QFETCH(double, high);
    const auto cost = [](double e) { return StrengthCost{.05 * e * e, .05 * e * e, 0}; };
    // [0, 2] is bisected; the grid point 1 is its first step.
    const double grid[]{1e-9, 1, 2};
    const StrengthSearch s = largestSafeStrength(grid, .02, steps, cost);
    near(s.low, low, 1e-8);
    near(s.high, high, 1e-8);
  }

  void strengthStopsAtTheFirstCrossingOfANonMonotoneCurve() {
    const double grid[]{.1, .2, .4, .8};
    const auto cost = [&](double e) {
      const double f = e < .15 ? 0 : e < .3 ? .03 : e < .6 ? .01 : .05;
      return StrengthCost{f, f, 0};
    };
    const StrengthSearch s = largestSafeStrength(grid, .02, 8, cost);
    QVERIFY(s.nonMonotone);
    QCOMPARE(s.epsilon, .1);
  }

  void strengthSaysWhenTheBudgetIsNeverOrAlwaysBroken() {
    const double grid[]{.1, .2};
    const auto free = largestSafeStrength(grid, .02, 8, [](double) { return StrengthCost{}; });
    QCOMPARE(free.status, Status::AtCeiling);
    QCOMPARE(free.epsilon, .2);
    const auto dear = largestSafeStrength(grid, .02, 8, [](double) { return StrengthCost{1, 1, 0}; });
    QCOMPARE(dear.status, Status::NotIdentified);
    QCOMPARE(dear.epsilon, 0.0);
  }

  void toleranceIsWhereTheLowerBoundCrosses() {
    const RetentionPoint curve[]{{0, 1, 1}, {.1, 1, .99}, {.2, .97, .93}, {.3, .98, .96}};
    near(tolerance(curve), .1 + .1 * (.04 / .06), 1e-12);
    near(tolerance(std::span(curve).first(2)), .1);
    QVERIFY(std::isnan(tolerance(std::span<const RetentionPoint>{})));
  }

  void hingeKnownAnswers() {
    std::vector<double> x, y;
    for (int i = 0; i <= 10; ++i) {
      x.push_back(.1 * i);
      y.push_back(i <= 4 ? 1 - .005 * i : 1 - .005 * 4 - .15 * (i - 4));
    }
    const Hinge exact = fitHinge(x, y);
    near(exact.knee, .4, 1e-9);
    near(exact.b0, 1);
    near(exact.b1, -.05);
    near(exact.b2, -1.45);
    const std::vector<double> noisy{1.040818, .943887, .998362, .973645, .970947, .825688, .639600, .525361, .362696, .296460, .084516};
    const Hinge fit = fitHinge(x, noisy);
    near(fit.knee, .4, 1e-9);
    near(fit.sse, .008957, 1e-6);
    near(fit.low, .325, 1e-9);
    near(fit.high, .465, 1e-9);
    near(fit.supF, 82.69, .01);
    QCOMPARE(fit.status, Status::Ok);
    QCOMPARE(fitHinge(std::span(x).first(5), std::span(y).first(5)).status, Status::TooFew);
  }
};

QTEST_GUILESS_MAIN(EffectsTest)
#include "effects_test.moc"
