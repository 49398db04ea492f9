#include <QTest>

#include <algorithm>
#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/probes/validity.h"
#include "lacuna/statistics/auc.h"

using namespace lacuna;
using namespace lacuna::probes;

namespace {

/// Two clusters and a rest, in families of `familySize`. Inputs 0 and 1 tell cluster 0 alike; input 2 tells cluster 1.
ProbeInput clustered(int documents, double shift, int familySize, std::uint64_t seed) {
  Rng rng(seed, "test-validity");
  ProbeInput input{MatrixF(documents, 8), {}, {}, {}, 2};
  for (int n = 0; n < documents; ++n) {
    const int family = n / familySize, label = family % 3 == 2 ? -1 : family % 3;
    input.labels.push_back(label);
    input.families.push_back(family);
    input.roles.push_back(family % 5 < 3 ? SplitRole::Fit : family % 5 == 3 ? SplitRole::Tune : SplitRole::Evaluate);
    for (int j = 0; j < 8; ++j) {
      const bool tells = (label == 0 && j < 2) || (label == 1 && j == 2);
      input.x(n, j) = static_cast<float>(rng.normal() + (tells ? shift : 0));
    }
  }
  return input;
}

ValidityConfig quick() {
  ValidityConfig config;
  config.bootstrap.draws = 400;
  return config;
}

}  // namespace

class ValidityTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void heldOutNumbersAreThoseOfTheScores();
  void familiesWidenTheInterval();
  void surfaceExplainsOrDoesNot();
  void setAndComplementAreRetrained();
  void emptySetsAreMissing();
  void separableIsSaid_data();
  void separableIsSaid();
  void unfittedProbesAreTooFew();
  void tokensAreJudgedByDocuments();
  void covariateExplainsWhatItCan();
  void badInputIsRefused_data();
  void badInputIsRefused();
};

void ValidityTest::heldOutNumbersAreThoseOfTheScores() {
  const ProbeInput input = clustered(900, 1, 1, 1);
  const std::vector<Probe> probes = fitProbes(input, {}, {});
  const std::vector<Validity> all = probeValidity(input, probes, {}, {}, quick(), {});
  QCOMPARE(all.size(), std::size_t(2));
  for (std::size_t k = 0; k < 2; ++k) {
    std::vector<double> scores;
    std::vector<std::uint8_t> labels;
    for (std::size_t n = 0; n < 900; ++n) {
      if (input.roles[n] != SplitRole::Evaluate) continue;
      scores.push_back(input.x.row(static_cast<Eigen::Index>(n)).cast<double>().dot(probes[k].wRaw) + probes[k].bRaw);
      labels.push_back(input.labels[n] == static_cast<int>(k));
    }
    QCOMPARE(QString::fromStdString(all[k].status), QStringLiteral("OK"));
    QCOMPARE(all[k].auc.value, statistics::auc(scores, labels));
    QVERIFY(std::abs(all[k].auc.value - probes[k].auc) < 1e-3);
    QCOMPARE(all[k].averagePrecision, statistics::averagePrecision(scores, labels));
    QCOMPARE(QString::fromStdString(all[k].auc.method), QString::fromStdString(statistics::aucInterval(scores, labels).method));
    QVERIFY(std::isnan(all[k].gain) && std::isnan(all[k].setAuc));
  }
}

void ValidityTest::familiesWidenTheInterval() {
  ProbeInput input = clustered(1500, 0.6, 10, 2);
  for (Eigen::Index n = 0; n < 1500; ++n) input.x.row(n) = input.x.row(n / 10 * 10);  // one document ten times
  const std::vector<Probe> probes = fitProbes(input, {}, {});
  const Validity grouped = probeValidity(input, probes, {}, {}, quick(), {})[0];
  for (std::size_t n = 0; n < 1500; ++n) input.families[n] = static_cast<std::int32_t>(n);
  const Validity single = probeValidity(input, probes, {}, {}, quick(), {})[0];
  QCOMPARE(grouped.auc.value, single.auc.value);
  QVERIFY(grouped.auc.high - grouped.auc.low > 2 * (single.auc.high - single.auc.low));
}

