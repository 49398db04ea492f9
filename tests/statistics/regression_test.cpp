#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/statistics/meta_analysis.h"
#include "lacuna/statistics/regression.h"

using namespace lacuna;
using namespace lacuna::statistics;
using lacuna::testing::knownAnswer;
using lacuna::testing::numbers;

namespace {

VectorD vector(const std::vector<double>& values) { return Eigen::Map<const VectorD>(values.data(), static_cast<Eigen::Index>(values.size())); }

MatrixD withIntercept(const std::vector<double>& x) {
  MatrixD design = MatrixD::Ones(static_cast<Eigen::Index>(x.size()), 2);
  design.col(1) = vector(x);
  return design;
}

// Six clusters of two (methods.md 9).
struct Wild {
  MatrixD x = withIntercept({1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6});
  VectorD y = vector({1.0, 1.4, 2.2, 1.7, 2.9, 3.6, 3.5, 4.4, 4.9, 5.9, 5.0, 6.1});
  std::vector<std::int32_t> clusters = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5};
};

}  // namespace

class RegressionTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswers();
  void fewClustersGiveAnAbsurdlySmallError();
  void leverageOneIsGuarded();
  void dependentColumnsAreDroppedAndNamed();
  void tooFewRowsAreNotIdentified();
  void coefficientsDoNotDependOnUnits();
  void twoWayOfOneDimensionIsOneWay();
  void twoWayByInclusionAndExclusion();
  void wildClusterKnownAnswers_data();
  void wildClusterKnownAnswers();
  void wildClusterByRefitting();
  void wildClusterIntervalInvertsTheTest();
  void wildClusterTwoWayWeightsTheSmallerDimension();
  void wildClusterEdges();
  void dersimonianLairdKnownAnswer();
  void remlEqualsItsOwnOptimum();
  void metaAnalysisEdges();
  void metaRegressionGeneralisesTheMean();
  void remlOneWayKnownAnswer();
  void mixedModelEdges();
};

void RegressionTest::knownAnswers() {
  const auto known = knownAnswer("ols");
  const LinearFit fit = leastSquares(withIntercept(numbers(known["x"])), vector(numbers(known["y"])));
  QCOMPARE(fit.status, Status::Ok);
  const std::pair<Robust, const char*> kinds[] = {
      {Robust::Classic, "se"}, {Robust::HC0, "HC0"}, {Robust::HC1, "HC1"}, {Robust::HC2, "HC2"}, {Robust::HC3, "HC3"}};
  for (Eigen::Index j = 0; j < 2; ++j) {
    LACUNA_NEAR(fit.b(j), numbers(known["b"])[static_cast<std::size_t>(j)], 1e-12);
    for (const auto& [kind, name] : kinds)
      LACUNA_NEAR(std::sqrt(robustCovariance(fit, kind).matrix(j, j)), numbers(known[name])[static_cast<std::size_t>(j)], 1e-12);
  }
  const auto slope = coefficients(fit, robustCovariance(fit, Robust::HC3))[1];
  LACUNA_PRINTED(slope.p, .003434, 6);
  LACUNA_PRINTED(slope.estimate.low, .519302, 6);
  LACUNA_PRINTED(slope.estimate.high, 1.360698, 6);
  const double leverages[] = {.523810, .295238, .180952};
  for (Eigen::Index i = 0; i < 3; ++i) LACUNA_PRINTED(fit.leverages(i), leverages[i], 6);
}

void RegressionTest::fewClustersGiveAnAbsurdlySmallError() {
  const auto known = knownAnswer("ols");
  const LinearFit fit = leastSquares(withIntercept(numbers(known["x"])), vector(numbers(known["y"])));
  const Covariance covariance = clusteredCovariance(fit, std::vector<std::int32_t>{0, 0, 1, 1, 2, 2});
  LACUNA_PRINTED(std::sqrt(covariance.matrix(1, 1)), .032903, 6);
  QCOMPARE(covariance.degrees, 2.0);
}

