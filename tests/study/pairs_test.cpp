#include "pairs.h"

#include <QTemporaryDir>
#include <QTest>

#include "effect_data.h"
#include "lacuna/perturbation/perturbation.h"
#include "planted_lm.h"

using namespace lacuna;
using namespace lacuna::study;

/// The saturating pair of PlantedLM as a stored study: y = 4·min(1, u₁ + u₂), so that either neuron alone does nothing and both together
/// take everything. Zeroing at ε: 0, 0 and 4·max(0, 2ε − 1).
class PairsTest : public QObject {
  Q_OBJECT

  static perturbation::Perturbation zeroed(std::int32_t neuron, double epsilon) {
    perturbation::Perturbation p;
    p.layer = LayerIndex(0);
    p.method = perturbation::Method::Zero;
    p.epsilon = epsilon;
    p.neurons = {neuron};
    return p;
  }
  static double logit(const perturbation::PerturbationSet& set) {
    const auto model = planted::makeSaturatingPair();
    const model::Arm arm = set.empty() ? model::Arm() : perturbation::makeArm(set);
    model::ForwardRequest request;
    request.logitsAt = {{0, 1}};
    return static_cast<double>(model::forward(*model, {{{2, 0}, -1, false}}, {&arm, 1}, request, {}).logits[0](0, 1));
  }
  /// 12 items in 6 groups, all alike; the last two are tuning items and carry nonsense.
  static void put(store::Store& store, const std::string& arm, double value) {
    std::vector<double> values(14, value);
    if (arm != "clean") values[12] = values[13] = 1e6;
    store.putOutcomes({{arm, "saturated", "margin", values}});
  }

 private Q_SLOTS:
  void theRedundantPairIsAllInteraction_data() {
    QTest::addColumn<double>("epsilon");
    QTest::addColumn<double>("expected");
    QTest::newRow("half") << .5 << 0.0;
    QTest::newRow("three quarters") << .75 << 2.0;
    QTest::newRow("whole") << 1.0 << 4.0;
  }
  void theRedundantPairIsAllInteraction() {
    QFETCH(double, epsilon);
    QFETCH(double, expected);
    const QTemporaryDir folder;
    const auto store = store::Store::create(folder.path().toStdString() + "/planted.lacuna");
    store::TaskItems items{"saturated", {}, {}, {}};
    for (int i = 0; i < 14; ++i) items.items.push_back(i), items.groups.push_back(i / 2), items.evaluate.push_back(i < 12);
    store->putTasks({{"saturated", "multiple_choice", 14, 1, .5, 4}}, {items});
    const perturbation::Perturbation first = zeroed(0, epsilon), second = zeroed(1, epsilon);
    put(*store, "clean", logit({}));
    put(*store, "a", logit({first}));
    put(*store, "b", logit({second}));
    put(*store, "ab", logit({first, second}));
    RunRow run;
    run.kind = "pair";
    run.status = "done";
    run.cluster = ClusterId(0);
    run.partner = ClusterId(1);
    run.method = "zero";
    run.dose = epsilon;
    store->addRun(run, "pair", {{0, -1, "ab", "{}", ""}, {0, 0, "a", "{}", "first"}, {0, 1, "b", "{}", "second"}});
    StudySpec spec;
    spec.bootstrapDraws = 200;
    const auto rows = interactionsOf(EffectData(*store), spec, {});
    QCOMPARE(rows.size(), std::size_t(1));
    QVERIFY(std::abs(rows[0].aceFirst.value) < 1e-6 && std::abs(rows[0].aceSecond.value) < 1e-6);
    QVERIFY(std::abs(rows[0].aceJoint.value - expected) < 1e-6);
    QVERIFY(std::abs(rows[0].interaction.value - expected) < 1e-6);
    QCOMPARE(rows[0].n, std::int64_t(12));
    QCOMPARE(rows[0].groups, std::int64_t(6));
    QCOMPARE(rows[0].status, std::string("ZERO_VARIANCE"));
  }

  void aPairWithoutAPerturbationSaysWhy() {
    const QTemporaryDir folder;
    const auto store = store::Store::create(folder.path().toStdString() + "/empty.lacuna");
    store->putTasks({{"saturated", "multiple_choice", 1, 1, .5, 4}}, {{"saturated", {0}, {0}, {1}}});
    RunRow run;
    run.kind = "pair";
    run.status = "not_identified";
    run.note = "cluster 1: S is empty";
    store->addRun(run, "pair", {});
    const auto rows = interactionsOf(EffectData(*store), {}, {});
    QCOMPARE(rows.size(), std::size_t(1));
    QVERIFY(std::isnan(rows[0].interaction.value) && std::isnan(rows[0].aceJoint.low));
    QCOMPARE(rows[0].status, std::string("NOT_IDENTIFIED"));
    QCOMPARE(rows[0].reason, run.note);
  }
};

QTEST_GUILESS_MAIN(PairsTest)
#include "pairs_test.moc"