void ValidityTest::surfaceExplainsOrDoesNot() {
  const ProbeInput input = clustered(1200, 1.5, 2, 3);
  const std::vector<Probe> probes = fitProbes(input, {}, {});
  const std::vector<SurfaceBaseline> baselines = {{"noise", input.x.rightCols(3)}, {"words", input.x.leftCols(1)}};
  const std::vector<Validity> all = probeValidity(input, probes, {}, baselines, quick(), {});
  QCOMPARE(all[0].baselineAuc.size(), std::size_t(2));
  QVERIFY(all[0].baselineAuc[0] < 0.6 && all[0].baselineAuc[1] > 0.75);
  QCOMPARE(all[0].gain, all[0].auc.value - all[0].baselineAuc[1]);
  QVERIFY(all[1].gain > 0.1);  // the words know of cluster 1 only that it is not cluster 0
  QVERIFY(all[0].gain < all[1].gain);
}

void ValidityTest::setAndComplementAreRetrained() {
  const ProbeInput input = clustered(1500, 1.5, 1, 4);
  const std::vector<Probe> probes = fitProbes(input, {}, {});
  const std::vector<std::vector<NeuronIndex>> sets = {{NeuronIndex(0)}, {NeuronIndex(2)}};
  const std::vector<Validity> all = probeValidity(input, probes, sets, {}, quick(), {});
  QVERIFY(all[0].setAuc > 0.8 && all[0].complementAuc > 0.8);     // input 1 says the same
  QVERIFY(all[1].setAuc > 0.8 && all[1].complementAuc < 0.75);    // nothing else says it directly
  QVERIFY(all[0].setAuc < all[0].auc.value);
  ValidityConfig once = quick();
  once.retrain = false;
  QVERIFY(std::isnan(probeValidity(input, probes, sets, {}, once, {})[0].setAuc));
}

void ValidityTest::emptySetsAreMissing() {
  const ProbeInput input = clustered(600, 1, 1, 5);
  std::vector<std::vector<NeuronIndex>> sets(2);
  for (int j = 0; j < 8; ++j) sets[1].emplace_back(j);
  const std::vector<Validity> all = probeValidity(input, fitProbes(input, {}, {}), sets, {}, quick(), {});
  QVERIFY(std::isnan(all[0].setAuc) && std::isnan(all[0].complementAuc));
  QVERIFY(!std::isnan(all[1].setAuc) && std::isnan(all[1].complementAuc));
}

void ValidityTest::separableIsSaid_data() {
  QTest::addColumn<double>("shift");
  QTest::addColumn<bool>("separable");
  QTest::newRow("overlapping") << 1.0 << false;
  QTest::newRow("far apart") << 12.0 << true;
}

void ValidityTest::separableIsSaid() {
  QFETCH(double, shift);
  QFETCH(bool, separable);
  const ProbeInput input = clustered(600, shift, 1, 6);
  for (const Validity& validity : probeValidity(input, fitProbes(input, {}, {}), {}, {}, quick(), {})) QCOMPARE(validity.separable, separable);
}

void ValidityTest::unfittedProbesAreTooFew() {
  ProbeInput input = clustered(300, 1, 1, 7);
  for (std::int32_t& label : input.labels) label = label == 0 ? -1 : label;
  const std::vector<Validity> all = probeValidity(input, fitProbes(input, {}, {}), {}, {}, quick(), {});
  QCOMPARE(QString::fromStdString(all[0].status), QStringLiteral("TOO_FEW"));
  QVERIFY(std::isnan(all[0].auc.value) && std::isnan(all[0].averagePrecision));
  QCOMPARE(QString::fromStdString(all[1].status), QStringLiteral("OK"));
}

