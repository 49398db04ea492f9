#include <QTest>

#include <cmath>

#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/perturbation/construction.h"
#include "perturbations.h"

using namespace lacuna;
using namespace lacuna::perturbation;
using testing::example;
using testing::matrix;
using testing::numbers;
using testing::statsOf;
using Row = std::vector<double>;

namespace {

constexpr model::Capture kPlace = {model::Site::ResidPost, LayerIndex(1)};

const QJsonObject& reference() {
  static const QJsonObject all = testing::readJson("perturbation_reference.json");
  return all;
}

const MatrixD& rows() {
  static const MatrixD all = matrix(reference()[QLatin1String("rows")]);
  return all;
}

void compareRows(const Row& actual, const Row& expected, double tolerance) {
  QCOMPARE(actual.size(), expected.size());
  for (std::size_t j = 0; j < actual.size(); ++j)
    QVERIFY2(std::abs(actual[j] - expected[j]) <= tolerance, qPrintable(QStringLiteral("[%1] %2, expected %3").arg(j).arg(actual[j], 0, 'g', 12).arg(expected[j], 0, 'g', 12)));
}

Row rowOf(const MatrixD& m, Eigen::Index r) { return {m.row(r).begin(), m.row(r).end()}; }

Perturbation built(Method method, const Direction& direction, const activations::SiteStats& stats, double epsilon = 1) {
  const Built result = fromDirection(kPlace, method, direction, stats, epsilon);
  if (!result.perturbation) qFatal("%s", result.why.c_str());
  return *result.perturbation;
}

Direction directionOf(const QJsonObject& given) {
  Direction direction;
  direction.rows = matrix(given[QLatin1String("rows")]);
  direction.bias = given[QLatin1String("bias")].toDouble();
  direction.margin = given[QLatin1String("margin")].toDouble();
  direction.throughZero = given[QLatin1String("throughZero")].toBool();
  for (const double neuron : numbers(given[QLatin1String("neurons")])) direction.neurons.push_back(static_cast<std::int32_t>(neuron));
  return direction;
}

QString refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return QString::fromStdString(error.code() + ": " + error.message());
  }
  return QStringLiteral("no error");
}

}  // namespace

class ConstructionTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void overlappingDirectionsAreNotSummed();
  void leaceKnownAnswer();
  void meanDifferenceMovesFartherThanLeace();
  void rhoAndSignKnownAnswer();
  void flipKnownAnswer();
  void agreesWithNumpy_data();
  void agreesWithNumpy();
  void gradientsOfMlpProbesAgreeWithDifferences_data();
  void gradientsOfMlpProbesAgreeWithDifferences();
  void leaceIsIdempotentAndGuards();
  void singularCovarianceIsCut();
  void uncorrelatedWhereThereIsNoCovariance();
  void neuronsTakeTheirMeansInOrder();
  void donorsComeFromTheBank();
  void nothingToBuild_data();
  void nothingToBuild();
  void refusals_data();
  void refusals();
  void doseReachesItsDisplacement_data();
  void doseReachesItsDisplacement();
  void dosesThatDoNotExist_data();
  void dosesThatDoNotExist();
};

void ConstructionTest::overlappingDirectionsAreNotSummed() {
  Direction direction;
  direction.rows = MatrixD(2, 4);
  direction.rows << 1, 0, 0, 0, std::sqrt(.5), std::sqrt(.5), 0, 0;
  direction.throughZero = true;
  Perturbation p = built(Method::Project, direction, statsOf(MatrixD::Identity(4, 4)));
  compareRows(applyToRow(p, {3, -1, 2, .5}), {0, 0, 2, .5}, 1e-12);
  p.basis = direction.rows;  // Σ (h·v)v takes the common part twice
  compareRows(applyToRow(p, {3, -1, 2, .5}), {-1, -2, 2, .5}, 1e-12);
}

