#include <QTest>

#include <cmath>

#include "lacuna/base/error.h"
#include "lacuna/perturbation/perturbation.h"
#include "lacuna/probes/probes.h"
#include "perturbations.h"

using namespace lacuna;
using namespace lacuna::perturbation;
using Row = std::vector<double>;

namespace {

const Row kState = {3, -1, 2, .5};

Perturbation onNeurons(Method method, double epsilon) {
  Perturbation p;
  p.layer = LayerIndex(0);
  p.method = method;
  p.epsilon = epsilon;
  p.neurons = {0, 2};
  if (method == Method::Mean) p.centre = {1, 1};
  p.value = 7;
  return p;
}

Perturbation projection(double epsilon, Row centre) {
  Perturbation p;
  p.site = model::Site::ResidPost;
  p.layer = LayerIndex(0);
  p.method = Method::Project;
  p.epsilon = epsilon;
  MatrixD overlapping(2, 4);
  overlapping << 1, 0, 0, 0, 1 / std::sqrt(2.0), 1 / std::sqrt(2.0), 0, 0;
  p.basis = probes::orthonormalRows(overlapping);
  p.centre = std::move(centre);
  return p;
}

Perturbation shift(double epsilon) {
  Perturbation p;
  p.site = model::Site::ResidPost;
  p.layer = LayerIndex(0);
  p.method = Method::Shift;
  p.epsilon = epsilon;
  p.direction = {-1, 1, 0, -1};  // −sign of w = (.5, −2, 0, 1)
  p.rho = 0.816496580927726;
  return p;
}

Perturbation noise(double epsilon) {
  Perturbation p = shift(epsilon);
  p.method = Method::Noise;
  p.direction.clear();
  p.seed = 5;
  return p;
}

/// The engine's form on one row of floats.
std::vector<float> edited(const Perturbation& p, std::vector<float> row) {
  const std::uint8_t selected = 1;
  for (const auto& edit : makeArm(p).edits) edit->apply({row.data(), 1, static_cast<std::int64_t>(row.size()), &selected});
  return row;
}

void compareRows(const Row& actual, const Row& expected, double tolerance) {
  QCOMPARE(actual.size(), expected.size());
  for (std::size_t j = 0; j < actual.size(); ++j)
    QVERIFY2(std::abs(actual[j] - expected[j]) <= tolerance, qPrintable(QStringLiteral("[%1] %2, expected %3").arg(j).arg(actual[j]).arg(expected[j])));
}

double norm(const Row& row) {
  double sum = 0;
  for (const double v : row) sum += v * v;
  return std::sqrt(sum);
}

}  // namespace

Q_DECLARE_METATYPE(Perturbation)

class MethodsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswers_data();
  void knownAnswers();
  void relativeDisplacementOfTheLinearProjection();
  void projectionIsIdempotent();
  void doseIsLinear_data();
  void doseIsLinear();
  void zeroDoseHasNoEdit();
  void emptyBasisChangesNoBit();
  void keptNormIsKept();
  void unselectedRowsStay();
  void rowsDoNotKnowTheirNeighbours();
  void noiseHasItsSizeAndFollowsContent();
  void wrongWidthIsRefused_data();
  void wrongWidthIsRefused();
  void editKnowsItsPlace();
  void everyDoseIsLinear();
  void everyMethodKeepsTheNormWhenAsked();
  void oneStepOfALinearProbeIsItsDirection();
  void aDeadProbeMovesNothing();
  void flipWithoutADirectionIsRefused();
};

void MethodsTest::knownAnswers_data() {
  QTest::addColumn<Perturbation>("p");
  QTest::addColumn<Row>("expected");
  QTest::newRow("zero, .25") << onNeurons(Method::Zero, .25) << Row{2.25, -1, 1.5, .5};
  QTest::newRow("zero, 1") << onNeurons(Method::Zero, 1) << Row{0, -1, 0, .5};
  QTest::newRow("mean, .25") << onNeurons(Method::Mean, .25) << Row{2.5, -1, 1.75, .5};
  QTest::newRow("mean, 2 overshoots") << onNeurons(Method::Mean, 2) << Row{-1, -1, 0, .5};
  QTest::newRow("set, 1") << onNeurons(Method::Set, 1) << Row{7, -1, 7, .5};
  QTest::newRow("set, .5") << onNeurons(Method::Set, .5) << Row{5, -1, 4.5, .5};
  QTest::newRow("project, linear") << projection(1, {0, 0, 0, 0}) << Row{0, 0, 2, .5};
  QTest::newRow("project, affine, .5") << projection(.5, {1, 0, 1, 0}) << Row{2, -.5, 2, .5};
  QTest::newRow("project, affine, 1") << projection(1, {1, 0, 1, 0}) << Row{1, 0, 2, .5};
  QTest::newRow("grad-sign, .1") << shift(.1) << Row{2.918350341907227, -.918350341907227, 2, .418350341907227};
}

