#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "family_permutation.h"
#include "lacuna/base/error.h"
#include "lacuna/probes/label_null.h"
#include "lacuna/statistics/descriptive.h"

using namespace lacuna;
using namespace lacuna::probes;

namespace {

/// `clusters` clusters in families of four; cluster k raises input k by `shift`.
ProbeInput clustered(int documents, int clusters, int width, double shift, std::uint64_t seed) {
  Rng rng(seed, "test-null");
  ProbeInput input{MatrixF(documents, width), {}, {}, std::vector<SplitRole>(static_cast<std::size_t>(documents), SplitRole::Fit), clusters};
  for (int n = 0; n < documents; ++n) {
    const int family = n / 4, label = family % clusters;
    input.labels.push_back(label);
    input.families.push_back(family);
    for (int j = 0; j < width; ++j) input.x(n, j) = static_cast<float>(rng.normal() + (j == label ? shift : 0));
  }
  return input;
}

Probe fitted(int cluster, double lambda) {
  Probe probe;
  probe.cluster = ClusterId(cluster);
  probe.lambda = lambda;
  probe.status = "OK";
  return probe;
}

/// |β_std| of cluster k on the labels given.
VectorD weights(const MatrixF& x, const std::vector<std::int32_t>& labels, int k, double lambda) {
  const double n = static_cast<double>(labels.size()), members = static_cast<double>(std::count(labels.begin(), labels.end(), k));
  const ColumnSet column{{lambda}, [&](std::int64_t, std::span<float> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(labels[i] == k ? n / (2 * members) : -n / (2 * (n - members)));
  }};
  return solveLogistic(x, column, 1e-6, 5000, {}).w.col(0).cwiseAbs();
}

}  // namespace

class LabelNullTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void familiesMoveWhole();
  void unequalFamiliesAreReadInProportion();
  void sourcesKeepTheirLabels();
  void maximaAreThoseOfRefittedProbes();
  void plantedNeuronsAreSelectedAlone();
  void noiseIsSelectedAsOftenAsTheLevelAllows();
  void clustersNestedInSourcesDoNotMove();
  void onlyFitRowsCount();
  void sameBytesAtAnyThreadCount();
  void unfittedProbesAreTooFew();
  void emptiedClustersAreCounted();
  void selectionIsByLargeWeights();
  void badInputIsRefused_data();
  void badInputIsRefused();
};

void LabelNullTest::familiesMoveWhole() {
  const ProbeInput input = clustered(240, 3, 2, 0, 1);
  const FamilyPermutation permutation(input.families, {});
  Rng rng(1, "test"), again(1, "test"), other(2, "test");
  const std::vector<std::int32_t> moved = permutation.permute(input.labels, rng);
  QVERIFY(moved != input.labels);
  QCOMPARE(moved, permutation.permute(input.labels, again));
  QVERIFY(moved != permutation.permute(input.labels, other));
  for (std::size_t n = 0; n < 240; ++n) QCOMPARE(moved[n], moved[n / 4 * 4]);
  for (int k = 0; k < 3; ++k) QCOMPARE(std::count(moved.begin(), moved.end(), k), 80);
}

void LabelNullTest::unequalFamiliesAreReadInProportion() {
  const std::vector<std::int32_t> families = {0, 0, 0, 0, 1, 1}, labels = {5, 5, 7, 7, 8, 9};
  const FamilyPermutation permutation(families, {});
  bool swapped = false;
  for (std::uint64_t draw = 0; draw < 20; ++draw) {
    Rng rng(draw, "test");
    const std::vector<std::int32_t> moved = permutation.permute(labels, rng);
    if (moved == labels) continue;
    swapped = true;
    QCOMPARE(moved, (std::vector<std::int32_t>{8, 8, 9, 9, 5, 7}));
  }
  QVERIFY(swapped);
}

void LabelNullTest::sourcesKeepTheirLabels() {
  std::vector<std::int32_t> families, sources, labels;
  for (int n = 0; n < 200; ++n) {
    families.push_back(n);
    sources.push_back(n % 2);
    labels.push_back(n % 2 == 0 ? n % 4 / 2 : 2);
  }
  Rng rng(3, "test");
  const std::vector<std::int32_t> moved = FamilyPermutation(families, sources).permute(labels, rng);
  QVERIFY(moved != labels);
  for (std::size_t n = 0; n < 200; ++n) QCOMPARE(moved[n] == 2, n % 2 == 1);
}

