#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/probes/penalties.h"

using namespace lacuna;
using namespace lacuna::probes;
using lacuna::testing::knownAnswer;
using lacuna::testing::matrix;
using lacuna::testing::numbers;

namespace {

constexpr double kTight = 1e-11;
constexpr int kPatient = 200000;

/// One target over the rows: 1 or 0, each with a weight.
ColumnSet oneTarget(const std::vector<double>& y, const std::vector<double>& s, std::vector<double> lambdas) {
  return {std::move(lambdas), [y, s](std::int64_t, std::span<float> out) {
    for (std::size_t n = 0; n < out.size(); ++n) out[n] = static_cast<float>(s.empty() ? 1.0 : s[n]) * (y[n] > 0 ? 1.0F : -1.0F);
  }};
}

MatrixF knownX() { return matrix(knownAnswer("logreg")["X"]).cast<float>(); }
std::vector<double> knownY() { return numbers(knownAnswer("logreg")["y"]); }

MatrixF noise(std::int64_t rows, std::int64_t width, std::uint64_t seed) {
  Rng rng(seed, "test-penalties");
  MatrixF x(rows, width);
  for (float& value : x.reshaped()) value = static_cast<float>(rng.normal());
  for (Eigen::Index j = 1; j < width; ++j) x.col(j) += 0.5F * x.col(j - 1);
  return x;
}

MatrixD standardised(const MatrixF& x) {
  MatrixD z = x.cast<double>();
  z.rowwise() -= z.colwise().mean().eval();
  for (Eigen::Index j = 0; j < z.cols(); ++j) z.col(j) /= std::sqrt(z.col(j).squaredNorm() / static_cast<double>(z.rows()));
  return z;
}

/// The least subgradient of a logistic column, straight from the definition.
double leastSubgradient(const MatrixD& z, const std::vector<double>& y, double lambda, double l1Ratio, const VectorD& w, double b) {
  VectorD residual(z.rows());
  for (Eigen::Index n = 0; n < z.rows(); ++n) residual[n] = (1 / (1 + std::exp(-(z.row(n).dot(w) + b))) - y[static_cast<std::size_t>(n)]) / static_cast<double>(z.rows());
  double largest = std::abs(residual.sum());
  for (Eigen::Index j = 0; j < z.cols(); ++j) {
    const double g = z.col(j).dot(residual) + lambda * (1 - l1Ratio) * w[j], l1 = lambda * l1Ratio;
    largest = std::max(largest, w[j] == 0 ? std::max(std::abs(g) - l1, 0.0) : std::abs(g + (w[j] > 0 ? l1 : -l1)));
  }
  return largest;
}

std::vector<double> targetsOf(const MatrixF& x, std::uint64_t seed) {
  Rng rng(seed, "test-penalty-targets");
  std::vector<double> y;
  for (Eigen::Index n = 0; n < x.rows(); ++n) y.push_back(x(n, 0) - x(n, 2) + rng.normal() > 0.3);
  return y;
}

}  // namespace

class PenaltiesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswers_data();
  void knownAnswers();
  void knownLambdaMax();
  void knownMultinomial();
  void agreesWithScikitLearn();
  void multinomialAgreesWithScikitLearn();
  void nothingEntersAboveLambdaMax_data();
  void nothingEntersAboveLambdaMax();
  void singlePrecisionIsCheckedInDouble();
  void fewOfManyInputs();
  void pathEqualsColdStarts();
  void sameBytesAtAnyThreadCount();
  void columnsTogetherEqualColumnsAlone();
  void lassoTakesOneOfARedundantPair();
  void noL1IsTheRidgeSolver();
  void twoClassesOfSoftmaxAreLogistic();
  void multinomialLambdaMaxIsTheEdge();
  void rowsWithoutLabelAreLeftOut();
  void degenerateTargetsAreCertain();
  void notConvergedIsSaid();
  void stopsWhenAsked();
  void badInputIsRefused_data();
  void badInputIsRefused();
  void covariateIsFree();
  void covariateTakesItsShare();
  void constantCovariateChangesNothing();
};

void PenaltiesTest::knownAnswers_data() {
  QTest::addColumn<double>("l1Ratio");
  QTest::addColumn<QString>("entry");
  QTest::newRow("L2") << 0.0 << "std_L2";
  QTest::newRow("L1") << 1.0 << "std_L1";
  QTest::newRow("elastic net") << 0.5 << "std_EN_half";
}

