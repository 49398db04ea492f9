#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/statistics/auc.h"
#include "lacuna/statistics/correlation.h"
#include "lacuna/statistics/descriptive.h"

using namespace lacuna;
using namespace lacuna::statistics;
using lacuna::testing::knownAnswer;
using lacuna::testing::numbers;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<std::uint8_t> labels(const QJsonValue& value) {
  std::vector<std::uint8_t> result;
  for (const double label : numbers(value)) result.push_back(static_cast<std::uint8_t>(label));
  return result;
}

std::vector<double> draw(std::size_t n, std::uint64_t seed) {
  Rng rng(seed, "test");
  std::vector<double> result(n);
  for (double& value : result) value = std::round(4 * rng.normal()) / 4;
  return result;
}

}  // namespace

class DescriptiveTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void quantilesAreTypeSeven();
  void midranksShareTies();
  void isotonicKnownAnswer();
  void isotonicIsIdempotentAndOptimal();
  void doseResponseKnownAnswers();
  void correlationsKnownAnswers();
  void linearDatamodelScoreKnownAnswer();
  void exactPermutationFloor();
  void sampledPermutationApproachesTheExactOne();
  void constantVectorsAreNotIdentified();
  void reliabilityKnownAnswers();
  void fisherIntervalPrintedValues();
  void aucKnownAnswers();
  void aucEdges();
  void hanleyMcNeilKnownAnswer();
  void aucIntervalsHoldTheEstimate();
  void averagePrecisionAndBalancedAccuracy();
};

void DescriptiveTest::quantilesAreTypeSeven() {
  const std::vector<double> x = {7, 1, 3, 9};
  LACUNA_NEAR(quantile(x, 0), 1, 1e-15);
  LACUNA_NEAR(quantile(x, 1), 9, 1e-15);
  LACUNA_NEAR(quantile(x, .5), 5, 1e-15);
  LACUNA_NEAR(quantile(x, .1), 1.6, 1e-15);
  const auto many = quantiles(x, std::vector{.9, .1, .5});
  LACUNA_NEAR(many[0], 8.4, 1e-15);
  LACUNA_NEAR(many[1], 1.6, 1e-15);
  LACUNA_NEAR(many[2], 5, 1e-15);
  QCOMPARE(median(std::vector<double>{42}), 42.0);
  QVERIFY(std::isnan(median(std::vector<double>{})) && std::isnan(median(std::vector<double>{1, kNan})));
  const auto sample = draw(101, 3);
  auto sorted = sample;
  std::sort(sorted.begin(), sorted.end());
  for (int k = 0; k <= 100; ++k) LACUNA_NEAR(quantile(sample, k / 100.0), sorted[static_cast<std::size_t>(k)], 1e-12);
}

void DescriptiveTest::midranksShareTies() {
  QCOMPARE(midranks(std::vector<double>{3, 1, 3, 2, 3}), (std::vector<double>{4, 1, 4, 2, 4}));
  QCOMPARE(ascendingOrder(std::vector<double>{2, 1, 2, 1}), (std::vector<std::size_t>{1, 3, 0, 2}));
}

void DescriptiveTest::isotonicKnownAnswer() {
  const auto fit = isotonic(std::vector<double>{0, .1, .05, .3, .25, .5});
  const std::vector<double> expected = {0, .075, .075, .275, .275, .5};
  for (std::size_t i = 0; i < fit.size(); ++i) LACUNA_NEAR(fit[i], expected[i], 1e-15);
  const auto weighted = isotonic(std::vector<double>{2, 1}, std::vector<double>{3, 1});
  LACUNA_NEAR(weighted[0], 1.75, 1e-15);
}

void DescriptiveTest::isotonicIsIdempotentAndOptimal() {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const auto y = draw(40, seed);
    const auto fit = isotonic(y);
    QVERIFY(std::is_sorted(fit.begin(), fit.end()));
    QCOMPARE(isotonic(fit), fit);
    // Residuals of a least-squares projection on a cone: orthogonal to the fit, and the mean is kept.
    double cross = 0, sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      cross += (y[i] - fit[i]) * fit[i];
      sum += y[i] - fit[i];
    }
    LACUNA_NEAR(cross, 0, 1e-12);
    LACUNA_NEAR(sum, 0, 1e-12);
  }
  LACUNA_NEAR(monotonicityIndex(std::vector<double>{1, 2, 3}), 1, 1e-15);
  LACUNA_NEAR(monotonicityIndex(std::vector<double>{3, 2, 1}), 0, 1e-15);
  QVERIFY(std::isnan(monotonicityIndex(std::vector<double>{2, 2})));
}