void MethodsTest::knownAnswers() {
  QFETCH(Perturbation, p);
  QFETCH(Row, expected);
  compareRows(applyToRow(p, kState), expected, 1e-12);
  const std::vector<float> fast = edited(p, {3, -1, 2, .5F});
  compareRows({fast.begin(), fast.end()}, expected, 1e-6);
}

void MethodsTest::relativeDisplacementOfTheLinearProjection() {
  const Row mu = {1, 0, 1, 0}, after = applyToRow(projection(1, {0, 0, 0, 0}), kState);
  Row moved(4), offset(4);
  for (std::size_t j = 0; j < 4; ++j) {
    moved[j] = after[j] - kState[j];
    offset[j] = kState[j] - mu[j];
  }
  QVERIFY(std::abs(norm(moved) / norm(offset) - 1.264911) < 1e-6);
}

void MethodsTest::projectionIsIdempotent() {
  const Perturbation p = projection(1, {1, -2, .5, 3});
  const Row once = applyToRow(p, kState);
  compareRows(applyToRow(p, once), once, 1e-12);
}

void MethodsTest::doseIsLinear_data() {
  QTest::addColumn<Perturbation>("whole");
  QTest::newRow("zero") << onNeurons(Method::Zero, 1);
  QTest::newRow("mean") << onNeurons(Method::Mean, 1);
  QTest::newRow("set") << onNeurons(Method::Set, 1);
  QTest::newRow("project") << projection(1, {1, 0, 1, 0});
  QTest::newRow("shift") << shift(1);
  QTest::newRow("noise") << noise(1);
}

void MethodsTest::doseIsLinear() {
  QFETCH(Perturbation, whole);
  const Row full = applyToRow(whole, kState);
  for (const double epsilon : {.1, .5, 1.5, -1.0}) {
    Perturbation part = whole;
    part.epsilon = epsilon;
    Row expected = kState;
    for (std::size_t j = 0; j < 4; ++j) expected[j] += epsilon * (full[j] - kState[j]);
    compareRows(applyToRow(part, kState), expected, 1e-12);
    const std::vector<float> fast = edited(part, {3, -1, 2, .5F});
    compareRows({fast.begin(), fast.end()}, expected, 2e-6);
  }
}

void MethodsTest::zeroDoseHasNoEdit() {
  for (const Perturbation& p : {onNeurons(Method::Mean, 0), projection(0, {0, 0, 0, 0}), shift(0)}) {
    QVERIFY(makeArm(p).edits.empty());
    compareRows(applyToRow(p, kState), kState, 0);
  }
}

void MethodsTest::emptyBasisChangesNoBit() {
  Perturbation p = projection(1, {.1, .2, .3, .4});
  p.basis = MatrixD(0, 4);
  QCOMPARE(makeArm(p).edits.size(), std::size_t(1));
  const std::vector<float> row = {.1F, -0.0F, 1e-30F, 3e8F};
  QVERIFY(edited(p, row) == row);
}

void MethodsTest::keptNormIsKept() {
  for (Perturbation p : {onNeurons(Method::Mean, .7), projection(.5, {1, 0, 1, 0}), shift(.3)}) {
    p.keepNorm = true;
    QVERIFY(std::abs(norm(applyToRow(p, kState)) - norm(kState)) < 1e-12);
    const std::vector<float> fast = edited(p, {3, -1, 2, .5F});
    compareRows({fast.begin(), fast.end()}, applyToRow(p, kState), 1e-6);
  }
}

void MethodsTest::unselectedRowsStay() {
  std::vector<float> rows = {3, -1, 2, .5F, 3, -1, 2, .5F};
  const std::uint8_t selected[] = {0, 1};
  makeArm(onNeurons(Method::Zero, 1)).edits[0]->apply({rows.data(), 2, 4, selected});
  QVERIFY((rows == std::vector<float>{3, -1, 2, .5F, 0, -1, 0, .5F}));
}

void MethodsTest::rowsDoNotKnowTheirNeighbours() {
  for (const Perturbation& p : {onNeurons(Method::Mean, .3), projection(.7, {1, 0, 1, 0}), shift(.3), noise(.4)}) {
    std::vector<float> rows = {3, -1, 2, .5F, 9, 8, 7, 6, .1F, .2F, .3F, .4F};
    const std::uint8_t selected[] = {1, 1, 1};
    makeArm(p).edits[0]->apply({rows.data(), 3, 4, selected});
    QVERIFY((edited(p, {.1F, .2F, .3F, .4F}) == std::vector<float>(rows.begin() + 8, rows.end())));
  }
}

