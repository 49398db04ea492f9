#include <QTest>

#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "known_answers.h"
#include "lacuna/statistics/agreement.h"
#include "lacuna/statistics/auc.h"
#include "lacuna/statistics/bootstrap.h"
#include "lacuna/statistics/correlation.h"
#include "lacuna/statistics/descriptive.h"
#include "lacuna/statistics/meta_analysis.h"
#include "lacuna/statistics/multiplicity.h"
#include "lacuna/statistics/regression.h"
#include "lacuna/statistics/tests.h"

using namespace lacuna;
using namespace lacuna::statistics;
using lacuna::testing::matrix;
using lacuna::testing::numbers;

namespace {

QJsonObject reference(const char* entry) {
  static const QJsonObject all = lacuna::testing::readJson("statistics_reference.json");
  return all[QLatin1String(entry)].toObject();
}

QJsonArray cases(const char* entry) {
  static const QJsonObject all = lacuna::testing::readJson("statistics_reference.json");
  return all[QLatin1String(entry)].toArray();
}

VectorD vector(const QJsonValue& value) {
  const auto list = numbers(value);
  return Eigen::Map<const VectorD>(list.data(), static_cast<Eigen::Index>(list.size()));
}

template <class T>
std::vector<T> integers(const QJsonValue& value) {
  std::vector<T> result;
  for (const double number : numbers(value)) result.push_back(static_cast<T>(number));
  return result;
}

Alternative alternativeOf(const QString& name) {
  return name == "greater" ? Alternative::Greater : name == "less" ? Alternative::Less : Alternative::TwoSided;
}

void compare(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance) {
  QCOMPARE(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) LACUNA_NEAR(actual[i], expected[i], tolerance);
}

}  // namespace

/// Random inputs through scipy, statsmodels and scikit-learn: tests/data/make_statistics_reference.py.
class ReferenceTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void wilcoxonEqualsScipy();
  void correlationsEqualScipy();
  void adjustedPsEqualStatsmodels();
  void pairedTestsEqualScipyAndStatsmodels();
  void bcaLevelsEqualScipy();
  void robustErrorsEqualStatsmodels();
  void mixedModelEqualsStatsmodels_data();
  void mixedModelEqualsStatsmodels();
  void metaAnalysisEqualsStatsmodels();
  void agreementEqualsStatsmodels();
  void rankingEqualsScikitLearn();
};

void ReferenceTest::wilcoxonEqualsScipy() {
  QVERIFY(cases("wilcoxon").size() == 15);
  for (const QJsonValue& value : cases("wilcoxon")) {
    const QJsonObject one = value.toObject();
    const QString method = one["method"].toString();
    WilcoxonConfig config;
    config.zeros = one["zeros"].toString() == "pratt" ? Zeros::Pratt : Zeros::Wilcox;
    config.alternative = alternativeOf(one["alternative"].toString());
    config.method = method == "exact" ? WilcoxonMethod::Exact : method == "corrected" ? WilcoxonMethod::AsymptoticCorrected : WilcoxonMethod::Asymptotic;
    LACUNA_NEAR(wilcoxon(numbers(one["d"]), config).p, one["p"].toDouble(), 1e-12);
  }
}

void ReferenceTest::correlationsEqualScipy() {
  for (const QJsonValue& value : cases("correlation")) {
    const QJsonObject one = value.toObject();
    const auto x = numbers(one["x"]), y = numbers(one["y"]);
    LACUNA_NEAR(pearson(x, y), one["pearson"].toDouble(), 1e-13);
    LACUNA_NEAR(spearman(x, y), one["spearman"].toDouble(), 1e-13);
    LACUNA_NEAR(kendall(x, y), one["kendall"].toDouble(), 1e-13);
  }
}

void ReferenceTest::adjustedPsEqualStatsmodels() {
  const QJsonObject one = reference("multiplicity");
  const auto p = numbers(one["p"]);
  compare(holm(p), numbers(one["holm"]), 1e-14);
  compare(benjaminiHochberg(p), numbers(one["bh"]), 1e-14);
  compare(benjaminiYekutieli(p), numbers(one["by"]), 1e-14);
}

