#include <QTest>

#include <cmath>
#include <cstring>

#include "lacuna/base/error.h"
#include "lacuna/perturbation/perturbation.h"
#include "perturbations.h"

using namespace lacuna;
using namespace lacuna::perturbation;
using testing::examples;

namespace {

constexpr std::int64_t kWidth = 36;

const model::Model& lm() {
  static const std::shared_ptr<const model::Model> loaded = model::Model::load(std::filesystem::path(LACUNA_TEST_DATA) / "models" / "llama_gqa_llama3", {});
  return *loaded;
}

std::vector<std::int32_t> someIds(int count, int start) {
  std::vector<std::int32_t> ids;
  for (int i = 0; i < count; ++i) ids.push_back((start * 17 + i * i * 7 + i * 3) % 97 + 3);
  return ids;
}

/// A shared beginning, two ends, and a text alone.
model::Forest forest() { return {{someIds(9, 1), -1, false}, {someIds(4, 2), 0, true}, {someIds(5, 3), 0, true}, {someIds(11, 4), -1, false}}; }

model::ForwardResult run(const model::Forest& texts, std::span<const model::Arm> arms, int threads = 1) {
  RunContext context;
  context.threads = threads;
  model::ForwardRequest request;
  for (std::size_t s = 0; s < texts.size(); ++s)
    for (std::size_t t = 0; t < texts[s].ids.size(); ++t) request.logitsAt.push_back({static_cast<int>(s), static_cast<int>(t)});
  request.captures.push_back({model::Site::ResidPost, LayerIndex(1)});
  return model::forward(lm(), texts, arms, request, context);
}

bool sameBits(const MatrixF& a, const MatrixF& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

Perturbation one(const char* name) {
  for (const testing::Named& example : examples(model::Site::ResidPost, 1, kWidth))
    if (example.name == name) return example.p;
  qFatal("no example %s", name);
}

/// States at the edited site before and after one arm.
struct Captured { MatrixF before, after; model::EditReport report; };
Captured captured(std::span<const Perturbation> set) {
  const model::Arm arms[] = {{}, makeArm(set)};
  model::ForwardResult result = run(forest(), arms);
  return {result.captured[0][0], result.captured[1][0], result.edits[1]};
}

bool fires(const Gate& gate, const MatrixF& states, Eigen::Index row) {
  double logit = gate.bias;
  for (Eigen::Index j = 0; j < states.cols(); ++j) logit += gate.weights[static_cast<std::size_t>(j)] * static_cast<double>(states(row, j));
  return logit > 0;
}

bool isFirst(Eigen::Index row) { return row == 0 || row == 18; }

}  // namespace

class EngineTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void editsFollowTheReference_data() { eachExample(); }
  void editsFollowTheReference();
  void threadsChangeNoBit_data() { eachExample(); }
  void threadsChangeNoBit();
  void neighboursChangeNoBit_data() { eachExample(); }
  void neighboursChangeNoBit();
  void permutedRowsArePermuted_data() { eachExample(); }
  void permutedRowsArePermuted();
  void noDoseIsTheCleanRun_data() { eachExample(); }
  void noDoseIsTheCleanRun();
  void gateOpensWhereItsProbeFires();
  void gateThatNeverOpens();
  void gateLooksAtTheStateBeforeTheEdit();
  void generationCountsCandidatesToo();
  void donorsStandAtTheSamePlace();
  void donorsOfANeighbouringPlace();
  void positionsMayNotBeMissing();
  void setsComposeLeftToRight();
  void setOverLayersEqualsItsParts();
  void nullMembersAreLeftOut();

 private:
  static void eachExample() {
    QTest::addColumn<int>("index");
    const auto all = examples(model::Site::ResidPost, 1, kWidth);
    for (std::size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].name.c_str()) << static_cast<int>(i);
  }
  static Perturbation fetched(int index) { return examples(model::Site::ResidPost, 1, kWidth)[static_cast<std::size_t>(index)].p; }
};

void EngineTest::editsFollowTheReference() {
  QFETCH(int, index);
  const Perturbation p = fetched(index);
  const Captured states = captured(std::span(&p, 1));
  const std::vector<std::int32_t> positions = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 9, 10, 11, 12, 13, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  double moved = 0;
  std::int64_t edited = 0;
  for (Eigen::Index r = 0; r < states.before.rows(); ++r) {
    const std::vector<double> before(states.before.row(r).begin(), states.before.row(r).end());
    const std::vector<double> expected = isFirst(r) ? before : applyToRow(p, before, positions[static_cast<std::size_t>(r)]);
    const VectorD e = Eigen::Map<const VectorD>(expected.data(), kWidth), got = states.after.row(r).transpose().cast<double>();
    QVERIFY2((got - e).norm() <= 1e-6 * e.norm(), qPrintable(QStringLiteral("row %1: %2").arg(r).arg((got - e).norm() / e.norm())));
    edited += expected != before;
    moved += (got - states.before.row(r).transpose().cast<double>()).squaredNorm();
  }
  QVERIFY(moved > 0);
  QCOMPARE(states.report.rows, edited);
  QCOMPARE(states.report.candidates, std::int64_t(27));
  QVERIFY(std::abs(states.report.deltaSquared / moved - 1) < 1e-9);
}

