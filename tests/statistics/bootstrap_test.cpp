#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/base/run_context.h"
#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/joint.h"
#include "lacuna/statistics/power.h"
#include "resample.h"

using namespace lacuna;
using namespace lacuna::statistics;
using lacuna::testing::knownAnswer;
using lacuna::testing::numbers;

namespace {

std::vector<std::int32_t> eachItsOwn(std::size_t n) {
  std::vector<std::int32_t> groups(n);
  std::iota(groups.begin(), groups.end(), 0);
  return groups;
}

MatrixD noise(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  Rng rng(seed, "test");
  MatrixD result(rows, columns);
  for (double& value : result.reshaped()) value = rng.normal();
  return result;
}

// Means of all 27 resamples of three values.
std::vector<double> allResamples(const std::vector<double>& x) {
  std::vector<double> draws;
  for (double a : x)
    for (double b : x)
      for (double c : x) draws.push_back((a + b + c) / 3);
  return draws;
}

std::vector<double> leaveOneOut(const std::vector<double>& x) {
  const double sum = std::accumulate(x.begin(), x.end(), 0.0);
  std::vector<double> result;
  for (double value : x) result.push_back((sum - value) / static_cast<double>(x.size() - 1));
  return result;
}

}  // namespace

class BootstrapTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void exhaustiveResamplesGiveTheKnownLevels();
  void pairedExampleHasItsKnownInterval();
  void countsAddUpAndDependOnTheSeedAlone();
  void batchEqualsOneByOneBitForBit();
  void resultDoesNotDependOnTheNumberOfThreads();
  void sharedDrawsAreTheReferenceProduct();
  void unequalGroupsAreRatiosOfSums();
  void equalValuesArePointWithZeroVariance();
  void fewGroupsGiveTheTInterval();
  void oneGroupHasNoInterval();
  void nothingIsTooFew();
  void nonFiniteValuesAreSaidSo();
  void drawsOnOneSideFallBackToPercentiles();
  void coverageOfASkewedMeanIsNearNominal();
  void clusteredTIntervalUsesGroups();
  void simultaneousIntervalsAreWiderThanSingleOnes();
  void maxTControlsTheFamily();
  void ranksOverDraws();
};

void BootstrapTest::exhaustiveResamplesGiveTheKnownLevels() {
  const auto known = knownAnswer("bca_exhaustive");
  const auto x = numbers(known["x"]), draws = allResamples(x);
  const double a = jackknifeAcceleration(leaveOneOut(x));
  LACUNA_NEAR(a, known["a"].toDouble(), 1e-12);
  const BcaLevels levels = bcaLevels(draws, 3.0, a, 0.8);
  QVERIFY(levels.usable);
  LACUNA_NEAR(levels.bias, known["z0"].toDouble(), 1e-12);
  LACUNA_NEAR(levels.low, numbers(known["levels"])[0], 1e-12);
  LACUNA_NEAR(levels.high, numbers(known["levels"])[1], 1e-12);
  const Estimate estimate = bcaFromDraws(draws, 3.0, leaveOneOut(x), 0.8);
  LACUNA_NEAR(estimate.low, numbers(known["q_type7"])[0], 1e-12);
  LACUNA_NEAR(estimate.high, numbers(known["q_type7"])[1], 1e-12);
  QCOMPARE(estimate.method, std::string("bca"));
}

