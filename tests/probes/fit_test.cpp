#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/probes/probes.h"
#include "lambda_choice.h"
#include "split.h"

using namespace lacuna;
using namespace lacuna::probes;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Three clusters, families of four documents; cluster k raises inputs 2k and 2k + 1 by `shift`.
ProbeInput clustered(int documents, double shift, std::uint64_t seed) {
  Rng rng(seed, "test-probes");
  ProbeInput input{MatrixF(documents, 10), {}, {}, {}, 3};
  for (int n = 0; n < documents; ++n) {
    const int family = n / 4, label = family % 3;
    input.labels.push_back(label);
    input.families.push_back(family);
    input.roles.push_back(family % 5 < 3 ? SplitRole::Fit : family % 5 == 3 ? SplitRole::Tune : SplitRole::Evaluate);
    for (int j = 0; j < 10; ++j) input.x(n, j) = static_cast<float>(rng.normal() + (j / 2 == label ? shift : 0));
  }
  return input;
}

}  // namespace

class FitTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void plantedInputsAreFound();
  void rawAndStandardisedDirectionsAgree();
  void noiseDoesNotPassTheGate();
  void evaluateRowsDoNotTrain();
  void smallClustersAreTooFew_data();
  void smallClustersAreTooFew();
  void ambiguousAndBrokenRowsAreLeftOut();
  void sameAtAnyThreadCount();
  void badInputIsRefused();
  void foldsKeepFamiliesTogetherAndEven();
  void controlLabelsKeepFamiliesAndPrior();
  void oneStandardError_data();
  void oneStandardError();
  void balancedLossKnowsNoPrior();
};

void FitTest::plantedInputsAreFound() {
  const std::vector<Probe> probes = fitProbes(clustered(900, 1.5, 1), {}, {});
  QCOMPARE(probes.size(), std::size_t(3));
  for (int k = 0; k < 3; ++k) {
    const Probe& probe = probes[static_cast<std::size_t>(k)];
    QCOMPARE(probe.cluster.value, k);
    QCOMPARE(QString::fromStdString(probe.status), QStringLiteral("OK"));
    QVERIFY2(probe.passed, probe.reason.c_str());
    QVERIFY(probe.auc > 0.9 && probe.aucLow < probe.auc && probe.auc < probe.aucHigh + 1e-12);
    QVERIFY(probe.selectivity > 0.2 && probe.accuracy > 0.8);
    QVERIFY(std::abs(probe.importance.sum() - 1) < 1e-12);
    const auto top = selectNeurons(probe.importance, {TauRule::TopK, 2});
    QCOMPARE(std::minmax(top[0].value, top[1].value), std::minmax(2 * k, 2 * k + 1));
    QCOMPARE(probe.n, std::int64_t(540));
    QCOMPARE(probe.positives, std::int64_t(180));
  }
}

void FitTest::rawAndStandardisedDirectionsAgree() {
  ProbeInput input = clustered(600, 1.5, 2);
  const Probe before = fitProbes(input, {}, {})[0];
  input.x.col(0) *= 64;
  const Probe after = fitProbes(input, {}, {})[0];
  QVERIFY((before.betaStd - after.betaStd).cwiseAbs().maxCoeff() < 1e-6);
  QVERIFY(std::abs(before.wRaw[0] / after.wRaw[0] - 64) < 1e-3);
  QVERIFY(std::abs(before.auc - after.auc) < 1e-9);
}

void FitTest::noiseDoesNotPassTheGate() {
  for (const Probe& probe : fitProbes(clustered(900, 0, 3), {}, {})) {
    QVERIFY(!probe.passed);
    QVERIFY(QString::fromStdString(probe.reason).contains(QStringLiteral("AUC")));
    QCOMPARE(QString::fromStdString(probe.status), QStringLiteral("OK"));
  }
}

void FitTest::evaluateRowsDoNotTrain() {
  ProbeInput input = clustered(600, 1, 4);
  const Probe before = fitProbes(input, {}, {})[1];
  for (std::size_t n = 0; n < input.roles.size(); ++n)
    if (input.roles[n] != SplitRole::Fit) input.x.row(static_cast<Eigen::Index>(n)).setConstant(static_cast<float>(n));
  const Probe after = fitProbes(input, {}, {})[1];
  QVERIFY(before.betaStd == after.betaStd);
  QVERIFY(before.auc != after.auc);
}

void FitTest::smallClustersAreTooFew_data() {
  QTest::addColumn<int>("defect");
  QTest::addColumn<QString>("word");
  QTest::newRow("documents") << 0 << QStringLiteral("only 24 documents");
  QTest::newRow("families") << 1 << QStringLiteral("one family");
  QTest::newRow("held out") << 2 << QStringLiteral("held-out");
}

void FitTest::smallClustersAreTooFew() {
  QFETCH(int, defect);
  QFETCH(QString, word);
  ProbeInput input = clustered(600, 1.5, 5);
  int left = 28;  // 4 of them in role Tune, which trains and judges nothing
  for (std::size_t n = 0; n < input.labels.size(); ++n) {
    if (input.labels[n] != 1) continue;
    if (defect == 0 && left-- <= 0) input.labels[n] = 0;
    if (defect == 1) input.families[n] = 1, input.roles[n] = SplitRole::Fit;
    if (defect == 2) input.roles[n] = SplitRole::Fit;
  }
  const std::vector<Probe> probes = fitProbes(input, {}, {});
  QCOMPARE(QString::fromStdString(probes[1].status), QStringLiteral("TOO_FEW"));
  QVERIFY2(QString::fromStdString(probes[1].reason).contains(word), probes[1].reason.c_str());
  QVERIFY(!probes[1].passed);
  QCOMPARE(probes[1].importance.size(), Eigen::Index(10));
  QVERIFY(probes[0].passed);
}

