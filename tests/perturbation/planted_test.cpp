#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>

#include "lacuna/base/rng.h"
#include "lacuna/perturbation/controls.h"
#include "lacuna/probes/probes.h"
#include "perturbations.h"
#include "planted_lm.h"

using namespace lacuna;
using namespace lacuna::perturbation;
using Tasks = std::array<double, planted::kClusters>;
using Neurons = std::vector<std::int32_t>;

namespace {

constexpr double kExact = 1e-6;

Neurons usedBy(int c) {
  Neurons neurons;
  for (int a = 0; a < planted::kSymbols; ++a) neurons.push_back(planted::used(c, a));
  return neurons;
}
Neurons decoysOf(int c) {
  Neurons neurons;
  for (int k = 0; k < 4; ++k) neurons.push_back(planted::decoy(c, k));
  return neurons;
}
Neurons sharedUnits() {
  Neurons neurons;
  for (int a = 0; a < planted::kSymbols; ++a) neurons.push_back(planted::shared(a));
  return neurons;
}
Neurons both(Neurons a, const Neurons& b) {
  a.insert(a.end(), b.begin(), b.end());
  std::sort(a.begin(), a.end());
  return a;
}

Perturbation neuronEdit(Method method, Neurons neurons, double epsilon = 1) {
  Perturbation p;
  p.layer = LayerIndex(0);
  p.method = method;
  p.epsilon = epsilon;
  p.neurons = std::move(neurons);
  return p;
}

Perturbation projection(const MatrixD& directions, const VectorD& centre) {
  Perturbation p;
  p.site = model::Site::ResidPre;
  p.layer = LayerIndex(0);
  p.method = Method::Project;
  p.basis = probes::orthonormalRows(directions);
  p.centre.assign(centre.begin(), centre.end());
  return p;
}

const model::Model& lm() {
  static const std::shared_ptr<const model::Model> model = planted::makePlantedLm();
  return *model;
}

planted::Outcomes outcomes(const Perturbation& p) {
  const model::Arm arm = makeArm(p);
  return planted::measure(lm(), {&arm, 1})[0];
}

const planted::Outcomes& clean() {
  static const model::Arm none;
  static const planted::Outcomes result = planted::measure(lm(), {&none, 1})[0];
  return result;
}

using Member = std::array<double, planted::kTokens> planted::Outcomes::*;
Tasks ace(const Perturbation& p, Member outcome = &planted::Outcomes::margin) {
  const Tasks before = planted::byTask(clean().*outcome), after = planted::byTask(outcomes(p).*outcome);
  Tasks result{};
  for (std::size_t t = 0; t < result.size(); ++t) result[t] = before[t] - after[t];
  return result;
}

double mean(const Tasks& values) { return (values[0] + values[1] + values[2] + values[3]) / 4; }

void compare(const Tasks& actual, const Tasks& expected, double tolerance = kExact) {
  for (std::size_t t = 0; t < actual.size(); ++t)
    QVERIFY2(std::abs(actual[t] - expected[t]) <= tolerance, qPrintable(QStringLiteral("task %1: %2, expected %3").arg(t).arg(actual[t], 0, 'g', 10).arg(expected[t], 0, 'g', 10)));
}

/// Mean-ablation with the means of the 32 items.
Perturbation meanEdit(const Neurons& neurons, double epsilon = 1) {
  Perturbation p = neuronEdit(Method::Mean, neurons, epsilon);
  const MatrixF hidden = planted::states(lm(), model::Site::MlpHidden);
  for (const std::int32_t neuron : neurons) p.centre.push_back(hidden.col(neuron).cast<double>().mean());
  return p;
}

/// Residual states of the 32 items in fp64 and their mean.
MatrixD residual() { return planted::states(lm(), model::Site::ResidPre).cast<double>(); }
VectorD clusterMean(const MatrixD& x, int c) { return x.middleRows(c * planted::kSymbols, planted::kSymbols).colwise().mean(); }

activations::SiteStats statsAt(model::Site site) { return testing::statsOf(planted::states(lm(), site).cast<double>()); }

Perturbation erasure(Method method, const MatrixD& directions) {
  Direction direction;
  direction.rows = directions;
  return *fromDirection({model::Site::ResidPre, LayerIndex(0)}, method, direction, statsAt(model::Site::ResidPre), 1).perturbation;
}

Perturbation flipOfTheFirstCoordinate() {
  Direction direction;
  direction.rows = MatrixD::Zero(1, planted::kWidth);
  direction.rows(0, 0) = 1;
  direction.bias = -.5;
  direction.margin = .5;
  return *fromDirection({model::Site::ResidPre, LayerIndex(0)}, Method::Flip, direction, statsAt(model::Site::ResidPre), 1).perturbation;
}

/// Donors are the items of clusters 1, 2 and 3.
Perturbation resampled(const Neurons& neurons) {
  const StateBank bank{planted::states(lm(), model::Site::MlpHidden).bottomRows(24), {}, 1};
  return *fromNeurons({model::Site::MlpHidden, LayerIndex(0)}, Method::Resample, neurons, statsAt(model::Site::MlpHidden), 1, bank).perturbation;
}

/// A decoy of cluster 0 is 2 in its items and 0 elsewhere.
Perturbation gatedByDecoy(Perturbation p) {
  p.gate.weights.assign(planted::kHidden, 0);
  p.gate.weights[static_cast<std::size_t>(planted::decoy(0, 0))] = 1;
  p.gate.bias = -1;
  return p;
}

Tasks aceOfSet(const PerturbationSet& set, const model::Model& model, Member outcome = &planted::Outcomes::margin) {
  const model::Arm arm = makeArm(set);
  const Tasks before = planted::byTask(clean().*outcome), after = planted::byTask(planted::measure(model, {&arm, 1})[0].*outcome);
  Tasks result{};
  for (std::size_t t = 0; t < result.size(); ++t) result[t] = before[t] - after[t];
  return result;
}

/// Logit[1] − logit[2] of item (c, 0) with the mediator held at the values it has in item (from, 0).
double contrast(int c, const Neurons& mediator, int from) {
  Perturbation p = neuronEdit(Method::Mean, mediator);
  const MatrixF hidden = planted::states(lm(), model::Site::MlpHidden);
  for (const std::int32_t neuron : mediator) p.centre.push_back(hidden(planted::token(from, 0), neuron));
  const model::Arm arm = makeArm(p);
  model::ForwardRequest request;
  request.logitsAt = {{0, 1}};
  const model::Forest forest = {{{planted::kStart, planted::token(c, 0)}, -1, false}};
  const MatrixF logits = model::forward(lm(), forest, {&arm, 1}, request, {}).logits[0];
  return static_cast<double>(logits(0, planted::kFirstSymbol + 1)) - logits(0, planted::kFirstSymbol + 2);
}

/// 400 documents of 32 tokens, nine in ten of the document's own cluster; pooled hidden states with noise of sd .02.
struct Documents { MatrixF pooled; std::vector<std::int32_t> cluster; };
Documents documents() {
  const MatrixF hidden = planted::states(lm(), model::Site::MlpHidden);
  Documents docs{MatrixF::Zero(400, planted::kHidden), {}};
  Rng rng(0, "planted-documents");
  for (int n = 0; n < 400; ++n) {
    const int own = n % planted::kClusters;
    docs.cluster.push_back(own);
    for (int t = 0; t < 32; ++t) {
      const int other = (own + 1 + static_cast<int>(rng.below(3))) % planted::kClusters;
      const int c = rng.uniform() < 0.9 ? own : other;
      docs.pooled.row(n) += hidden.row(planted::token(c, static_cast<int>(rng.below(planted::kSymbols)))) / 32;
    }
    for (int j = 0; j < planted::kHidden; ++j) docs.pooled(n, j) += 0.02F * static_cast<float>(rng.normal());
  }
  return docs;
}

/// Importances of cluster 0's probe, λ = .01, balanced; of a permuted one when labels are shuffled.
VectorD probeImportance(std::uint64_t shuffle = 0) {
  Documents docs = documents();
  const std::vector<std::int32_t> labels = docs.cluster;
  const std::vector<std::int64_t> order = Rng(shuffle, "planted-labels").permutation(400);
  for (std::size_t n = 0; n < 400 && shuffle > 0; ++n) docs.cluster[n] = labels[static_cast<std::size_t>(order[n])];
  probes::LogisticProblem problem{docs.pooled, MatrixF(400, 1), MatrixF(400, 1), {0.01}, 1e-6, 5000};
  for (int n = 0; n < 400; ++n) {
    const bool member = docs.cluster[static_cast<std::size_t>(n)] == 0;
    problem.targets(n, 0) = member ? 1.0F : 0.0F;
    problem.weights(n, 0) = member ? 2.0F : 2.0F / 3.0F;
  }
  const VectorD size = probes::solveLogistic(problem, {}).w.col(0).cwiseAbs();
  return size / size.sum();
}

Neurons topNeurons(const VectorD& importance, const probes::TauConfig& tau) {
  Neurons neurons;
  for (const NeuronIndex j : probes::selectNeurons(importance, tau)) neurons.push_back(j.value);
  std::sort(neurons.begin(), neurons.end());
  return neurons;
}

}  // namespace

