#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/effect_size.h"
#include "lacuna/statistics/tests.h"

using namespace lacuna;
using namespace lacuna::statistics;
using lacuna::testing::knownAnswer;
using lacuna::testing::numbers;

namespace {

const std::vector<double> kFirst = {1.2, -.4, 2.3, .8, -1.1, 3.0, .5, 1.9};
const std::vector<double> kTied = {0, 0, 1, 1, 1, -1, 2, 2, -2, 3};

WilcoxonConfig with(WilcoxonMethod method, Zeros zeros = Zeros::Wilcox, Alternative alternative = Alternative::TwoSided) {
  return {zeros, alternative, method, 200};
}

// Share of the 2^n sign patterns of the ranks whose W+ is at least, and at most, the observed one.
Tails bruteForce(const SignedRanks& ranks) {
  const std::size_t n = ranks.doubled.size();
  const auto observed = std::llround(2 * ranks.plus);
  Tails tails{0, 0};
  for (std::size_t mask = 0; mask < std::size_t{1} << n; ++mask) {
    std::int64_t sum = 0;
    for (std::size_t k = 0; k < n; ++k) sum += mask >> k & 1 ? ranks.doubled[k] : 0;
    tails.upper += sum >= observed;
    tails.lower += sum <= observed;
  }
  return {std::ldexp(tails.upper, -static_cast<int>(n)), std::ldexp(tails.lower, -static_cast<int>(n))};
}

std::vector<double> draw(std::size_t n, double shift, std::uint64_t seed) {
  Rng rng(seed, "test");
  std::vector<double> d(n);
  for (double& value : d) value = rng.normal() + shift;
  return d;
}

}  // namespace

class PairedTestsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void wilcoxonKnownAnswers_data();
  void wilcoxonKnownAnswers();
  void wilcoxonAsymptoticPrintedValues_data();
  void wilcoxonAsymptoticPrintedValues();
  void exactTailsEqualBruteForceWithTies();
  void exactAndAsymptoticMeetAtLargeN();
  void oneSidedTailsCoverTwoSided();
  void roundingNoiseBreaksNoTie();
  void noNonZeroDifferenceIsDegenerate();
  void fewPairsSaySo();
  void nonFiniteInputHasNoP();
  void hodgesLehmannKnownAnswer();
  void hodgesLehmannEqualsListedWalshAverages();
  void hodgesLehmannOfManyIsFastAndOrdered();
  void signFlipKnownAnswer();
  void sampledSignFlipApproachesTheExactOne();
  void signFlipIsReproducibleAndSeeded();
  void effectSizesKnownAnswers();
  void mcnemarKnownAnswers();
  void binaryWilcoxonIsMcNemar();
  void mcnemarEdges();
  void newcombePublishedExamples_data();
  void newcombePublishedExamples();
  void pairedTAndEquivalence();
};

void PairedTestsTest::wilcoxonKnownAnswers_data() {
  QTest::addColumn<QString>("entry");
  QTest::addColumn<QString>("sample");
  QTest::addColumn<bool>("pratt");
  QTest::newRow("no ties") << "d1_res" << "d1" << false;
  QTest::newRow("ties and zeros") << "d2_wilcox" << "d2" << false;
  QTest::newRow("ties and zeros, Pratt") << "d2_pratt" << "d2" << true;
}

void PairedTestsTest::wilcoxonKnownAnswers() {
  QFETCH(QString, entry);
  QFETCH(QString, sample);
  QFETCH(bool, pratt);
  const auto known = knownAnswer("wilcoxon");
  const auto expected = known[entry].toObject();
  const auto d = numbers(known[sample]);
  const Zeros zeros = pratt ? Zeros::Pratt : Zeros::Wilcox;
  const SignedRanks ranks = signedRanks(d, zeros);
  LACUNA_NEAR(ranks.plus, expected["Wp"].toDouble(), 1e-15);
  LACUNA_NEAR(ranks.minus, expected["Wm"].toDouble(), 1e-15);
  const TestResult result = wilcoxon(d, with(WilcoxonMethod::Automatic, zeros));
  LACUNA_NEAR(result.p, expected["p_two"].toDouble(), 1e-14);
  LACUNA_NEAR(result.effect, expected["r"].toDouble(), 1e-14);
  QCOMPARE(result.n, 8);
  QCOMPARE(result.method, std::string(pratt ? "wilcoxon-exact-pratt" : "wilcoxon-exact"));
}

