#include <QTest>

#include <cmath>
#include <numeric>

#include "lacuna/base/rng.h"
#include "lacuna/effects/screening.h"
#include "lacuna/model/model.h"
#include "lacuna/perturbation/perturbation.h"
#include "planted_lm.h"

using namespace lacuna;
using namespace lacuna::effects;
using perturbation::Method;
using statistics::Status;

namespace {

model::Arm ablation(std::vector<std::int32_t> neurons, double epsilon = 1, bool includeFirst = false) {
  perturbation::Perturbation p;
  p.layer = LayerIndex(0);
  p.method = Method::Zero;
  p.epsilon = epsilon;
  p.neurons = std::move(neurons);
  p.includeFirst = includeFirst;
  return perturbation::makeArm(p);
}

std::vector<std::int32_t> range(std::int32_t first, std::int32_t count) {
  std::vector<std::int32_t> out(static_cast<std::size_t>(count));
  std::iota(out.begin(), out.end(), first);
  return out;
}

/// The 32 questions of PlantedLM with all eight symbols as choices; items of a cluster lie together.
std::vector<ScreeningItem> plantedItems() {
  std::vector<ScreeningItem> items;
  for (int c = 0; c < planted::kClusters; ++c)
    for (int a = 0; a < planted::kSymbols; ++a) {
      ScreeningItem item;
      item.forest.push_back({{planted::kStart, planted::token(c, a)}, -1, false});
      item.gold = planted::answer(c, a);
      for (int s = 0; s < planted::kSymbols; ++s) {
        item.forest.push_back({{planted::kFirstSymbol + s}, 0, true});
        item.choices.push_back({{s + 1, 0}});
      }
      items.push_back(item);
    }
  return items;
}

double taskAce(const MarginEffects& effects, Eigen::Index arm, int task) {
  return effects.effects.row(arm).segment(task * planted::kSymbols, planted::kSymbols).mean();
}

}  // namespace

class ScreeningTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  /// The gold logit is linear in the used units and no other choice reads them: the first-order estimate is the effect itself.
  void plantedUnitsAreScreenedExactly_data() {
    QTest::addColumn<int>("first");
    QTest::addColumn<int>("count");
    QTest::addColumn<double>("epsilon");
    QTest::addColumn<double>("ownTask");
    QTest::newRow("used units of cluster 0") << 0 << 8 << 1.0 << 4.0;
    QTest::newRow("half of their strength") << 0 << 8 << .5 << 2.0;
    QTest::newRow("decoys") << 32 << 4 << 1.0 << 0.0;
    QTest::newRow("noise") << 56 << 8 << 1.0 << 0.0;
    QTest::newRow("null") << 0 << 8 << 0.0 << 0.0;
  }
  void plantedUnitsAreScreenedExactly() {
    QFETCH(int, first);
    QFETCH(int, count);
    QFETCH(double, epsilon);
    QFETCH(double, ownTask);
    const auto model = planted::makePlantedLm();
    const auto items = plantedItems();
    const std::vector<model::Arm> arms{ablation(range(first, count), epsilon)};
    const MarginEffects screened = screen(*model, items, arms, {}), exact = measure(*model, items, arms, {});
    for (int task = 0; task < planted::kClusters; ++task) {
      const double wanted = task == 0 ? ownTask : 0;
      QVERIFY(std::abs(taskAce(screened, 0, task) - wanted) < 1e-5);
      QVERIFY(std::abs(taskAce(exact, 0, task) - wanted) < 1e-5);
    }
    QVERIFY(std::abs(screened.ace()[0] - ownTask / 4) < 1e-5);
    QVERIFY(screened.clean == exact.clean);
    if (epsilon == 0) QCOMPARE(screened.effects.norm(), 0.0);
  }

  /// y = 4 min(1, u1 + u2): flat where both units are on, so the screen sees nothing; together they carry all of it.
  void saturatingPairIsMissedByTheScreen() {
    const auto model = planted::makeSaturatingPair();
    ScreeningItem item;
    item.forest = {{{2, 0}, -1, false}, {{0}, 0, true}, {{1}, 0, true}, {{2}, 0, true}};
    item.choices = {{{1, 0}}, {{2, 0}}, {{3, 0}}};
    item.gold = 1;
    const std::vector<model::Arm> arms{ablation({0}), ablation({1}), ablation({0, 1})};
    const auto screened = screen(*model, {&item, 1}, arms, {}).ace(), exact = measure(*model, {&item, 1}, arms, {}).ace();
    for (const double estimate : screened) QCOMPARE(estimate, 0.0);
    QCOMPARE(exact[0], 0.0);
    QCOMPARE(exact[1], 0.0);
    QVERIFY(std::abs(exact[2] - 4) < 1e-6);
  }

  void scopeAndFirstPositionAreTheEditsOwn() {
    const auto model = planted::makePlantedLm();
    ScreeningItem item = plantedItems()[0];
    item.forest[0].ids = {planted::token(0, 0)};   // the question itself stands at position 0
    const std::vector<model::Arm> arms{ablation(range(0, 8)), ablation(range(0, 8), 1, true)};
    const auto screened = screen(*model, {&item, 1}, arms, {}).ace();
    QCOMPARE(screened[0], 0.0);
    QVERIFY(std::abs(screened[1] - 4) < 1e-5);
  }

  void editsOfOneArmAddUpAndBatchesChangeNothing() {
    const auto model = planted::makePlantedLm();
    std::vector<ScreeningItem> items = plantedItems();
    model::Arm both = ablation(range(0, 8));
    both.edits.push_back(ablation(range(8, 8)).edits[0]);
    const std::vector<model::Arm> arms{both, {}, ablation(range(0, 16))};
    const MarginEffects together = screen(*model, items, arms, {});
    QVERIFY((together.effects.row(0) - together.effects.row(2)).norm() < 1e-12);
    QCOMPARE(together.effects.row(1).norm(), 0.0);
    for (std::size_t i = 0; i < items.size(); ++i)
      QCOMPARE(screen(*model, {&items[i], 1}, arms, {}).effects(0, 0), together.effects(0, static_cast<Eigen::Index>(i)));
    std::vector<ScreeningItem> many;
    for (int k = 0; k < 10; ++k) many.insert(many.end(), items.begin(), items.end());    // more than one batch
    const MarginEffects all = screen(*model, many, arms, {});
    QVERIFY(all.effects.leftCols(32) == together.effects && all.effects.rightCols(32) == together.effects);
  }

  void marginAndItsSlopes() {
    const std::vector<double> scores{-1, -2, -3.5};
    const Margin margin = marginOf(scores, 1);
    QVERIFY(std::abs(margin.value - (-2 - std::log(std::exp(-1) + std::exp(-3.5)))) < 1e-14);
    for (std::size_t c = 0; c < 3; ++c) {
      std::vector<double> up = scores, down = scores;
      up[c] += 1e-5;
      down[c] -= 1e-5;
      QVERIFY(std::abs((marginOf(up, 1).value - marginOf(down, 1).value) / 2e-5 - margin.weights[c]) < 1e-8);
    }
    QVERIFY(std::abs(marginOf(std::vector<double>{-900, -905}, 0).value - 5) < 1e-12);
    QCOMPARE(marginOf(std::vector<double>{-3}, 0).value, -3.0);
  }

  /// Several texts that are right together, as the neutral continuations of a toxicity prompt.
  void marginOfSetsAndItsSlopes() {
    const std::vector<double> scores{-1, -2, -3.5, -0.7, -4};
    const Margin margin = marginOf(scores, 2, 3);
    const double right = std::log(std::exp(-3.5) + std::exp(-0.7) + std::exp(-4)), others = std::log(std::exp(-1) + std::exp(-2));
    QVERIFY(std::abs(margin.value - (right - others)) < 1e-14);
    double sum = 0;
    for (std::size_t c = 0; c < scores.size(); ++c) {
      std::vector<double> up = scores, down = scores;
      up[c] += 1e-5;
      down[c] -= 1e-5;
      QVERIFY(std::abs((marginOf(up, 2, 3).value - marginOf(down, 2, 3).value) / 2e-5 - margin.weights[c]) < 1e-8);
      sum += margin.weights[c];
    }
    QVERIFY(std::abs(sum) < 1e-14);
    QVERIFY(std::abs(marginOf(std::vector<double>{-2, -3}, 0, 2).value - std::log(std::exp(-2) + std::exp(-3))) < 1e-14);
  }

  /// Answers of several tokens: the mean of their log-probabilities, and its gradient.
  void longAnswersCountPerToken() {
    const auto model = planted::makePlantedLm();
    ScreeningItem item;
    item.forest = {{{planted::kStart, 0}, -1, false}, {{planted::kFirstSymbol + 1, planted::kFirstSymbol}, 0, true}};
    item.choices = {{{1, 0}, {1, 1}}};
    const std::vector<model::Arm> arms{ablation(range(0, 8), .001)};
    const double sum = screen(*model, {&item, 1}, arms, {}).ace()[0];
    item.perToken = true;
    QVERIFY(sum > 0);
    QVERIFY(std::abs(screen(*model, {&item, 1}, arms, {}).ace()[0] - sum / 2) < 1e-9);
    QVERIFY(std::abs(measure(*model, {&item, 1}, arms, {}).ace()[0] - sum / 2) < 1e-5);
  }

  void verificationTakesTheTopAndARandomShareOfTheRest() {
    std::vector<double> estimates(50, 0.0);
    for (std::size_t i = 0; i < 10; ++i) estimates[5 * i] = i % 2 ? 1.0 + static_cast<double>(i) : -1.0 - static_cast<double>(i);
    estimates[1] = std::nan("");
    const Verification chosen = chooseVerified(estimates, {.seed = 4});
    std::vector<std::size_t> tops;
    for (std::size_t i = 0; i < 10; ++i) tops.push_back(5 * i);
    QCOMPARE(chosen.top, tops);
    QCOMPARE(chosen.random.size(), std::size_t{5});
    for (const std::size_t arm : chosen.random) QVERIFY(arm % 5 != 0);
    QCOMPARE(chosen.all().size(), std::size_t{15});
    QVERIFY(chooseVerified(estimates, {.seed = 5}).random != chosen.random);
    QCOMPARE(chooseVerified(estimates, {.seed = 4}).random, chosen.random);
    QCOMPARE(chooseVerified(std::vector<double>{1}).all().size(), std::size_t{1});
    QVERIFY(chooseVerified({}).all().empty());
  }

  void agreementIsARankCorrelationOnWhatWasVerified() {
    const std::vector<double> estimates{.4, .1, .3, .05, .2, 9}, exact{.5, .2, .15, 0, .3, std::nan("")};   // methods.md 13: Spearman .7
    Verification verified;
    verified.top = {0, 1, 2};
    verified.random = {3, 4};
    const ScreenAgreement agreement = screenAgreement(estimates, exact, verified);
    QVERIFY(std::abs(agreement.verified.value - .7) < 1e-12);
    QVERIFY(agreement.verified.low < .7 && agreement.verified.high > .7);
    QCOMPARE(agreement.random.status, Status::TooFew);
    verified.top.clear();
    verified.random = {0, 1, 2, 3};
    QCOMPARE(screenAgreement(estimates, std::vector<double>(6, 0.0), verified).random.status, Status::NotIdentified);
  }
};

QTEST_GUILESS_MAIN(ScreeningTest)
#include "screening_test.moc"