void ReferenceTest::pairedTestsEqualScipyAndStatsmodels() {
  const QJsonObject one = reference("paired");
  const auto d = numbers(one["d"]);
  LACUNA_NEAR(pairedT(d).statistic, one["t"].toDouble(), 1e-12);
  LACUNA_NEAR(pairedT(d).p, one["p"].toDouble(), 1e-12);
  LACUNA_NEAR(pairedT(d, Alternative::Greater).p, one["greater"].toDouble(), 1e-12);
  LACUNA_NEAR(equivalence(d, one["margin"].toDouble()).p, one["tost"].toDouble(), 1e-12);
  const PairedCounts counts{40, one["broken"].toInt(), one["fixed"].toInt(), 21};
  LACUNA_NEAR(mcnemar(counts, McNemarMethod::Exact).p, one["mcnemar_exact"].toDouble(), 1e-12);
  LACUNA_NEAR(mcnemar(counts, McNemarMethod::ChiSquared).p, one["mcnemar_chi2"].toDouble(), 1e-12);
  LACUNA_NEAR(mcnemar(counts, McNemarMethod::ChiSquaredCorrected).p, one["mcnemar_corrected"].toDouble(), 1e-12);
}

void ReferenceTest::bcaLevelsEqualScipy() {
  const QJsonObject one = reference("bca");
  const auto x = numbers(one["x"]), draws = numbers(one["draws"]);
  const double sum = std::accumulate(x.begin(), x.end(), 0.0), n = static_cast<double>(x.size());
  std::vector<double> jackknife;
  for (const double value : x) jackknife.push_back((sum - value) / (n - 1));
  const BcaLevels levels = bcaLevels(draws, sum / n, jackknifeAcceleration(jackknife), one["level"].toDouble());
  LACUNA_NEAR(levels.low, one["low_level"].toDouble(), 1e-12);
  LACUNA_NEAR(levels.high, one["high_level"].toDouble(), 1e-12);
  const Estimate estimate = bcaFromDraws(draws, sum / n, jackknife, one["level"].toDouble());
  LACUNA_NEAR(estimate.low, one["low"].toDouble(), 1e-12);
  LACUNA_NEAR(estimate.high, one["high"].toDouble(), 1e-12);
}

void ReferenceTest::robustErrorsEqualStatsmodels() {
  const QJsonObject one = reference("regression");
  const MatrixD x = matrix(one["x"]);
  const LinearFit fit = leastSquares(x, vector(one["y"]));
  compare({fit.b.begin(), fit.b.end()}, numbers(one["b"]), 1e-11);
  compare({fit.leverages.begin(), fit.leverages.end()}, numbers(one["leverages"]), 1e-12);
  LACUNA_NEAR(fit.rSquared, one["r2"].toDouble(), 1e-12);
  const std::map<std::string, Robust> kinds = {{"classic", Robust::Classic}, {"HC0", Robust::HC0}, {"HC1", Robust::HC1}, {"HC2", Robust::HC2}, {"HC3", Robust::HC3}};
  for (const auto& [name, kind] : kinds) {
    const VectorD se = robustCovariance(fit, kind).matrix.diagonal().cwiseSqrt();
    compare({se.begin(), se.end()}, numbers(one[QString::fromStdString(name)]), 1e-11);
  }
  const auto table = coefficients(fit, robustCovariance(fit));
  for (std::size_t j = 0; j < table.size(); ++j) {
    LACUNA_NEAR(table[j].p, numbers(one["hc3_p"])[j], 1e-10);
    // scipy's t quantile is good to nine digits only: tan(0.45 π) at one degree of freedom shows it.
    LACUNA_NEAR(table[j].estimate.low, matrix(one["hc3_ci"])(static_cast<Eigen::Index>(j), 0), 1e-8);
    LACUNA_NEAR(table[j].estimate.high, matrix(one["hc3_ci"])(static_cast<Eigen::Index>(j), 1), 1e-8);
  }
  const auto clustered = coefficients(fit, clusteredCovariance(fit, integers<std::int32_t>(one["first"])));
  for (std::size_t j = 0; j < clustered.size(); ++j) {
    LACUNA_NEAR(clustered[j].estimate.se, numbers(one["cluster"])[j], 1e-11);
    LACUNA_NEAR(clustered[j].p, numbers(one["cluster_p"])[j], 1e-10);
  }
  const auto inflation = varianceInflation(x);
  QVERIFY(std::isnan(inflation[0]));
  compare({inflation.begin() + 1, inflation.end()}, numbers(one["vif"]), 1e-10);
}

