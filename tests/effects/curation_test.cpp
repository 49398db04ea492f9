#include <QTest>

#include <cmath>

#include "known_answers.h"
#include "lacuna/base/error.h"
#include "lacuna/base/rng.h"
#include "lacuna/effects/curation.h"

using namespace lacuna;
using namespace lacuna::effects;
using namespace lacuna::testing;
using statistics::Status;

namespace {

MatrixD column(const std::vector<double>& values) { return Eigen::Map<const VectorD>(values.data(), static_cast<Eigen::Index>(values.size())); }

/// The four effects of methods.md 12 on one task of unit deviation, all beating their controls.
CurationInput knownInput() {
  const auto known = knownAnswer("eb");
  CurationInput input;
  input.clusters = {"a", "b", "c", "d"};
  input.tasks = {"dyck"};
  input.ace = column(numbers(known["y"]));
  input.variance = column(numbers(known["se"])).cwiseAbs2();
  input.pControl = MatrixD::Constant(4, 1, .01);
  input.specificity = MatrixD::Constant(4, 1, .2);
  input.outcomeSd = input.utilities = VectorD::Ones(1);
  const auto shares = numbers(knownAnswer("tilt")["w0"]);
  input.shares = Eigen::Map<const VectorD>(shares.data(), 4);
  input.items = 250;
  input.mde = .06;
  return input;
}

CurationConfig plainShrinkage() {
  CurationConfig config;
  config.meanUncertainty = false;
  return config;
}

bool says(const std::vector<std::string>& caveats, const std::string& words) {
  return std::any_of(caveats.begin(), caveats.end(), [&](const std::string& c) { return c.find(words) != std::string::npos; });
}

}  // namespace

class CurationTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void posteriorAndVerdictsKnownAnswer() {
    const CurationReport report = curationReport(knownInput(), plainShrinkage());
    const auto known = knownAnswer("eb");
    const auto post = numbers(known["post"]), positive = numbers(known["p_pos"]), psd = numbers(known["psd"]);
    LACUNA_NEAR(report.shrunk[0].tau2, known["tau2"].toDouble(), 1e-9);
    for (std::size_t i = 0; i < 4; ++i) {
      LACUNA_NEAR(report.rows[i].utility.value, post[i], 1e-9);
      LACUNA_NEAR(report.rows[i].probabilityPositive, positive[i], 1e-9);
      QVERIFY(std::abs(report.rows[i].utility.se - psd[i]) < .02 * psd[i]);
      QCOMPARE(report.rows[i].verdict, i == 0 ? CurationVerdict::Up : CurationVerdict::NoChange);
    }
    QVERIFY(report.rows[1].reason.find("no change — insufficient evidence: P(utility > 0) = 0.894") == 0);
  }

  /// Only the one row with a verdict moves: m = (2, 1, 1, 1).
  void tiltMovesVerdictsOnly() {
    const CurationReport report = curationReport(knownInput(), plainShrinkage());
    const double multipliers[]{2, 1, 1, 1}, before[]{.4, .3, .2, .1};
    double kl = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      LACUNA_NEAR(report.rows[i].multiplier, multipliers[i], 1e-12);
      LACUNA_NEAR(report.rows[i].share, before[i], 1e-12);
      LACUNA_NEAR(report.rows[i].newShare, before[i] * multipliers[i] / 1.4, 1e-12);
      kl += report.rows[i].newShare * std::log(report.rows[i].newShare / before[i]);
    }
    LACUNA_NEAR(report.kl, kl, 1e-12);
  }

  /// Four epochs at most: the cluster is used whole, so it may grow by what is there: 4·300/1000 = 1.2.
  void repeatedClustersAreCapped() {
    CurationInput input = knownInput();
    input.used = VectorD::Constant(4, 1000);
    input.available = VectorD::Constant(4, 300);
    LACUNA_NEAR(curationReport(input, plainShrinkage()).rows[0].multiplier, 1.2, 1e-12);
  }

  void aClusterWithoutEffectsKeepsItsWeight() {
    CurationInput input = knownInput();
    input.ace.row(2).setConstant(statistics::kMissing);
    const CurationReport one = curationReport(input, plainShrinkage());
    QCOMPARE(one.rows[2].multiplier, 1.0);
    QCOMPARE(one.rows[2].verdict, CurationVerdict::NoChange);
    double sum = 0;
    for (const CurationRow& row : one.rows) sum += row.newShare;
    LACUNA_NEAR(sum, 1, 1e-12);
    input.ace.setConstant(statistics::kMissing);
    const CurationReport none = curationReport(input, plainShrinkage());
    for (const CurationRow& row : none.rows) LACUNA_NEAR(row.newShare, row.share, 1e-12);
    LACUNA_NEAR(none.kl, 0, 1e-12);
  }

  void verdictsNeedControlsAndSpecificity() {
    CurationInput input = knownInput();
    input.pControl(0, 0) = .2;
    CurationRow row = curationReport(input, plainShrinkage()).rows[0];
    QCOMPARE(row.verdict, CurationVerdict::NoChange);
    QVERIFY(row.reason.find("does not beat its controls (p = 0.2)") != std::string::npos);
    input = knownInput();
    input.specificity(0, 0) = -.1;
    row = curationReport(input, plainShrinkage()).rows[0];
    QCOMPARE(row.verdict, CurationVerdict::NoChange);
    QVERIFY(row.reason.find("not specific") != std::string::npos);
  }

  /// A safety task counts negatively: the cluster that carries it goes down, and the report asks for a check on detection.
  void negativeUtilitiesTurnTheVerdict() {
    CurationInput input = knownInput();
    input.utilities(0) = -3;
    const CurationReport report = curationReport(input, plainShrinkage());
    QCOMPARE(report.rows[0].verdict, CurationVerdict::Down);
    LACUNA_NEAR(report.rows[0].multiplier, .5, 1e-12);
    LACUNA_NEAR(report.rows[0].probabilityPositive, 1 - numbers(knownAnswer("eb")["p_pos"])[0], 1e-6);
    QVERIFY(says(report.caveats, "toxicity detection"));
    QVERIFY(!says(curationReport(knownInput()).caveats, "toxicity"));
  }

  void fewOrEqualClustersGetNoVerdict() {
    CurationInput two = knownInput();
    two.clusters = {"a", "b"};
    two.ace = two.ace.topRows(2).eval();
    two.variance = two.variance.topRows(2).eval();
    two.pControl = two.pControl.topRows(2).eval();
    two.specificity = two.specificity.topRows(2).eval();
    two.shares = two.shares.head(2).eval();
    const CurationReport raw = curationReport(two);
    QCOMPARE(raw.shrunk[0].status, Status::NotIdentified);
    LACUNA_NEAR(raw.rows[0].utility.value, .2, 1e-12);
    QCOMPARE(raw.rows[0].verdict, CurationVerdict::NoChange);
    CurationInput equal = knownInput();
    equal.ace.setConstant(.3);
    const CurationReport same = curationReport(equal);
    QCOMPARE(same.shrunk[0].status, Status::Degenerate);
    for (const CurationRow& row : same.rows) QCOMPARE(row.verdict, CurationVerdict::NoChange);
    QCOMPARE(same.kl, 0.0);
  }

  void ranksComeFromTheDraws() {
    const CurationReport report = curationReport(knownInput(), plainShrinkage());
    double top = 0;
    for (const CurationRow& row : report.rows) {
      top += row.probabilityTop;
      QVERIFY(row.rank.low >= 1 && row.rank.high <= 4 && row.rank.low <= row.rank.high);
    }
    LACUNA_NEAR(top, 3, 1e-9);
    QVERIFY(report.rows[0].rank.value < report.rows[2].rank.value);
    QCOMPARE(curationReport(knownInput(), plainShrinkage()).rows[2].rank.value, report.rows[2].rank.value);
  }

  /// Two tasks whose errors go together: joint draws widen the utility by the covariance, √2 here.
  void jointDrawsKeepTheirCorrelation() {
    CurationInput input = knownInput();
    input.tasks = {"dyck", "order"};
    const auto twice = [](const MatrixD& m) { MatrixD out(m.rows(), 2); out << m, m; return out; };
    input.ace = twice(input.ace);
    input.variance = twice(input.variance);
    input.pControl = twice(input.pControl);
    input.specificity = twice(input.specificity);
    input.outcomeSd = input.utilities = VectorD::Ones(2);
    const CurationReport apart = curationReport(input, plainShrinkage());
    input.draws.resize(4000, 8);
    for (Eigen::Index b = 0; b < 4000; ++b) {
      Rng rng(5, "curation test", static_cast<std::uint64_t>(b));
      for (Eigen::Index c = 0; c < 4; ++c) input.draws(b, 2 * c) = input.draws(b, 2 * c + 1) = input.ace(c, 0) + std::sqrt(input.variance(c, 0)) * rng.normal();
    }
    const CurationReport together = curationReport(input, plainShrinkage());
    QVERIFY(std::abs(together.rows[1].utility.se / apart.rows[1].utility.se - std::sqrt(2)) < .06);
    QVERIFY(std::abs(together.rows[1].probabilityPositive - .894340) < .02);   // perfectly tied: as one task
    LACUNA_NEAR(together.rows[1].utility.value, apart.rows[1].utility.value, 1e-12);
  }

  void caveatsAreFilledFromTheInputs() {
    CurationInput input = knownInput();
    input.circular = true;
    const CurationReport report = curationReport(input);
    for (const char* words : {"training data are not known", "Circular", "smallest task: 250; smallest effect they would show: 0.06", "ACE ≠ DAE", "Interactions",
                              "adding data", "DataDecide", "No benefit in numbers"})
      QVERIFY2(says(report.caveats, words), words);
    QVERIFY(report.hypothesis);
    input.corpus = CorpusKnown::Proxy;
    QVERIFY(says(curationReport(input).caveats, "(a proxy)"));
    input.corpus = CorpusKnown::Exact;
    QVERIFY(says(curationReport(input).caveats, "corpus the model was trained on"));
    QCOMPARE(report.ladder.size(), std::size_t{4});
    QCOMPARE(report.ladder[0], "▸ " + evidenceName(Evidence::AceOnly));
    input.evidence = Evidence::ToyRetrain;
    QCOMPARE(curationReport(input).ladder[1], "▸ " + evidenceName(Evidence::ToyRetrain));
    for (const std::string& caveat : report.caveats) QVERIFY(caveat.find("compute") == std::string::npos);
  }

  /// methods.md 12: Deming slope 1.408428, intercept .019471.
  void numbersOnlyThroughAPassedCalibration() {
    CurationInput input = knownInput();
    const std::vector<double> x{.1, .2, .3, .4, .5}, y{.15, .33, .41, .62, .70};
    input.calibration = statistics::deming(x, y);
    input.calibrationMean = .3;
    QVERIFY(curationReport(input).rows[0].removalEffect.empty());   // the gate has not been passed
    input.gatePassed = true;
    const CurationReport report = curationReport(input);
    QVERIFY(!report.hypothesis);
    QVERIFY(!says(report.caveats, "No benefit in numbers"));
    LACUNA_NEAR(report.rows[0].removalEffect[0].value, .019471 + 1.408428 * .2, 1e-5);
    QVERIFY(report.rows[0].removalEffect[0].low < .3 && report.rows[0].removalEffect[0].high > .3);
    const std::vector<double> noise{.4, .1, .5, .2, .35};
    input.calibration = statistics::deming(x, noise);
    QVERIFY(curationReport(input).rows[0].removalEffect.empty());   // its slope may be 0
  }

  void wrongShapesAreRefused() {
    CurationInput input = knownInput();
    input.variance = MatrixD::Ones(3, 1);
    try {
      curationReport(input);
      QFAIL("no error");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-1401"));
      QVERIFY(error.message().find("the variance matrix is 3 × 1; expected 4 clusters × 1 tasks") != std::string::npos);
    }
    input = knownInput();
    input.utilities(0) = 0;
    QVERIFY_THROWS_EXCEPTION(Error, curationReport(input));
    input = knownInput();
    input.shares(1) = 0;
    QVERIFY_THROWS_EXCEPTION(Error, curationReport(input));
  }
};

QTEST_GUILESS_MAIN(CurationTest)
#include "curation_test.moc"
