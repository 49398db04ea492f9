#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/probes/mlp.h"
#include "mlp_network.h"

using namespace lacuna;
using namespace lacuna::probes;

namespace {

/// f = 2·relu(x1 + x2 − 1) − relu(x1), methods.md 4.
ValueAndGradient closedForm(const MatrixD& points) {
  ValueAndGradient result{VectorD(points.rows()), MatrixD(points.rows(), 2)};
  for (Eigen::Index s = 0; s < points.rows(); ++s) {
    const double a = points(s, 0) + points(s, 1) - 1, b = points(s, 0);
    result.values[s] = 2 * std::max(a, 0.0) - std::max(b, 0.0);
    result.gradients.row(s) << 2.0 * (a > 0) - (b > 0), 2.0 * (a > 0);
  }
  return result;
}

/// Two clusters told by the sign of x0·x1, which no linear probe reads; families of one.
ProbeInput exclusiveOr(int rows, std::uint64_t seed) {
  Rng rng(seed, "test-mlp");
  ProbeInput input{MatrixF(rows, 8), {}, {}, {}, 2};
  for (int n = 0; n < rows; ++n) {
    for (int j = 0; j < 8; ++j) input.x(n, j) = static_cast<float>(rng.normal() * (j == 1 ? 30 : 1) + j);
    input.labels.push_back((input.x(n, 0) > 0) == (input.x(n, 1) > 1));
    input.families.push_back(n);
    input.roles.push_back(n % 5 < 3 ? SplitRole::Fit : n % 5 == 3 ? SplitRole::Tune : SplitRole::Evaluate);
  }
  return input;
}

MlpConfig patient() {
  MlpConfig config;
  config.hidden = 32;
  config.batch = 64;
  config.rate = 1e-2;
  return config;
}

}  // namespace

class MlpTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void attributionOfTheClosedForm_data();
  void attributionOfTheClosedForm();
  void attributionWithoutADifference();
  void gradientIsTheDerivativeOfTheLoss();
  void adamStepsAgreeWithScikitLearn();
  void decayShrinksOutsideOfTheMoments();
  void learnsWhatNoLineReads();
  void stopsWhenTuneGetsWorse();
  void attributionsNameTheInputs();
  void sameBytesAtAnyThreadCount();
  void unitsDoNotMatter();
  void rowsOutsideAreLeftOut();
  void tooFewIsSaid_data();
  void tooFewIsSaid();
  void stopsWhenAsked();
  void badInputIsRefused();
};

void MlpTest::attributionOfTheClosedForm_data() {
  QTest::addColumn<int>("steps");
  QTest::addColumn<int>("maxSteps");
  QTest::addColumn<double>("sum");
  QTest::addColumn<bool>("complete");
  QTest::addColumn<int>("used");
  QTest::newRow("8 steps fall short") << 8 << 8 << 1.75 << false << 8;
  QTest::newRow("8 steps are doubled until complete") << 8 << 1024 << 1.9375 << true << 32;
  QTest::newRow("doubling stops at the limit") << 8 << 31 << 2.125 << false << 16;
  QTest::newRow("many") << 3 * 4096 << 3 * 4096 << 2.0 << true << 3 * 4096;
}

void MlpTest::attributionOfTheClosedForm() {
  QFETCH(int, steps);
  QFETCH(int, maxSteps);
  QFETCH(double, sum);
  QFETCH(bool, complete);
  QFETCH(int, used);
  VectorD x(2);
  x << 2, 1;
  const IntegratedGradients ig = integratedGradients(closedForm, x, VectorD::Zero(2), {steps, maxSteps, 0.05});
  QCOMPARE(ig.difference, 2.0);
  LACUNA_NEAR(ig.attribution.sum(), sum, 1e-9);
  LACUNA_NEAR(ig.error, std::abs(sum - 2) / 2, 1e-9);
  QCOMPARE(ig.complete, complete);
  QCOMPARE(ig.steps, used);
  if (steps > 1000) {
    LACUNA_NEAR(ig.attribution[0], 2.0 / 3, 1e-9);
    LACUNA_NEAR(ig.attribution[1], 4.0 / 3, 1e-9);
  }
  const VectorD gradient = closedForm(x.transpose()).gradients.row(0);
  QVERIFY(gradient.cwiseProduct(x) == Eigen::Vector2d(2, 2));  // gradient × input sums to 4, not to f
}