void RegressionTest::leverageOneIsGuarded() {
  MatrixD x(5, 3);
  x << 1, 0, 1, 1, 0, 2, 1, 0, 3, 1, 0, 4, 1, 1, 5;
  const LinearFit small = leastSquares(x, vector({1, 3, 2, 5, 9}));
  const double expected[] = {.7, .3, .3, .7, 1};
  for (Eigen::Index i = 0; i < 5; ++i) LACUNA_NEAR(small.leverages(i), expected[i], 1e-12);
  QCOMPARE(small.status, Status::NotIdentified);    // two degrees of freedom
  // With two more rows: the dummy's row and the dummy go, the rest is the regression without them.
  MatrixD more(7, 3);
  more << x, 1, 0, 6, 1, 0, 8;
  const VectorD y = vector({1, 3, 2, 5, 9, 6, 7});
  const Covariance guarded = robustCovariance(leastSquares(more, y), Robust::HC3);
  QCOMPARE(guarded.guardedRows, std::vector<Eigen::Index>{4});
  QVERIFY(std::isnan(guarded.matrix(1, 1)) && std::isnan(guarded.matrix(0, 1)));
  const LinearFit without = leastSquares(withIntercept({1, 2, 3, 4, 6, 8}), vector({1, 3, 2, 5, 6, 7}));
  const Covariance reduced = robustCovariance(without, Robust::HC3);
  LACUNA_NEAR(guarded.matrix(0, 0), reduced.matrix(0, 0), 1e-12);
  LACUNA_NEAR(guarded.matrix(2, 2), reduced.matrix(1, 1), 1e-12);
  LACUNA_NEAR(guarded.matrix(0, 2), reduced.matrix(0, 1), 1e-12);
  const auto table = coefficients(leastSquares(more, y), guarded);
  QCOMPARE(table[1].estimate.status, Status::NotIdentified);
  QCOMPARE(table[2].estimate.status, Status::Ok);
}

void RegressionTest::dependentColumnsAreDroppedAndNamed() {
  MatrixD x(8, 5);
  for (Eigen::Index i = 0; i < 8; ++i) {
    const double t = static_cast<double>(i);
    x.row(i) << 1, t, 3, 2 * t - 1, std::sin(t);
  }
  const VectorD y = vector({1, 2, 4, 3, 6, 5, 8, 9});
  const LinearFit fit = leastSquares(x, y);
  QCOMPARE(fit.dropped, (std::vector<Eigen::Index>{2, 3}));
  QVERIFY(std::isnan(fit.b(2)) && std::isnan(fit.b(3)));
  MatrixD kept(8, 3);
  kept << x.leftCols(2), x.col(4);
  const LinearFit same = leastSquares(kept, y);
  LACUNA_NEAR(fit.b(4), same.b(2), 1e-12);
  const auto table = coefficients(fit, robustCovariance(fit));
  QCOMPARE(table[2].estimate.status, Status::NotIdentified);
  LACUNA_NEAR(table[4].estimate.se, coefficients(same, robustCovariance(same))[2].estimate.se, 1e-12);
}

void RegressionTest::tooFewRowsAreNotIdentified() {
  const LinearFit fit = leastSquares(withIntercept({1, 2, 3, 4}), vector({1, 2, 2, 5}));
  QCOMPARE(fit.status, Status::NotIdentified);
  QVERIFY(std::isfinite(fit.b(1)));
  QVERIFY(std::isnan(coefficients(fit, robustCovariance(fit))[1].estimate.se));
  MatrixD bad = withIntercept({1, 2, 3, 4, 5, 6});
  bad(2, 1) = std::numeric_limits<double>::quiet_NaN();
  QCOMPARE(leastSquares(bad, VectorD::Ones(6)).status, Status::NanInput);
}

void RegressionTest::coefficientsDoNotDependOnUnits() {
  const Wild data;
  MatrixD scaled = data.x;
  scaled.col(1) *= 1e6;
  const auto a = coefficients(leastSquares(data.x, data.y), clusteredCovariance(leastSquares(data.x, data.y), data.clusters));
  const auto b = coefficients(leastSquares(scaled, data.y), clusteredCovariance(leastSquares(scaled, data.y), data.clusters));
  LACUNA_NEAR(a[1].t, b[1].t, 1e-9);
  LACUNA_NEAR(wildClusterTest(data.x, data.y, 1, 0.8, data.clusters).p, wildClusterTest(scaled, data.y, 1, 0.8e-6, data.clusters).p, 1e-15);
}

void RegressionTest::twoWayOfOneDimensionIsOneWay() {
  const Wild data;
  const LinearFit fit = leastSquares(data.x, data.y);
  const MatrixD one = clusteredCovariance(fit, data.clusters).matrix, two = twoWayCovariance(fit, data.clusters, data.clusters).matrix;
  QVERIFY((one - two).cwiseAbs().maxCoeff() < 1e-15);
}