void PairedTestsTest::wilcoxonAsymptoticPrintedValues_data() {
  QTest::addColumn<std::vector<double>>("d");
  QTest::addColumn<bool>("pratt");
  QTest::addColumn<double>("plain");
  QTest::addColumn<double>("corrected");
  QTest::newRow("no ties") << kFirst << false << .068704 << .080058;
  QTest::newRow("ties and zeros") << kTied << false << .175834 << .199686;
  QTest::newRow("ties and zeros, Pratt") << kTied << true << .162111 << .178229;
}

void PairedTestsTest::wilcoxonAsymptoticPrintedValues() {
  QFETCH(std::vector<double>, d);
  QFETCH(bool, pratt);
  QFETCH(double, plain);
  QFETCH(double, corrected);
  const Zeros zeros = pratt ? Zeros::Pratt : Zeros::Wilcox;
  LACUNA_PRINTED(wilcoxon(d, with(WilcoxonMethod::Asymptotic, zeros)).p, plain, 6);
  LACUNA_PRINTED(wilcoxon(d, with(WilcoxonMethod::AsymptoticCorrected, zeros)).p, corrected, 6);
}

void PairedTestsTest::exactTailsEqualBruteForceWithTies() {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto d = draw(12, 0.3, seed);
    for (double& value : d) value = std::round(2 * value) / 2;    // many ties, some zeros
    for (const Zeros zeros : {Zeros::Wilcox, Zeros::Pratt}) {
      const SignedRanks ranks = signedRanks(d, zeros);
      const Tails exact = exactTails(ranks), counted = bruteForce(ranks);
      LACUNA_NEAR(exact.upper, counted.upper, 1e-13);
      LACUNA_NEAR(exact.lower, counted.lower, 1e-13);
    }
  }
}

void PairedTestsTest::exactAndAsymptoticMeetAtLargeN() {
  const auto d = draw(200, 0.12, 3);
  const TestResult exact = wilcoxon(d), normal = wilcoxon(d, with(WilcoxonMethod::AsymptoticCorrected));
  QCOMPARE(exact.method, std::string("wilcoxon-exact"));
  QVERIFY(std::abs(exact.p - normal.p) < 0.002);
  auto more = draw(201, 0.12, 3);
  QCOMPARE(wilcoxon(more).method, std::string("wilcoxon-asymptotic-corrected"));
}

void PairedTestsTest::oneSidedTailsCoverTwoSided() {
  const double greater = wilcoxon(kFirst, with(WilcoxonMethod::Exact, Zeros::Wilcox, Alternative::Greater)).p;
  const double less = wilcoxon(kFirst, with(WilcoxonMethod::Exact, Zeros::Wilcox, Alternative::Less)).p;
  LACUNA_NEAR(greater, .0390625, 1e-15);
  const Tails counted = bruteForce(signedRanks(kFirst));
  LACUNA_NEAR(less, counted.lower, 1e-15);
  std::vector<double> mirrored;
  for (const double value : kFirst) mirrored.push_back(-value);
  LACUNA_NEAR(wilcoxon(mirrored, with(WilcoxonMethod::Exact, Zeros::Wilcox, Alternative::Less)).p, greater, 1e-15);
  LACUNA_NEAR(wilcoxon(mirrored).p, wilcoxon(kFirst).p, 1e-15);
}