Q_DECLARE_METATYPE(Perturbation)
Q_DECLARE_METATYPE(Tasks)

class PlantedTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cleanModelKnowsItsTasks();
  void effects_data();
  void effects();
  void logProbabilityEffects();
  void doseResponseOfUsedNeurons_data();
  void doseResponseOfUsedNeurons();
  void tiesGetFractionalCredit();
  void randomNeuronsHaveTheirExpectedEffect();
  void redundantPairHidesSingleAblation_data();
  void redundantPairHidesSingleAblation();
  void mediation_data();
  void mediation();
  void probeFindsTheDecoysFirst();
  void probeRankingHasKnownEffects_data();
  void probeRankingHasKnownEffects();
  void controlsOfTheDecoysReachTheirEffect();
  void decoysAgainstEveryKindOfControl();
  void jointEditsReachBothClusters();
  void jointEditShowsTheRedundantPair_data();
  void jointEditShowsTheRedundantPair();
  void equalDoseMovesStatesEquallyFar_data();
  void equalDoseMovesStatesEquallyFar();
  void armsTogetherEqualArmsAlone();
  void nullPerturbationChangesNoBit();
};

void PlantedTest::cleanModelKnowsItsTasks() {
  compare(planted::byTask(clean().margin), {5, 5, 5, 5});
  compare(planted::byTask(clean().maxMargin), {4, 4, 4, 4});
  compare(planted::byTask(clean().logProbability), {-.065486, -.065486, -.065486, -.065486}, 1e-6);
  compare(planted::byTask(clean().fractionalCredit), {1, 1, 1, 1});
}

