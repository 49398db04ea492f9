#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "lacuna/base/rng.h"

using lacuna::Rng;

class RngTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void philoxGivesThePublishedVectors_data();
  void philoxGivesThePublishedVectors();
  void sameKeyGivesTheSameStream();
  void streamsDifferByEverySingleKeyPart();
  void uniformLiesInTheUnitIntervalWithTheRightMoments();
  void normalHasTheRightMoments();
  void belowIsUniformAndNeverReachesItsBound();
  void permutationHoldsEveryIndexOnce();
  void sampleIsDistinctAndUniform();
};

using Block = std::array<std::uint32_t, 4>;
Q_DECLARE_METATYPE(Block)

// Random123 1.09, tests/kat_vectors, philox4x32 with 10 rounds.
void RngTest::philoxGivesThePublishedVectors_data() {
  QTest::addColumn<Block>("counter");
  QTest::addColumn<quint32>("key0");
  QTest::addColumn<quint32>("key1");
  QTest::addColumn<Block>("expected");
  QTest::newRow("zeros") << Block{0, 0, 0, 0} << 0u << 0u << Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  QTest::newRow("ones") << Block{~0u, ~0u, ~0u, ~0u} << ~0u << ~0u << Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
  QTest::newRow("pi") << Block{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344} << 0xa4093822u << 0x299f31d0u
                      << Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1};
}

void RngTest::philoxGivesThePublishedVectors() {
  QFETCH(Block, counter);
  QFETCH(quint32, key0);
  QFETCH(quint32, key1);
  QFETCH(Block, expected);
  QVERIFY(lacuna::philox4x32(counter, {key0, key1}) == expected);
}

void RngTest::sameKeyGivesTheSameStream() {
  Rng a(7, "probes", 3), b(7, "probes", 3);
  for (int i = 0; i < 1000; ++i) QCOMPARE(a.nextU64(), b.nextU64());
}

void RngTest::streamsDifferByEverySingleKeyPart() {
  std::set<std::uint64_t> firsts;
  for (const std::uint64_t seed : {0u, 1u})
    for (const char* stage : {"", "probes", "clusters"})
      for (const std::uint64_t item : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 40})
        firsts.insert(Rng(seed, stage, item).nextU64());
  QCOMPARE(firsts.size(), std::size_t{18});
}

void RngTest::uniformLiesInTheUnitIntervalWithTheRightMoments() {
  Rng rng(1, "uniform");
  double sum = 0, squares = 0;
  constexpr int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform();
    QVERIFY(u >= 0 && u < 1);
    sum += u;
    squares += u * u;
  }
  QVERIFY(std::abs(sum / n - 0.5) < 0.003);  // four standard errors
  QVERIFY(std::abs(squares / n - 1.0 / 3) < 0.003);
}

void RngTest::normalHasTheRightMoments() {
  Rng rng(1, "normal");
  double moments[4] = {};
  constexpr int n = 200000;
  for (int i = 0; i < n; ++i) {
    const double x = rng.normal();
    moments[0] += x;
    moments[1] += x * x;
    moments[2] += x * x * x;
    moments[3] += x * x * x * x;
  }
  QVERIFY(std::abs(moments[0] / n) < 0.01);
  QVERIFY(std::abs(moments[1] / n - 1) < 0.02);
  QVERIFY(std::abs(moments[2] / n) < 0.04);
  QVERIFY(std::abs(moments[3] / n - 3) < 0.1);
}

void RngTest::belowIsUniformAndNeverReachesItsBound() {
  Rng rng(5, "below");
  std::array<int, 7> counts{};
  for (int i = 0; i < 70000; ++i) ++counts.at(rng.below(7));
  for (const int count : counts) QVERIFY(std::abs(count - 10000) < 400);
  QCOMPARE(rng.below(1), std::uint64_t{0});
  const std::uint64_t most = ~std::uint64_t{0};
  QVERIFY(rng.below(most) < most);
}

void RngTest::permutationHoldsEveryIndexOnce() {
  Rng rng(5, "permutation");
  auto order = rng.permutation(1000);
  QVERIFY(!std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::size_t i = 0; i < order.size(); ++i) QCOMPARE(order[i], static_cast<std::int64_t>(i));
  QVERIFY(rng.permutation(0).empty());
}

void RngTest::sampleIsDistinctAndUniform() {
  std::array<int, 10> counts{};
  for (std::uint64_t item = 0; item < 10000; ++item) {
    const auto drawn = Rng(5, "sample", item).sample(10, 3);
    QCOMPARE(std::set(drawn.begin(), drawn.end()).size(), std::size_t{3});
    for (const auto i : drawn) ++counts.at(static_cast<std::size_t>(i));
  }
  for (const int count : counts) QVERIFY(std::abs(count - 3000) < 200);
  QCOMPARE(Rng(5, "all").sample(4, 4).size(), std::size_t{4});
}

QTEST_GUILESS_MAIN(RngTest)
#include "rng_test.moc"