void MlpTest::attributionWithoutADifference() {
  VectorD x(2);
  x << 0, 0.5;
  const IntegratedGradients flat = integratedGradients(closedForm, x, VectorD::Zero(2));
  QVERIFY(flat.complete && flat.error == 0);
  x << 1, 0.5;  // f = 0 at both ends, not between them
  const IntegratedGradients ig = integratedGradients(closedForm, x, VectorD::Zero(2), {10, 100, 0.05});
  QCOMPARE(ig.difference, 0.0);
  QCOMPARE(ig.complete, ig.attribution.sum() == 0);
}

void MlpTest::gradientIsTheDerivativeOfTheLoss() {
  MlpNetwork network(5, 7, 3);
  network.initialise(3);
  for (Eigen::Index h = 0; h < 7; ++h) network.parameters()[35 + h] = h % 3 == 0 ? -9.0F : 9.0F;  // no unit near its kink
  MatrixF rows(300, 5);
  std::vector<std::int32_t> labels;
  Rng rng(4, "test-rows");
  for (float& value : rows.reshaped()) value = static_cast<float>(rng.normal());
  for (int n = 0; n < 300; ++n) labels.push_back(static_cast<std::int32_t>(rng.below(3)));
  VectorF gradient;
  const double loss = network.lossAndGradient(rows, labels, gradient, {});
  QVERIFY(std::abs(loss - network.loss(rows, labels, {})) < 1e-12);
  for (Eigen::Index i = 0; i < gradient.size(); i += 3) {
    MlpNetwork up = network, down = network;
    up.parameters()[i] += 3e-3F;
    down.parameters()[i] -= 3e-3F;
    const double difference = (up.loss(rows, labels, {}) - down.loss(rows, labels, {})) / 6e-3;
    QVERIFY2(std::abs(difference - static_cast<double>(gradient[i])) < 2e-4, qPrintable(QStringLiteral("%1: %2, %3").arg(i).arg(gradient[i]).arg(difference)));
  }
}

void MlpTest::adamStepsAgreeWithScikitLearn() {
  const QJsonObject reference = testing::readJson("probes_reference.json")["adam"].toObject();
  const MatrixF x = testing::matrix(reference["x"]).cast<float>();
  std::vector<std::int32_t> labels;
  for (const double y : testing::numbers(reference["y"])) labels.push_back(static_cast<std::int32_t>(y));
  // scikit-learn: weights [in, out] of both layers, then biases; here weights [out, in] and biases layer by layer.
  const auto flat = [&](const QJsonArray& parts) {
    MlpNetwork network(4, 6, 3);
    const MatrixF w1 = testing::matrix(parts[0]).transpose().cast<float>(), w2 = testing::matrix(parts[1]).transpose().cast<float>();
    network.parameters() << w1.reshaped<Eigen::RowMajor>(), testing::matrix(parts[2]).cast<float>(), w2.reshaped<Eigen::RowMajor>(), testing::matrix(parts[3]).cast<float>();
    return network;
  };
  MlpNetwork network = flat(reference["start"].toArray());
  AdamW optimiser(network.parameters().size(), reference["rate"].toDouble(), 0);
  VectorF gradient;
  for (const double expected : testing::numbers(reference["losses"])) {
    LACUNA_NEAR(network.lossAndGradient(x, labels, gradient, {}), expected, 1e-5);
    optimiser.step(gradient, network.parameters());
  }
  const VectorF end = flat(reference["end"].toArray()).parameters();
  // Five steps move by up to .05; scikit-learn adds ε before correcting the bias, which shows where gradients are small.
  QVERIFY((network.parameters() - end).cwiseAbs().maxCoeff() < 3e-5F);
}