void PairedTestsTest::roundingNoiseBreaksNoTie() {
  auto noisy = kTied;
  for (std::size_t i = 0; i < noisy.size(); ++i) noisy[i] += (i % 2 ? 1e-12 : -1e-12);
  QCOMPARE(wilcoxon(noisy).p, wilcoxon(kTied).p);
  QCOMPARE(wilcoxon(noisy).n, 8);
}

void PairedTestsTest::noNonZeroDifferenceIsDegenerate() {
  for (const TestResult& result : {wilcoxon(std::vector<double>(9, 0.0)), signFlip(std::vector<double>(9, 0.0)), wilcoxon(std::vector<double>{})}) {
    QCOMPARE(result.p, 1.0);
    QCOMPARE(result.n, 0);
    QCOMPARE(result.status, Status::Degenerate);
  }
}

void PairedTestsTest::fewPairsSaySo() {
  const TestResult five = wilcoxon(std::vector<double>{1, 2, 3, 4, 5});
  QCOMPARE(five.status, Status::TooFew);
  LACUNA_NEAR(five.p, std::ldexp(1.0, -4), 1e-15);
  const TestResult six = wilcoxon(std::vector<double>{1, 2, 3, 4, 5, 6});
  QCOMPARE(six.status, Status::Ok);
  LACUNA_NEAR(six.p, std::ldexp(1.0, -5), 1e-15);
  QCOMPARE(signFlip(std::vector<double>{1, 2, 3}).status, Status::TooFew);
}

void PairedTestsTest::nonFiniteInputHasNoP() {
  const std::vector<double> bad = {1, 2, std::numeric_limits<double>::quiet_NaN(), 4, 5, 6, 7};
  for (const TestResult& result : {wilcoxon(bad), signFlip(bad), pairedT(bad), equivalence(bad, 1)}) {
    QCOMPARE(result.status, Status::NanInput);
    QVERIFY(std::isnan(result.p));
  }
  QCOMPARE(hodgesLehmann(bad).status, Status::NanInput);
}

void PairedTestsTest::hodgesLehmannKnownAnswer() {
  const Estimate shift = hodgesLehmann(kFirst);
  LACUNA_NEAR(shift.value, .975, 1e-15);
  LACUNA_NEAR(shift.low, -.3, 1e-15);
  LACUNA_NEAR(shift.high, 2.3, 1e-15);
  LACUNA_PRINTED(shift.level, .9609, 4);
  QCOMPARE(shift.method, std::string("hodges-lehmann-exact"));
  // Four values cannot give 95 %: the whole range, and said so.
  const Estimate small = hodgesLehmann(std::vector<double>{1, 2, 4, 8});
  QCOMPARE(small.status, Status::TooFew);
  QCOMPARE(small.low, 1.0);
  QCOMPARE(small.high, 8.0);
  LACUNA_NEAR(small.level, 1 - 2.0 / 16, 1e-15);
}

void PairedTestsTest::hodgesLehmannEqualsListedWalshAverages() {
  for (const std::size_t n : {1u, 2u, 9u, 24u}) {
    auto d = draw(n, -0.4, n);
    if (n == 24) for (double& value : d) value = std::round(value);
    std::vector<double> walsh;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j) walsh.push_back(0.5 * (d[i] + d[j]));
    LACUNA_NEAR(hodgesLehmann(d).value, median(walsh), 1e-15);
  }
}

void PairedTestsTest::hodgesLehmannOfManyIsFastAndOrdered() {
  const Estimate shift = hodgesLehmann(draw(20000, 0.25, 8));
  QCOMPARE(shift.method, std::string("hodges-lehmann-asymptotic"));
  QVERIFY(shift.low < shift.value && shift.value < shift.high);
  QVERIFY(std::abs(shift.value - 0.25) < 0.03);
  // Width of the interval under normality: 2·1.96·√(π/3)/√n.
  QVERIFY(std::abs((shift.high - shift.low) / (2 * 1.96 * 1.0233 / std::sqrt(20000.0)) - 1) < 0.05);
}