void ReferenceTest::mixedModelEqualsStatsmodels_data() {
  QTest::addColumn<QJsonObject>("one");
  for (const QJsonValue& value : cases("mixed")) QTest::newRow(qPrintable(value["name"].toString())) << value.toObject();
}

void ReferenceTest::mixedModelEqualsStatsmodels() {
  QFETCH(QJsonObject, one);
  const auto variances = numbers(one["variances"]);
  const MixedModel model = mixedModel(matrix(one["x"]), vector(one["y"]), integers<std::int32_t>(one["first"]), integers<std::int32_t>(one["second"]));
  QCOMPARE(model.status, Status::Ok);
  // statsmodels stops its optimiser at about five digits.
  LACUNA_NEAR(model.firstVariance, variances[0], 2e-4);
  if (variances.size() > 1) LACUNA_NEAR(model.secondVariance, variances[1], 2e-4);
  LACUNA_NEAR(model.residualVariance, one["residual"].toDouble(), 1e-4);
  for (std::size_t j = 0; j < 2; ++j) {
    LACUNA_NEAR(model.b[j].value, numbers(one["b"])[j], 1e-4);
    LACUNA_NEAR(model.b[j].se, numbers(one["se"])[j], 1e-4);
  }
}

void ReferenceTest::metaAnalysisEqualsStatsmodels() {
  const QJsonObject one = reference("meta");
  const MetaAnalysis meta = metaAnalysis(numbers(one["y"]), numbers(one["v"]));
  LACUNA_NEAR(meta.fixed.value, one["fixed"].toDouble(), 1e-12);
  LACUNA_NEAR(meta.fixed.se, one["fixed_se"].toDouble(), 1e-12);
  LACUNA_NEAR(meta.random.value, one["random"].toDouble(), 1e-12);
  LACUNA_NEAR(meta.random.se, one["random_se"].toDouble(), 1e-12);
  LACUNA_NEAR(meta.tau2, one["tau2"].toDouble(), 1e-12);
  LACUNA_NEAR(meta.q, one["q"].toDouble(), 1e-12);
  LACUNA_NEAR(meta.i2, one["i2"].toDouble(), 1e-12);
}

void ReferenceTest::agreementEqualsStatsmodels() {
  const QJsonObject one = reference("agreement");
  const Kappa kappa = cohenKappa(matrix(one["table"]));
  LACUNA_NEAR(kappa.kappa.value, one["kappa"].toDouble(), 1e-13);
  LACUNA_NEAR(kappa.kappa.se, one["se"].toDouble(), 1e-13);
  LACUNA_NEAR(kappa.kappa.low, one["low"].toDouble(), 1e-12);
  LACUNA_NEAR(kappa.kappa.high, one["high"].toDouble(), 1e-12);
  LACUNA_NEAR(fleissKappa(matrix(one["counts"])).kappa.value, one["fleiss"].toDouble(), 1e-13);
}

void ReferenceTest::rankingEqualsScikitLearn() {
  const QJsonObject one = reference("ranking");
  const auto scores = numbers(one["score"]);
  const auto labels = integers<std::uint8_t>(one["label"]);
  LACUNA_NEAR(auc(scores, labels), one["auc"].toDouble(), 1e-13);
  LACUNA_NEAR(averagePrecision(scores, labels), one["ap"].toDouble(), 1e-13);
  LACUNA_NEAR(balancedAccuracy(scores, labels, 0.5), one["balanced"].toDouble(), 1e-13);
  compare(isotonic(numbers(one["y"]), numbers(one["w"])), numbers(one["isotonic"]), 1e-12);
}

QTEST_GUILESS_MAIN(ReferenceTest)
#include "reference_test.moc"