void MethodsTest::noiseHasItsSizeAndFollowsContent() {
  const Perturbation p = noise(1);
  Row moved = applyToRow(p, kState);
  for (std::size_t j = 0; j < 4; ++j) moved[j] -= kState[j];
  QVERIFY(std::abs(norm(moved) - p.rho * 2) < 1e-12);
  Perturbation other = p;
  other.seed = 6;
  QVERIFY(applyToRow(other, kState) != applyToRow(p, kState));
  Row elsewhere = applyToRow(p, {3, -1, 2, .75});
  elsewhere[3] -= .25;
  QVERIFY(elsewhere != applyToRow(p, kState));
}

void MethodsTest::wrongWidthIsRefused_data() {
  QTest::addColumn<Perturbation>("p");
  QTest::newRow("neuron") << onNeurons(Method::Zero, 1);
  QTest::newRow("basis") << projection(1, {0, 0, 0, 0});
  QTest::newRow("direction") << shift(1);
  for (const testing::Named& example : testing::examples(model::Site::ResidPost, 0, 12))
    if (example.p.method != Method::Noise && example.p.method != Method::Resample) QTest::newRow(("example " + example.name).c_str()) << example.p;
  Perturbation gated = noise(1);
  gated.gate = {{1, 2, 3}, 0};
  QTest::newRow("gate") << gated;
}

void MethodsTest::wrongWidthIsRefused() {
  QFETCH(Perturbation, p);
  try {
    edited(p, {1, 2});
    QFAIL("no error");
  } catch (const Error& error) {
    QCOMPARE(QString::fromStdString(error.code()), QStringLiteral("LAC-1201"));
    QVERIFY(QString::fromStdString(error.message()).contains(QStringLiteral("2 wide")));
  }
}

void MethodsTest::editKnowsItsPlace() {
  Perturbation p = shift(1);
  p.layer = LayerIndex(3);
  p.tokens = model::TokenScope::Answer;
  p.includeFirst = true;
  const auto edit = makeArm(p).edits.at(0);
  QVERIFY(edit->site() == model::Site::ResidPost);
  QCOMPARE(edit->layer().value, 3);
  QVERIFY(edit->tokens() == model::TokenScope::Answer);
  QVERIFY(edit->includeFirst());
}

void MethodsTest::everyDoseIsLinear() {
  const Row state = testing::randomNumbers(12, 60);
  for (const testing::Named& example : testing::examples(model::Site::ResidPost, 0, 12)) {
    if (example.p.keepNorm || example.p.steps > 1) continue;
    Perturbation p = example.p;
    p.epsilon = 1;
    const Row full = applyToRow(p, state, 4);
    for (const double epsilon : {.1, .5, 1.5, -1.0}) {
      p.epsilon = epsilon;
      Row expected = state;
      for (std::size_t j = 0; j < 12; ++j) expected[j] += epsilon * (full[j] - state[j]);
      compareRows(applyToRow(p, state, 4), expected, 1e-12);
    }
  }
}

void MethodsTest::everyMethodKeepsTheNormWhenAsked() {
  const Row state = testing::randomNumbers(12, 60);
  for (const testing::Named& example : testing::examples(model::Site::ResidPost, 0, 12)) {
    Perturbation p = example.p, free = p;
    p.keepNorm = true;
    free.keepNorm = false;
    const Row kept = applyToRow(p, state, 4), moved = applyToRow(free, state, 4);
    QVERIFY2(std::abs(norm(kept) - norm(state)) < 1e-12, example.name.c_str());
    for (std::size_t j = 0; j < 12; ++j) QVERIFY(std::abs(kept[j] * norm(moved) - moved[j] * norm(state)) < 1e-11);  // the same direction
  }
}

void MethodsTest::oneStepOfALinearProbeIsItsDirection() {
  // One hidden unit that always fires is a linear probe: any number of steps is one step against its weights.
  const Row state = testing::randomNumbers(12, 60);
  for (const Method method : {Method::Shift, Method::GradL2}) {
    Perturbation linear = testing::example(method, model::Site::ResidPost, 0, 12), deep = linear;
    deep.direction.clear();
    deep.probe = {-Eigen::Map<const VectorD>(linear.direction.data(), 12).transpose(), {1e3}, {1}};
    for (const int steps : {1, 5}) {
      deep.steps = steps;
      compareRows(applyToRow(deep, state), applyToRow(linear, state), 1e-12);
    }
  }
}

void MethodsTest::aDeadProbeMovesNothing() {
  Perturbation p = testing::example(Method::GradL2, model::Site::ResidPost, 0, 12);
  p.direction.clear();
  p.probe = {MatrixD::Ones(2, 12), {-1e3, -1e3}, {1, 1}};
  const Row state = testing::randomNumbers(12, 60);
  compareRows(applyToRow(p, state), state, 0);
}

void MethodsTest::flipWithoutADirectionIsRefused() {
  Perturbation p = testing::example(Method::Flip, model::Site::ResidPost, 0, 12);
  p.direction.assign(12, 0);
  QVERIFY_EXCEPTION_THROWN(makeArm(p), Error);
}

QTEST_GUILESS_MAIN(MethodsTest)
#include "methods_test.moc"