void PenaltiesTest::knownAnswers() {
  QFETCH(double, l1Ratio);
  QFETCH(QString, entry);
  const std::vector<double> expected = numbers(knownAnswer("logreg")[entry]);
  const LogisticSolution s = solveElasticNet(knownX(), oneTarget(knownY(), {}, {0.1}), l1Ratio, kTight, kPatient, {});
  QCOMPARE(int(s.converged[0]), 1);
  LACUNA_NEAR(s.w(0, 0), expected[0], 1e-7);
  LACUNA_NEAR(s.w(1, 0), expected[1], 1e-7);
  LACUNA_NEAR(s.b[0], expected[2], 1e-7);
  if (expected[0] == 0) QCOMPARE(s.w(0, 0), 0.0);
}

void PenaltiesTest::knownLambdaMax() {
  LACUNA_NEAR(lambdaMax(knownX(), 1, oneTarget(knownY(), {}, {}).fill, 1, {})[0], knownAnswer("logreg")["L1_lam_max"].toDouble(), 1e-9);
}

void PenaltiesTest::knownMultinomial() {
  MultinomialProblem p{knownX(), {0, 1, 1, 2, 2, 0}, {}, 3, {0.1}, 0, 1e-10, kPatient};
  const MultinomialSolution s = solveMultinomial(p, {});
  const MatrixD w = matrix(knownAnswer("logreg")["multinomial_W"]);
  const std::vector<double> b = numbers(knownAnswer("logreg")["multinomial_b"]);
  QCOMPARE(int(s.converged[0]), 1);
  for (Eigen::Index k = 0; k < 3; ++k) {
    for (Eigen::Index j = 0; j < 2; ++j) LACUNA_NEAR(s.w[0](j, k), w(k, j), 1e-6);
    LACUNA_NEAR(s.b(0, k), b[static_cast<std::size_t>(k)], 1e-6);
  }
  QVERIFY(std::abs(s.b.row(0).sum()) < 1e-12);
  QVERIFY(s.w[0].rowwise().sum().cwiseAbs().maxCoeff() < 1e-12);
}

void PenaltiesTest::agreesWithScikitLearn() {
  const QJsonObject reference = testing::readJson("probes_reference.json")["logistic"].toObject();
  const MatrixF x = matrix(reference["x"]).cast<float>();
  const std::vector<double> y = numbers(reference["y"]), s = numbers(reference["s"]);
  LACUNA_NEAR(lambdaMax(x, 1, oneTarget(y, s, {}).fill, 0.5, {})[0], 2 * reference["lambda_max"].toDouble(), 1e-9);
  for (const QJsonValue& fit : reference["fits"].toArray()) {
    const LogisticSolution found = solveElasticNet(x, oneTarget(y, s, {fit["lambda"].toDouble()}), fit["l1_ratio"].toDouble(), kTight, kPatient, {});
    const MatrixD w = matrix(fit["w"]);
    QCOMPARE(int(found.converged[0]), 1);
    for (Eigen::Index j = 0; j < w.cols(); ++j) {
      LACUNA_NEAR(found.w(j, 0), w(0, j), 1e-7);
      QCOMPARE(found.w(j, 0) == 0, w(0, j) == 0);
    }
    LACUNA_NEAR(found.b[0], numbers(fit["b"])[0], 1e-7);
  }
}

void PenaltiesTest::multinomialAgreesWithScikitLearn() {
  const QJsonObject reference = testing::readJson("probes_reference.json")["multinomial"].toObject();
  const std::vector<double> y = numbers(reference["y"]), s = numbers(reference["s"]);
  for (const QJsonValue& fit : reference["fits"].toArray()) {
    const double l1Ratio = fit["l1_ratio"].toDouble();
    const MultinomialProblem p{matrix(reference["x"]).cast<float>(), {y.begin(), y.end()}, {s.begin(), s.end()}, 4, {fit["lambda"].toDouble()}, l1Ratio, kTight, kPatient};
    const MultinomialSolution found = solveMultinomial(p, {});
    QCOMPARE(int(found.converged[0]), 1);
    const MatrixD w = matrix(fit["w"]);
    for (Eigen::Index k = 0; k < 4; ++k) {
      for (Eigen::Index j = 0; j < w.cols(); ++j) LACUNA_NEAR(found.w[0](j, k), w(k, j), 1e-6);
      LACUNA_NEAR(found.b(0, k), numbers(fit["b"])[static_cast<std::size_t>(k)], 1e-6);
    }
  }
}