void BootstrapTest::pairedExampleHasItsKnownInterval() {
  const auto known = knownAnswer("paired");
  const auto d = numbers(known["d"]);
  const auto groups = eachItsOwn(d.size());
  LACUNA_NEAR(mean(d), known["mean"].toDouble(), 1e-12);
  LACUNA_NEAR(standardDeviation(d), known["sd"].toDouble(), 1e-12);
  LACUNA_NEAR(jackknifeAcceleration(leaveOneOut(d)), known["accel"].toDouble(), 1e-12);
  const Estimate t = tMean(d, groups);
  LACUNA_NEAR(t.se, known["se"].toDouble(), 1e-12);
  LACUNA_NEAR(t.low, numbers(known["t_ci"])[0], 1e-11);
  LACUNA_NEAR(t.high, numbers(known["t_ci"])[1], 1e-11);
  QCOMPARE(t.method, std::string("t"));
  const Estimate bca = bcaMean(d, groups, {10000, 0.95, 7});
  QCOMPARE(bca.method, std::string("bca"));
  QCOMPARE(bca.status, Status::Ok);
  QCOMPARE(bca.n, 10);
  LACUNA_NEAR(bca.value, 0.2, 1e-12);
  QVERIFY2(std::abs(bca.low - 0.100) <= 0.005 && std::abs(bca.high - 0.335) <= 0.0075, qPrintable(QString("%1 %2").arg(bca.low).arg(bca.high)));
}

void BootstrapTest::countsAddUpAndDependOnTheSeedAlone() {
  const BootstrapConfig config{500, 0.95, 3};
  const auto counts = resampleCounts(40, config);
  QCOMPARE(counts.rows(), 500);
  for (Eigen::Index b = 0; b < counts.rows(); ++b) QCOMPARE(counts.row(b).cast<int>().sum(), 40);
  QVERIFY(counts == resampleCounts(40, config));
  QVERIFY(counts != resampleCounts(40, {500, 0.95, 4}));
  // More draws continue the same sequence.
  QVERIFY(counts == resampleCounts(40, {800, 0.95, 3}).topRows(500));
  // Each group is drawn once a draw on average: 500 · 40 binomial counts with sd √(500·(1 − 1/40)).
  const Eigen::ArrayXd totals = counts.cast<double>().colwise().sum().transpose();
  QVERIFY((totals - 500).abs().maxCoeff() < 5 * std::sqrt(500.0));
}

void BootstrapTest::batchEqualsOneByOneBitForBit() {
  const MatrixD values = noise(90, 21, 5);
  std::vector<std::int32_t> groups(90);
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = static_cast<std::int32_t>(i * i % 37);
  const BootstrapConfig config{997, 0.9, 11};
  const auto together = bcaMeans(values, groups, config);
  for (Eigen::Index j = 0; j < values.cols(); ++j) {
    const VectorD column = values.col(j);
    const Estimate alone = bcaMean({column.data(), 90}, groups, config);
    const Estimate& same = together[static_cast<std::size_t>(j)];
    QVERIFY(alone.value == same.value && alone.low == same.low && alone.high == same.high && alone.se == same.se);
    QVERIFY(alone.low < alone.value && alone.value < alone.high);
  }
}

void BootstrapTest::resultDoesNotDependOnTheNumberOfThreads() {
  const MatrixD values = noise(60, 9, 6);
  const auto groups = eachItsOwn(60);
  const MatrixD all = bootstrapMeans(values, groups, {300, 0.95, 2});
  MatrixD inside;
  // Inside a body parallelFor runs on the calling thread: the single-threaded order.
  parallelFor(1, 1, 1, [&](std::int64_t, std::int64_t) { inside = bootstrapMeans(values, groups, {300, 0.95, 2}); });
  QVERIFY(all == inside);
}

void BootstrapTest::sharedDrawsAreTheReferenceProduct() {
  const MatrixD values = noise(50, 13, 8);
  const auto groups = eachItsOwn(50);
  const BootstrapConfig config{333, 0.95, 9};
  const MatrixD draws = bootstrapMeans(values, groups, config);
  const MatrixD reference = resampleCounts(50, config).cast<double>() * values / 50.0;
  QVERIFY((draws - reference).cwiseAbs().maxCoeff() < 1e-14);
}