void EngineTest::threadsChangeNoBit() {
  QFETCH(int, index);
  const model::Arm arm = makeArm(fetched(index));
  model::Forest many;  // rows are dealt out in blocks of 32
  for (int text = 0; text < 12; ++text) many.push_back({someIds(11, text), -1, false});
  const auto alone = run(many, {&arm, 1}, 1), shared = run(many, {&arm, 1}, 2);
  QVERIFY(sameBits(alone.logits[0], shared.logits[0]));
  QVERIFY(alone.edits[0].deltaSquared == shared.edits[0].deltaSquared && alone.edits[0].rows == shared.edits[0].rows);
}

void EngineTest::neighboursChangeNoBit() {
  QFETCH(int, index);
  const model::Arm arm = makeArm(fetched(index)), clean, both[] = {clean, arm};
  const MatrixF together = run(forest(), both).logits[1];
  const MatrixF alone = run({{someIds(11, 4), -1, false}}, {&arm, 1}).logits[0];
  QVERIFY(sameBits(together.bottomRows(11), alone));
}

void EngineTest::permutedRowsArePermuted() {
  QFETCH(int, index);
  const auto edit = makeArm(fetched(index)).edits.at(0);
  const MatrixF rows = testing::randomRows(6, kWidth, 71).cast<float>();
  const Eigen::Index order[] = {4, 0, 5, 2, 1, 3};
  MatrixF straight = rows, permuted(6, kWidth);
  const std::int32_t places[] = {1, 2, 3, 5, 8, 30};
  std::int32_t permutedPlaces[6];
  for (Eigen::Index r = 0; r < 6; ++r) {
    permuted.row(r) = rows.row(order[r]);
    permutedPlaces[r] = places[order[r]];
  }
  edit->apply({straight.data(), 6, kWidth, nullptr, places});
  edit->apply({permuted.data(), 6, kWidth, nullptr, permutedPlaces});
  QVERIFY(!sameBits(straight, rows));
  for (Eigen::Index r = 0; r < 6; ++r) QVERIFY(sameBits(permuted.row(r), straight.row(order[r])));
}

void EngineTest::noDoseIsTheCleanRun() {
  QFETCH(int, index);
  Perturbation p = fetched(index);
  p.epsilon = 0;
  const Captured states = captured(std::span(&p, 1));
  QVERIFY(makeArm(p).edits.empty());
  QVERIFY(sameBits(states.before, states.after));
  QCOMPARE(states.report.candidates, std::int64_t(0));
}

void EngineTest::gateOpensWhereItsProbeFires() {
  const Perturbation p = one("gated project");
  const Captured states = captured(std::span(&p, 1));
  std::int64_t open = 0;
  for (Eigen::Index r = 0; r < states.before.rows(); ++r) {
    const bool edited = !isFirst(r) && fires(p.gate, states.before, r);
    open += edited;
    QCOMPARE(sameBits(states.before.row(r), states.after.row(r)), !edited);
  }
  QVERIFY(open > 0 && open < 27);
  QCOMPARE(states.report.rows, open);
  QCOMPARE(states.report.candidates, std::int64_t(27));
}

void EngineTest::gateThatNeverOpens() {
  Perturbation p = one("gated project");
  p.gate.bias = -1e6;
  const Captured states = captured(std::span(&p, 1));
  QVERIFY(sameBits(states.before, states.after));
  QCOMPARE(states.report.rows, std::int64_t(0));
  QCOMPARE(states.report.candidates, std::int64_t(27));  // a scope without tokens has none of either
  QCOMPARE(states.report.deltaSquared, 0.0);
}

void EngineTest::gateLooksAtTheStateBeforeTheEdit() {
  Perturbation p = one("set");
  p.epsilon = 1;
  p.neurons = {0};
  p.value = -5;
  p.gate = {std::vector<double>(kWidth, 0), 0};
  p.gate.weights[0] = 1;  // fires where neuron 0 is positive; afterwards it is not
  const Captured states = captured(std::span(&p, 1));
  for (Eigen::Index r = 0; r < states.before.rows(); ++r)
    QCOMPARE(states.after(r, 0), !isFirst(r) && states.before(r, 0) > 0 ? -5.0F : states.before(r, 0));
}