void RegressionTest::twoWayByInclusionAndExclusion() {
  Rng rng(5, "test");
  MatrixD x = MatrixD::Ones(48, 2);
  VectorD y(48);
  std::vector<std::int32_t> first(48), second(48), cell(48);
  VectorD firstEffect(8), secondEffect(6);
  for (double& value : firstEffect) value = rng.normal();
  for (double& value : secondEffect) value = rng.normal();
  for (Eigen::Index i = 0; i < 48; ++i) {
    const auto k = static_cast<std::size_t>(i);
    first[k] = static_cast<std::int32_t>(i % 8);
    second[k] = static_cast<std::int32_t>(i / 8);
    cell[k] = static_cast<std::int32_t>(i);
    x(i, 1) = rng.normal() + firstEffect(first[k]);
    y(i) = x(i, 1) + firstEffect(first[k]) + secondEffect(second[k]) + 0.3 * rng.normal();
  }
  const LinearFit fit = leastSquares(x, y);
  const MatrixD expected = clusteredCovariance(fit, first).matrix + clusteredCovariance(fit, second).matrix - clusteredCovariance(fit, cell).matrix;
  const Covariance two = twoWayCovariance(fit, first, second);
  QVERIFY((two.matrix - expected).cwiseAbs().maxCoeff() < 1e-14);
  QCOMPARE(two.degrees, 5.0);
}

void RegressionTest::wildClusterKnownAnswers_data() {
  QTest::addColumn<double>("hypothesis");
  QTest::addColumn<double>("t");
  QTest::addColumn<double>("p");
  QTest::newRow("0") << 0.0 << 12.65 << .0625;
  QTest::newRow(".8") << 0.8 << 1.851915 << .25;
  QTest::newRow(".9") << 0.9 << .501560 << .65625;
}

void RegressionTest::wildClusterKnownAnswers() {
  QFETCH(double, hypothesis);
  QFETCH(double, t);
  QFETCH(double, p);
  const Wild data;
  const TestResult result = wildClusterTest(data.x, data.y, 1, hypothesis, data.clusters);
  LACUNA_PRINTED(result.effect, .937143, 6);
  const LinearFit fit = leastSquares(data.x, data.y);
  LACUNA_PRINTED(std::sqrt(clusteredCovariance(fit, data.clusters).matrix(1, 1)), .074055, 6);
  LACUNA_PRINTED(result.statistic, t, hypothesis == 0 ? 2 : hypothesis < 0.85 ? 6 : 3);
  LACUNA_NEAR(result.p, p, 1e-15);
  QCOMPARE(result.method, std::string("wild-cluster-exhaustive"));
  QCOMPARE(result.n, 6);
}

void RegressionTest::wildClusterByRefitting() {
  const Wild data;
  const double hypothesis = 0.85;
  // Restricted fit: intercept alone on y − 0.85 x.
  const VectorD target = data.y - hypothesis * data.x.col(1);
  const VectorD fitted = VectorD::Constant(12, target.mean()) + hypothesis * data.x.col(1), residuals = data.y - fitted;
  const auto t = [&](const VectorD& y) {
    const LinearFit fit = leastSquares(data.x, y);
    return (fit.b(1) - hypothesis) / std::sqrt(clusteredCovariance(fit, data.clusters).matrix(1, 1));
  };
  const double observed = std::abs(t(data.y));
  int hits = 0;
  for (int mask = 0; mask < 64; ++mask) {
    VectorD y = fitted;
    for (Eigen::Index i = 0; i < 12; ++i) y(i) += (mask >> (i / 2) & 1 ? -1 : 1) * residuals(i);
    hits += std::abs(t(y)) >= observed * (1 - 1e-9);
  }
  LACUNA_NEAR(wildClusterTest(data.x, data.y, 1, hypothesis, data.clusters).p, hits / 64.0, 1e-15);
}

