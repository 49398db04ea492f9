#include <QTest>

#include <cmath>

#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/probes/rankings.h"

using namespace lacuna;
using namespace lacuna::probes;

namespace {

/// Inputs 0 and 1 tell the cluster; families of two.
struct Planted {
  MatrixF x;
  std::vector<std::uint8_t> in;
  std::vector<std::int32_t> families;
};
Planted planted(int rows, int width, double shift, std::uint64_t seed) {
  Rng rng(seed, "test-rankings");
  Planted p{MatrixF(rows, width), {}, {}};
  for (int n = 0; n < rows; ++n) {
    p.in.push_back(n / 2 % 3 == 0);
    p.families.push_back(n / 2);
    for (int j = 0; j < width; ++j) p.x(n, j) = static_cast<float>(rng.normal() + (p.in.back() != 0 && j < 2 ? shift : 0));
  }
  return p;
}

VectorD vector(std::initializer_list<double> values) {
  VectorD v(static_cast<Eigen::Index>(values.size()));
  std::copy(values.begin(), values.end(), v.begin());
  return v;
}

}  // namespace

class RankingsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void probelessByHand();
  void probelessKnowsNoUnits();
  void probelessWithoutTwoClassesIsMissing();
  void stabilityFindsThePlantedInputs();
  void stabilityOfNoiseKeepsFew();
  void stabilitySameAtAnyThreadCount();
  void halvesWithoutAClassAreLeftOut();
  void agreementByHand();
  void absentRankingsAreMissing();
  void badInputIsRefused();
};

void RankingsTest::probelessByHand() {
  MatrixF x(4, 3);
  x << 1, 5, 2, 3, 5, 2, 7, 5, 4, 9, 5, 0;
  const VectorD r = probelessImportance(x, std::vector<std::uint8_t>{0, 0, 1, 1}, {});
  LACUNA_NEAR(r[0], 6 / std::sqrt(10.0), 1e-12);  // means 2 and 8, population variance 10
  QCOMPARE(r[1], 0.0);
  QCOMPARE(r[2], 0.0);
}

void RankingsTest::probelessKnowsNoUnits() {
  Planted p = planted(300, 6, 1, 1);
  const VectorD before = probelessImportance(p.x, p.in, {});
  p.x.col(1) *= 1024;
  QVERIFY((probelessImportance(p.x, p.in, {}) - before).cwiseAbs().maxCoeff() < 1e-9);
  for (Eigen::Index j = 2; j < 6; ++j) QVERIFY(before[j] < before[0] && before[j] < before[1]);
}

void RankingsTest::probelessWithoutTwoClassesIsMissing() {
  QVERIFY(probelessImportance(MatrixF::Random(4, 2), std::vector<std::uint8_t>{1, 1, 1, 1}, {}).array().isNaN().all());
}

void RankingsTest::stabilityFindsThePlantedInputs() {
  const Planted p = planted(600, 20, 1, 2);
  const StabilitySelection s = stabilitySelection(p.x, p.in, p.families, {}, 0, {});
  QCOMPARE(s.usable, 50);
  QCOMPARE(s.notConverged, 0);
  const std::vector<NeuronIndex> kept = stableNeurons(s.frequency);
  QCOMPARE(kept.size(), std::size_t(2));
  QVERIFY(kept[0].value + kept[1].value == 1);
  QVERIFY(s.frequency.minCoeff() >= 0 && s.frequency.maxCoeff() <= 1);
}

void RankingsTest::stabilityOfNoiseKeepsFew() {
  const Planted p = planted(600, 40, 0, 3);
  QVERIFY(stableNeurons(stabilitySelection(p.x, p.in, p.families, {}, 0, {}).frequency, 0.95).size() <= 3);
}

void RankingsTest::stabilitySameAtAnyThreadCount() {
  const Planted p = planted(1500, 50, 0.5, 4);
  RunContext one, three;
  one.threads = 1;
  three.threads = 3;
  const VectorD a = stabilitySelection(p.x, p.in, p.families, {}, 7, one).frequency;
  QVERIFY(a == stabilitySelection(p.x, p.in, p.families, {}, 7, three).frequency);
  QVERIFY(a != stabilitySelection(p.x, p.in, p.families, {}, 8, one).frequency);
}

void RankingsTest::halvesWithoutAClassAreLeftOut() {
  Planted p = planted(80, 4, 1, 5);
  for (std::size_t n = 0; n < p.in.size(); ++n) p.in[n] = n < 2;  // one family alone
  const StabilitySelection s = stabilitySelection(p.x, p.in, p.families, {}, 0, {});
  QVERIFY(s.usable > 10 && s.usable < 40);
  p.in.assign(p.in.size(), 0);
  QVERIFY(stabilitySelection(p.x, p.in, p.families, {}, 0, {}).frequency.array().isNaN().all());
}

void RankingsTest::agreementByHand() {
  const std::vector<VectorD> rankings = {vector({5, 4, 3, 2, 1}), vector({4, 5, 3, 1, 2}), vector({0, 0, 0, 1, 2})};
  const RankingAgreement a = compareRankings(rankings, 2);
  LACUNA_NEAR(a.spearman(0, 0), 1, 1e-12);
  LACUNA_NEAR(a.spearman(0, 1), 0.8, 1e-12);   // Σd² = 4: 1 − 24/120
  QCOMPARE(a.jaccard(0, 1), 1.0);
  QCOMPARE(a.jaccard(0, 2), 0.0);
  QCOMPARE(a.leastJaccard, 0.0);
  QVERIFY(!a.robust);
  const RankingAgreement wide = compareRankings(rankings, 3);
  QCOMPARE(wide.jaccard(0, 2), 0.0);           // inputs without value never fill up a leading set
  QVERIFY(compareRankings(std::vector<VectorD>(rankings.begin(), rankings.begin() + 2), 3).robust);
  QCOMPARE(compareRankings(std::vector<VectorD>{vector({3, 2, 1, 0}), vector({3, 0, 2, 1})}, 2).leastJaccard, 1.0 / 3);
}

void RankingsTest::absentRankingsAreMissing() {
  const double nan = std::nan("");
  const RankingAgreement a = compareRankings(std::vector<VectorD>{vector({2, 1}), vector({nan, nan}), vector({0, 0})}, 1);
  QVERIFY(std::isnan(a.jaccard(0, 1)) && std::isnan(a.spearman(0, 1)));
  QVERIFY(std::isnan(a.jaccard(2, 2)) && std::isnan(a.spearman(2, 2)));
  QCOMPARE(a.jaccard(0, 2), 0.0);
  const RankingAgreement alone = compareRankings(std::vector<VectorD>{vector({2, 1})}, 1);
  QVERIFY(std::isnan(alone.leastJaccard) && !alone.robust);
}

void RankingsTest::badInputIsRefused() {
  QVERIFY_EXCEPTION_THROWN(compareRankings(std::vector<VectorD>{vector({1, 2}), vector({1})}, 1), Error);
  QVERIFY_EXCEPTION_THROWN(compareRankings(std::vector<VectorD>{vector({1, 2})}, 0), Error);
  const Planted p = planted(20, 2, 1, 6);
  QVERIFY_EXCEPTION_THROWN(stabilitySelection(p.x, p.in, std::vector<std::int32_t>(3), {}, 0, {}), Error);
}

QTEST_GUILESS_MAIN(RankingsTest)
#include "rankings_test.moc"