void EngineTest::generationCountsCandidatesToo() {
  Perturbation p = one("gated project");
  const std::vector<std::int32_t> prompt = someIds(9, 1);
  model::GenerateOptions options;
  options.maxNewTokens = 3;
  model::EditReport open, shut;
  model::generate(lm(), {&prompt, 1}, makeArm(p), options, {}, &open);
  p.gate.bias = -1e6;
  model::generate(lm(), {&prompt, 1}, makeArm(p), options, {}, &shut);
  QCOMPARE(open.candidates, std::int64_t(10));  // eight of the prompt, two new ones that were read again
  QVERIFY(open.rows > 0 && open.rows <= 10);
  QVERIFY(shut.candidates == 10 && shut.rows == 0);
}

void EngineTest::donorsStandAtTheSamePlace() {
  Perturbation p = one("resample by position");
  p.epsilon = 1;
  for (std::size_t i = 0; i < p.bankPositions.size(); ++i) p.bank.row(static_cast<Eigen::Index>(i)).setConstant(p.bankPositions[i]);
  const Captured states = captured(std::span(&p, 1));
  const auto donorAt = [&](Eigen::Index row) { return static_cast<int>(states.after(row, p.neurons[0])); };
  const auto oneOf = [](int donor, std::initializer_list<int> places) { return std::find(places.begin(), places.end(), donor) != places.end(); };
  QCOMPARE(donorAt(1), 1);
  for (const Eigen::Index row : {2, 3}) QVERIFY(oneOf(donorAt(row), {2, 3}));
  for (const Eigen::Index row : {4, 5, 6, 7}) QVERIFY(oneOf(donorAt(row), {5, 6}));
  for (const Eigen::Index row : {8, 9, 12, 13, 17}) QCOMPARE(donorAt(row), 9);
}

void EngineTest::donorsOfANeighbouringPlace() {
  Perturbation p = one("resample by position");
  p.bank = MatrixD::Constant(1, 3, 7);
  p.bankPositions = {30};
  QCOMPARE(applyToRow(p, std::vector<double>(kWidth, 0), 2)[1], .75 * 7);  // the only bucket with donors
}

void EngineTest::positionsMayNotBeMissing() {
  std::vector<float> row(kWidth, 1);
  try {
    makeArm(one("resample by position")).edits[0]->apply({row.data(), 1, kWidth, nullptr});
    QFAIL("no error");
  } catch (const Error& error) {
    QVERIFY2(QString::fromStdString(error.message()).contains(QStringLiteral("positions")), error.message().c_str());
  }
}

void EngineTest::setsComposeLeftToRight() {
  const Perturbation mean = one("mean"), flip = one("flip");
  const PerturbationSet forwards = {mean, flip}, backwards = {flip, mean};
  const Captured a = captured(forwards), b = captured(backwards);
  QCOMPARE(a.report.rows, std::int64_t(54));
  for (Eigen::Index r = 1; r < 9; ++r) {
    const std::vector<double> h(a.before.row(r).begin(), a.before.row(r).end());
    const auto first = applyToRow(flip, applyToRow(mean, h)), second = applyToRow(mean, applyToRow(flip, h));
    for (Eigen::Index j = 0; j < kWidth; ++j) {
      QVERIFY(std::abs(static_cast<double>(a.after(r, j)) - first[static_cast<std::size_t>(j)]) < 1e-5);
      QVERIFY(std::abs(static_cast<double>(b.after(r, j)) - second[static_cast<std::size_t>(j)]) < 1e-5);
    }
  }
  QVERIFY(!sameBits(a.after, b.after));
}

void EngineTest::setOverLayersEqualsItsParts() {
  PerturbationSet window;
  for (int layer = 0; layer < 2; ++layer) window.push_back(testing::example(Method::Leace, model::Site::ResidPost, layer, kWidth));
  model::Arm parts;
  for (const Perturbation& p : window) parts.edits.push_back(makeArm(p).edits.at(0));
  const model::Arm arms[] = {makeArm(window), parts, makeArm(window[0])};
  const auto result = run(forest(), arms);
  QVERIFY(sameBits(result.logits[0], result.logits[1]));
  QVERIFY(!sameBits(result.logits[0], result.logits[2]));
}

void EngineTest::nullMembersAreLeftOut() {
  Perturbation none = one("mean");
  none.epsilon = 0;
  const PerturbationSet set = {none, one("flip"), none};
  QCOMPARE(makeArm(set).edits.size(), std::size_t(1));
}

QTEST_GUILESS_MAIN(EngineTest)
#include "engine_test.moc"