void PairedTestsTest::signFlipKnownAnswer() {
  const TestResult result = signFlip(kFirst);
  LACUNA_NEAR(result.p, .078125, 1e-15);
  LACUNA_NEAR(result.statistic, mean(kFirst), 1e-15);
  QCOMPARE(result.method, std::string("sign-flip-exact"));
  // All of one sign: only the observed pattern and its mirror are as extreme.
  LACUNA_NEAR(signFlip(std::vector<double>{1, 2, 3, 4, 5, 6}).p, std::ldexp(1.0, -5), 1e-15);
  LACUNA_NEAR(signFlip(std::vector<double>{1, 2, 3, 4, 5, 6}, {Alternative::Greater}).p, std::ldexp(1.0, -6), 1e-15);
  LACUNA_NEAR(signFlip(std::vector<double>{1, 2, 3, 4, 5, 6}, {Alternative::Less}).p, 1.0, 1e-15);
}

void PairedTestsTest::sampledSignFlipApproachesTheExactOne() {
  const auto d = draw(18, 0.4, 5);
  SignFlipConfig sampled;
  sampled.exactUpTo = 0;
  const double exact = signFlip(d).p, approximate = signFlip(d, sampled).p;
  QVERIFY2(std::abs(exact - approximate) < 5 * std::sqrt(exact * (1 - exact) / sampled.flips) + 1e-4, qPrintable(QString("%1 %2").arg(exact).arg(approximate)));
}

void PairedTestsTest::signFlipIsReproducibleAndSeeded() {
  const auto d = draw(83, 0.1, 6);
  const TestResult first = signFlip(d), again = signFlip(d);
  QCOMPARE(first.method, std::string("sign-flip-sampled"));
  QCOMPARE(first.p, again.p);
  SignFlipConfig other;
  other.seed = 1;
  QVERIFY(signFlip(d, other).p != first.p);
  QVERIFY(std::abs(signFlip(d, other).p - pairedT(d).p) < 0.03);
}

void PairedTestsTest::effectSizesKnownAnswers() {
  LACUNA_PRINTED(dz(kFirst), .746566, 6);
  LACUNA_PRINTED(hedges(kFirst), .663614, 6);
  QVERIFY(std::isnan(dz(std::vector<double>{2, 2, 2})));
  QVERIFY(std::isnan(dz(std::vector<double>{2})));
}

void PairedTestsTest::mcnemarKnownAnswers() {
  const auto known = knownAnswer("wilcoxon");
  const PairedCounts counts{20, 8, 2, 20};
  QCOMPARE(counts.n(), 50);
  LACUNA_NEAR(mcnemar(counts, McNemarMethod::Exact).p, known["mcnemar_exact"].toDouble(), 1e-14);
  LACUNA_NEAR(mcnemar(counts).p, known["mcnemar_midp"].toDouble(), 1e-14);
  LACUNA_PRINTED(mcnemar(counts, McNemarMethod::ChiSquared).p, .057780, 6);
  LACUNA_PRINTED(mcnemar(counts, McNemarMethod::ChiSquaredCorrected).p, .113846, 6);
  LACUNA_NEAR(mcnemar(counts).effect, 6.0 / 50, 1e-15);
  QCOMPARE(mcnemar(counts).n, 10);
  const Estimate odds = discordantOddsRatio(counts);
  LACUNA_NEAR(odds.value, 4.0, 1e-14);
  QVERIFY(odds.low < 1 && odds.high > 4);
}

void PairedTestsTest::binaryWilcoxonIsMcNemar() {
  std::vector<double> d(50, 0.0), clean(50, 0.0), perturbed(50, 0.0);
  for (std::size_t i = 0; i < 10; ++i) {
    d[i] = i < 8 ? 1 : -1;
    (i < 8 ? clean : perturbed)[i] = 1;
  }
  const auto expected = knownAnswer("wilcoxon")["binary_8_2"].toObject();
  const TestResult exact = wilcoxon(d);
  LACUNA_NEAR(exact.statistic, expected["Wp"].toDouble(), 1e-15);
  LACUNA_NEAR(signedRanks(d).minus, expected["Wm"].toDouble(), 1e-15);
  LACUNA_NEAR(exact.effect, expected["r"].toDouble(), 1e-15);
  LACUNA_NEAR(exact.p, expected["p_two"].toDouble(), 1e-14);
  LACUNA_NEAR(mcnemar(pairedCounts(clean, perturbed), McNemarMethod::Exact).p, exact.p, 1e-14);
  LACUNA_PRINTED(wilcoxon(d, with(WilcoxonMethod::Asymptotic)).p, .057780, 6);
}