void FitTest::ambiguousAndBrokenRowsAreLeftOut() {
  ProbeInput input = clustered(600, 1.5, 6), removed = input;
  for (std::size_t n = 0; n < 600; n += 7) {
    if (n % 2 == 0)
      input.labels[n] = -2;
    else
      input.x(static_cast<Eigen::Index>(n), 3) = std::numeric_limits<float>::infinity();
    removed.roles[n] = SplitRole::Unused;
  }
  const Probe a = fitProbes(input, {}, {})[0], b = fitProbes(removed, {}, {})[0];
  QVERIFY(a.betaStd == b.betaStd);
  QCOMPARE(a.auc, b.auc);
  QCOMPARE(a.n, b.n);
}

void FitTest::sameAtAnyThreadCount() {
  const ProbeInput input = clustered(1800, 1, 7);
  RunContext one, three;
  one.threads = 1;
  three.threads = 3;
  const Probe a = fitProbes(input, {}, one)[2], b = fitProbes(input, {}, three)[2];
  QVERIFY(a.betaStd == b.betaStd);
  QCOMPARE(a.selectivity, b.selectivity);
}

void FitTest::badInputIsRefused() {
  ProbeInput input = clustered(60, 1, 8);
  input.families.pop_back();
  QVERIFY_EXCEPTION_THROWN(fitProbes(input, {}, {}), Error);
  ProbeConfig config;
  config.lambdas.clear();
  QVERIFY_EXCEPTION_THROWN(fitProbes(clustered(60, 1, 8), config, {}), Error);
}

void FitTest::foldsKeepFamiliesTogetherAndEven() {
  std::vector<std::int32_t> labels, families;
  for (int n = 0; n < 300; ++n) {
    families.push_back(n / 3);
    labels.push_back(n / 3 % 4 == 0 ? 0 : 1);
  }
  const std::vector<std::int32_t> folds = groupedFolds(labels, families, 5);
  std::map<int, std::set<int>> foldsOfFamily;
  std::map<std::pair<int, int>, int> sizes;
  for (std::size_t n = 0; n < 300; ++n) {
    foldsOfFamily[families[n]].insert(folds[n]);
    ++sizes[{folds[n], labels[n]}];
  }
  for (const auto& [family, ids] : foldsOfFamily) QCOMPARE(ids.size(), std::size_t(1));
  for (int f = 0; f < 5; ++f) {
    QCOMPARE((sizes[{f, 0}]), 15);
    QCOMPARE((sizes[{f, 1}]), 45);
  }
}

void FitTest::controlLabelsKeepFamiliesAndPrior() {
  std::vector<std::int32_t> families;
  for (int n = 0; n < 400; ++n) families.push_back(n / 4);
  Rng rng(1, "test-control"), other(2, "test-control");
  const std::vector<std::uint8_t> labels = controlLabels(families, 0.2, rng);
  QCOMPARE(std::count(labels.begin(), labels.end(), 1), 80);
  for (std::size_t n = 0; n < 400; ++n) QCOMPARE(labels[n], labels[n / 4 * 4]);
  QVERIFY(labels != controlLabels(families, 0.2, other));
  const std::vector<std::uint8_t> rare = controlLabels(families, 0.001, rng);
  QCOMPARE(std::count(rare.begin(), rare.end(), 1), 4);
}

void FitTest::oneStandardError_data() {
  QTest::addColumn<std::vector<std::vector<double>>>("losses");
  QTest::addColumn<double>("expected");
  using Table = std::vector<std::vector<double>>;
  QTest::newRow("within the error of the best") << Table{{.50, .30, .40}, {.49, .29, .39}, {.52, .32, .42}} << 1.0;
  QTest::newRow("clearly worse") << Table{{.40, .41, .39}, {.30, .31, .29}, {.80, .81, .79}} << 0.1;
  QTest::newRow("missing fold") << Table{{.40, .41, kNaN}, {.30, .31, kNaN}, {.80, .81, kNaN}} << 0.1;
  QTest::newRow("no fold") << Table{{kNaN}, {kNaN}, {kNaN}} << 1.0;
}

void FitTest::oneStandardError() {
  QFETCH(std::vector<std::vector<double>>, losses);
  QFETCH(double, expected);
  QCOMPARE(oneStandardErrorRule({0.01, 0.1, 1.0}, losses), expected);
}

void FitTest::balancedLossKnowsNoPrior() {
  const double once = balancedLogLoss({1, -2}, {1, 0});
  QVERIFY(std::abs(once - 0.5 * (std::log1p(std::exp(-1.0)) + std::log1p(std::exp(-2.0)))) < 1e-12);
  QVERIFY(std::abs(balancedLogLoss({1, -2, -2, -2}, {1, 0, 0, 0}) - once) < 1e-12);
  QVERIFY(std::isnan(balancedLogLoss({1, 2}, {1, 1})));
}

QTEST_GUILESS_MAIN(FitTest)
#include "fit_test.moc"