void BootstrapTest::unequalGroupsAreRatiosOfSums() {
  const std::vector<double> values = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  const std::vector<std::int32_t> groups = {7, 7, 7, 1, 2, 3, 4, 4, 9, 8, 6, 5};    // ids neither dense nor in order
  const BootstrapConfig config{50, 0.95, 1};
  const MatrixD column = Eigen::Map<const VectorD>(values.data(), 12);
  const MatrixD draws = bootstrapMeans(column, groups, config);
  const auto counts = resampleCounts(9, config);
  for (Eigen::Index b = 0; b < 50; ++b) {
    double sum = 0, items = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int ids[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
      const auto g = std::find(std::begin(ids), std::end(ids), groups[i]) - std::begin(ids);
      sum += counts(b, g) * values[i];
      items += counts(b, g);
    }
    LACUNA_NEAR(draws(b, 0), sum / items, 1e-14);
  }
}

void BootstrapTest::equalValuesArePointWithZeroVariance() {
  for (const double value : {0.0, 0.1, -3e7}) {
    const std::vector<double> d(25, value);
    const Estimate estimate = bcaMean(d, eachItsOwn(25), {});
    QCOMPARE(estimate.status, Status::ZeroVariance);
    QCOMPARE(estimate.method, std::string("point"));
    QCOMPARE(estimate.se, 0.0);
    LACUNA_NEAR(estimate.value, value, 1e-15);
    QVERIFY(estimate.low == estimate.value && estimate.high == estimate.value);
  }
  QCOMPARE(bcaMean(std::vector<double>(25, 0.0), eachItsOwn(25), {}).value, 0.0);    // the null perturbation
}

void BootstrapTest::fewGroupsGiveTheTInterval() {
  const std::vector<double> d = {1, 2, 4, 3, 5, 2, 7};
  const auto groups = eachItsOwn(7);
  const Estimate bca = bcaMean(d, groups, {}), t = tMean(d, groups);
  QCOMPARE(bca.status, Status::TooFew);
  QCOMPARE(bca.method, std::string("t"));
  QVERIFY(bca.low == t.low && bca.high == t.high && std::isfinite(bca.low));
  QCOMPARE(t.status, Status::Ok);
}

void BootstrapTest::oneGroupHasNoInterval() {
  const Estimate estimate = bcaMean(std::vector<double>{1, 2, 3}, std::vector<std::int32_t>{4, 4, 4}, {});
  QCOMPARE(estimate.status, Status::TooFew);
  QCOMPARE(estimate.value, 2.0);
  QVERIFY(std::isnan(estimate.low) && std::isnan(estimate.high) && std::isnan(estimate.se));
}

void BootstrapTest::nothingIsTooFew() {
  const Estimate estimate = bcaMean(std::vector<double>{}, std::vector<std::int32_t>{}, {});
  QCOMPARE(estimate.status, Status::TooFew);
  QVERIFY(std::isnan(estimate.value));
}

void BootstrapTest::nonFiniteValuesAreSaidSo() {
  MatrixD values = noise(20, 3, 12);
  values(4, 1) = std::numeric_limits<double>::quiet_NaN();
  const auto estimates = bcaMeans(values, eachItsOwn(20), {200, 0.95, 0});
  QCOMPARE(estimates[1].status, Status::NanInput);
  QVERIFY(std::isnan(estimates[1].value) && std::isnan(estimates[1].low));
  QCOMPARE(estimates[0].status, Status::Ok);
  QCOMPARE(estimates[2].status, Status::Ok);
}

void BootstrapTest::drawsOnOneSideFallBackToPercentiles() {
  const std::vector<double> draws = {1, 2, 3, 4, 5}, jackknife = {0, 1, 2, 3, 4, 5, 6, 7};
  const Estimate estimate = bcaFromDraws(draws, 0.5, jackknife, 0.5);
  QCOMPARE(estimate.method, std::string("percentile"));
  QCOMPARE(estimate.low, 2.0);
  QCOMPARE(estimate.high, 4.0);
  QVERIFY(!bcaLevels(std::vector<double>{1, 2, 3}, 2, 3.0, 0.95).usable);    // 1 − a(z0 + z) below 0.1
}

