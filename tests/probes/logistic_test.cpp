#include <QTest>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "columns.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/probes/probes.h"

using namespace lacuna;
using namespace lacuna::probes;

namespace {

MatrixF sixRows() {
  MatrixF x(6, 2);
  x << 0, 1, 1, 0, 1, 2, 2, 1, 3, 3, 4, 2;
  return x;
}

/// Correlated inputs of very different scales, as hidden states have them.
MatrixF states(std::int64_t rows, std::int64_t width, std::uint64_t seed) {
  Rng rng(seed, "test-states");
  MatrixD base(rows, width), mix(width, width);
  for (Eigen::Index i = 0; i < base.size(); ++i) base.data()[i] = rng.normal();
  for (Eigen::Index i = 0; i < mix.size(); ++i) mix.data()[i] = rng.normal() / std::sqrt(static_cast<double>(width));
  MatrixD x = base * mix;
  for (Eigen::Index j = 0; j < width; ++j) x.col(j) = x.col(j).array() * std::pow(10.0, static_cast<double>(j % 5) - 2) + 0.3 * static_cast<double>(j);
  return x.cast<float>();
}

MatrixD standardised(const MatrixF& x) {
  MatrixD z = x.cast<double>();
  for (Eigen::Index j = 0; j < z.cols(); ++j) {
    const double mean = z.col(j).mean();
    z.col(j).array() -= mean;
    z.col(j) /= std::sqrt(z.col(j).squaredNorm() / static_cast<double>(z.rows()));
  }
  return z;
}

/// Targets that a noisy direction decides; column c uses its own.
LogisticProblem problem(std::int64_t rows, std::int64_t width, std::int64_t columns, std::uint64_t seed, double tolerance) {
  LogisticProblem p;
  p.x = states(rows, width, seed);
  p.targets.resize(rows, columns);
  p.weights = MatrixF::Ones(rows, columns);
  Rng rng(seed, "test-targets");
  for (Eigen::Index c = 0; c < columns; ++c) {
    const double lambda = std::pow(10.0, -static_cast<double>(c % 4));
    p.lambdas.push_back(lambda);
    const MatrixD z = standardised(p.x.col(c % width));
    for (Eigen::Index n = 0; n < rows; ++n) p.targets(n, c) = z(n, 0) + rng.normal() > 0.4 ? 1.0F : 0.0F;
  }
  p.tolerance = tolerance;
  return p;
}

/// Objective and gradient straight from the definition (methods.md 4.2), in fp64.
double objective(const MatrixD& x, const VectorD& y, const VectorD& s, double lambda, const VectorD& w, double b, VectorD* gradient) {
  double value = 0;
  VectorD residual(x.rows());
  for (Eigen::Index n = 0; n < x.rows(); ++n) {
    const double z = x.row(n).dot(w) + b;
    value += s[n] * (std::max(z, 0.0) - y[n] * z + std::log1p(std::exp(-std::abs(z))));
    residual[n] = s[n] * (1 / (1 + std::exp(-z)) - y[n]);
  }
  if (gradient != nullptr) {
    gradient->resize(x.cols() + 1);
    gradient->head(x.cols()) = x.transpose() * residual / s.sum() + lambda * w;
    (*gradient)[x.cols()] = residual.sum() / s.sum();
  }
  return value / s.sum() + lambda / 2 * w.squaredNorm();
}

/// Damped Newton: slow, plain, independent of the solver under test. Returns [w; b].
VectorD newton(const MatrixD& x, const VectorD& y, const VectorD& s, double lambda) {
  const Eigen::Index d = x.cols();
  VectorD point = VectorD::Zero(d + 1), gradient;
  MatrixD extended(x.rows(), d + 1);
  extended << x, VectorD::Ones(x.rows());
  for (int iteration = 0; iteration < 100; ++iteration) {
    const double here = objective(x, y, s, lambda, point.head(d), point[d], &gradient);
    if (gradient.cwiseAbs().maxCoeff() < 1e-13) break;
    VectorD curvature(x.rows());
    for (Eigen::Index n = 0; n < x.rows(); ++n) {
      const double p = 1 / (1 + std::exp(-extended.row(n).dot(point)));
      curvature[n] = s[n] * p * (1 - p) / s.sum();
    }
    MatrixD hessian = extended.transpose() * curvature.asDiagonal() * extended;
    hessian.diagonal().head(d).array() += lambda;
    hessian(d, d) += 1e-14;
    const VectorD step = hessian.ldlt().solve(gradient);
    double length = 1;
    while (length > 1e-8 && objective(x, y, s, lambda, (point - length * step).head(d), (point - length * step)[d], nullptr) > here) length /= 2;
    point -= length * step;
  }
  return point;
}

VectorD column(const MatrixF& matrix, Eigen::Index c) { return matrix.col(c).cast<double>(); }

double largestGradient(const LogisticProblem& p, const LogisticSolution& s, Eigen::Index c) {
  VectorD gradient;
  objective(standardised(p.x), column(p.targets, c), column(p.weights, c), p.lambdas[static_cast<std::size_t>(c)], s.w.col(c), s.b[c], &gradient);
  return gradient.cwiseAbs().maxCoeff();
}

void compare(double actual, double expected, double tolerance) {
  QVERIFY2(std::abs(actual - expected) <= tolerance, qPrintable(QStringLiteral("%1, expected %2").arg(actual, 0, 'g', 12).arg(expected, 0, 'g', 12)));
}

}  // namespace

class LogisticTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswerStandardised();
  void knownAnswerUnscaled();
  void knownAnswerOneVersusRest();
  void rawSharesFollowUnitsStandardisedSharesDoNot();
  void gradientIsBelowTheTolerance_data();
  void gradientIsBelowTheTolerance();
  void agreesWithNewton_data();
  void agreesWithNewton();
  void scalingOfInputsChangesNothing();
  void columnsTogetherEqualColumnsAlone();
  void maskedRowsEqualRemovedRows();
  void weightsCountAsRepeatedRows();
  void moreInputsThanRowsEqualsTheFullProblem();
  void sameBytesAtAnyThreadCount();
  void moreColumnsThanSlots();
  void constantInputsGetNoWeight();
  void columnsOfOneClassAreCertain();
  void notConvergedIsSaid();
  void stopsWhenAsked();
  void badInputIsRefused_data();
  void badInputIsRefused();
  void foldGridEqualsItsProblem();
};

void LogisticTest::knownAnswerStandardised() {
  LogisticProblem p{sixRows(), MatrixF(6, 1), MatrixF::Ones(6, 1), {0.1}, 1e-9, 5000};
  p.targets << 0, 0, 1, 0, 1, 1;
  const LogisticSolution s = solveLogistic(p, {});
  compare(s.w(0, 0), 0.5616595521088522, 1e-7);
  compare(s.w(1, 0), 1.3517983229801278, 1e-7);
  compare(s.b[0], 0.039894183654929916, 1e-7);
  const double sum = std::abs(s.w(0, 0)) + std::abs(s.w(1, 0));
  compare(std::abs(s.w(0, 0)) / sum, 0.293531, 1e-6);
  QCOMPARE(int(s.converged[0]), 1);
}

void LogisticTest::knownAnswerUnscaled() {
  const MatrixF x = sixRows();
  const RunContext context;
  Moments moments = columnMoments(x, context);
  moments.sd.setOnes();
  const Design design = makeDesign(x, moments, context);
  const float signs[] = {-1, -1, 1, -1, 1, 1};
  const ColumnSet columns{{0.1}, [&](std::int64_t, std::span<float> out) { std::copy(std::begin(signs), std::end(signs), out.begin()); }};
  std::vector<ColumnPoint<double>> points(1);
  solveColumns<double>(rotateInputs<double>(x, design, context), design, columns, {0}, 1e-9, 5000, points, context);
  const VectorD w = design.rotation * Eigen::Map<const VectorD>(points[0].w.data(), 2);
  const double b = points[0].b - w.dot(moments.mean);
  compare(w[0], 0.5388229399598913, 1e-7);
  compare(w[1], 1.3091455243576227, 1e-7);
  compare(b, -2.89352384177462, 1e-7);
  VectorD y(6);
  y << 0, 0, 1, 0, 1, 1;
  compare(objective(x.cast<double>(), y, VectorD::Ones(6), 0.1, w, b, nullptr), 0.35504684118566104, 1e-9);
}