void DescriptiveTest::doseResponseKnownAnswers() {
  const std::vector<double> epsilon = {0, .25, .5, .75, 1}, ace = {0, .02, .10, .22, .30};
  LACUNA_PRINTED(trapezoid(epsilon, ace), .1225, 4);
  LACUNA_PRINTED(firstCrossing(epsilon, isotonic(ace), .15), .604167, 6);
  QVERIFY(std::isnan(firstCrossing(epsilon, ace, .31)));
  QCOMPARE(firstCrossing(epsilon, ace, -1), 0.0);
  QVERIFY(std::isnan(trapezoid(std::vector<double>{}, std::vector<double>{})));
}

void DescriptiveTest::correlationsKnownAnswers() {
  const auto known = knownAnswer("ace_dae");
  const auto ace = numbers(known["ace"]), dae = numbers(known["dae"]);
  LACUNA_NEAR(spearman(ace, dae), known["spearman"].toDouble(), 1e-14);
  LACUNA_NEAR(kendall(ace, dae), known["kendall"].toDouble(), 1e-14);
  LACUNA_NEAR(pearson(ace, dae), known["pearson"].toDouble(), 1e-14);
  LACUNA_NEAR(pairOrderAccuracy(ace, dae), .8, 1e-15);
  const TestResult greater = spearmanTest(ace, dae), both = spearmanTest(ace, dae, {Alternative::TwoSided});
  LACUNA_PRINTED(greater.p, .116667, 6);
  LACUNA_PRINTED(both.p, .233333, 6);
  QCOMPARE(greater.method, std::string("spearman-exact"));
}

void DescriptiveTest::linearDatamodelScoreKnownAnswer() {
  const auto known = knownAnswer("lds");
  const auto tau = numbers(known["tau"]);
  std::vector<double> predictions;
  for (const QJsonValue& subset : known["subsets"].toArray()) {
    double sum = 0;
    for (const double i : numbers(subset)) sum += tau[static_cast<std::size_t>(i)];
    predictions.push_back(sum);
  }
  const std::vector<double> expected = {.7, .6, .5, .3, .2, .1};
  for (std::size_t m = 0; m < expected.size(); ++m) LACUNA_NEAR(predictions[m], expected[m], 1e-15);
  LACUNA_NEAR(spearman(predictions, numbers(known["y"])), known["lds"].toDouble(), 1e-14);
}

void DescriptiveTest::exactPermutationFloor() {
  const std::vector<double> ascending = {1, 2, 3, 4, 5, 6};
  const std::vector<double> floors = {.0417, .0083, .0014};
  for (std::size_t k = 4; k <= 6; ++k)
    LACUNA_PRINTED(spearmanTest(std::span(ascending).first(k), std::span(ascending).first(k)).p, floors[k - 4], 4);
}

void DescriptiveTest::sampledPermutationApproachesTheExactOne() {
  const auto x = draw(8, 1), y = draw(8, 2);
  PermutationConfig sampled;
  sampled.exactUpTo = 0;
  const double exact = spearmanTest(x, y).p, approximate = spearmanTest(x, y, sampled).p;
  QVERIFY(exact > 0 && std::abs(exact - approximate) < 0.02);
  QCOMPARE(spearmanTest(x, y, sampled).method, std::string("spearman-permutation"));
}

void DescriptiveTest::constantVectorsAreNotIdentified() {
  const std::vector<double> constant(5, .1), x = {1, 2, 3, 4, 5};
  QVERIFY(std::isnan(pearson(constant, x)) && std::isnan(spearman(constant, x)) && std::isnan(kendall(x, constant)));
  QCOMPARE(spearmanTest(constant, x).status, Status::NotIdentified);
  QVERIFY(std::isnan(spearmanTest(constant, x).p));
  const std::vector<double> bad = {1, 2, kNan, 4, 5};
  QCOMPARE(spearmanTest(bad, x).status, Status::NanInput);
  QVERIFY(std::isnan(kendall(bad, x)));
}