void PenaltiesTest::nothingEntersAboveLambdaMax_data() {
  QTest::addColumn<double>("l1Ratio");
  QTest::newRow("L1") << 1.0;
  QTest::newRow("elastic net") << 0.3;
}

void PenaltiesTest::nothingEntersAboveLambdaMax() {
  QFETCH(double, l1Ratio);
  const MatrixF x = noise(150, 10, 1);
  const ColumnSet target = oneTarget(targetsOf(x, 1), {}, {});
  const double edge = lambdaMax(x, 1, target.fill, l1Ratio, {})[0];
  ColumnSet columns = target;
  columns.lambdas = {edge * 1.0001, edge * 0.99};
  const LogisticSolution s = solveElasticNet(x, columns, l1Ratio, 1e-10, kPatient, {});
  QCOMPARE(s.w.col(0).cwiseAbs().maxCoeff(), 0.0);
  QCOMPARE((s.w.col(1).array() != 0).count(), Eigen::Index(1));
}

void PenaltiesTest::singlePrecisionIsCheckedInDouble() {
  const MatrixF x = noise(1500, 60, 2);
  const std::vector<double> y = targetsOf(x, 2);
  const LogisticSolution s = solveElasticNet(x, oneTarget(y, {}, {0.1, 0.02, 0.003}), 0.7, 1e-4, 5000, {});
  const MatrixD z = standardised(x);
  const double lambdas[] = {0.1, 0.02, 0.003};
  for (Eigen::Index c = 0; c < 3; ++c) {
    QCOMPARE(int(s.converged[static_cast<std::size_t>(c)]), 1);
    QVERIFY(s.iterations[static_cast<std::size_t>(c)] > 3);
    QVERIFY(leastSubgradient(z, y, lambdas[c], 0.7, s.w.col(c), s.b[c]) <= 1.0001e-4);
  }
}

void PenaltiesTest::fewOfManyInputs() {
  // Many columns that finish at different times, few active inputs, of more inputs than rows.
  const MatrixF x = noise(150, 300, 18);
  const MatrixD z = standardised(x);
  std::vector<std::vector<double>> targets;
  for (std::uint64_t c = 0; c < 40; ++c) targets.push_back(targetsOf(x, 100 + c));
  ColumnSet columns{{}, [&](std::int64_t c, std::span<float> out) {
    for (std::size_t n = 0; n < out.size(); ++n) out[n] = targets[static_cast<std::size_t>(c)][n] > 0 ? 1.0F : -1.0F;
  }};
  for (int c = 0; c < 40; ++c) columns.lambdas.push_back(0.08 + 0.002 * c);
  const LogisticSolution s = solveElasticNet(x, columns, 0.9, 1e-8, kPatient, {});
  for (Eigen::Index c = 0; c < 40; ++c) {
    const auto i = static_cast<std::size_t>(c);
    QCOMPARE(int(s.converged[i]), 1);
    QVERIFY(leastSubgradient(z, targets[i], columns.lambdas[i], 0.9, s.w.col(c), s.b[c]) < 1.1e-8);
    QVERIFY((s.w.col(c).array() != 0).count() < 100 && s.w.col(c).cwiseAbs().maxCoeff() > 0);
  }
}

void PenaltiesTest::pathEqualsColdStarts() {
  const MatrixF x = noise(200, 12, 3);
  const ColumnSet target = oneTarget(targetsOf(x, 3), {}, {});
  const std::vector<double> path = lambdaPath(lambdaMax(x, 1, target.fill, 1, {})[0], 6, 1e-2);
  LACUNA_NEAR(path.back() / path.front(), 1e-2, 1e-12);
  const PathSet paths{Eigen::Map<const MatrixD>(path.data(), 1, 6), 1, target.fill};
  const LogisticSolution warm = solvePath(x, paths, 1e-10, kPatient, {});
  ColumnSet columns = target;
  columns.lambdas = path;
  const LogisticSolution cold = solveElasticNet(x, columns, 1, 1e-10, kPatient, {});
  QVERIFY((warm.w - cold.w).cwiseAbs().maxCoeff() < 1e-7);
  QCOMPARE(warm.w.col(0).cwiseAbs().maxCoeff(), 0.0);
  for (Eigen::Index l = 1; l < 6; ++l) QVERIFY(warm.w.col(l).lpNorm<1>() > warm.w.col(l - 1).lpNorm<1>());
}

