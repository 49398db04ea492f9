#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/multiplicity.h"
#include "lacuna/statistics/power.h"

using namespace lacuna;
using namespace lacuna::statistics;
using lacuna::testing::knownAnswer;
using lacuna::testing::numbers;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

void compare(const std::vector<double>& actual, const std::vector<double>& expected) {
  QCOMPARE(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) LACUNA_NEAR(actual[i], expected[i], 1e-14);
}

}  // namespace

class FamiliesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void adjustedPsKnownAnswers();
  void adjustedPsKeepTheOrderAndNeverShrink();
  void lockedFailureCountsExploratoryFailureDoesNot();
  void emptyAndAllMissingFamilies();
  void minimumDetectableEffects();
  void mcnemarSampleSizes_data();
  void mcnemarSampleSizes();
  void mcnemarMde_data();
  void mcnemarMde();
  void powerEdges();
  void designEffectOfRepeatedItems();
  void chanceGateKnownAnswers();
  void distributionsAreSymmetricAndInvert();
  void shareIntervals();
};

void FamiliesTest::adjustedPsKnownAnswers() {
  const auto known = knownAnswer("multiplicity");
  const auto p = numbers(known["p"]);
  compare(holm(p), numbers(known["holm"]));
  compare(benjaminiHochberg(p), numbers(known["fdr_bh"]));
  compare(benjaminiYekutieli(p), numbers(known["fdr_by"]));
}

void FamiliesTest::adjustedPsKeepTheOrderAndNeverShrink() {
  Rng rng(2, "test");
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<double> p(1 + rng.below(30));
    for (double& value : p) value = std::round(1000 * std::pow(rng.uniform(), 3)) / 1000;
    const auto fwer = holm(p), fdr = benjaminiHochberg(p), any = benjaminiYekutieli(p);
    for (std::size_t i = 0; i < p.size(); ++i) {
      QVERIFY(fwer[i] >= p[i] && fwer[i] <= 1 && fdr[i] >= p[i] && fdr[i] <= fwer[i] + 1e-15 && any[i] >= fdr[i] && any[i] <= 1);
      for (std::size_t j = 0; j < p.size(); ++j)
        if (p[i] <= p[j]) QVERIFY(fwer[i] <= fwer[j] && fdr[i] <= fdr[j] && any[i] <= any[j]);
    }
  }
}

void FamiliesTest::lockedFailureCountsExploratoryFailureDoesNot() {
  const std::vector<double> p = {.01, kNan, .04};
  compare(holm(p), {.03, 1, .08});
  const auto excluded = holm(p, MissingP::Excluded);
  LACUNA_NEAR(excluded[0], .02, 1e-15);
  QVERIFY(std::isnan(excluded[1]));
  const auto q = benjaminiHochberg(p);
  LACUNA_NEAR(q[0], .02, 1e-15);
  QVERIFY(std::isnan(q[1]));
  LACUNA_NEAR(q[2], .04, 1e-15);
  LACUNA_NEAR(benjaminiHochberg(p, MissingP::CountsAsOne)[0], .03, 1e-15);
}

void FamiliesTest::emptyAndAllMissingFamilies() {
  QVERIFY(holm(std::vector<double>{}).empty());
  QVERIFY(std::isnan(benjaminiYekutieli(std::vector<double>{kNan, kNan})[1]));
  compare(holm(std::vector<double>{.3}), {.3});
}

void FamiliesTest::minimumDetectableEffects() {
  const auto known = knownAnswer("mde");
  LACUNA_NEAR(mdePairedMean(1, 100), known["n100"].toDouble(), 1e-12);
  LACUNA_NEAR(mdePairedMean(1, 1319), known["n1319"].toDouble(), 1e-12);
  LACUNA_NEAR(nPairedMean(.2, 1), known["n_for_.2"].toDouble(), 1e-12);
  LACUNA_PRINTED(mdePairedMean(1, 100) * wilcoxonFactor(), .286694, 6);
  LACUNA_PRINTED(wilcoxonFactor(), 1.0233, 4);
  LACUNA_PRINTED(nPairedMean(.2, 1) * wilcoxonFactor() * wilcoxonFactor(), 205.5, 1);
  LACUNA_NEAR(nPairedMean(mdePairedMean(2.5, 77), 2.5), 77, 1e-12);
  QVERIFY(mdePairedMean(1, 100, {0.05 / 20, 0.8}) > mdePairedMean(1, 100));
}

void FamiliesTest::mcnemarSampleSizes_data() {
  QTest::addColumn<double>("broken");
  QTest::addColumn<double>("fixed");
  QTest::addColumn<double>("n");
  QTest::newRow(".10 .05") << .10 << .05 << 468.6;
  QTest::newRow(".06 .02") << .06 << .02 << 390.1;
}