void LabelNullTest::maximaAreThoseOfRefittedProbes() {
  const ProbeInput input = clustered(160, 2, 6, 0.5, 4);
  LabelNullConfig config;
  config.permutations = 5;
  config.draws = 2;
  config.tolerance = 1e-6;
  config.maxIterations = 5000;
  RunContext context;
  context.seed = 17;
  const std::vector<Probe> probes = {fitted(1, 0.1), fitted(0, 0.01)};
  const std::vector<LabelNull> nulls = labelNull(input, probes, {}, config, context);
  QCOMPARE(nulls.size(), std::size_t(2));
  QCOMPARE(nulls[0].cluster.value, 1);
  const FamilyPermutation permutation(input.families, {});
  for (std::uint64_t r = 0; r < 5; ++r) {
    Rng rng(17, "label-null", r);
    const std::vector<std::int32_t> labels = permutation.permute(input.labels, rng);
    for (std::size_t i = 0; i < 2; ++i) {
      const VectorD expected = weights(input.x, labels, probes[i].cluster.value, probes[i].lambda);
      QVERIFY(std::abs(nulls[i].maxima[r] - expected.maxCoeff()) < 1e-4);
      if (r < 2) QVERIFY((nulls[i].draws[r].betaStd.cwiseAbs() - expected).cwiseAbs().maxCoeff() < 1e-4);
    }
  }
  for (const LabelNull& null : nulls) {
    QCOMPARE(null.maxima.size(), std::size_t(5));
    QCOMPARE(null.draws.size(), std::size_t(2));
    QCOMPARE(null.tauBeta, statistics::quantile(null.maxima, 0.95));
    const NullProbe& draw = null.draws[0];
    const VectorD x = input.x.row(3).cast<double>(), mean = input.x.cast<double>().colwise().mean();
    const VectorD sd = ((input.x.cast<double>().rowwise() - mean.transpose()).colwise().squaredNorm() / 160).cwiseSqrt();
    const double raw = draw.wRaw.dot(x) + draw.bRaw, standardised = draw.betaStd.dot((x - mean).cwiseQuotient(sd)) + draw.intercept;
    QVERIFY(std::abs(raw - standardised) < 1e-9);
  }
}

void LabelNullTest::plantedNeuronsAreSelectedAlone() {
  const ProbeInput input = clustered(1200, 3, 12, 1.5, 5);
  LabelNullConfig config;
  config.permutations = 60;
  const std::vector<Probe> probes = {fitted(0, 0.1), fitted(1, 0.1), fitted(2, 0.1)};
  const std::vector<LabelNull> nulls = labelNull(input, probes, {}, config, {});
  for (int k = 0; k < 3; ++k) {
    const LabelNull& null = nulls[static_cast<std::size_t>(k)];
    const auto chosen = selectAboveNull(weights(input.x, input.labels, k, 0.1), null.tauBeta);
    QVERIFY(!chosen.empty());
    QCOMPARE(chosen[0].value, k);  // the other clusters' inputs say "not k" and may follow
    for (const NeuronIndex j : chosen) QVERIFY(j.value < 3);
    QCOMPARE(null.notConverged, 0);
  }
}

void LabelNullTest::noiseIsSelectedAsOftenAsTheLevelAllows() {
  const ProbeInput input = clustered(800, 20, 15, 0, 6);
  LabelNullConfig config;
  config.permutations = 100;
  std::vector<Probe> probes;
  for (int k = 0; k < 20; ++k) probes.push_back(fitted(k, 0.1));
  int selected = 0;
  for (const LabelNull& null : labelNull(input, probes, {}, config, {}))
    selected += !selectAboveNull(weights(input.x, input.labels, null.cluster.value, 0.1), null.tauBeta).empty();
  QVERIFY2(selected <= 5, qPrintable(QString::number(selected)));  // one expected of 20
}

void LabelNullTest::clustersNestedInSourcesDoNotMove() {
  const ProbeInput input = clustered(240, 3, 5, 1, 7);
  LabelNullConfig config;
  config.permutations = 3;
  config.tolerance = 1e-6;
  const std::vector<Probe> probes = {fitted(0, 0.1)};
  const LabelNull null = labelNull(input, probes, input.labels, config, {})[0];
  const double observed = weights(input.x, input.labels, 0, 0.1).maxCoeff();
  for (const double maximum : null.maxima) QVERIFY(std::abs(maximum - observed) < 1e-4);
}