void PlantedTest::effects_data() {
  QTest::addColumn<Perturbation>("p");
  QTest::addColumn<Tasks>("expected");
  QTest::newRow("zero-ablate U_0") << neuronEdit(Method::Zero, usedBy(0)) << Tasks{4, 0, 0, 0};
  QTest::newRow("mean-ablate U_0") << meanEdit(usedBy(0)) << Tasks{4, 0, 0, 0};
  QTest::newRow("zero-ablate U_2") << neuronEdit(Method::Zero, usedBy(2)) << Tasks{0, 0, 4, 0};
  QTest::newRow("zero-ablate decoys D_0") << neuronEdit(Method::Zero, decoysOf(0)) << Tasks{0, 0, 0, 0};
  QTest::newRow("mean-ablate decoys D_0") << meanEdit(decoysOf(0)) << Tasks{0, 0, 0, 0};
  QTest::newRow("zero-ablate shared") << neuronEdit(Method::Zero, sharedUnits()) << Tasks{1, 1, 1, 1};
  MatrixD first = MatrixD::Zero(1, planted::kWidth);
  first(0, 0) = 1;
  QTest::newRow("project out e_0") << projection(first, VectorD::Zero(planted::kWidth)) << Tasks{4, 0, 0, 0};
  const MatrixD x = residual();
  const VectorD centre = x.colwise().mean();
  const VectorD difference = clusterMean(x, 0) - (clusterMean(x, 1) + clusterMean(x, 2) + clusterMean(x, 3)) / 3;
  QTest::newRow("mean difference, affine") << projection(difference.transpose(), centre) << Tasks{24.0 / 7, 10.0 / 21, 10.0 / 21, 10.0 / 21};
  MatrixD all(4, planted::kWidth);
  for (int c = 0; c < 4; ++c) all.row(c) = clusterMean(x, c) - centre;
  QTest::newRow("all clusters at once") << projection(all, centre) << Tasks{24.0 / 7, 24.0 / 7, 24.0 / 7, 24.0 / 7};
  QTest::newRow("mean difference, constructed") << erasure(Method::Project, difference.transpose()) << Tasks{24.0 / 7, 10.0 / 21, 10.0 / 21, 10.0 / 21};
  QTest::newRow("LEACE, one against the rest") << erasure(Method::Leace, difference.transpose()) << Tasks{24.0 / 7, 10.0 / 21, 10.0 / 21, 10.0 / 21};
  QTest::newRow("LEACE, all clusters at once") << erasure(Method::Leace, all) << Tasks{24.0 / 7, 24.0 / 7, 24.0 / 7, 24.0 / 7};
  QTest::newRow("flip the probe x_0 − ½ to −½") << flipOfTheFirstCoordinate() << Tasks{4, 0, 0, 0};
  QTest::newRow("resample U_0 from other clusters") << resampled(usedBy(0)) << Tasks{4, 0, 0, 0};
  QTest::newRow("zero-ablate shared where D_0 fires") << gatedByDecoy(neuronEdit(Method::Zero, sharedUnits())) << Tasks{1, 0, 0, 0};
}