void PenaltiesTest::sameBytesAtAnyThreadCount() {
  const MatrixF x = noise(2000, 40, 4);
  const ColumnSet columns = oneTarget(targetsOf(x, 4), {}, {0.1, 0.03, 0.01, 0.003});
  RunContext one, four;
  one.threads = 1;
  four.threads = 4;
  const LogisticSolution a = solveElasticNet(x, columns, 1, 1e-4, 2000, one), b = solveElasticNet(x, columns, 1, 1e-4, 2000, four);
  QVERIFY(a.w == b.w && a.b == b.b && a.iterations == b.iterations);
}

void PenaltiesTest::columnsTogetherEqualColumnsAlone() {
  const MatrixF x = noise(120, 6, 5);
  const std::vector<double> y = targetsOf(x, 5);
  const LogisticSolution together = solveElasticNet(x, oneTarget(y, {}, std::vector<double>(400, 0.02)), 0.5, 1e-9, kPatient, {});
  const LogisticSolution alone = solveElasticNet(x, oneTarget(y, {}, {0.02}), 0.5, 1e-9, kPatient, {});
  for (Eigen::Index c = 0; c < 400; ++c) QVERIFY((together.w.col(c) - alone.w.col(0)).cwiseAbs().maxCoeff() < 1e-7);
}

void PenaltiesTest::lassoTakesOneOfARedundantPair() {
  Rng rng(6, "test-pair");
  MatrixF x(800, 4);
  std::vector<double> y;
  for (Eigen::Index n = 0; n < 800; ++n) {
    for (Eigen::Index j = 0; j < 4; ++j) x(n, j) = static_cast<float>(rng.normal());
    x(n, 1) = 0.999F * x(n, 0) + 0.0447F * x(n, 1);
    y.push_back(x(n, 0) + x(n, 1) + rng.normal() > 0);
  }
  const LogisticSolution lasso = solveElasticNet(x, oneTarget(y, {}, {0.1}), 1, 1e-9, kPatient, {});
  const LogisticSolution ridge = solveElasticNet(x, oneTarget(y, {}, {0.1}), 0, 1e-9, kPatient, {});
  QVERIFY(lasso.w.col(0).head(2).cwiseAbs().minCoeff() < 0.2 * lasso.w.col(0).head(2).cwiseAbs().maxCoeff());
  QVERIFY(ridge.w.col(0).head(2).cwiseAbs().minCoeff() > 0.9 * ridge.w.col(0).head(2).cwiseAbs().maxCoeff());
}

void PenaltiesTest::noL1IsTheRidgeSolver() {
  const MatrixF x = noise(200, 8, 7);
  const ColumnSet columns = oneTarget(targetsOf(x, 7), {}, {0.1, 0.01});
  QVERIFY(solveElasticNet(x, columns, 0, 1e-6, 500, {}).w == solveLogistic(x, columns, 1e-6, 500, {}).w);
  const PathSet paths{Eigen::Map<const MatrixD>(columns.lambdas.data(), 1, 2), 0, columns.fill};
  const LogisticSolution path = solvePath(x, paths, 1e-9, kPatient, {}), plain = solveLogistic(x, columns, 1e-9, kPatient, {});
  QVERIFY((path.w - plain.w).cwiseAbs().maxCoeff() < 1e-7);
}