void BootstrapTest::coverageOfASkewedMeanIsNearNominal() {
  int covered = 0;
  constexpr int trials = 400;
  const auto groups = eachItsOwn(100);
  MatrixD values(100, trials);
  Rng rng(1, "coverage");
  for (double& value : values.reshaped()) value = -std::log(1 - rng.uniform());    // exponential: mean 1, skewness 2
  for (const Estimate& estimate : bcaMeans(values, groups, {2000, 0.95, 5})) covered += estimate.low <= 1 && 1 <= estimate.high;
  QVERIFY2(covered >= 0.915 * trials && covered <= 0.975 * trials, qPrintable(QString::number(covered)));
}

void BootstrapTest::clusteredTIntervalUsesGroups() {
  const std::vector<double> s = {1, 1, 0, 0, 1, 1, 0, 1};
  const std::vector<std::int32_t> pairs = {0, 0, 1, 1, 2, 2, 3, 3};
  LACUNA_PRINTED(mean(s), 0.625, 6);
  LACUNA_PRINTED(tMean(s, eachItsOwn(8)).se, 0.182981, 6);
  LACUNA_PRINTED(clusteredStandardError(s, pairs), 0.207289, 6);
  const Estimate grouped = tMean(s, pairs);
  LACUNA_NEAR(grouped.se, clusteredStandardError(s, pairs) * std::sqrt(4.0 / 3.0), 1e-14);
  QCOMPARE(grouped.groups, 4);
}

void BootstrapTest::simultaneousIntervalsAreWiderThanSingleOnes() {
  const MatrixD values = noise(80, 12, 4);
  const auto groups = eachItsOwn(80);
  const auto joint = simultaneousMeans(values, groups, {2000, 0.95, 1});
  const auto single = bcaMeans(values, groups, {2000, 0.95, 1});
  for (std::size_t j = 0; j < joint.size(); ++j) {
    QVERIFY(joint[j].high - joint[j].low > single[j].high - single[j].low);
    QVERIFY(joint[j].value == single[j].value);
  }
  // One column is its own family: the interval is the symmetric studentised one, near t.
  const auto alone = simultaneousMeans(values.leftCols(1), groups, {4000, 0.95, 1});
  const Estimate t = tMean({VectorD(values.col(0)).data(), 80}, groups);
  QVERIFY(std::abs((alone[0].high - alone[0].low) / (t.high - t.low) - 1) < 0.08);
}

void BootstrapTest::maxTControlsTheFamily() {
  MatrixD values = noise(60, 10, 14);
  values.col(3).array() += 1.0;
  values.col(7).setZero();
  const auto p = maxTAdjusted(values, eachItsOwn(60), {2000, 0.95, 3});
  QVERIFY(p[3] < 0.005);
  QVERIFY(std::isnan(p[7]));
  for (std::size_t j : {0u, 1u, 2u, 4u, 5u, 6u, 8u, 9u}) QVERIFY(p[j] > 0.05);
}

void BootstrapTest::ranksOverDraws() {
  MatrixD draws(4, 3);
  draws << 3, 2, 1, 3, 1, 2, 1, 3, 2, 2, 2, 1;
  const VectorD best = probabilityBest(draws), top = probabilityTop(draws, 2);
  LACUNA_NEAR(best(0), 2.5 / 4, 1e-15);
  LACUNA_NEAR(best(1), 1.5 / 4, 1e-15);
  LACUNA_NEAR(best(2), 0, 1e-15);
  LACUNA_NEAR(top(0), 3.0 / 4, 1e-15);
  LACUNA_NEAR(rankIntervals(draws)[2].value, (3 + 2 + 2 + 3) / 4.0, 1e-15);
}

QTEST_GUILESS_MAIN(BootstrapTest)
#include "bootstrap_test.moc"