void LabelNullTest::onlyFitRowsCount() {
  ProbeInput input = clustered(400, 2, 4, 0.5, 8);
  for (std::size_t n = 200; n < 400; ++n) input.roles[n] = n % 2 == 0 ? SplitRole::Tune : SplitRole::Evaluate;
  input.labels[5] = -2;
  ProbeInput other = input;
  other.x.bottomRows(200).setConstant(7);
  other.x.row(5).setConstant(std::numeric_limits<float>::quiet_NaN());
  LabelNullConfig config;
  config.permutations = 4;
  const std::vector<Probe> probes = {fitted(0, 0.1)};
  QCOMPARE(labelNull(input, probes, {}, config, {})[0].maxima, labelNull(other, probes, {}, config, {})[0].maxima);
}

void LabelNullTest::sameBytesAtAnyThreadCount() {
  const ProbeInput input = clustered(2400, 4, 30, 0.3, 9);
  LabelNullConfig config;
  config.permutations = 20;
  RunContext one, four;
  one.threads = 1;
  four.threads = 4;
  const std::vector<Probe> probes = {fitted(0, 0.1), fitted(2, 0.01)};
  const auto a = labelNull(input, probes, {}, config, one), b = labelNull(input, probes, {}, config, four);
  for (std::size_t i = 0; i < 2; ++i) QCOMPARE(a[i].maxima, b[i].maxima);
}

void LabelNullTest::unfittedProbesAreTooFew() {
  Probe small = fitted(1, 0);
  small.status = "TOO_FEW";
  const std::vector<Probe> probes = {small};
  const LabelNull null = labelNull(clustered(80, 2, 3, 0, 10), probes, {}, {}, {})[0];
  QCOMPARE(QString::fromStdString(null.status), QStringLiteral("TOO_FEW"));
  QVERIFY(std::isnan(null.tauBeta));
}

void LabelNullTest::emptiedClustersAreCounted() {
  // One mixed family of two documents among singles: where it takes one label alone, the other may be gone.
  ProbeInput input = clustered(3, 1, 2, 0, 11);
  input.labels = {0, 1, 0};
  input.families = {0, 0, 1};
  LabelNullConfig config;
  config.permutations = 40;
  const std::vector<Probe> probes = {fitted(1, 0.1)};
  const LabelNull null = labelNull(input, probes, {}, config, {})[0];
  QVERIFY(null.unusable > 5 && null.unusable < 35);
  QCOMPARE(null.maxima.size() + static_cast<std::size_t>(null.unusable), std::size_t(40));
}

void LabelNullTest::selectionIsByLargeWeights() {
  VectorD beta(4);
  beta << 0.2, -0.9, 0.5, -0.5;
  const auto chosen = selectAboveNull(beta, 0.4);
  QCOMPARE(chosen.size(), std::size_t(3));
  QCOMPARE(chosen[0].value, 1);
  QCOMPARE(chosen[1].value, 2);
  QCOMPARE(selectAboveNull(beta, 0.5).size(), std::size_t(1));  // strictly above
  QVERIFY(selectAboveNull(beta, 1).empty());
  QVERIFY_EXCEPTION_THROWN(selectAboveNull(beta, statistics::kMissing), Error);
}

void LabelNullTest::badInputIsRefused_data() {
  QTest::addColumn<int>("defect");
  QTest::newRow("sources") << 0;
  QTest::newRow("permutations") << 1;
  QTest::newRow("level") << 2;
  QTest::newRow("families") << 3;
}

void LabelNullTest::badInputIsRefused() {
  QFETCH(int, defect);
  ProbeInput input = clustered(40, 2, 3, 0, 12);
  LabelNullConfig config;
  std::vector<std::int32_t> sources;
  if (defect == 0) sources.resize(3);
  if (defect == 1) config.permutations = 0;
  if (defect == 2) config.level = 1;
  if (defect == 3) input.families.pop_back();
  const std::vector<Probe> probes = {fitted(0, 0.1)};
  QVERIFY_EXCEPTION_THROWN(labelNull(input, probes, sources, config, {}), Error);
}

QTEST_GUILESS_MAIN(LabelNullTest)
#include "label_null_test.moc"