void RegressionTest::wildClusterIntervalInvertsTheTest() {
  const Wild data;
  // With six clusters p < .05 is out of reach at H0 = 0; 80 % is within it.
  const Estimate interval = wildClusterInterval(data.x, data.y, 1, data.clusters, {}, 0.8);
  QVERIFY(interval.low < interval.value && interval.value < interval.high);
  const auto p = [&](double hypothesis) { return wildClusterTest(data.x, data.y, 1, hypothesis, data.clusters).p; };
  const double step = 1e-4;
  QVERIFY(p(interval.low + step) > 0.2 && p(interval.low - step) <= 0.2);
  QVERIFY(p(interval.high - step) > 0.2 && p(interval.high + step) <= 0.2);
  const Estimate unbounded = wildClusterInterval(data.x, data.y, 1, data.clusters, {}, 0.999);
  QCOMPARE(unbounded.status, Status::TooFew);
  QVERIFY(std::isinf(unbounded.low) && std::isinf(unbounded.high));
}

void RegressionTest::wildClusterTwoWayWeightsTheSmallerDimension() {
  Rng rng(9, "test");
  MatrixD x = MatrixD::Ones(140, 2);
  VectorD y(140);
  std::vector<std::int32_t> clusters(140), tasks(140);
  for (Eigen::Index i = 0; i < 140; ++i) {
    clusters[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i % 20);
    tasks[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i / 20);
    x(i, 1) = rng.normal();
    y(i) = 0.5 * x(i, 1) + rng.normal();
  }
  const TestResult wild = wildClusterTest(x, y, 1, 0.5, clusters, tasks), far = wildClusterTest(x, y, 1, 0, clusters, tasks);
  QCOMPARE(wild.n, 7);
  const LinearFit fit = leastSquares(x, y);
  const double se = std::sqrt(twoWayCovariance(fit, clusters, tasks).matrix(1, 1));
  LACUNA_NEAR(wild.statistic, (fit.b(1) - 0.5) / se, 1e-10);
  QVERIFY(wild.p > 0.05 && far.p < 0.05);
  // One dimension of 20 clusters: drawn signs; the same seed gives the same p, Webb's weights nearly the same.
  const TestResult drawn = wildClusterTest(x, y, 1, 0.35, clusters), again = wildClusterTest(x, y, 1, 0.35, clusters);
  QCOMPARE(drawn.method, std::string("wild-cluster-rademacher"));
  QCOMPARE(drawn.p, again.p);
  WildConfig webb;
  webb.weights = WildWeights::Webb;
  QVERIFY(std::abs(wildClusterTest(x, y, 1, 0.35, clusters, {}, webb).p - drawn.p) < 0.04);
}

void RegressionTest::wildClusterEdges() {
  const Wild data;
  MatrixD dependent(12, 3);
  dependent << data.x, 2 * data.x.col(1);
  QCOMPARE(wildClusterTest(dependent, data.y, 2, 0, data.clusters).status, Status::NotIdentified);
  QCOMPARE(wildClusterTest(data.x, data.y, 1, 0, std::vector<std::int32_t>(12, 3)).status, Status::NotIdentified);
  QCOMPARE(wildClusterInterval(data.x, data.y, 1, std::vector<std::int32_t>(12, 3)).status, Status::NotIdentified);
  QCOMPARE(wildClusterTest(data.x, data.y, 1, 0.8, std::vector<std::int32_t>{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}).status, Status::TooFew);
}

void RegressionTest::dersimonianLairdKnownAnswer() {
  const auto known = knownAnswer("dersimonian_laird");
  const MetaAnalysis meta = metaAnalysis(numbers(known["y"]), numbers(known["v"]));
  LACUNA_NEAR(meta.fixed.value, known["fe"].toDouble(), 1e-13);
  LACUNA_NEAR(meta.q, known["Q"].toDouble(), 1e-13);
  LACUNA_NEAR(meta.tau2, known["tau2"].toDouble(), 1e-13);
  LACUNA_NEAR(meta.random.value, known["re"].toDouble(), 1e-13);
  LACUNA_NEAR(meta.random.se, known["se"].toDouble(), 1e-13);
  LACUNA_PRINTED(meta.i2, .556774, 6);
  QVERIFY(meta.prediction.low < meta.random.low && meta.prediction.high > meta.random.high);
}

void RegressionTest::remlEqualsItsOwnOptimum() {
  const auto known = knownAnswer("dersimonian_laird");
  const auto y = numbers(known["y"]), v = numbers(known["v"]);
  const MetaAnalysis meta = metaAnalysis(y, v, Between::Reml);
  QCOMPARE(meta.status, Status::Ok);
  const auto likelihood = [&](double tau2) {
    double w = 0, wy = 0, value = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      w += 1 / (v[i] + tau2);
      wy += y[i] / (v[i] + tau2);
    }
    for (std::size_t i = 0; i < y.size(); ++i) value += std::log(v[i] + tau2) + std::pow(y[i] - wy / w, 2) / (v[i] + tau2);
    return value + std::log(w);
  };
  for (const double factor : {0.98, 1.02}) QVERIFY(likelihood(meta.tau2) < likelihood(meta.tau2 * factor));
  QCOMPARE(meta.random.method, std::string("reml"));
}