void ConstructionTest::leaceKnownAnswer() {
  const QJsonObject known = testing::knownAnswer("leace");
  const MatrixD x = matrix(known[QLatin1String("X")]), erased = matrix(known[QLatin1String("erased")]), retained = matrix(known[QLatin1String("P")]);
  const activations::SiteStats stats = statsOf(x);
  // The known Σ has n − 1 below; its scale is of no account.
  QVERIFY((stats.covariance * 1.2 - matrix(known[QLatin1String("Sigma")])).cwiseAbs().maxCoeff() < 1e-12);
  Direction direction;
  direction.rows = x.topRows(3).colwise().mean() - x.bottomRows(3).colwise().mean();
  const Perturbation p = built(Method::Leace, direction, stats);
  QVERIFY((MatrixD::Identity(2, 2) - p.basis.transpose() * p.readout - retained).cwiseAbs().maxCoeff() < 1e-12);
  Row means[2] = {Row(2, 0), Row(2, 0)};
  for (Eigen::Index n = 0; n < 6; ++n) {
    const Row after = applyToRow(p, rowOf(x, n));
    compareRows(after, rowOf(erased, n), 1e-12);
    for (std::size_t j = 0; j < 2; ++j) means[n / 3][j] += after[j] / 3;
  }
  compareRows(means[0], {1.5, 0}, 1e-12);
  compareRows(means[1], {1.5, 0}, 1e-12);
  LACUNA_NEAR(testing::meanSquaredChange(p, x), known[QLatin1String("msd")].toDouble(), 1e-12);
}

void ConstructionTest::meanDifferenceMovesFartherThanLeace() {
  const MatrixD x = matrix(testing::knownAnswer("leace")[QLatin1String("X")]);
  Direction direction;
  direction.rows = x.topRows(3).colwise().mean() - x.bottomRows(3).colwise().mean();
  LACUNA_PRINTED(testing::meanSquaredChange(built(Method::Project, direction, statsOf(x)), x), 2.916667, 6);
}

void ConstructionTest::rhoAndSignKnownAnswer() {
  const QJsonObject known = testing::knownAnswer("rho_site");
  const activations::SiteStats stats = statsOf(matrix(known[QLatin1String("H")]));
  Direction direction;
  direction.rows = MatrixD(1, 4);
  direction.rows << .5, -2, 0, 1;
  const Perturbation p = built(Method::Shift, direction, stats, .1);
  LACUNA_NEAR(p.rho, known[QLatin1String("rho")].toDouble(), 1e-12);
  LACUNA_NEAR(std::sqrt(stats.meanSquare.mean()), known[QLatin1String("uncentred")].toDouble(), 1e-12);
  const Row after = applyToRow(p, {3, -1, 2, .5}), expected = {2.918350, -.918350, 2, .418350};
  for (std::size_t j = 0; j < 4; ++j) LACUNA_PRINTED(after[j], expected[j], 6);
}

void ConstructionTest::flipKnownAnswer() {
  Direction direction;
  direction.rows = MatrixD(1, 4);
  direction.rows << .5, -2, 0, 1;
  direction.bias = .2;
  direction.margin = 1;
  const Row h = {3, -1, 2, .5}, after = applyToRow(built(Method::Flip, direction, statsOf(matrix(testing::knownAnswer("rho_site")[QLatin1String("H")]))), h);
  const auto logit = [&](const Row& x) { return .5 * x[0] - 2 * x[1] + x[3] + .2; };
  LACUNA_NEAR(logit(h), 4.2, 1e-12);
  LACUNA_NEAR(logit(after), -1, 1e-12);
  const Row expected = {2.504762, .980952, 2, -.490476};
  for (std::size_t j = 0; j < 4; ++j) LACUNA_PRINTED(after[j], expected[j], 6);
}

void ConstructionTest::agreesWithNumpy_data() {
  QTest::addColumn<QJsonObject>("given");
  for (const QJsonValue& one : reference()[QLatin1String("directions")].toArray())
    QTest::newRow(qPrintable(one.toObject()[QLatin1String("name")].toString())) << one.toObject();
}

void ConstructionTest::agreesWithNumpy() {
  QFETCH(QJsonObject, given);
  const activations::SiteStats stats = statsOf(rows());
  LACUNA_NEAR(stats.rho, reference()[QLatin1String("rho")].toDouble(), 1e-12);
  Perturbation p = built(*methodFromName(given[QLatin1String("method")].toString().toStdString()), directionOf(given), stats, given[QLatin1String("epsilon")].toDouble());
  const Row state = numbers(reference()[QLatin1String("state")]);
  compareRows(applyToRow(p, state), numbers(given[QLatin1String("expected")]), 1e-10);
  LACUNA_NEAR(expectedDisplacement(p, stats), given[QLatin1String("displacement")].toDouble(), 1e-10);
  p.keepNorm = true;
  compareRows(applyToRow(p, state), numbers(given[QLatin1String("kept")]), 1e-10);
}