void LogisticTest::knownAnswerOneVersusRest() {
  const int classes[] = {0, 1, 1, 2, 2, 0};
  LogisticProblem p{sixRows(), MatrixF::Zero(6, 3), MatrixF::Ones(6, 3), {0.1, 0.1, 0.1}, 1e-9, 5000};
  for (int n = 0; n < 6; ++n) p.targets(n, classes[n]) = 1;
  const LogisticSolution s = solveLogistic(p, {});
  const double w[3][2] = {{0.15292750998109877, -0.06174534203547968}, {-0.5605820405024754, -0.3658503522957344}, {0.3572207101435585, 0.41872480927830874}};
  const double b[3] = {-0.6958181416520453, -0.8132290786491502, -0.7686659466088039};
  for (int c = 0; c < 3; ++c) {
    compare(s.w(0, c), w[c][0], 1e-7);
    compare(s.w(1, c), w[c][1], 1e-7);
    compare(s.b[c], b[c], 1e-7);
  }
}

void LogisticTest::rawSharesFollowUnitsStandardisedSharesDoNot() {
  double share[2][2];
  for (int scaled = 0; scaled < 2; ++scaled) {
    LogisticProblem p{sixRows(), MatrixF(6, 1), MatrixF::Ones(6, 1), {1e-6 / 6}, 1e-8, 200000};
    p.targets << 0, 0, 1, 1, 1, 0;
    if (scaled == 1) p.x.col(1) *= 100;
    const LogisticSolution s = solveLogistic(p, {});
    const VectorD std = s.w.col(0).cwiseAbs(), raw = std.cwiseQuotient(s.sd);
    share[scaled][0] = raw[0] / raw.sum();
    share[scaled][1] = std[0] / std.sum();
  }
  compare(share[0][0], 0.205, 5e-4);
  compare(share[1][0], 0.963, 5e-4);
  compare(share[0][1], share[1][1], 1e-6);
}

void LogisticTest::gradientIsBelowTheTolerance_data() {
  QTest::addColumn<double>("tolerance");
  QTest::addColumn<int>("rows");
  QTest::addColumn<int>("width");
  QTest::newRow("fp32, tall") << 1e-4 << 1500 << 48;
  QTest::newRow("fp32, wide") << 1e-4 << 300 << 400;
  QTest::newRow("fp64, tall") << 1e-6 << 1500 << 48;
  QTest::newRow("fp64, wide") << 1e-7 << 60 << 150;
}

void LogisticTest::gradientIsBelowTheTolerance() {
  QFETCH(double, tolerance);
  QFETCH(int, rows);
  QFETCH(int, width);
  LogisticProblem p = problem(rows, width, 8, 1, tolerance);
  p.maxIterations = 5000;
  const LogisticSolution s = solveLogistic(p, {});
  for (Eigen::Index c = 0; c < 8; ++c) {
    QCOMPARE(int(s.converged[static_cast<std::size_t>(c)]), 1);
    QVERIFY(s.iterations[static_cast<std::size_t>(c)] > 0);
    QVERIFY2(largestGradient(p, s, c) <= tolerance, qPrintable(QString::number(largestGradient(p, s, c))));
  }
}

void LogisticTest::agreesWithNewton_data() {
  QTest::addColumn<int>("rows");
  QTest::addColumn<int>("width");
  QTest::newRow("tall") << 400 << 20;
  QTest::newRow("wide") << 30 << 50;
}

void LogisticTest::agreesWithNewton() {
  QFETCH(int, rows);
  QFETCH(int, width);
  LogisticProblem p = problem(rows, width, 4, 2, 1e-9);
  p.maxIterations = 20000;
  Rng rng(2, "test-weights");
  for (Eigen::Index i = 0; i < p.weights.size(); ++i) p.weights.data()[i] = rng.uniform() < 0.2 ? 0.0F : static_cast<float>(rng.uniform());
  const LogisticSolution s = solveLogistic(p, {});
  for (Eigen::Index c = 0; c < 4; ++c) {
    const VectorD exact = newton(standardised(p.x), column(p.targets, c), column(p.weights, c), p.lambdas[static_cast<std::size_t>(c)]);
    QVERIFY((exact.head(width) - s.w.col(c)).cwiseAbs().maxCoeff() < 1e-5);
    compare(s.b[c], exact[width], 1e-5);
  }
}

void LogisticTest::scalingOfInputsChangesNothing() {
  LogisticProblem p = problem(300, 12, 4, 3, 1e-8);
  p.maxIterations = 5000;
  const LogisticSolution before = solveLogistic(p, {});
  for (Eigen::Index j = 0; j < 12; ++j) p.x.col(j) *= std::exp2(static_cast<float>(j) - 6);
  const LogisticSolution after = solveLogistic(p, {});
  QVERIFY((before.w - after.w).cwiseAbs().maxCoeff() < 1e-9);
  QVERIFY((before.b - after.b).cwiseAbs().maxCoeff() < 1e-9);
}