void RegressionTest::metaAnalysisEdges() {
  const std::vector<double> y = {1, 1, 1}, v = {.1, .2, .3};
  QCOMPARE(metaAnalysis(y, v).tau2, 0.0);
  QCOMPARE(metaAnalysis(y, v).i2, 0.0);
  QCOMPARE(metaAnalysis(y, v, Between::Reml).tau2, 0.0);
  LACUNA_NEAR(metaAnalysis(y, v).random.value, 1, 1e-15);
  QCOMPARE(metaAnalysis(std::span(y).first(1), std::span(v).first(1)).status, Status::TooFew);
  QCOMPARE(metaAnalysis(y, std::vector<double>{.1, 0, .3}).random.status, Status::NanInput);
  QCOMPARE(metaAnalysis(std::span(y).first(2), std::span(v).first(2)).prediction.status, Status::TooFew);
}

void RegressionTest::metaRegressionGeneralisesTheMean() {
  const auto known = knownAnswer("dersimonian_laird");
  const auto y = numbers(known["y"]), v = numbers(known["v"]);
  const MetaRegression mean = metaRegression(MatrixD::Ones(5, 1), y, v);
  LACUNA_NEAR(mean.tau2, known["tau2"].toDouble(), 1e-13);
  LACUNA_NEAR(mean.b[0].value, known["re"].toDouble(), 1e-13);
  LACUNA_NEAR(mean.b[0].se, known["se"].toDouble(), 1e-13);
  // Equal variances and no heterogeneity left: ordinary least squares, se from the known variance.
  const MetaRegression line = metaRegression(withIntercept({1, 2, 3, 4, 5}), std::vector<double>{2, 4.01, 5.99, 8, 10}, std::vector<double>(5, 0.04));
  QCOMPARE(line.tau2, 0.0);
  LACUNA_NEAR(line.b[1].value, 1.999, 1e-12);
  LACUNA_NEAR(line.b[1].se, 0.2 / std::sqrt(10.0), 1e-12);
  QCOMPARE(metaRegression(MatrixD::Ones(5, 2), y, v).status, Status::NotIdentified);
}

void RegressionTest::remlOneWayKnownAnswer() {
  const MixedModel model = mixedModel(MatrixD::Ones(6, 1), vector({1, 2, 3, 5, 6, 7}), std::vector<std::int32_t>{4, 4, 9, 9, 1, 1});
  QCOMPARE(model.status, Status::Ok);
  LACUNA_PRINTED(model.b[0].value, 4, 6);
  LACUNA_PRINTED(model.b[0].se, 1.443376, 6);
  LACUNA_PRINTED(model.firstVariance, 5.75, 6);
  LACUNA_PRINTED(model.residualVariance, 1, 6);
  // Groups that differ less than their items: the variance between is 0 and the model is the mean.
  const MixedModel none = mixedModel(MatrixD::Ones(6, 1), vector({1, 7, 2, 6, 3, 5}), std::vector<std::int32_t>{0, 0, 1, 1, 2, 2});
  QCOMPARE(none.firstVariance, 0.0);
  LACUNA_NEAR(none.b[0].value, 4, 1e-12);
  LACUNA_NEAR(none.residualVariance, 28.0 / 5, 1e-12);
}

void RegressionTest::mixedModelEdges() {
  const MatrixD one = MatrixD::Ones(6, 1);
  const VectorD y = vector({1, 2, 3, 5, 6, 7});
  QCOMPARE(mixedModel(one, y, std::vector<std::int32_t>(6, 1)).status, Status::NotIdentified);
  QCOMPARE(mixedModel(one, y, std::vector<std::int32_t>{0, 1, 2, 3, 4, 5}).status, Status::NotIdentified);
  QCOMPARE(mixedModel(one, VectorD::Constant(6, 2.5), std::vector<std::int32_t>{0, 0, 1, 1, 2, 2}).status, Status::ZeroVariance);
}

QTEST_GUILESS_MAIN(RegressionTest)
#include "regression_test.moc"
