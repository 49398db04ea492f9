#include <QTest>

#include <cmath>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/effects/gates.h"
#include "lacuna/effects/joint_effects.h"
#include "lacuna/statistics/distributions.h"
#include "lacuna/statistics/joint.h"

using namespace lacuna;
using namespace lacuna::effects;
using namespace lacuna::testing;
using statistics::Estimate;
using statistics::Status;

namespace {

std::vector<std::int32_t> own(std::size_t n) {
  std::vector<std::int32_t> groups(n);
  for (std::size_t i = 0; i < n; ++i) groups[i] = static_cast<std::int32_t>(i);
  return groups;
}

TaskEffects normalEffects(Eigen::Index items, Eigen::Index cells, std::uint64_t seed, double mean = 0) {
  Rng rng(seed, "joint effects test");
  TaskEffects task{MatrixD(items, cells), own(static_cast<std::size_t>(items))};
  for (Eigen::Index i = 0; i < task.d.size(); ++i) task.d.data()[i] = mean + rng.normal();
  return task;
}

Outcomes rightOf(int right, int n) {
  std::vector<double> clean(static_cast<std::size_t>(n), 0.0);
  std::fill_n(clean.begin(), right, 1.0);
  return {clean, own(clean.size())};
}

Estimate interval(double low, double high) {
  Estimate e;
  e.value = (low + high) / 2;
  e.low = low;
  e.high = high;
  return e;
}

const std::vector<double> kPaired{.30, .10, 0, .25, -.05, .40, .15, .20, .05, .60};   // methods.md 6

}  // namespace

class JointEffectsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  // ---- gates ----
  void emergenceGate_data() {
    QTest::addColumn<int>("right");
    QTest::addColumn<double>("p");
    QTest::addColumn<int>("status");
    QTest::newRow("12 of 40") << 12 << .2849 << static_cast<int>(Status::AtFloor);
    QTest::newRow("16 of 40") << 16 << .0262 << static_cast<int>(Status::Ok);
  }
  void emergenceGate() {
    QFETCH(int, right);
    QFETCH(double, p);
    QFETCH(int, status);
    const Outcomes outcomes = rightOf(right, 40);
    const Gate gate = gateOf(outcomes, outcomes.clean, {.binary = true, .chance = .25});
    LACUNA_PRINTED(gate.pChance, p, 4);
    QCOMPARE(static_cast<int>(gate.status), status);
    QCOMPARE(gate.reason.empty(), gate.status == Status::Ok);
    if (gate.status == Status::AtFloor) QVERIFY(gate.reason.find("not emergent in this model: 12 of 40 right, 0.25 by guessing") == 0);
  }

  void continuousFloorIsTwoStandardErrors() {
    const Outcomes outcomes{kPaired, own(10)};   // mean .2, se .062361
    QCOMPARE(gateOf(outcomes, kPaired, {.floor = .2 - 2.01 * .062361}).status, Status::Ok);
    QCOMPARE(gateOf(outcomes, kPaired, {.floor = .2 - 1.99 * .062361}).status, Status::AtFloor);
    QCOMPARE(gateOf(outcomes, kPaired, {}).status, Status::Ok);
  }

  void ceilingAndNothingMeasured() {
    const Outcomes all = rightOf(40, 40);
    std::vector<double> perturbed(40, 1.0);
    const MetricScale scale{.binary = true, .chance = .25, .best = 1};
    QCOMPARE(gateOf(all, perturbed, scale).status, Status::AtCeiling);
    perturbed[3] = 0;
    QCOMPARE(gateOf(all, perturbed, scale).status, Status::Ok);
    const Gate untouched = gateOf(all, perturbed, scale, 0);
    QCOMPARE(untouched.status, Status::NotIdentified);
    QVERIFY(untouched.reason.find("edited no position") != std::string::npos);
    QCOMPARE(gateOf(all, std::vector<double>(40, std::nan("")), scale).status, Status::NotIdentified);
  }

  // ---- what a null could have shown ----
  void nullsNameTheEffectTheyCouldHaveShown() {
    std::vector<double> d;
    for (int i = 0; i < 100; ++i) d.push_back(i % 2 ? 1.0 : -1.0);
    const double sd = std::sqrt(100.0 / 99);
    const Detectable found = detectable(d, own(100), interval(-.2, .2), false, {.smallestEffect = .2});
    LACUNA_NEAR(found.mde, knownAnswer("mde")["n100"].toDouble() * sd, 1e-9);
    QVERIFY(found.null && found.inconclusive);
    QCOMPARE(found.verdict, std::string("inconclusive"));
    QCOMPARE(detectable(d, own(100), interval(-.2, .2), false, {.smallestEffect = .5}).verdict, std::string("no effect above 0.5"));
    QCOMPARE(detectable(d, own(100), interval(-.2, .2), false).verdict, std::string("no effect shown"));
    QCOMPARE(detectable(d, own(100), interval(.1, .2), false, {.smallestEffect = .01}).verdict, std::string("effect"));
    QVERIFY(detectable(d, own(100), interval(-.2, .2), false, {.family = 20}).mde > found.mde);
  }

  void groupedItemsShowLess() {
    std::vector<double> d;
    std::vector<std::int32_t> groups;
    for (int i = 0; i < 80; ++i) {
      d.push_back(i / 4 % 2 ? 1.0 : -1.0);   // four items of a group agree
      groups.push_back(i / 4);
    }
    const Detectable found = detectable(d, groups, interval(-1, 1), false);
    LACUNA_NEAR(found.effectiveItems, 20.0 * 80 / 79, 1e-9);   // the iid variance has n − 1 below it
  }

  /// methods.md 8: n = 1319, a tenth discordant → .0244.
  void binaryNullsUseMcNemar() {
    std::vector<double> d(1320, 0.0);
    for (std::size_t i = 0; i < 132; ++i) d[i * 10] = i % 2 ? 1 : -1;
    LACUNA_PRINTED(detectable(d, own(1320), interval(-.02, .02), true).mde, .0244, 4);
  }

  // ---- bands ----
  void oneTaskGetsTheStatisticsOwnBand() {
    const TaskEffects task = normalEffects(60, 4, 1);
    const statistics::BootstrapConfig config{.draws = 2000, .seed = 3};
    const auto band = simultaneousBands(std::vector{task}, config);
    const auto wanted = statistics::simultaneousMeans(task.d, task.groups, config);
    for (std::size_t j = 0; j < 4; ++j) QCOMPARE(band[0][j].low, wanted[j].low);
  }

  /// Ten independent normal means: the critical value is the (.95)^(1/10) two-sided quantile, 2.80.
  void severalTasksAreCoveredTogether() {
    const std::vector<TaskEffects> tasks{normalEffects(400, 5, 1), normalEffects(500, 5, 2)};
    const auto band = simultaneousBands(tasks, {.draws = 10000, .seed = 3});
    const double critical = statistics::normalQuantile(.5 + .5 * std::pow(.95, .1));
    for (const auto& task : band)
      for (const Estimate& cell : task) {
        QCOMPARE(cell.method, std::string("max-t"));
        LACUNA_NEAR((cell.high - cell.value) / cell.se, critical, .03);
        LACUNA_NEAR(cell.high - cell.value, cell.value - cell.low, 1e-12);
      }
    TaskEffects still = normalEffects(30, 1, 4);
    still.d.setConstant(.5);
    const auto withStill = simultaneousBands(std::vector{tasks[0], still}, {.draws = 500});
    QCOMPARE(withStill[1][0].status, Status::ZeroVariance);
    QCOMPARE(withStill[1][0].low, .5);
  }

  void doseCurveCarriesItsBand() {
    TaskEffects task = normalEffects(40, 4, 9);
    const std::vector<double> doses{1, .25, .75, .5};
    const double means[]{.30, .02, .22, .10};   // methods.md 6: AUDRC .1225, half at .604167
    for (Eigen::Index j = 0; j < 4; ++j) task.d.col(j).array() += means[j] - task.d.col(j).mean();
    const DoseResponse curve = doseResponseBand(doses, task, {.draws = 1000});
    LACUNA_NEAR(curve.area, .1225, 1e-9);
    LACUNA_PRINTED(curve.epsilonHalf, .604167, 6);
    QCOMPARE(curve.points[1].ace.method, std::string("max-t"));
    QVERIFY(curve.points[1].ace.low < .02 && curve.points[1].ace.high > .02);
  }

  // ---- interaction ----
  void additiveClustersDoNotInteract() {
    const TaskEffects task = normalEffects(50, 2, 5, .3);
    std::vector<double> first, second, joint;
    for (Eigen::Index i = 0; i < 50; ++i) {
      first.push_back(task.d(i, 0));
      second.push_back(task.d(i, 1));
      joint.push_back(task.d(i, 0) + task.d(i, 1));
    }
    const Interaction none = interaction(first, second, joint, task.groups, {.draws = 1000});
    LACUNA_NEAR(none.interaction.value, 0, 1e-12);
    QVERIFY(none.first.value > 0 && none.joint.value > none.second.value);
    // The saturating pair of methods.md 13.2: nothing alone, 4 together.
    const std::vector<double> zero(50, 0.0), four(50, 4.0);
    const Interaction redundant = interaction(zero, zero, four, task.groups, {.draws = 200});
    QCOMPARE(redundant.interaction.value, 4.0);
    QCOMPARE(redundant.interaction.status, Status::ZeroVariance);
    std::vector<double> noisy = joint;
    for (std::size_t i = 0; i < noisy.size(); ++i) noisy[i] += 1 + .1 * static_cast<double>(i % 3);
    const Interaction positive = interaction(first, second, noisy, task.groups, {.draws = 1000});
    QCOMPARE(positive.interaction.method, std::string("bca"));
    QVERIFY(positive.interaction.low > .9 && positive.interaction.high < 1.3);
  }

  // ---- specificity ----
  void specificityKnownAnswerWithIntervals() {
    const auto known = knownAnswer("specificity");
    const MatrixD a = matrix(known["A"]), si = matrix(known["SI"]), dc = matrix(known["DC"]);
    std::vector<TaskEffects> tasks;
    for (Eigen::Index t = 0; t < 3; ++t) {
      TaskEffects task = normalEffects(200, 3, 20 + static_cast<std::uint64_t>(t));
      for (Eigen::Index c = 0; c < 3; ++c) task.d.col(c).array() += a(c, t) - task.d.col(c).mean();
      tasks.push_back(task);
    }
    const std::vector<std::pair<int, int>> diagonal{{0, 0}, {1, 1}, {2, 2}};
    const SpecificityEstimates out = specificityIntervals(tasks, VectorD::Ones(3), diagonal, {.draws = 4000, .seed = 1});
    for (std::size_t c = 0; c < 3; ++c)
      for (std::size_t t = 0; t < 3; ++t) {
        const Estimate &index = out.index[c][t], &centred = out.doubleCentred[c][t];
        LACUNA_NEAR(index.value, si(static_cast<Eigen::Index>(c), static_cast<Eigen::Index>(t)), 1e-9);
        LACUNA_NEAR(centred.value, dc(static_cast<Eigen::Index>(c), static_cast<Eigen::Index>(t)), 1e-9);
        // Var SI = (1 + 1/4 + 1/4)·1/200 for independent tasks of unit variance.
        LACUNA_NEAR(index.se, std::sqrt(1.5 / 200), .1);
        QVERIFY(std::abs(index.se - std::sqrt(1.5 / 200)) < .012);
        QVERIFY(index.low < index.value && index.value < index.high);
      }
    LACUNA_NEAR(out.pooledDoubleCentred.value, (.175556 + .138889 + .078889) / 3, 1e-6);
    LACUNA_NEAR(out.pooledIndex.value, (si(0, 0) + si(1, 1) + si(2, 2)) / 3, 1e-9);
    QVERIFY(out.pooledIndex.se < out.index[0][0].se);
  }

  void specificityNeedsTwoTasksAndSpread() {
    const std::vector<TaskEffects> one{normalEffects(20, 2, 1)};
    const auto alone = specificityIntervals(one, VectorD::Ones(1), {}, {.draws = 50});
    QCOMPARE(alone.index[0][0].status, Status::NotIdentified);
    QCOMPARE(alone.pooledIndex.status, Status::NotIdentified);
    const std::vector<TaskEffects> two{normalEffects(20, 2, 1), normalEffects(20, 2, 2)};
    VectorD sd(2);
    sd << 1, 0;
    QCOMPARE(specificityIntervals(two, sd, {}, {.draws = 50}).index[0][1].status, Status::NotIdentified);
  }
};

QTEST_GUILESS_MAIN(JointEffectsTest)
#include "joint_effects_test.moc"