void LogisticTest::columnsTogetherEqualColumnsAlone() {
  LogisticProblem p = problem(500, 24, 6, 4, 1e-8);
  p.maxIterations = 5000;
  const LogisticSolution together = solveLogistic(p, {});
  for (Eigen::Index c = 0; c < 6; ++c) {
    const LogisticProblem one{p.x, p.targets.col(c), p.weights.col(c), {p.lambdas[static_cast<std::size_t>(c)]}, p.tolerance, p.maxIterations};
    const LogisticSolution alone = solveLogistic(one, {});
    QVERIFY((together.w.col(c) - alone.w.col(0)).cwiseAbs().maxCoeff() < 1e-6);
    compare(together.b[c], alone.b[0], 1e-6);
  }
}

void LogisticTest::maskedRowsEqualRemovedRows() {
  LogisticProblem p = problem(400, 10, 1, 5, 1e-9);
  p.maxIterations = 5000;
  for (Eigen::Index n = 0; n < 400; n += 3) p.weights(n, 0) = 0;
  const LogisticSolution masked = solveLogistic(p, {});
  const MatrixD all = standardised(p.x);  // by all rows, as the solver does
  MatrixD kept(266, 10);
  VectorD y(266);
  Eigen::Index at = 0;
  for (Eigen::Index n = 0; n < 400; ++n)
    if (n % 3 != 0) {
      kept.row(at) = all.row(n);
      y[at++] = p.targets(n, 0);
    }
  QCOMPARE(at, Eigen::Index(266));
  const VectorD exact = newton(kept, y, VectorD::Ones(266), p.lambdas[0]);
  QVERIFY((exact.head(10) - masked.w.col(0)).cwiseAbs().maxCoeff() < 1e-6);
}

void LogisticTest::weightsCountAsRepeatedRows() {
  LogisticProblem p = problem(200, 6, 1, 6, 1e-9);
  p.maxIterations = 5000;
  const LogisticSolution once = solveLogistic(p, {});
  LogisticProblem twice = p;
  twice.x.resize(400, 6);
  twice.x << p.x, p.x;
  twice.targets.resize(400, 1);
  twice.targets << p.targets, p.targets;
  twice.weights = MatrixF::Constant(400, 1, 0.5F);
  const LogisticSolution again = solveLogistic(twice, {});
  QVERIFY((once.w - again.w).cwiseAbs().maxCoeff() < 1e-7);
}

void LogisticTest::moreInputsThanRowsEqualsTheFullProblem() {
  // Columns repeated with half the penalty each: the wide problem's solution is the tall one's, shared out evenly.
  LogisticProblem tall = problem(40, 30, 2, 7, 1e-9), wide = tall;
  tall.maxIterations = wide.maxIterations = 20000;
  wide.x.resize(40, 60);
  wide.x << tall.x, tall.x;
  for (double& lambda : wide.lambdas) lambda *= 2;
  const LogisticSolution a = solveLogistic(tall, {}), b = solveLogistic(wide, {});
  QVERIFY((a.w - b.w.topRows(30) * 2).cwiseAbs().maxCoeff() < 1e-5);
  QVERIFY((b.w.topRows(30) - b.w.bottomRows(30)).cwiseAbs().maxCoeff() < 1e-8);
}

void LogisticTest::sameBytesAtAnyThreadCount() {
  const LogisticProblem p = problem(3000, 40, 12, 8, 1e-4);
  RunContext one, four;
  one.threads = 1;
  four.threads = 4;
  const LogisticSolution a = solveLogistic(p, one), b = solveLogistic(p, four);
  QVERIFY(a.w == b.w);
  QVERIFY(a.b == b.b);
  QVERIFY(a.iterations == b.iterations);
}

void LogisticTest::moreColumnsThanSlots() {
  const LogisticProblem p = problem(700, 100, 4, 9, 1e-4);
  const ColumnSet columns{std::vector<double>(600, 0.1), [&](std::int64_t c, std::span<float> out) {
    for (std::size_t n = 0; n < out.size(); ++n) out[n] = p.targets(static_cast<Eigen::Index>(n), c % 4) > 0 ? 1.0F : -1.0F;
  }};
  const LogisticSolution s = solveLogistic(p.x, columns, 1e-4, 500, {});
  QCOMPARE(std::count(s.converged.begin(), s.converged.end(), 1), 600);
  for (Eigen::Index c = 4; c < 600; ++c) QVERIFY((s.w.col(c) - s.w.col(c % 4)).cwiseAbs().maxCoeff() < 1e-3);
}