void PlantedTest::effects() {
  QFETCH(Perturbation, p);
  QFETCH(Tasks, expected);
  compare(ace(p), expected);
}

void PlantedTest::logProbabilityEffects() {
  compare(ace(neuronEdit(Method::Zero, usedBy(0)), &planted::Outcomes::logProbability), {1.481032, 0, 0, 0}, 2e-6);
  compare(ace(neuronEdit(Method::Zero, sharedUnits()), &planted::Outcomes::logProbability), {.055146, .055146, .055146, .055146}, 2e-6);
}

void PlantedTest::doseResponseOfUsedNeurons_data() {
  QTest::addColumn<double>("epsilon");
  for (const double epsilon : {0.0, .25, .5, .75, 1.0}) QTest::addRow("ε = %g", epsilon) << epsilon;
}

void PlantedTest::doseResponseOfUsedNeurons() {
  QFETCH(double, epsilon);
  const Perturbation p = neuronEdit(Method::Zero, usedBy(0), epsilon);
  compare(ace(p), {4 * epsilon, 0, 0, 0});
  compare(ace(p, &planted::Outcomes::fractionalCredit), {epsilon < 1 ? 0 : .75, 0, 0, 0}, 0);
}

void PlantedTest::tiesGetFractionalCredit() {
  const Perturbation p = neuronEdit(Method::Zero, usedBy(0));
  compare(ace(p, &planted::Outcomes::fractionalCredit), {.75, 0, 0, 0}, 0);
  compare(ace(p, &planted::Outcomes::lowestIndexCredit), {.375, 0, 0, 0}, 0);
}