void PenaltiesTest::twoClassesOfSoftmaxAreLogistic() {
  // With weights ±v/2 the penalty is λ/2·2‖v/2‖² = λ/4·‖v‖²: that of a logistic column v with half the λ.
  const MatrixF x = noise(150, 5, 8);
  const std::vector<double> y = targetsOf(x, 8);
  const MultinomialProblem p{x, {y.begin(), y.end()}, {}, 2, {0.2, 0.02}, 0, 1e-10, kPatient};
  const MultinomialSolution softmax = solveMultinomial(p, {});
  const LogisticSolution logistic = solveLogistic(x, oneTarget(y, {}, {0.1, 0.01}), 1e-10, kPatient, {});
  for (std::size_t l = 0; l < 2; ++l) {
    const VectorD difference = softmax.w[l].col(1) - softmax.w[l].col(0);
    QVERIFY((difference - logistic.w.col(static_cast<Eigen::Index>(l))).cwiseAbs().maxCoeff() < 1e-7);
    const MatrixD z = softmax.logits(x, l), expected = logistic.logits(x);
    QVERIFY((z.col(1) - z.col(0) - expected.col(static_cast<Eigen::Index>(l))).cwiseAbs().maxCoeff() < 1e-6);
  }
}

void PenaltiesTest::multinomialLambdaMaxIsTheEdge() {
  MultinomialProblem p{noise(120, 6, 9), {}, {}, 3, {}, 0.5, 1e-10, kPatient};
  for (Eigen::Index n = 0; n < 120; ++n) p.labels.push_back(p.x(n, 0) > 0.7F ? 0 : p.x(n, 1) > 0 ? 1 : 2);
  const double edge = lambdaMax(p, {});
  p.lambdas = {edge * 1.001, edge * 0.98};
  const MultinomialSolution s = solveMultinomial(p, {});
  QCOMPARE(s.w[0].cwiseAbs().maxCoeff(), 0.0);
  QVERIFY(s.w[1].cwiseAbs().maxCoeff() > 0);
}

void PenaltiesTest::rowsWithoutLabelAreLeftOut() {
  MultinomialProblem p{noise(90, 4, 10), {}, {}, 3, {0.05}, 0, 1e-10, kPatient}, weighted = p;
  for (int n = 0; n < 90; ++n) {
    p.labels.push_back(n % 4 == 3 ? -2 : n % 3);
    weighted.labels.push_back(n % 3);
    weighted.weights.push_back(n % 4 == 3 ? 0.0F : 1.0F);
  }
  QVERIFY(solveMultinomial(p, {}).w[0] == solveMultinomial(weighted, {}).w[0]);
}

void PenaltiesTest::degenerateTargetsAreCertain() {
  const MatrixF x = noise(40, 3, 11);
  const ColumnSet columns{{0.1, 0.1, 0.1}, [](std::int64_t c, std::span<float> out) { std::fill(out.begin(), out.end(), c == 0 ? 1.0F : c == 1 ? -1.0F : 0.0F); }};
  const LogisticSolution s = solveElasticNet(x, columns, 1, 1e-6, 100, {});
  QVERIFY(s.b[0] > 30 && s.b[1] < -30);
  QCOMPARE(s.b[2], 0.0);
  QCOMPARE(s.w.cwiseAbs().maxCoeff(), 0.0);
  QCOMPARE(lambdaMax(x, 3, columns.fill, 1, {}).maxCoeff(), 0.0);
}

void PenaltiesTest::notConvergedIsSaid() {
  const MatrixF x = noise(200, 10, 12);
  const LogisticSolution s = solveElasticNet(x, oneTarget(targetsOf(x, 12), {}, {0.001}), 1, 1e-10, 5, {});
  QCOMPARE(int(s.converged[0]), 0);
  QCOMPARE(s.iterations[0], 5);
}

void PenaltiesTest::stopsWhenAsked() {
  std::stop_source source;
  source.request_stop();
  RunContext context;
  context.stop = source.get_token();
  const MatrixF x = noise(50, 4, 13);
  QVERIFY_EXCEPTION_THROWN(solveElasticNet(x, oneTarget(targetsOf(x, 13), {}, {0.1}), 1, 1e-8, 100, context), Cancelled);
}

void PenaltiesTest::badInputIsRefused_data() {
  QTest::addColumn<int>("defect");
  QTest::newRow("not finite") << 0;
  QTest::newRow("negative lambda") << 1;
  QTest::newRow("share above one") << 2;
  QTest::newRow("class without rows") << 3;
  QTest::newRow("label too large") << 4;
  QTest::newRow("lambda max of ridge") << 5;
  QTest::newRow("covariates of another length") << 6;
}

