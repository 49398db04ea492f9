#include "lacuna/effects/cross_worlds.h"

#include <QTest>
#include <numeric>

#include "lacuna/base/rng.h"
#include "planted_lm.h"

using namespace lacuna;
using namespace lacuna::effects;
using statistics::CrossWorld;

Q_DECLARE_METATYPE(std::vector<std::int32_t>)

namespace {

using Neurons = std::vector<std::int32_t>;

/// A prompt and one-token answers behind it, the first one right.
ScreeningItem question(std::vector<std::int32_t> prompt, const std::vector<std::int32_t>& answers) {
  ScreeningItem item;
  item.forest.push_back({std::move(prompt), -1, false});
  for (const std::int32_t answer : answers) {
    item.choices.push_back({{static_cast<int>(item.forest.size()), 0}});
    item.forest.push_back({{answer}, 0, true});
  }
  return item;
}

/// PlantedLM asked for symbol 1 against symbol 2 after (c, 0): cluster 0 says 1, cluster 1 says 2.
ScreeningItem plantedItem(int c) {
  return question({planted::kStart, planted::token(c, 0)}, {planted::kFirstSymbol + 1, planted::kFirstSymbol + 2});
}

Neurons usedBy(std::initializer_list<int> clusters) {
  Neurons neurons;
  for (const int c : clusters)
    for (int a = 0; a < planted::kSymbols; ++a) neurons.push_back(planted::used(c, a));
  return neurons;
}

Neurons decoysOf(int c) { return {planted::decoy(c, 0), planted::decoy(c, 1), planted::decoy(c, 2), planted::decoy(c, 3)}; }

Mediator everything(const model::Model& model, model::Site site, std::int64_t layer) {
  Mediator all{{site, LayerIndex(layer)}, Neurons(static_cast<std::size_t>(model.info().siteWidth(site)))};
  std::iota(all.neurons.begin(), all.neurons.end(), 0);
  return all;
}

std::shared_ptr<const model::Model> tiny() {
  static const auto model = model::Model::load(LACUNA_TEST_DATA "/models/gpt2_default", {});
  return model;
}

/// Prompts of 12 tokens that differ in three places, with answers of their own.
void randomPair(int index, std::vector<ScreeningItem>& base, std::vector<ScreeningItem>& other) {
  Rng rng(2, "cross-worlds", static_cast<std::uint64_t>(index));
  const auto token = [&] { return static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(tiny()->info().vocabulary))); };
  std::vector<std::int32_t> prompt, answers{token(), token(), token()};
  for (int t = 0; t < 12; ++t) prompt.push_back(token());
  base.push_back(question(prompt, answers));
  for (const std::size_t t : {std::size_t(0), std::size_t(4), std::size_t(9)}) prompt[t] = token();
  other.push_back(question(prompt, answers));
}

}  // namespace

class CrossWorldsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void plantedModelIsExact_data() {
    QTest::addColumn<Neurons>("mediator");
    QTest::addColumn<double>("pureDirect");
    QTest::addColumn<double>("totalIndirect");
    QTest::addColumn<double>("totalDirect");
    QTest::addColumn<double>("pureIndirect");
    QTest::newRow("U_0") << usedBy({0}) << 4.0 << 4.0 << 4.0 << 4.0;
    QTest::newRow("U_0 and U_1") << usedBy({0, 1}) << 0.0 << 8.0 << 0.0 << 8.0;
    QTest::newRow("D_0: encoded, not used") << decoysOf(0) << 8.0 << 0.0 << 8.0 << 0.0;
  }
  void plantedModelIsExact() {
    QFETCH(Neurons, mediator);
    QFETCH(double, pureDirect);
    QFETCH(double, totalIndirect);
    QFETCH(double, totalDirect);
    QFETCH(double, pureIndirect);
    const auto model = planted::makePlantedLm();
    const std::vector<ScreeningItem> base{plantedItem(0)}, other{plantedItem(1)};
    const std::vector<Mediator> mediators{{{model::Site::MlpHidden, LayerIndex(0)}, mediator}};
    const CrossWorld y = crossWorlds(*model, base, other, mediators, {})[0][0];
    const statistics::Effects e = statistics::decompose(y);
    constexpr double kExact = 1e-5;   // margins are differences of fp32 log-probabilities
    QVERIFY(std::abs(e.total - 8) < kExact);
    QVERIFY(std::abs(e.pureDirect - pureDirect) < kExact && std::abs(e.totalIndirect - totalIndirect) < kExact);
    QVERIFY(std::abs(e.totalDirect - totalDirect) < kExact && std::abs(e.pureIndirect - pureIndirect) < kExact);
  }

  /// All of the stream at one place, at every token: the other world itself. Token by token, so a shift by one would show.
  void everythingMediatesEverything_data() {
    QTest::addColumn<int>("site");
    QTest::addColumn<int>("layer");
    QTest::newRow("before the first block") << static_cast<int>(model::Site::ResidPre) << 0;
    QTest::newRow("after the first block") << static_cast<int>(model::Site::ResidPost) << 0;
    QTest::newRow("after the last block") << static_cast<int>(model::Site::ResidPost) << static_cast<int>(tiny()->info().layers) - 1;
  }
  void everythingMediatesEverything() {
    QFETCH(int, site);
    QFETCH(int, layer);
    std::vector<ScreeningItem> base, other;
    for (int i = 0; i < 6; ++i) randomPair(i, base, other);
    const std::vector<Mediator> all{everything(*tiny(), static_cast<model::Site>(site), layer)};
    const auto worlds = crossWorlds(*tiny(), base, other, all, {});
    for (const CrossWorld& y : worlds[0]) {
      QVERIFY(y.y11 != y.y00);
      QVERIFY(y.y10 == y.y00 && y.y01 == y.y11);   // the same bits
    }
  }

  void ofOneWorldNothingChanges() {
    std::vector<ScreeningItem> base, other;
    randomPair(1, base, other);
    const std::vector<Mediator> some{{{model::Site::MlpHidden, LayerIndex(1)}, {0, 3, 5}}};
    const CrossWorld y = crossWorlds(*tiny(), base, base, some, {})[0][0];
    QVERIFY(y.y10 == y.y11 && y.y01 == y.y11 && y.y00 == y.y11);
  }

  void anItemsOutcomesAreItsOwn() {
    std::vector<ScreeningItem> base, other;
    for (int i = 0; i < 150; ++i) randomPair(i, base, other);   // several batches
    const std::vector<Mediator> mediators{{{model::Site::MlpHidden, LayerIndex(0)}, {0, 1, 2, 3}}, {{model::Site::MlpHidden, LayerIndex(1)}, {7}}};
    const auto together = crossWorlds(*tiny(), base, other, mediators, {});
    for (const std::size_t i : {std::size_t(0), std::size_t(77), std::size_t(149)}) {
      const auto alone = crossWorlds(*tiny(), std::span(base).subspan(i, 1), std::span(other).subspan(i, 1), std::span(mediators).subspan(1), {});
      const CrossWorld &a = together[1][i], &b = alone[0][0];
      QVERIFY(a.y11 == b.y11 && a.y10 == b.y10 && a.y01 == b.y01 && a.y00 == b.y00);
    }
  }

  void itemsOfAnotherShapeAreNotAligned() {
    const ScreeningItem base = question({1, 2, 3}, {4, 5});
    QVERIFY(aligned(base, question({3, 2, 1}, {4, 5})));
    QVERIFY(!aligned(base, question({1, 2}, {4, 5})));
    QVERIFY(!aligned(base, question({1, 2, 3}, {4, 5, 6})));
    ScreeningItem other = base;
    other.gold = 1;
    QVERIFY(!aligned(base, other));
  }
};

QTEST_GUILESS_MAIN(CrossWorldsTest)
#include "cross_worlds_test.moc"