void LogisticTest::constantInputsGetNoWeight() {
  LogisticProblem p = problem(100, 5, 1, 10, 1e-6);
  p.x.col(2).setConstant(0.1F);
  const LogisticSolution s = solveLogistic(p, {});
  QCOMPARE(s.sd[2], 0.0);
  QCOMPARE(s.w(2, 0), 0.0);
  QVERIFY(s.w(1, 0) != 0.0);
  QVERIFY(s.logits(p.x).allFinite());
}

void LogisticTest::columnsOfOneClassAreCertain() {
  LogisticProblem p = problem(50, 4, 3, 11, 1e-6);
  p.targets.col(0).setOnes();
  p.targets.col(1).setZero();
  p.weights.col(2).setZero();
  const LogisticSolution s = solveLogistic(p, {});
  QVERIFY(s.b[0] > 30);
  QVERIFY(s.b[1] < -30);
  QCOMPARE(s.b[2], 0.0);
  QCOMPARE(s.w.cwiseAbs().maxCoeff(), 0.0);
}

void LogisticTest::notConvergedIsSaid() {
  LogisticProblem p = problem(300, 12, 4, 12, 1e-8);
  p.maxIterations = 3;
  const LogisticSolution s = solveLogistic(p, {});
  for (std::size_t c = 0; c < 4; ++c) {
    QCOMPARE(int(s.converged[c]), 0);
    QCOMPARE(s.iterations[c], 3);
  }
}

void LogisticTest::stopsWhenAsked() {
  std::stop_source source;
  source.request_stop();
  RunContext context;
  context.stop = source.get_token();
  QVERIFY_EXCEPTION_THROWN(solveLogistic(problem(300, 12, 4, 13, 1e-8), context), Cancelled);
}

void LogisticTest::badInputIsRefused_data() {
  QTest::addColumn<int>("defect");
  QTest::newRow("not finite") << 0;
  QTest::newRow("misshapen targets") << 1;
  QTest::newRow("negative lambda") << 2;
}

void LogisticTest::badInputIsRefused() {
  QFETCH(int, defect);
  LogisticProblem p = problem(20, 3, 2, 14, 1e-4);
  if (defect == 0) p.x(3, 1) = std::numeric_limits<float>::quiet_NaN();
  if (defect == 1) p.targets.resize(20, 1);
  if (defect == 2) p.lambdas[1] = -1;
  try {
    solveLogistic(p, {});
    QFAIL("no error");
  } catch (const Error& error) {
    QCOMPARE(QString::fromStdString(error.code()), QStringLiteral("LAC-3101"));
  }
}

void LogisticTest::foldGridEqualsItsProblem() {
  const MatrixF x = states(240, 8, 15);
  FoldGrid grid{{}, {}, 3, 2, {0.1, 0.01}};
  for (int n = 0; n < 240; ++n) {
    grid.labels.push_back(x(n, 0) > x.col(0).mean() ? 0 : n % 3 == 0 ? 1 : 2);
    grid.foldOf.push_back(n % 2);
  }
  const LogisticSolution all = solveFoldGrid(x, grid, 1e-8, 5000, {});
  QCOMPARE(all.w.cols(), Eigen::Index(12));
  LogisticProblem p{x, MatrixF(240, 1), MatrixF(240, 1), {0.01}, 1e-8, 5000};
  double members = 0;
  for (int n = 1; n < 240; n += 2) members += grid.labels[static_cast<std::size_t>(n)] == 2;
  for (int n = 0; n < 240; ++n) {
    const bool member = grid.labels[static_cast<std::size_t>(n)] == 2;
    p.targets(n, 0) = member ? 1.0F : 0.0F;
    p.weights(n, 0) = n % 2 == 0 ? 0.0F : static_cast<float>(120 / (2 * (member ? members : 120 - members)));
  }
  const LogisticSolution one = solveLogistic(p, {});
  QVERIFY((all.w.col(grid.column(2, 1, 0)) - one.w.col(0)).cwiseAbs().maxCoeff() < 1e-5);
}

QTEST_GUILESS_MAIN(LogisticTest)
#include "logistic_test.moc"