void MlpTest::decayShrinksOutsideOfTheMoments() {
  VectorF parameters(2);
  parameters << 2, -4;
  AdamW optimiser(2, 0.1, 0.5);
  optimiser.step(VectorF::Zero(2), parameters);
  QVERIFY(std::abs(parameters[0] - 1.9F) < 1e-6F && std::abs(parameters[1] + 3.8F) < 1e-6F);
  VectorF gradient(2);
  gradient << 3, -0.001F;  // the first step of Adam is the rate, whatever the gradient's size
  AdamW fresh(2, 0.1, 0);
  VectorF moved = VectorF::Zero(2);
  fresh.step(gradient, moved);
  QVERIFY(std::abs(moved[0] + 0.1F) < 1e-5F && std::abs(moved[1] - 0.1F) < 1e-5F);
}

void MlpTest::learnsWhatNoLineReads() {
  const ProbeInput input = exclusiveOr(3000, 1);
  const MlpProbe probe = fitMlp(input, patient(), {});
  QCOMPARE(QString::fromStdString(probe.status), QStringLiteral("OK"));
  QVERIFY2(probe.auc[1].value > 0.95, qPrintable(QString::number(probe.auc[1].value)));
  QVERIFY(probe.auc[1].low < probe.auc[1].value);
  QVERIFY(fitProbes(input, {}, {})[1].auc < 0.6);
  QCOMPARE(fitMlp(exclusiveOr(200, 1), {}, {}).w1.rows(), Eigen::Index(2));  // d/4
}

void MlpTest::stopsWhenTuneGetsWorse() {
  ProbeInput input = exclusiveOr(300, 2);
  Rng rng(2, "test-labels");
  for (std::int32_t& label : input.labels) label = static_cast<std::int32_t>(rng.below(2));
  MlpConfig config = patient();
  config.patience = 3;
  const MlpProbe probe = fitMlp(input, config, {});
  QVERIFY(probe.tuneLoss.size() < 50);
  QCOMPARE(probe.tuneLoss.size(), static_cast<std::size_t>(probe.bestEpoch) + 3);
  QCOMPARE(std::min_element(probe.tuneLoss.begin(), probe.tuneLoss.end()) - probe.tuneLoss.begin() + 1, std::ptrdiff_t(probe.bestEpoch));
  double loss = 0;  // the kept weights are those of the best epoch
  double rows = 0;
  const MatrixD z = probe.logits(input.x);
  for (Eigen::Index n = 3; n < 300; n += 5) {
    const double margin = z(n, input.labels[static_cast<std::size_t>(n)]) - z(n, 1 - input.labels[static_cast<std::size_t>(n)]);
    loss += std::log1p(std::exp(-margin));
    rows += 1;
  }
  LACUNA_NEAR(loss / rows, probe.tuneLoss[static_cast<std::size_t>(probe.bestEpoch) - 1], 1e-5);
}

void MlpTest::attributionsNameTheInputs() {
  const ProbeInput input = exclusiveOr(3000, 3);
  const MlpProbe probe = fitMlp(input, patient(), {});
  MatrixF held(0, 8);
  for (Eigen::Index n = 4; n < 3000; n += 5) {
    if (input.labels[static_cast<std::size_t>(n)] != 1) continue;
    held.conservativeResize(held.rows() + 1, 8);
    held.row(held.rows() - 1) = input.x.row(n);
  }
  const MlpImportance found = mlpImportance(probe, held, ClusterId(1), {}, {});
  QCOMPARE(found.documents, std::int64_t(held.rows()));
  for (Eigen::Index j = 2; j < 8; ++j) QVERIFY(found.importance[j] < 0.5 * std::min(found.importance[0], found.importance[1]));
  QVERIFY(found.incomplete <= found.documents / 20);
  QVERIFY(found.doubled >= found.incomplete);
  // One document, from the definition: gradients of the logit by differences along the path.
  const VectorD x = held.row(0).cast<double>();
  const MlpImportance one = mlpImportance(probe, held.topRows(1), ClusterId(1), {1024, 1024, 0.05}, {});
  const double rise = probe.logits(held.topRows(1))(0, 1) - probe.logits(probe.mean.transpose().cast<float>())(0, 1);
  QVERIFY(one.importance.sum() >= std::abs(rise) * (1 - 1e-3));
  QVERIFY(one.worstError < 0.01);
  QVERIFY(mlpImportance(probe, MatrixF(0, 8), ClusterId(1), {}, {}).importance.array().isNaN().all());
}

