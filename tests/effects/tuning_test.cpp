#include <QTest>

#include <cmath>

#include "lacuna/base/rng.h"
#include "lacuna/effects/strength.h"
#include "known_answers.h"

using namespace lacuna;
using namespace lacuna::effects;
using namespace lacuna::testing;
using statistics::Status;

namespace {

/// n documents whose mean increase is exactly `mean`, spread ±`spread`.
LossIncrease documents(double mean, double spread, int n = 200) {
  LossIncrease out;
  for (int i = 0; i < n; ++i) {
    out.perItem.push_back(mean + (i % 2 ? spread : -spread));
    out.groups.push_back(i);
  }
  return out;
}

MeasureIncrease curve(const std::function<double(double)>& f, double spread = 0) {
  return [=](std::size_t, double epsilon, Half) { return documents(f(epsilon), spread); };
}

double quadratic(double epsilon) { return .05 * epsilon * epsilon; }   // methods.md 10: true ε* .632456

}  // namespace

class TuningTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void exactCurveIsBisectedToTheBudget() {
    TuningConfig config;
    config.grid = {.05, .1, .2, .4, .8, 1, 1.5, 2};
    config.bisections = 20;
    const TunedStrength tuned = tuneStrength(1, curve(quadratic), config);
    QVERIFY(tuned.epsilon <= .632456 && tuned.epsilon > .632455);
    QCOMPARE(tuned.status, Status::Ok);
    QVERIFY(tuned.reason.empty());
    QCOMPARE(tuned.confirmations.size(), std::size_t{1});
  }

  void nonMonotoneCurvesStopAtTheFirstCrossing() {
    TuningConfig config;
    config.grid = {.1, .2, .4, .8};
    const TunedStrength tuned = tuneStrength(1, curve([](double e) { return e < .15 ? 0 : e < .3 ? .03 : e < .6 ? .01 : .05; }), config);
    QVERIFY(tuned.search.nonMonotone);
    QCOMPARE(tuned.epsilon, .1);
  }

  void theWorstSetBinds() {
    const MeasureIncrease measure = [](std::size_t set, double epsilon, Half) { return documents(set == 1 ? quadratic(epsilon) : .001 * epsilon, 0); };
    const TunedStrength tuned = tuneStrength(3, measure);
    QVERIFY(std::abs(tuned.epsilon - .632456) < .01);
    QCOMPARE(tuned.binding.size(), tuned.search.probes.size());
    QCOMPARE(tuned.binding.back(), std::size_t{1});
    QCOMPARE(tuned.confirmedBy.back(), std::size_t{1});
  }

  /// The bound, not the mean, must keep the budget: z·sd/√n = 1.645·.1/√200 = .0116.
  void theBoundIsOneSided() {
    const StrengthCost cost = costOf(documents(.01, .1), .95, {.draws = 10000, .seed = 1});
    LACUNA_NEAR(cost.mean, .01, 1e-12);
    QVERIFY(std::abs(cost.upper - (.01 + 1.645 * .1 / std::sqrt(200))) < 5e-4);
    const TunedStrength careful = tuneStrength(1, curve(quadratic, .1));
    QVERIFY(careful.epsilon < .5);
    QVERIFY(quadratic(careful.epsilon) < .02 - .011);
  }

  void failuresOnTheFreshHalfStepDown() {
    const MeasureIncrease measure = [](std::size_t, double epsilon, Half half) { return documents(quadratic(epsilon) * (half == Half::Confirm ? 8 : 1), 0); };
    const TunedStrength tuned = tuneStrength(1, measure);
    QCOMPARE(tuned.epsilon, .2);   // .4 · 8 · .05 · .4 = .064 fails, .016 keeps the budget
    QCOMPARE(tuned.confirmations.size(), std::size_t{3});
    QVERIFY(tuned.confirmations[0].cost.upper > .02 && tuned.confirmations[1].cost.upper > .02);
    const TunedStrength never = tuneStrength(1, [](std::size_t, double, Half half) { return documents(half == Half::Confirm ? 1 : 0, 0); });
    QCOMPARE(never.epsilon, 0.0);
    QCOMPARE(never.status, Status::NotIdentified);
    QVERIFY(never.reason.find("fresh half") != std::string::npos);
  }

  void edges() {
    const TunedStrength free = tuneStrength(1, curve([](double) { return 0.0; }));
    QCOMPARE(free.status, Status::AtCeiling);
    QCOMPARE(free.epsilon, 1.0);
    const TunedStrength dear = tuneStrength(1, curve([](double) { return .5; }));
    QCOMPARE(dear.status, Status::NotIdentified);
    QCOMPARE(dear.epsilon, 0.0);
    QVERIFY(dear.reason.find("no safe strength") == 0);
    const TunedStrength empty = tuneStrength(1, [](std::size_t, double, Half) { return LossIncrease{}; });
    QCOMPARE(empty.status, Status::NotIdentified);
  }

  /// A bound twice as far from its mean as the budget asks for four times the documents.
  void noiseAsksForMoreDocuments() {
    const TunedStrength tuned = tuneStrength(1, curve([](double) { return 0.0; }, .4));
    const double width = 1.645 * .4 / std::sqrt(200);
    QCOMPARE(tuned.status, Status::NotIdentified);
    QVERIFY(std::abs(static_cast<double>(tuned.groupsNeeded) / (200 * std::pow(width / .02, 2)) - 1) < .1);
    QVERIFY(tuned.reason.find("groups of documents are needed") != std::string::npos);
  }
};

QTEST_GUILESS_MAIN(TuningTest)
#include "tuning_test.moc"