void PlantedTest::randomNeuronsHaveTheirExpectedEffect() {
  constexpr int kDraws = 200;
  std::vector<model::Arm> arms(1);
  for (int draw = 0; draw < kDraws; ++draw) {
    Rng rng(0, "planted-random", static_cast<std::uint64_t>(draw));
    Neurons neurons;
    for (const std::int64_t j : rng.sample(planted::kHidden, 8)) neurons.push_back(static_cast<std::int32_t>(j));
    std::sort(neurons.begin(), neurons.end());
    arms.push_back(makeArm(neuronEdit(Method::Zero, neurons)));
  }
  const std::vector<planted::Outcomes> results = planted::measure(lm(), arms);
  double sum = 0, squares = 0;
  for (int draw = 1; draw <= kDraws; ++draw) {
    const double effect = 5 - mean(planted::byTask(results[static_cast<std::size_t>(draw)].margin));
    sum += effect;
    squares += effect * effect;
  }
  const double average = sum / kDraws, sd = std::sqrt(squares / kDraws - average * average);
  QVERIFY2(std::abs(average - .625) < .05, qPrintable(QString::number(average)));
  QVERIFY2(sd > .12 && sd < .21, qPrintable(QString::number(sd)));
}

void PlantedTest::redundantPairHidesSingleAblation_data() {
  QTest::addColumn<bool>("pair");
  QTest::addColumn<double>("epsilon");
  for (const double epsilon : {.001, .25, .5, .75, 1.0}) {
    QTest::addRow("both, ε = %g", epsilon) << true << epsilon;
    QTest::addRow("one, ε = %g", epsilon) << false << epsilon;
  }
}

void PlantedTest::redundantPairHidesSingleAblation() {
  QFETCH(bool, pair);
  QFETCH(double, epsilon);
  const auto saturating = planted::makeSaturatingPair();
  const model::Arm arms[] = {{}, makeArm(neuronEdit(Method::Zero, pair ? Neurons{0, 1} : Neurons{0}, epsilon))};
  model::ForwardRequest request;
  request.logitsAt = {{0, 1}};
  const model::ForwardResult result = model::forward(*saturating, {{{2, 0}, -1, false}}, arms, request, {});
  QCOMPARE(result.logits[0](0, 1), 4.0F);
  // The slope at ε = 0 is 0 for both: what a first-order screen predicts, and why it misses the pair.
  const double expected = pair ? 4 * std::max(0.0, 2 * epsilon - 1) : 0;
  QVERIFY(std::abs(4 - static_cast<double>(result.logits[1](0, 1)) - expected) < kExact);
}

void PlantedTest::mediation_data() {
  QTest::addColumn<Neurons>("mediator");
  QTest::addColumn<double>("naturalDirect");
  QTest::addColumn<double>("totalIndirect");
  QTest::addColumn<double>("totalDirect");
  QTest::addColumn<double>("naturalIndirect");
  QTest::newRow("U_0") << usedBy(0) << 4.0 << 4.0 << 4.0 << 4.0;
  QTest::newRow("U_0 and U_1") << both(usedBy(0), usedBy(1)) << 0.0 << 8.0 << 0.0 << 8.0;
  QTest::newRow("D_0") << decoysOf(0) << 8.0 << 0.0 << 8.0 << 0.0;
}

void PlantedTest::mediation() {
  QFETCH(Neurons, mediator);
  QFETCH(double, naturalDirect);
  QFETCH(double, totalIndirect);
  QFETCH(double, totalDirect);
  QFETCH(double, naturalIndirect);
  const double y00 = contrast(0, mediator, 0), y01 = contrast(0, mediator, 1), y10 = contrast(1, mediator, 0), y11 = contrast(1, mediator, 1);
  QVERIFY(std::abs(y00 - y11 - 8) < kExact);
  QVERIFY(std::abs(y01 - y11 - naturalDirect) < kExact);
  QVERIFY(std::abs(y00 - y01 - totalIndirect) < kExact);
  QVERIFY(std::abs(y00 - y10 - totalDirect) < kExact);
  QVERIFY(std::abs(y10 - y11 - naturalIndirect) < kExact);
}

void PlantedTest::probeFindsTheDecoysFirst() {
  const VectorD importance = probeImportance();
  QVERIFY(topNeurons(importance, {probes::TauRule::TopK, 4}) == decoysOf(0));
  for (const std::int32_t j : decoysOf(0)) QVERIFY2(std::abs(importance[j] - .0478) < .006, qPrintable(QString::number(importance[j])));
  QVERIFY(topNeurons(importance, {probes::TauRule::Uniform, 2}) == both(usedBy(0), decoysOf(0)));
}