void ValidityTest::tokensAreJudgedByDocuments() {
  const ProbeInput input = clustered(900, 1.5, 1, 8);
  const Probe probe = fitProbes(input, {}, {})[0];
  // Twenty tokens a document: its mean with much noise around.
  Rng rng(8, "test-tokens");
  MatrixF states(2000, 8);
  std::vector<std::uint8_t> labels;
  std::vector<std::int32_t> documents, alone;
  for (int t = 0; t < 2000; ++t) {
    labels.push_back(input.labels[static_cast<std::size_t>(t / 20)] == 0);
    documents.push_back(t / 20);
    alone.push_back(t);
    for (int j = 0; j < 8; ++j) states(t, j) = input.x(t / 20, j) + static_cast<float>(2 * rng.normal());
  }
  statistics::BootstrapConfig config;
  config.draws = 400;
  const statistics::Estimate byDocument = tokenAuc(probe, states, labels, documents, config), byToken = tokenAuc(probe, states, labels, alone, config);
  QCOMPARE(byDocument.value, byToken.value);
  QVERIFY(byDocument.value < probe.auc && byDocument.value > 0.6);
  QVERIFY(byDocument.high - byDocument.low > 1.5 * (byToken.high - byToken.low));
  QCOMPARE(byDocument.groups, std::int64_t(100));
}

void ValidityTest::covariateExplainsWhatItCan() {
  ProbeInput input = clustered(1500, 1, 1, 9);
  Rng rng(9, "test-length");
  std::vector<double> length;
  for (std::size_t n = 0; n < 1500; ++n) {
    length.push_back(5 + 0.5 * rng.normal() + (input.labels[n] == 1 ? 1.5 : 0));
    input.x(static_cast<Eigen::Index>(n), 2) = static_cast<float>(length[n] + 0.2 * rng.normal());  // only length tells cluster 1
  }
  const std::vector<Probe> probes = fitProbes(input, {}, {});
  const std::vector<CovariateProbe> beside = fitBesideCovariate(input, probes, length, {}, {});
  QCOMPARE(QString::fromStdString(beside[1].status), QStringLiteral("OK"));
  QVERIFY(std::abs(beside[1].betaStd[2]) < 0.3 * std::abs(probes[1].betaStd[2]));
  QVERIFY(beside[1].covariate > 1 && beside[1].covariateAuc > 0.9);
  QVERIFY(std::abs(beside[1].auc - probes[1].auc) < 0.05);
  QVERIFY(beside[0].statesAuc > 0.75 && beside[0].covariateAuc < 0.8);
  QVERIFY(beside[0].auc >= beside[0].statesAuc - 0.02);
}

void ValidityTest::badInputIsRefused_data() {
  QTest::addColumn<int>("defect");
  QTest::newRow("baseline rows") << 0;
  QTest::newRow("sets") << 1;
  QTest::newRow("probe of another width") << 2;
  QTest::newRow("covariate") << 3;
  QTest::newRow("token labels") << 4;
}

void ValidityTest::badInputIsRefused() {
  QFETCH(int, defect);
  const ProbeInput input = clustered(300, 1, 1, 10);
  std::vector<Probe> probes = fitProbes(input, {}, {});
  std::vector<SurfaceBaseline> baselines;
  std::vector<std::vector<NeuronIndex>> sets;
  if (defect == 0) baselines.push_back({"short", MatrixF::Zero(299, 2)});
  if (defect == 1) sets.resize(3);
  if (defect == 2) probes[0].wRaw.resize(3);
  try {
    if (defect <= 2) probeValidity(input, probes, sets, baselines, quick(), {});
    else if (defect == 3) fitBesideCovariate(input, probes, std::vector<double>(3), {}, {});
    else tokenAuc(probes[0], input.x, std::vector<std::uint8_t>(3), input.families, {});
    QFAIL("no error");
  } catch (const Error& error) {
    QCOMPARE(QString::fromStdString(error.code()), QStringLiteral("LAC-3101"));
  }
}

QTEST_GUILESS_MAIN(ValidityTest)
#include "validity_test.moc"