void ConstructionTest::gradientsOfMlpProbesAgreeWithDifferences_data() {
  QTest::addColumn<QJsonObject>("given");
  for (const QJsonValue& one : reference()[QLatin1String("mlp")][QLatin1String("cases")].toArray())
    QTest::newRow(qPrintable(one.toObject()[QLatin1String("name")].toString())) << one.toObject();
}

void ConstructionTest::gradientsOfMlpProbesAgreeWithDifferences() {
  QFETCH(QJsonObject, given);
  const QJsonValue mlp = reference()[QLatin1String("mlp")];
  Direction direction = directionOf(given);
  direction.probe = {matrix(mlp[QLatin1String("hidden")]), numbers(mlp[QLatin1String("bias")]), numbers(mlp[QLatin1String("output")])};
  direction.steps = given[QLatin1String("steps")].toInt();
  const Perturbation p = built(*methodFromName(given[QLatin1String("method")].toString().toStdString()), direction, statsOf(rows()), given[QLatin1String("epsilon")].toDouble());
  compareRows(applyToRow(p, numbers(reference()[QLatin1String("state")])), numbers(given[QLatin1String("expected")]), 1e-7);
}

void ConstructionTest::leaceIsIdempotentAndGuards() {
  const activations::SiteStats stats = statsOf(rows());
  Direction direction;
  direction.rows = testing::randomRows(3, 12, 50);
  const Perturbation p = built(Method::Leace, direction, stats);
  QCOMPARE(p.basis.rows(), Eigen::Index(3));
  const Row once = applyToRow(p, rowOf(rows(), 3));
  compareRows(applyToRow(p, once), once, 1e-10);
  // What is left is uncorrelated with what was read: Σ'·Aᵀ = 0.
  const MatrixD kept = MatrixD::Identity(12, 12) - p.basis.transpose() * p.readout;
  QVERIFY((kept * stats.covariance * kept.transpose() * p.readout.transpose()).cwiseAbs().maxCoeff() < 1e-9);
}

void ConstructionTest::singularCovarianceIsCut() {
  MatrixD flat = rows();
  flat.col(11) = flat.col(0) + flat.col(1);
  Direction direction;
  direction.rows = flat.topRows(120).colwise().mean() - flat.bottomRows(120).colwise().mean();
  const activations::SiteStats stats = statsOf(flat);
  const Perturbation p = built(Method::Leace, direction, stats);
  double gap = 0;
  for (std::size_t j = 0; j < 12; ++j) {
    Row first(12, 0), second(12, 0);
    for (Eigen::Index n = 0; n < 240; ++n) (n < 120 ? first : second)[j] += applyToRow(p, rowOf(flat, n))[j] / 120;
    gap = std::max(gap, std::abs(first[j] - second[j]));
  }
  QVERIFY2(gap < 1e-9, qPrintable(QString::number(gap)));
  Direction across;
  across.rows = MatrixD::Zero(1, 12);
  across.rows << -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1;
  const MatrixD still = MatrixD::Zero(240, 12);
  QCOMPARE(fromDirection(kPlace, Method::Leace, across, statsOf(still), 1).why, std::string("the states do not vary along the direction"));
}

void ConstructionTest::uncorrelatedWhereThereIsNoCovariance() {
  activations::SiteStats wide = statsOf(rows()), diagonal = wide;
  wide.covariance = MatrixD();
  diagonal.covariance = MatrixD(diagonal.sd.cwiseAbs2().asDiagonal());
  Direction direction;
  direction.rows = testing::randomRows(2, 12, 51);
  const Perturbation a = built(Method::Leace, direction, wide), b = built(Method::Leace, direction, diagonal);
  QVERIFY((a.readout - b.readout).cwiseAbs().maxCoeff() < 1e-10);
  LACUNA_NEAR(expectedDisplacement(a, wide), expectedDisplacement(b, diagonal), 1e-12);
}