void MlpTest::sameBytesAtAnyThreadCount() {
  const ProbeInput input = exclusiveOr(1500, 4);
  RunContext one, three, other;
  one.threads = 1;
  three.threads = 3;
  other.seed = 5;
  MlpConfig config;
  config.epochs = 4;
  const MlpProbe a = fitMlp(input, config, one), b = fitMlp(input, config, three);
  QVERIFY(a.w1 == b.w1 && a.w2 == b.w2 && a.b1 == b.b1 && a.b2 == b.b2);
  QCOMPARE(a.tuneLoss, b.tuneLoss);
  QVERIFY(a.w1 != fitMlp(input, config, other).w1);
  QVERIFY(mlpImportance(a, input.x.topRows(50), ClusterId(0), {}, one).importance == mlpImportance(a, input.x.topRows(50), ClusterId(0), {}, three).importance);
}

void MlpTest::unitsDoNotMatter() {
  ProbeInput input = exclusiveOr(600, 6);
  MlpConfig config;
  config.epochs = 3;
  const MlpProbe before = fitMlp(input, config, {});
  input.x.col(2) *= 256;
  const MlpProbe after = fitMlp(input, config, {});
  QVERIFY((before.w1 - after.w1).cwiseAbs().maxCoeff() < 1e-5F);
  input.x.col(3).setConstant(5);
  const MlpProbe constant = fitMlp(input, config, {});
  QCOMPARE(constant.w1.col(3).cwiseAbs().maxCoeff(), 0.0F);
  QVERIFY(constant.logits(input.x).allFinite());
}

void MlpTest::rowsOutsideAreLeftOut() {
  ProbeInput input = exclusiveOr(400, 7), other = input;
  for (std::size_t n = 0; n < 400; n += 9) {
    input.labels[n] = n % 2 == 0 ? -1 : -2;
    other.roles[n] = SplitRole::Unused;
    if (n % 4 == 0) input.x(static_cast<Eigen::Index>(n), 0) = std::numeric_limits<float>::infinity();
  }
  MlpConfig config;
  config.epochs = 2;
  QVERIFY(fitMlp(input, config, {}).w1 == fitMlp(other, config, {}).w1);
}

void MlpTest::tooFewIsSaid_data() {
  QTest::addColumn<int>("defect");
  QTest::newRow("one cluster") << 0;
  QTest::newRow("nothing to stop on") << 1;
}

void MlpTest::tooFewIsSaid() {
  QFETCH(int, defect);
  ProbeInput input = exclusiveOr(100, 8);
  for (std::size_t n = 0; n < 100; ++n) {
    if (defect == 0) input.labels[n] = 1;
    if (defect == 1 && input.roles[n] == SplitRole::Tune) input.roles[n] = SplitRole::Fit;
  }
  const MlpProbe probe = fitMlp(input, {}, {});
  QCOMPARE(QString::fromStdString(probe.status), QStringLiteral("TOO_FEW"));
  QCOMPARE(probe.bestEpoch, 0);
}

void MlpTest::stopsWhenAsked() {
  std::stop_source source;
  source.request_stop();
  RunContext context;
  context.stop = source.get_token();
  QVERIFY_EXCEPTION_THROWN(fitMlp(exclusiveOr(100, 9), {}, context), Cancelled);
}

void MlpTest::badInputIsRefused() {
  ProbeInput input = exclusiveOr(50, 10);
  MlpConfig config;
  config.batch = 0;
  QVERIFY_EXCEPTION_THROWN(fitMlp(input, config, {}), Error);
  const MlpProbe probe = fitMlp(input, {}, {});
  QVERIFY_EXCEPTION_THROWN(mlpImportance(probe, input.x, ClusterId(2), {}, {}), Error);
  QVERIFY_EXCEPTION_THROWN(integratedGradients(closedForm, VectorD::Zero(2), VectorD::Zero(3)), Error);
  input.roles.pop_back();
  QVERIFY_EXCEPTION_THROWN(fitMlp(input, {}, {}), Error);
}

QTEST_GUILESS_MAIN(MlpTest)
#include "mlp_test.moc"