void FamiliesTest::mcnemarSampleSizes() {
  QFETCH(double, broken);
  QFETCH(double, fixed);
  QFETCH(double, n);
  LACUNA_PRINTED(nMcNemar(broken, fixed), n, 1);
  LACUNA_NEAR(mdeMcNemar(broken + fixed, nMcNemar(broken, fixed)), broken - fixed, 1e-12);
}

void FamiliesTest::mcnemarMde_data() {
  QTest::addColumn<double>("n");
  QTest::addColumn<double>("discordant");
  QTest::addColumn<double>("mde");
  const std::vector<std::array<double, 3>> rows = {{1319, .05, .0172}, {1319, .1, .0244}, {1319, .2, .0345},
                                                   {250, .05, .0394},  {250, .1, .0558},  {250, .2, .0789}};
  for (const auto& row : rows) QTest::addRow("n %g, share %g", row[0], row[1]) << row[0] << row[1] << row[2];
}

void FamiliesTest::mcnemarMde() {
  QFETCH(double, n);
  QFETCH(double, discordant);
  QFETCH(double, mde);
  LACUNA_PRINTED(mdeMcNemar(discordant, n), mde, 4);
}

void FamiliesTest::powerEdges() {
  QVERIFY(std::isnan(mdeMcNemar(.05, 20)));    // not even all discordant pairs on one side would do
  QVERIFY(std::isnan(nMcNemar(.1, .1)));
  QVERIFY(std::isnan(mdePairedMean(1, 0)));
}

void FamiliesTest::designEffectOfRepeatedItems() {
  const std::vector<double> items = {3, 1, 4, 1, 5, 9};
  std::vector<double> values;
  std::vector<std::int32_t> groups;
  for (std::size_t i = 0; i < items.size(); ++i)
    for (int copy = 0; copy < 4; ++copy) {
      values.push_back(items[i]);
      groups.push_back(static_cast<std::int32_t>(i));
    }
  // Four copies of each item carry no news: variance of the mean is four times the iid one (23 against 24 degrees of freedom).
  LACUNA_NEAR(designEffect(values, groups), 4.0 * 23 / 24, 1e-12);
  QVERIFY(std::isnan(designEffect(std::vector<double>{1, 1}, std::vector<std::int32_t>{0, 1})));
}

void FamiliesTest::chanceGateKnownAnswers() {
  LACUNA_PRINTED(binomialUpper(12, 40, .25), .2849, 4);
  LACUNA_PRINTED(binomialUpper(16, 40, .25), .0262, 4);
  QCOMPARE(binomialUpper(0, 40, .25), 1.0);
  LACUNA_NEAR(binomialUpper(40, 40, .5), std::ldexp(1.0, -40), 1e-20);
}

void FamiliesTest::distributionsAreSymmetricAndInvert() {
  for (const double p : {1e-12, 1e-4, .025, .3, .5, .9, .999}) {
    LACUNA_NEAR(normalCdf(normalQuantile(p)), p, 1e-13);
    LACUNA_NEAR(tCdf(tQuantile(p, 7), 7), p, 1e-11);
    LACUNA_NEAR(fCdf(fQuantile(p, 3, 11), 3, 11), p, 1e-11);
  }
  LACUNA_NEAR(normalQuantile(.975), 1.959963984540054, 1e-15);
  LACUNA_NEAR(tQuantile(.95, 1), std::tan(.45 * std::numbers::pi), 1e-13);
  LACUNA_NEAR(tQuantile(.975, 9), 2.2621571627982053, 1e-13);
  QVERIFY(std::isinf(normalQuantile(0)) && std::isnan(normalQuantile(1.5)) && std::isnan(tQuantile(.5, 0)));
  LACUNA_NEAR(chiSquaredUpper(3.841458820694124, 1), .05, 1e-12);
  LACUNA_NEAR(tTwoSided(-2.2621571627982053, 9), .05, 1e-12);
}

void FamiliesTest::shareIntervals() {
  const Estimate score = wilson(15, 148), exact = clopperPearson(15, 148);
  LACUNA_PRINTED(score.low, .0624, 4);      // Newcombe 1998 (17:857), example 15/148
  LACUNA_PRINTED(score.high, .1605, 4);
  LACUNA_PRINTED(exact.low, .0578, 4);
  LACUNA_PRINTED(exact.high, .1617, 4);
  QCOMPARE(wilson(0, 20).low, 0.0);
  QCOMPARE(clopperPearson(20, 20).high, 1.0);
  QCOMPARE(wilson(0, 0).status, Status::NotIdentified);
}

QTEST_GUILESS_MAIN(FamiliesTest)
#include "families_test.moc"
