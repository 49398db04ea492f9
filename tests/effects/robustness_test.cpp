#include <QTest>

#include <cmath>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/effects/robustness.h"
#include "lacuna/effects/screening.h"
#include "lacuna/perturbation/perturbation.h"
#include "planted_lm.h"

using namespace lacuna;
using namespace lacuna::effects;
using namespace lacuna::testing;
using statistics::Estimate;
using statistics::Status;

namespace {

std::vector<double> grid(int points) {
  std::vector<double> doses;
  for (int i = 0; i < points; ++i) doses.push_back(static_cast<double>(i) / (points - 1));
  return doses;
}

/// Items of one group each; item i at dose k: curve[k]·level of the item.
DoseOutcomes outcomesOf(const std::vector<double>& curve, int items, double noise, std::uint64_t seed = 1) {
  DoseOutcomes out;
  out.doses = grid(static_cast<int>(curve.size()));
  out.perturbed.resize(items, static_cast<Eigen::Index>(curve.size()));
  for (int i = 0; i < items; ++i) {
    Rng rng(seed, "robustness test", static_cast<std::uint64_t>(i));
    out.clean.push_back(1 + noise * rng.normal());
    out.groups.push_back(i);
    for (std::size_t k = 0; k < curve.size(); ++k) out.perturbed(i, static_cast<Eigen::Index>(k)) = curve[k] + (out.doses[k] == 0 ? 0 : noise * rng.normal());
    if (out.doses[0] == 0) out.perturbed(i, 0) = out.clean.back() * curve[0];
  }
  return out;
}

std::vector<double> bent() {
  std::vector<double> y;
  for (const double e : grid(11)) y.push_back(e <= .4 ? 1 - .05 * e : 1 - .05 * .4 - 1.5 * (e - .4));
  return y;
}

const std::vector<double> kNoisy{1.040818, .943887, .998362, .973645, .970947, .825688, .639600, .525361, .362696, .296460, .084516};

}  // namespace

class RobustnessTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void hingeKnownAnswer_data() {
    QTest::addColumn<int>("retention");
    QTest::newRow("share of the clean score") << static_cast<int>(Retention::Ratio);
    QTest::newRow("loss increase") << static_cast<int>(Retention::LossIncrease);
  }
  void hingeKnownAnswer() {
    QFETCH(int, retention);
    DoseOutcomes outcomes = outcomesOf(bent(), 12, 0);
    outcomes.retention = static_cast<Retention>(retention);
    const Robustness r = robustness(outcomes);
    LACUNA_NEAR(r.knee.value, .4, 1e-9);
    LACUNA_NEAR(r.hinge.b0, 1, 1e-9);
    LACUNA_NEAR(r.hinge.b1, -.05, 1e-9);
    LACUNA_NEAR(r.hinge.b2, -1.45, 1e-9);
    LACUNA_NEAR(r.kneedle.dose, .4, 1e-9);
    LACUNA_PRINTED(r.kneedle.value, .378261, 6);
    LACUNA_NEAR(r.tolerance, .4 + (1 - .05 * .4 - .95) / 1.5, 1e-9);   // .98 − 1.5(e − .4) = .95
    QCOMPARE(r.status, Status::Ok);
  }

  void noisyCurveKnownAnswer() {
    DoseOutcomes outcomes = outcomesOf(kNoisy, 12, 0);
    outcomes.retention = Retention::LossIncrease;
    const Robustness r = robustness(outcomes);
    LACUNA_NEAR(r.knee.value, .4, 1e-9);
    LACUNA_PRINTED(r.hinge.sse, .008957, 6);
    LACUNA_NEAR(r.knee.low, .325, 1e-9);
    LACUNA_NEAR(r.knee.high, .465, 1e-9);
    QCOMPARE(r.knee.method, std::string("profile"));
    LACUNA_PRINTED(r.hinge.supF, 82.69, 2);
    QVERIFY(r.hinge.p <= .05);
  }

  /// The saturating pair through the network: ACE(ε) = 4·max(0, 2ε − 1), so a margin of 4 − ln 2 is kept until ε = ½ exactly.
  void plantedDoseCurveBendsAtOneHalf() {
    const auto model = planted::makeSaturatingPair();
    ScreeningItem item;
    item.forest = {{{2, 0}, -1, false}, {{0}, 0, true}, {{1}, 0, true}, {{2}, 0, true}};
    item.choices = {{{1, 0}}, {{2, 0}}, {{3, 0}}};
    item.gold = 1;
    DoseOutcomes both;
    both.doses = grid(21);
    both.retention = Retention::LossIncrease;
    std::vector<model::Arm> arms, single;
    for (const double epsilon : both.doses) {
      perturbation::Perturbation p;
      p.layer = LayerIndex(0);
      p.method = perturbation::Method::Zero;
      p.epsilon = epsilon;
      p.neurons = {0, 1};
      arms.push_back(perturbation::makeArm(p));
      p.neurons = {0};
      single.push_back(perturbation::makeArm(p));
    }
    DoseOutcomes one = both;
    for (const auto& [to, from] : {std::pair{&both, &arms}, std::pair{&one, &single}}) {
      const MarginEffects exact = measure(*model, {&item, 1}, *from, {});
      to->perturbed.resize(10, 21);
      for (int i = 0; i < 10; ++i) {
        to->clean.push_back(exact.clean[0]);
        to->groups.push_back(i);
        to->perturbed.row(i) = exact.clean[0] - exact.effects.col(0).transpose().array();
      }
    }
    for (std::size_t k = 0; k < 21; ++k) LACUNA_NEAR(both.clean[0] - both.perturbed(0, static_cast<Eigen::Index>(k)), 4 * std::max(0.0, 2 * both.doses[k] - 1), 1e-5);
    const Robustness r = robustness(both);
    LACUNA_NEAR(r.knee.value, .5, 1e-9);
    QCOMPARE(r.status, Status::Ok);
    const Robustness flat = robustness(one);
    for (const RetentionPoint& point : flat.curve) LACUNA_NEAR(point.retention, 1, 1e-9);
    QCOMPARE(flat.toleranceStatus, Status::AtCeiling);
    QCOMPARE(flat.status, Status::NotIdentified);
  }

  void itemsWidenTheKneesInterval() {
    const Robustness sure = robustness(outcomesOf(bent(), 400, .05)), unsure = robustness(outcomesOf(bent(), 12, .5));
    QCOMPARE(sure.status, Status::Ok);
    QVERIFY(std::abs(sure.knee.value - .4) < .03);
    QVERIFY(sure.knee.low <= .4 + 1e-9 && sure.knee.high >= .4 - 1e-9);
    QVERIFY(unsure.knee.high - unsure.knee.low > sure.knee.high - sure.knee.low);
    QVERIFY(sure.curve[0].low == 1.0);
    for (std::size_t k = 1; k < 11; ++k) QVERIFY(sure.curve[k].low < sure.curve[k].retention);
    QVERIFY(unsure.tolerance < sure.tolerance || unsure.toleranceStatus == Status::NotIdentified);
  }

  void straightLinesHaveNoKnee() {
    std::vector<double> line;
    for (const double e : grid(9)) line.push_back(1 - .8 * e);
    const Robustness r = robustness(outcomesOf(line, 60, .15));
    QCOMPARE(r.status, Status::NotIdentified);
    QVERIFY(r.reason.find("no identifiable knee") == 0);
    QVERIFY(std::isfinite(r.tolerance));
  }

  void risingPartsAreMadeMonotoneFirst() {
    std::vector<double> y = bent();
    y[7] = .9;   // a rise that noise does not explain
    const Robustness r = robustness(outcomesOf(y, 200, .05));
    QVERIFY(r.nonMonotone);
    QVERIFY(!robustness(outcomesOf(bent(), 200, .05)).nonMonotone);
  }

  void fewDosesGiveToleranceOnly() {
    const Robustness r = robustness(outcomesOf({1, .99, .9, .5, .1}, 50, .02));
    QCOMPARE(r.status, Status::TooFew);
    QVERIFY(r.tolerance > .25 && r.tolerance < .5);
    QVERIFY(r.reason.find("at least 6 doses") != std::string::npos);
    QVERIFY(std::isnan(r.knee.value));
  }

  void floorLeavesNothingToRetain() {
    DoseOutcomes outcomes = outcomesOf(bent(), 30, .2);
    outcomes.floor = 1;
    const Robustness r = robustness(outcomes);
    QCOMPARE(r.status, Status::AtFloor);
    QCOMPARE(r.toleranceStatus, Status::AtFloor);
    QVERIFY(r.curve.empty());
  }

  void controlsAndMissingItems() {
    DoseOutcomes outcomes = outcomesOf(bent(), 40, .01);
    outcomes.controls = MatrixD::Constant(20, 11, .9);
    QCOMPARE(robustness(outcomes).leavesControls, .5);
    const double whole = robustness(outcomes).curve[3].retention;
    outcomes.perturbed(0, 5) = std::nan("");
    QVERIFY(robustness(outcomes).curve[3].retention != whole);
    outcomes.perturbed.setConstant(std::nan(""));
    QCOMPARE(robustness(outcomes).status, Status::TooFew);
  }

  /// methods.md 9: the five studies of DerSimonian & Laird; a guideline needs three models.
  void guidelineCarriesOverWithAPredictionInterval() {
    const auto known = knownAnswer("dersimonian_laird");
    const auto y = numbers(known["y"]), v = numbers(known["v"]);
    std::vector<Estimate> models;
    for (std::size_t i = 0; i < y.size(); ++i) {
      Estimate e;
      e.value = y[i];
      e.se = std::sqrt(v[i]);
      models.push_back(e);
    }
    const Estimate across = guidelineAcrossModels(models);
    LACUNA_NEAR(across.value, known["re"].toDouble(), 1e-9);
    const double se = known["se"].toDouble();
    LACUNA_NEAR(across.se, std::sqrt(se * se + known["tau2"].toDouble()), 1e-9);
    QVERIFY(across.high - across.low > 4 * se);
    QCOMPARE(guidelineAcrossModels(std::span(models).first(2)).status, Status::TooFew);
  }
};

QTEST_GUILESS_MAIN(RobustnessTest)
#include "robustness_test.moc"