void ConstructionTest::neuronsTakeTheirMeansInOrder() {
  const activations::SiteStats stats = statsOf(rows());
  const Perturbation p = *fromNeurons(kPlace, Method::Mean, {9, 2, 9, 5}, stats, .5).perturbation;
  QVERIFY((p.neurons == std::vector<std::int32_t>{2, 5, 9}));
  QVERIFY((p.centre == Row{stats.mean[2], stats.mean[5], stats.mean[9]}));
  QCOMPARE(p.epsilon, .5);
  QVERIFY(p.site == kPlace.site && p.layer == kPlace.layer);
}

void ConstructionTest::donorsComeFromTheBank() {
  StateBank bank{rows().topRows(40).cast<float>(), {}, 3};
  const Perturbation p = *fromNeurons(kPlace, Method::Resample, {9, 2}, statsOf(rows()), 1, bank).perturbation;
  std::vector<int> drawn(40, 0);
  for (Eigen::Index n = 40; n < 240; ++n) {
    const Row before = rowOf(rows(), n), after = applyToRow(p, before);
    int donors = 0;
    for (Eigen::Index d = 0; d < 40; ++d) {
      const bool same = std::abs(after[2] - static_cast<double>(bank.states(d, 2))) + std::abs(after[9] - static_cast<double>(bank.states(d, 9))) < 1e-9;
      donors += same;
      drawn[static_cast<std::size_t>(d)] += same;
    }
    QCOMPARE(donors, 1);
    for (std::size_t j = 0; j < 12; ++j)
      if (j != 2 && j != 9) QCOMPARE(after[j], before[j]);
  }
  QVERIFY(std::count(drawn.begin(), drawn.end(), 0) < 8);  // 200 draws of 40: each is missed with 0.6 %
}

void ConstructionTest::nothingToBuild_data() {
  QTest::addColumn<QString>("case_");
  QTest::addColumn<QString>("why");
  QTest::newRow("no neurons") << "neurons" << "S is empty: no neuron was selected";
  QTest::newRow("no direction") << "none" << "the direction is 0";
  QTest::newRow("a direction of zeros") << "zero" << "the direction is 0";
  QTest::newRow("zero on S") << "restricted" << "the direction is 0";
}

void ConstructionTest::nothingToBuild() {
  QFETCH(QString, case_);
  QFETCH(QString, why);
  const activations::SiteStats stats = statsOf(rows());
  Direction direction;
  if (case_ != "none") direction.rows = MatrixD::Zero(1, 12);
  if (case_ == "restricted") {
    direction.rows(0, 5) = 1;
    direction.neurons = {2, 3};
  }
  const Built result = case_ == "neurons" ? fromNeurons(kPlace, Method::Mean, {}, stats, 1) : fromDirection(kPlace, Method::GradL2, direction, stats, 1);
  QVERIFY(!result.perturbation);
  QCOMPARE(QString::fromStdString(result.why), why);
}

void ConstructionTest::refusals_data() {
  QTest::addColumn<QString>("case_");
  QTest::addColumn<QString>("words");
  QTest::newRow("set from neurons") << "set" << "'set' is not built";
  QTest::newRow("project from neurons") << "project" << "'project' is not built";
  QTest::newRow("mean from a direction") << "mean" << "'mean' is not built";
  QTest::newRow("neuron outside") << "outside" << "neuron 12 is outside";
  QTest::newRow("no bank") << "bank" << "wants a bank of states 12 wide";
  QTest::newRow("positions") << "positions" << "4 states and 1 positions";
  QTest::newRow("width") << "width" << "the direction has 5 numbers";
}