void PairedTestsTest::mcnemarEdges() {
  QCOMPARE(mcnemar({10, 0, 0, 5}).status, Status::Degenerate);
  QCOMPARE(mcnemar({10, 0, 0, 5}).p, 1.0);
  QCOMPARE(mcnemar({}).status, Status::TooFew);
  QCOMPARE(mcnemar({10, 4, 0, 5}).status, Status::TooFew);
  LACUNA_NEAR(mcnemar({10, 4, 0, 5}).p, std::ldexp(1.0, -4), 1e-15);
  LACUNA_NEAR(mcnemar({10, 7, 7, 5}).p, 1.0, 1e-12);
  LACUNA_NEAR(mcnemar({0, 2, 8, 0}).p, mcnemar({0, 8, 2, 0}).p, 1e-15);
  QVERIFY(std::isinf(discordantOddsRatio({1, 5, 0, 1}).value));
  QCOMPARE(discordantOddsRatio({3, 0, 0, 3}).status, Status::NotIdentified);
}

void PairedTestsTest::newcombePublishedExamples_data() {
  QTest::addColumn<int>("a");
  QTest::addColumn<int>("b");
  QTest::addColumn<int>("c");
  QTest::addColumn<int>("d");
  QTest::addColumn<double>("low");
  QTest::addColumn<double>("high");
  // Newcombe 1998 (Statistics in Medicine 17:2635), method 10.
  QTest::newRow("36 12 2 0") << 36 << 12 << 2 << 0 << .0569 << .3404;
  QTest::newRow("54 0 0 0") << 54 << 0 << 0 << 0 << -.0664 << .0664;
}

void PairedTestsTest::newcombePublishedExamples() {
  QFETCH(int, a);
  QFETCH(int, b);
  QFETCH(int, c);
  QFETCH(int, d);
  QFETCH(double, low);
  QFETCH(double, high);
  const Estimate interval = newcombe({a, b, c, d});
  LACUNA_PRINTED(interval.low, low, 4);
  LACUNA_PRINTED(interval.high, high, 4);
  const Estimate mirrored = newcombe({a, c, b, d});
  LACUNA_NEAR(mirrored.low, -interval.high, 1e-14);
}

void PairedTestsTest::pairedTAndEquivalence() {
  const TestResult t = pairedT(kFirst);
  LACUNA_NEAR(t.statistic, dz(kFirst) * std::sqrt(8.0), 1e-14);
  QVERIFY(t.p > 0.07 && t.p < 0.08);
  LACUNA_NEAR(pairedT(kFirst, Alternative::Greater).p, t.p / 2, 1e-14);
  LACUNA_NEAR(pairedT(kFirst, Alternative::Less).p, 1 - t.p / 2, 1e-14);
  QCOMPARE(pairedT(std::vector<double>{3, 3, 3}).status, Status::ZeroVariance);
  QCOMPARE(pairedT(std::vector<double>{3}).status, Status::TooFew);
  // The nearer margin decides: with margin |mean| + t·se the p is the one-sided p of t.
  const double error = mean(kFirst) / t.statistic;
  LACUNA_NEAR(equivalence(kFirst, mean(kFirst) + 2 * error).p, tCdf(-2, 7), 1e-12);
  QVERIFY(equivalence(kFirst, 0.1).p > 0.5);
}

QTEST_GUILESS_MAIN(PairedTestsTest)
#include "paired_tests_test.moc"
