#include <QtTest>

#include <cmath>

#include "known_answers.h"
#include "lacuna/base/rng.h"
#include "lacuna/clusters/clusters.h"
#include "lacuna/clusters/validity.h"

using namespace lacuna;
using clusters::KPoint;
using Labels = std::vector<std::int32_t>;

namespace {

const Labels kPredicted{0, 0, 0, 0, 1, 1, 1, 2, 2, 2}, kTruth{0, 0, 0, 1, 1, 1, 0, 2, 2, 1};

/// Unit rows around axis `group[i]` of d.
MatrixF around(const Labels& group, Eigen::Index d, float noise, std::uint64_t seed) {
  Rng rng(seed, "test.validity");
  MatrixF x(std::ssize(group), d);
  for (Eigen::Index i = 0; i < x.rows(); ++i)
    for (Eigen::Index j = 0; j < d; ++j) x(i, j) = (j == group[static_cast<std::size_t>(i)] ? 1.0F : 0.0F) + noise * static_cast<float>(rng.normal());
  return x.rowwise().normalized();
}

Labels cyclic(int n, int groups) {
  Labels labels;
  for (int i = 0; i < n; ++i) labels.push_back(i % groups);
  return labels;
}

}  // namespace

class ValidityTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void knownAnswerPurityAboveChance() {
    const auto p = clusters::adjustedPurity(kPredicted, kTruth, 20000, {});
    LACUNA_NEAR(p.purity, .7, 1e-12);
    QVERIFY2(std::abs(p.expected - .586) < .003, qPrintable(QString::number(p.expected)));
    QVERIFY(std::abs(p.adjusted - .276) < .008);
  }

  void purityOfNothingIsNotKnown() {
    QVERIFY(std::isnan(clusters::adjustedPurity({-1, -1}, {0, 1}, 10, {}).purity));
    const auto one = clusters::adjustedPurity({0, 0, 1}, {3, 3, 3}, 10, {});   // one true class: every purity is 1
    QCOMPARE(one.purity, 1.0);
    QVERIFY(std::isnan(one.adjusted));
  }

  void homogeneityEqualsTheReference() {   // scikit-learn 1.9.1
    const clusters::Agreement a = clusters::agreement(kPredicted, kTruth);
    LACUNA_NEAR(a.homogeneity, .4247502538671898, 1e-9);
    LACUNA_NEAR(a.completeness, .41149565553041295, 1e-9);
    QCOMPARE(clusters::agreement({0, 0, 0}, {0, 1, 1}).completeness, 1.0);
    QCOMPARE(clusters::agreement({0, 1, 2}, {4, 4, 4}).homogeneity, 1.0);
  }

  void contingencyLeavesNoiseOut() {
    const auto t = clusters::contingencyTable({5, 5, -1, 9, 9}, {2, 1, 1, 1, -1});
    QCOMPARE(t.rows, (Labels{5, 9}));
    QCOMPARE(t.columns, (Labels{1, 2}));
    QVERIFY(t.counts(0, 0) == 1 && t.counts(0, 1) == 1 && t.counts(1, 0) == 1 && t.counts(1, 1) == 0);
  }

  void criterionPrefersTheRightNumber() {
    const Labels two = cyclic(200, 2), one(200, 0);
    const MatrixF apart = around(two, 5, .1F, 1), together = around(one, 5, .1F, 2);
    QVERIFY(clusters::informationCriterion(apart, two) > clusters::informationCriterion(apart, one));
    QVERIFY(clusters::informationCriterion(together, one) > clusters::informationCriterion(together, two));
    QVERIFY(std::isnan(clusters::informationCriterion(apart.topRows(2), {0, 1})));
  }

  void stabilityTellsStructureFromNone() {
    const clusters::Refit refit = [](const MatrixF& rows, const RunContext& context) { return clusters::sphericalKMeans(rows, 4, 3, 100, context).labels; };
    const auto planted = clusters::stability(around(cyclic(240, 4), 6, .1F, 3), 6, .8, refit, {});
    QCOMPARE(planted.values.size(), std::size_t{6});
    QVERIFY(planted.mean > .98);
    const auto none = clusters::stability(around(Labels(240, 5), 6, 3, 4), 6, .8, refit, {});
    QVERIFY2(none.mean < .7 && none.sd > 0, qPrintable(QString::number(none.mean)));
  }

  void choiceOfK_data() {
    QTest::addColumn<QList<QList<double>>>("curve");   // k, silhouette, its error, stability
    QTest::addColumn<int>("chosen");
    QTest::addColumn<bool>("stable");
    using Curve = QList<QList<double>>;
    QTest::newRow("largest within one error") << Curve{{2, .50, .05, .95}, {4, .47, .02, .9}, {8, .46, .02, .85}, {16, .44, .02, .9}} << 8 << true;
    QTest::newRow("unstable ones do not count") << Curve{{2, .50, .05, .95}, {4, .49, .02, .5}} << 2 << true;
    QTest::newRow("none stable: the most stable") << Curve{{2, .5, .05, .3}, {4, .4, .05, .6}} << 4 << false;
    QTest::newRow("nothing known") << Curve{{1, NAN, NAN, NAN}} << 0 << false;
  }
  void choiceOfK() {
    QFETCH(QList<QList<double>>, curve);
    std::vector<KPoint> points;
    for (const auto& p : curve) points.push_back({static_cast<int>(p[0]), p[1], p[2], p[3], 0, NAN, 0});
    const auto choice = clusters::choiceFrom(points);
    QTEST(choice.chosen, "chosen");
    QTEST(choice.stable, "stable");
  }

  void curveFindsThePlantedNumber() {
    const Labels truth = cyclic(300, 5);
    const auto choice = clusters::chooseK(around(truth, 8, .12F, 5), {2, 3, 5, 8}, truth, 3, 4, {});
    QCOMPARE(choice.chosen, 5);
    QVERIFY(choice.stable && choice.curve[2].ami > .99 && choice.curve[2].silhouette > choice.curve[0].silhouette);
  }
};

QTEST_GUILESS_MAIN(ValidityTest)
#include "validity_test.moc"