void PlantedTest::probeRankingHasKnownEffects_data() {
  QTest::addColumn<int>("count");
  QTest::addColumn<double>("expected");
  QTest::newRow("top 4: encoded, not used") << 4 << 0.0;
  QTest::newRow("top 8") << 8 << 2.0;
  QTest::newRow("top 12") << 12 << 4.0;
}

void PlantedTest::probeRankingHasKnownEffects() {
  QFETCH(int, count);
  QFETCH(double, expected);
  const Neurons top = topNeurons(probeImportance(), {probes::TauRule::TopK, static_cast<double>(count)});
  compare(ace(neuronEdit(Method::Zero, top)), {expected, 0, 0, 0});
}

void PlantedTest::controlsOfTheDecoysReachTheirEffect() {
  // Ablating the decoys does nothing, so every matched control does at least as much: p_ctrl = 1.
  const MatrixF hidden = planted::states(lm(), model::Site::MlpHidden);
  const VectorD rms = hidden.cast<double>().cwiseAbs2().colwise().mean().cwiseSqrt();
  for (int draw = 0; draw < 19; ++draw) {
    const Neurons control = matchedNeurons(decoysOf(0), rms, VectorD(), 0, draw);
    QCOMPARE(control.size(), std::size_t(4));
    QVERIFY(mean(ace(neuronEdit(Method::Zero, control))) >= -kExact);
  }
}

/// Encoded, not used: the decoys' effect is 0 whatever stands beside it, so no kind of control is beaten and p_ctrl = 1.
void PlantedTest::decoysAgainstEveryKindOfControl() {
  constexpr int kDraws = 19;
  const model::Capture place = {model::Site::MlpHidden, LayerIndex(0)};
  const activations::SiteStats stats = statsAt(place.site);
  const auto onNeurons = [&](const Neurons& neurons) { return *fromNeurons(place, Method::Mean, neurons, stats, 1).perturbation; };
  const Perturbation target = onNeurons(decoysOf(0));
  const double effect = mean(ace(target));
  QVERIFY(std::abs(effect) < kExact);
  std::vector<Control> controls;
  for (int draw = 0; draw < kDraws; ++draw) {
    controls.push_back({ControlKind::Matched, draw, matchedControl(target, stats, VectorD(), 0, draw)});
    const Neurons permuted = topNeurons(probeImportance(static_cast<std::uint64_t>(draw) + 1), {probes::TauRule::TopK, 4});
    controls.push_back({ControlKind::Permuted, draw, onNeurons(permuted)});
  }
  for (int c = 1; c < planted::kClusters; ++c) controls.push_back({ControlKind::Other, c, onNeurons(decoysOf(c))});
  int atLeast = 0, matched = 0;
  for (const Control& control : controls) {
    const double other = mean(ace(control.perturbation));
    QVERIFY2(other >= effect - kExact, qPrintable(QStringLiteral("%1 %2: %3").arg(QString::fromStdString(controlName(control.kind))).arg(control.draw).arg(other)));
    if (control.kind == ControlKind::Other) QVERIFY(std::abs(other) < kExact);
    matched += control.kind == ControlKind::Matched;
    atLeast += control.kind == ControlKind::Matched && other >= effect - kExact;
  }
  QCOMPARE((1.0 + atLeast) / (matched + 1), 1.0);
  // Used neurons of another cluster hurt that cluster's task alone: the dissociation that specificity reads.
  compare(ace(onNeurons(usedBy(1))), {0, 4, 0, 0});
}

void PlantedTest::jointEditsReachBothClusters() {
  compare(aceOfSet({neuronEdit(Method::Zero, usedBy(0)), neuronEdit(Method::Zero, usedBy(1))}, lm()), {4, 4, 0, 0});
  // A neuron in both sets is moved twice: (1 − ε)² is left.
  compare(aceOfSet({neuronEdit(Method::Zero, usedBy(0), .5), neuronEdit(Method::Zero, usedBy(0), .5)}, lm()), {3, 0, 0, 0});
}