void ConstructionTest::refusals() {
  QFETCH(QString, case_);
  QFETCH(QString, words);
  const activations::SiteStats stats = statsOf(rows());
  Direction direction;
  direction.rows = MatrixD::Ones(1, case_ == "width" ? 5 : 12);
  const QString said = refusal([&] {
    if (case_ == "set") fromNeurons(kPlace, Method::Set, {1}, stats, 1);
    if (case_ == "project") fromNeurons(kPlace, Method::Project, {1}, stats, 1);
    if (case_ == "mean") fromDirection(kPlace, Method::Mean, direction, stats, 1);
    if (case_ == "outside") fromNeurons(kPlace, Method::Zero, {12}, stats, 1);
    if (case_ == "bank") fromNeurons(kPlace, Method::Resample, {1}, stats, 1);
    if (case_ == "positions") fromNeurons(kPlace, Method::Resample, {1}, stats, 1, {MatrixF::Zero(4, 12), {1}, 0});
    if (case_ == "width") fromDirection(kPlace, Method::Flip, direction, stats, 1);
  });
  QVERIFY2(said.startsWith("LAC-1201") && said.contains(words), qPrintable(said));
}

void ConstructionTest::doseReachesItsDisplacement_data() {
  QTest::addColumn<int>("index");
  const auto all = testing::examples(kPlace.site, 1, 12);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!all[i].p.keepNorm && all[i].p.steps == 1 && all[i].p.gate.weights.empty()) QTest::newRow(all[i].name.c_str()) << static_cast<int>(i);
}

/// The closed form against going through all rows. Donors are drawn, so resample is near only.
void ConstructionTest::doseReachesItsDisplacement() {
  QFETCH(int, index);
  Perturbation p = testing::examples(kPlace.site, 1, 12)[static_cast<std::size_t>(index)].p;
  const activations::SiteStats stats = statsOf(rows());
  const double size = std::sqrt(stats.sd.squaredNorm());
  for (const double wanted : {.02, .1}) {
    const Dose dose = epsilonForDisplacement(p, stats, wanted);
    QVERIFY2(dose.status == statistics::Status::Ok, dose.reason.c_str());
    p.epsilon = dose.epsilon;
    LACUNA_NEAR(expectedDisplacement(p, stats), wanted, 1e-12);
    const double measured = std::sqrt(testing::meanSquaredChange(p, rows())) / size;
    const double tolerance = p.method == Method::Resample ? .1 : 1e-10;
    QVERIFY2(std::abs(measured / wanted - 1) < tolerance, qPrintable(QString::number(measured / wanted)));
  }
}

void ConstructionTest::dosesThatDoNotExist_data() {
  QTest::addColumn<QString>("case_");
  QTest::addColumn<double>("wanted");
  QTest::addColumn<QString>("reason");
  QTest::newRow("too far") << "zero" << 50.0 << "method cannot move that far: ε = ";
  QTest::newRow("moves nothing") << "nothing" << .1 << "method cannot move that far: it moves no state";
  QTest::newRow("kept norm") << "norm" << .1 << "keep_norm has no closed form";
  QTest::newRow("steps") << "steps" << .1 << "several gradient steps";
  QTest::newRow("negative") << "zero" << -.1 << "a displacement is a number ≥ 0";
  QTest::newRow("not a number") << "zero" << std::nan("") << "a displacement is a number ≥ 0";
  QTest::newRow("still states") << "still" << .1 << "the states of the site do not vary";
}

void ConstructionTest::dosesThatDoNotExist() {
  QFETCH(QString, case_);
  QFETCH(double, wanted);
  QFETCH(QString, reason);
  Perturbation p = example(Method::Zero, kPlace.site, 1, 12);
  if (case_ == "nothing") p.neurons.clear();
  if (case_ == "norm") p.keepNorm = true;
  if (case_ == "steps") p.steps = 2;
  const activations::SiteStats stats = statsOf(case_ == "still" ? MatrixD(MatrixD::Ones(5, 12)) : rows());
  const Dose dose = epsilonForDisplacement(p, stats, wanted);
  QVERIFY(dose.status == statistics::Status::NotIdentified);
  QVERIFY(std::isnan(dose.epsilon));
  QVERIFY2(QString::fromStdString(dose.reason).startsWith(reason), dose.reason.c_str());
  if (case_ == "norm") QVERIFY(std::isnan(expectedDisplacement(p, stats)));
  QCOMPARE(epsilonForDisplacement(example(Method::Zero, kPlace.site, 1, 12), statsOf(rows()), 0).epsilon, 0.0);
}

QTEST_GUILESS_MAIN(ConstructionTest)
#include "construction_test.moc"