void DescriptiveTest::reliabilityKnownAnswers() {
  LACUNA_PRINTED(spearmanBrown(.7), .823529, 6);
  LACUNA_NEAR(disattenuated(.6, spearmanBrown(.7)), .6 / std::sqrt(14.0 / 17), 1e-14);
  LACUNA_PRINTED(disattenuated(.6, spearmanBrown(.7)), .661168, 6);
  QVERIFY(std::isnan(disattenuated(.5, 0)));
}

void DescriptiveTest::fisherIntervalPrintedValues() {
  LACUNA_PRINTED(spearmanInterval(.6, 8).low, -.25, 2);
  LACUNA_PRINTED(spearmanInterval(.6, 8).high, .93, 2);
  LACUNA_PRINTED(spearmanInterval(.6, 20).low, .18, 2);
  LACUNA_PRINTED(spearmanInterval(.6, 20).high, .84, 2);
  LACUNA_NEAR(fisherInterval(.6, 8).low, std::tanh(std::atanh(.6) - 1.959963984540054 / std::sqrt(5.0)), 1e-14);
  QCOMPARE(fisherInterval(.6, 3).status, Status::TooFew);
  QCOMPARE(fisherInterval(kNan, 9).status, Status::NotIdentified);
}

void DescriptiveTest::aucKnownAnswers() {
  const auto known = knownAnswer("auc_ties");
  LACUNA_NEAR(auc(numbers(known["score"]), labels(known["y"])), known["auc"].toDouble(), 1e-15);
  LACUNA_NEAR(auc(std::vector<double>(6, .3), labels(known["y"])), .5, 1e-15);
}

void DescriptiveTest::aucEdges() {
  const std::vector<std::uint8_t> ones(3, 1), mixed = {1, 0, 1};
  QVERIFY(std::isnan(auc(std::vector<double>{1, 2, 3}, ones)));
  QCOMPARE(aucInterval(std::vector<double>{1, 2, 3}, ones).status, Status::TooFew);
  QVERIFY(std::isnan(auc(std::vector<double>{1, kNan, 3}, mixed)));
  QCOMPARE(aucInterval(std::vector<double>{1, kNan, 3}, mixed).status, Status::NanInput);
  LACUNA_NEAR(auc(std::vector<double>{1, 2, 3}, std::vector<std::uint8_t>{1, 1, 0}), 0, 1e-15);
}

void DescriptiveTest::hanleyMcNeilKnownAnswer() { LACUNA_PRINTED(hanleyMcNeil(.85, 100, 400), .025074, 6); }

void DescriptiveTest::aucIntervalsHoldTheEstimate() {
  Rng rng(9, "test");
  std::vector<double> scores(200);
  std::vector<std::uint8_t> y(200);
  std::vector<std::int32_t> groups(200);
  for (std::size_t i = 0; i < 200; ++i) {
    y[i] = i % 3 == 0;
    scores[i] = rng.normal() + y[i];
    groups[i] = static_cast<std::int32_t>(i);
  }
  const Estimate normal = aucInterval(scores, y), drawn = aucBootstrap(scores, y, groups, {2000, 0.95, 1});
  QVERIFY(drawn.value == normal.value && drawn.low < drawn.value && drawn.value < drawn.high);
  QVERIFY(std::abs(drawn.se / normal.se - 1) < 0.2);
  for (std::size_t i = 0; i < 200; ++i) groups[i] = static_cast<std::int32_t>(i / 50);
  QCOMPARE(aucBootstrap(scores, y, groups, {500, 0.95, 1}).status, Status::TooFew);
}

void DescriptiveTest::averagePrecisionAndBalancedAccuracy() {
  // scikit-learn's documented example.
  LACUNA_NEAR(averagePrecision(std::vector<double>{.1, .4, .35, .8}, std::vector<std::uint8_t>{0, 0, 1, 1}), .8333333333333333, 1e-15);
  LACUNA_NEAR(averagePrecision(std::vector<double>{1, 1, 1, 1}, std::vector<std::uint8_t>{0, 1, 0, 0}), .25, 1e-15);
  LACUNA_NEAR(balancedAccuracy(std::vector<double>{-1, 1, 2, -3}, std::vector<std::uint8_t>{0, 0, 1, 1}, 0), .5, 1e-15);
  QVERIFY(std::isnan(balancedAccuracy(std::vector<double>{1, 2}, std::vector<std::uint8_t>{1, 1}, 0)));
}

QTEST_GUILESS_MAIN(DescriptiveTest)
#include "descriptive_test.moc"