void PlantedTest::jointEditShowsTheRedundantPair_data() {
  QTest::addColumn<double>("epsilon");
  for (const double epsilon : {.25, .5, .75, 1.0}) QTest::addRow("ε = %g", epsilon) << epsilon;
}

void PlantedTest::jointEditShowsTheRedundantPair() {
  QFETCH(double, epsilon);
  const auto saturating = planted::makeSaturatingPair();
  const PerturbationSet both = {neuronEdit(Method::Zero, {0}, epsilon), neuronEdit(Method::Zero, {1}, epsilon)};
  const model::Arm arms[] = {{}, makeArm(both)};
  model::ForwardRequest request;
  request.logitsAt = {{0, 1}};
  const model::ForwardResult result = model::forward(*saturating, {{{2, 0}, -1, false}}, arms, request, {});
  QVERIFY(std::abs(static_cast<double>(result.logits[0](0, 1) - result.logits[1](0, 1)) - 4 * std::max(0.0, 2 * epsilon - 1)) < kExact);
}

void PlantedTest::equalDoseMovesStatesEquallyFar_data() {
  QTest::addColumn<Perturbation>("p");
  QTest::newRow("zero-ablate U_0") << neuronEdit(Method::Zero, usedBy(0));
  QTest::newRow("mean-ablate U_0") << meanEdit(usedBy(0));
  QTest::newRow("zero-ablate U_1") << neuronEdit(Method::Zero, usedBy(1));
  const MatrixD x = residual();
  const VectorD difference = clusterMean(x, 0) - (clusterMean(x, 1) + clusterMean(x, 2) + clusterMean(x, 3)) / 3;
  QTest::newRow("LEACE") << erasure(Method::Leace, difference.transpose());
  QTest::newRow("mean difference") << erasure(Method::Project, difference.transpose());
  QTest::newRow("flip") << flipOfTheFirstCoordinate();
}

/// δ = .1 for all: the same share of the states' spread is moved; U_0 then loses 4ε of its margin.
void PlantedTest::equalDoseMovesStatesEquallyFar() {
  QFETCH(Perturbation, p);
  const MatrixD x = planted::states(lm(), p.site).cast<double>();
  const activations::SiteStats stats = testing::statsOf(x);
  const Dose dose = epsilonForDisplacement(p, stats, .1);
  QVERIFY2(dose.status == statistics::Status::Ok, dose.reason.c_str());
  p.epsilon = dose.epsilon;
  QVERIFY(std::abs(std::sqrt(testing::meanSquaredChange(p, x) / stats.sd.squaredNorm()) - .1) < 1e-10);
  if (p.method == Method::Zero) compare(ace(p), p.neurons == usedBy(0) ? Tasks{4 * dose.epsilon, 0, 0, 0} : Tasks{0, 4 * dose.epsilon, 0, 0});
}

void PlantedTest::armsTogetherEqualArmsAlone() {
  const std::vector<Perturbation> many = {neuronEdit(Method::Zero, usedBy(1), .3), neuronEdit(Method::Zero, {}, 0), meanEdit(sharedUnits(), .7)};
  std::vector<model::Arm> arms;
  for (const Perturbation& p : many) arms.push_back(makeArm(p));
  const std::vector<planted::Outcomes> together = planted::measure(lm(), arms);
  for (std::size_t i = 0; i < many.size(); ++i) {
    QVERIFY(together[i].margin == outcomes(many[i]).margin);
    QVERIFY(together[i].logProbability == outcomes(many[i]).logProbability);
  }
}

void PlantedTest::nullPerturbationChangesNoBit() {
  Perturbation nothing = projection(MatrixD(0, planted::kWidth), VectorD::Constant(planted::kWidth, .25));
  QCOMPARE(nothing.basis.rows(), Eigen::Index(0));
  QVERIFY(outcomes(nothing).margin == clean().margin);
  QVERIFY(outcomes(nothing).logProbability == clean().logProbability);
}

QTEST_GUILESS_MAIN(PlantedTest)
#include "planted_test.moc"