void PenaltiesTest::badInputIsRefused() {
  QFETCH(int, defect);
  MatrixF x = noise(20, 3, 14);
  ColumnSet columns = oneTarget(targetsOf(x, 14), {}, {defect == 1 ? -0.1 : 0.1});
  if (defect == 0) x(2, 1) = std::numeric_limits<float>::infinity();
  MultinomialProblem p{x, std::vector<std::int32_t>(20, 0), {}, 2, {0.1}};
  if (defect == 4) p.labels[3] = 2;
  try {
    if (defect <= 2) solveElasticNet(x, columns, defect == 2 ? 1.5 : 1, 1e-6, 100, {});
    else if (defect <= 4) solveMultinomial(p, {});
    else if (defect == 5) lambdaMax(x, 1, columns.fill, 0, {});
    else solveWithCovariates(x, MatrixD::Zero(19, 1), columns, 1e-6, 100, {});
    QFAIL("no error");
  } catch (const Error& error) {
    QCOMPARE(QString::fromStdString(error.code()), QStringLiteral("LAC-3101"));
  }
}

void PenaltiesTest::covariateIsFree() {
  // The joint optimum: penalised gradients of the inputs, a plain one of the covariate, both zero.
  const MatrixF x = noise(300, 6, 15);
  const std::vector<double> y = targetsOf(x, 15);
  MatrixD covariates(300, 2);
  for (Eigen::Index n = 0; n < 300; ++n) covariates.row(n) << 5 + 2 * x(n, 0) - 0.3 * static_cast<double>(n % 7), static_cast<double>(n % 5);
  const CovariateSolution s = solveWithCovariates(x, covariates, oneTarget(y, {}, {0.05}), 1e-10, kPatient, {});
  QCOMPARE(int(s.inputs.converged[0]), 1);
  const MatrixD z = standardised(x);
  MatrixD c = covariates;
  for (Eigen::Index q = 0; q < 2; ++q) c.col(q) = (c.col(q).array() - s.covariateMean[q]) / s.covariateSd[q];
  VectorD residual = z * s.inputs.w.col(0) + c * s.covariates.col(0);
  for (Eigen::Index n = 0; n < 300; ++n) residual[n] = (1 / (1 + std::exp(-residual[n] - s.inputs.b[0])) - y[static_cast<std::size_t>(n)]) / 300;
  QVERIFY((z.transpose() * residual + 0.05 * s.inputs.w.col(0)).cwiseAbs().maxCoeff() < 1e-7);
  QVERIFY((c.transpose() * residual).cwiseAbs().maxCoeff() < 1e-7);
  QVERIFY(std::abs(residual.sum()) < 1e-7);
}

void PenaltiesTest::covariateTakesItsShare() {
  Rng rng(16, "test-length");
  MatrixF x(600, 3);
  MatrixD length(600, 1);
  std::vector<double> y;
  for (Eigen::Index n = 0; n < 600; ++n) {
    length(n, 0) = rng.normal();
    x.row(n) << static_cast<float>(length(n, 0) + 0.3 * rng.normal()), static_cast<float>(rng.normal()), static_cast<float>(rng.normal());
    y.push_back(length(n, 0) + 0.5 * rng.normal() > 0);
  }
  const ColumnSet column = oneTarget(y, {}, {0.05});
  const CovariateSolution with = solveWithCovariates(x, length, column, 1e-8, kPatient, {});
  const LogisticSolution without = solveLogistic(x, column, 1e-8, kPatient, {});
  QVERIFY(std::abs(with.inputs.w(0, 0)) < 0.2 * std::abs(without.w(0, 0)));
  QVERIFY(with.covariates(0, 0) > 1);
}

void PenaltiesTest::constantCovariateChangesNothing() {
  const MatrixF x = noise(100, 4, 17);
  const ColumnSet column = oneTarget(targetsOf(x, 17), {}, {0.1});
  const CovariateSolution with = solveWithCovariates(x, MatrixD::Constant(100, 1, 3.3), column, 1e-9, kPatient, {});
  QVERIFY((with.inputs.w - solveLogistic(x, column, 1e-9, kPatient, {}).w).cwiseAbs().maxCoeff() < 1e-7);
  QCOMPARE(with.covariateSd[0], 0.0);
  QCOMPARE(with.covariates(0, 0), 0.0);
}

QTEST_GUILESS_MAIN(PenaltiesTest)
#include "penalties_test.moc"
