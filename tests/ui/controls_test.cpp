#include <QCheckBox>
#include <QComboBox>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>
#include <algorithm>

#include "plot_driver.h"
#include "plots/forest_plot.h"
#include "plots/series_plot.h"
#include "view_bench.h"
#include "views/effects/controls_view_model.h"
#include "views/effects/effect_view_models.h"
#include "views/statistics/regression_view_model.h"
#include "widgets/condition_bar.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

const Condition meanArithmetic{u"mean"_s, u"task-arithmetic"_s, 1, Outcome::Margin};

const study::EffectRow& effectOf(const study::Results& results, int cluster, const std::string& task, double dose, bool equal = false) {
  return *std::find_if(results.effects.begin(), results.effects.end(), [&](const auto& e) {
    return e.cluster.value == cluster && e.task == task && e.method == "mean" && e.dose == dose && e.equalDose == equal;
  });
}

/// As the study file keeps a plan that was locked too late.
QString lockRecord(const QString& plan) {
  return QString::fromUtf8(QJsonDocument(QJsonObject{{u"plan"_s, plan}, {u"prospective"_s, false}}).toJson());
}

/// x of the red lines, in the order they were drawn.
std::vector<double> marks(QCustomPlot& canvas) {
  std::vector<double> at;
  for (const QCPItemLine* line : itemsOf<QCPItemLine>(canvas)) at.push_back(line->start->coords().x());
  return at;
}

}  // namespace

/// Controls of every kind, equal doses, what is confirmatory, and the regression.
class ControlsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  void everyKindIsARowWithItsBandAndTheTarget() {
    ViewBench bench(u"controls"_s);
    bench.selection().setCondition(meanArithmetic);
    const auto& effect = effectOf(bench.study.results(), 0, "task-arithmetic", 1);
    const ForestFigure& figure = bench.plot<ForestPlot>().data();
    QCOMPARE(figure.rows.size(), std::size_t(3));
    QCOMPARE(figure.rows[0].label, u"matched (20)"_s);
    QCOMPARE(figure.rows[2].label, u"others (6)"_s);
    std::vector<study::ControlRow> stored;
    std::copy_if(bench.study.results().controls.begin(), bench.study.results().controls.end(), std::back_inserter(stored),
                 [&](const auto& c) { return c.run == effect.run && c.task == effect.task; });
    for (std::size_t i = 0; i < 3; ++i) {
      QCOMPARE(figure.rows[i].estimate, stored[i].mean);
      QCOMPARE(figure.rows[i].low, figure.rows[i].high);   // the band is no interval of the mean
      QCOMPARE(figure.rows[i].controlLow, stored[i].low);
      QCOMPARE(figure.rows[i].controlHigh, stored[i].high);
    }
    QCustomPlot& canvas = drawn(*bench.view->plot());
    QCOMPARE(marks(canvas), std::vector<double>(3, effect.ace));
    QVERIFY(canvas.xAxis->range().contains(effect.ace));
    QCOMPARE(textsOf(canvas).filter(u"p 0.048 · 100 %"_s).size(), 2);
    QVERIFY(bench.view->model().caption().contains(u"Red line: the target"_s));
  }

  void controlsFollowClusterTaskAndMethod() {
    ViewBench bench(u"controls"_s);
    bench.selection().setCondition({u"grad_sign"_s, u"task-letters"_s, 1, Outcome::Margin});
    bench.selection().setCluster(ClusterId(5));
    const TableData table = bench.view->model().table();
    QCOMPARE(column(table, "kind"), (QStringList{u"matched"_s, u"permuted"_s, u"other"_s, u"noise"_s}));
    QCOMPARE(column(table, "cluster_label").front(), u"letters"_s);
    QCOMPARE(column(table, "task").front(), u"task-letters"_s);
  }

  void anEffectWithinItsControlsIsSaid() {
    ViewBench bench(u"controls"_s);
    bench.selection().setCondition(meanArithmetic);
    QVERIFY(bench.view->model().note().isEmpty());
    bench.selection().setCluster(ClusterId(4));
    QVERIFY2(bench.view->model().note().startsWith(u"The effect lies within its controls: "_s), qPrintable(bench.view->model().note()));
  }

  void withoutControlsTheViewSaysWhy() {
    ViewBench bench(u"controls"_s);
    Condition c = meanArithmetic;
    c.epsilon = 0.5;   // controls were made at full strength alone
    bench.selection().setCondition(c);
    QVERIFY(bench.view->model().emptyState().why.contains(u"no controls"_s));
    c.epsilon = 0.33;
    bench.selection().setCondition(c);
    QCOMPARE(bench.view->model().emptyState().actionId, u"run.start"_s);
  }

  void displacementsAreNeverMixedWithStrengths() {
    const study::Results results = syntheticWithEqualDoses();
    QCOMPARE(strengthsOf(results, u"mean"_s), (std::vector<double>{0.25, 0.5, 0.75, 1}));
    QCOMPARE(strengthsOf(results, u"mean"_s, true), (std::vector<double>{0.05, 0.1, 0.2}));
    QVERIFY(strengthsOf(results, u"zero"_s, true).empty());
    Condition c = meanArithmetic;
    c.epsilon = 0.2, c.equalDose = true;
    const EffectRows equal = effectsUnder(results, c);
    QCOMPARE(equal.size(), std::size_t(7));
    QVERIFY(std::all_of(equal.begin(), equal.end(), [](const auto* e) { return e->equalDose && e->dose == 0.2; }));
    c.equalDose = false;
    QVERIFY(effectsUnder(results, c).empty());
  }

  void theDoseAxisSaysWhichDose() {
    ViewBench bench(u"dose"_s, syntheticWithEqualDoses());
    bench.selection().setStrength(0.7);
    bench.selection().setCondition(meanArithmetic);
    QCOMPARE(drawn(*bench.view->plot()).xAxis->label(), u"ε"_s);
    Condition c = meanArithmetic;
    c.epsilon = 0.1, c.equalDose = true;
    bench.selection().setCondition(c);
    QCustomPlot& canvas = drawn(*bench.view->plot());
    QCOMPARE(canvas.xAxis->label(), u"relative displacement δ"_s);
    const QCPGraph* line = graphOf(canvas, u"arithmetic"_s);
    QCOMPARE(line->dataCount(), 4);
    QCOMPARE(line->dataMainKey(3), 0.2);
    QCOMPARE(line->dataMainValue(3), effectOf(bench.study.results(), 0, "task-arithmetic", 0.2, true).ace);
    const auto& lines = bench.plot<SeriesPlot>().data().lines;
    QVERIFY(std::none_of(lines.begin(), lines.end(), [](const auto& l) { return l.movable; }));   // the panel's ε has no place here
    QVERIFY(bench.view->model().caption().contains(u"strength δ"_s));
    QVERIFY(!bench.view->model().caption().contains(u'ε'));
  }

  void theSwitchListsDisplacementsAndIsKept() {
    auto session = std::make_shared<FakeSession>(syntheticWithEqualDoses());
    {
      WindowBench bench(session);
      bench.selection().setCondition(meanArithmetic);
      bench.show(u"effects"_s);
      auto* bar = bench.window.findChild<ConditionBar*>();
      auto* box = bar->findChild<QCheckBox*>();
      QVERIFY(box->isEnabled());
      box->click();
      QVERIFY(bench.selection().condition().equalDose);
      QCOMPARE(bench.selection().condition().epsilon, 0.2);   // the largest that was run
      auto* doses = bar->findChildren<QComboBox*>()[1];
      QCOMPARE(doses->count(), 3);
      QCOMPARE(doses->currentText(), u"0.2"_s);
    }
    WindowBench again(session);
    QVERIFY(again.selection().condition().equalDose);
    QCOMPARE(again.selection().condition().epsilon, 0.2);
  }

  void withoutEqualDosesTheSwitchSaysWhy() {
    StudyContext study(std::make_shared<FakeSession>());
    const ConditionBar bar(study);
    const auto* box = bar.findChild<QCheckBox*>();
    QVERIFY(!box->isEnabled());
    QVERIFY(box->toolTip().contains(u"No run of this study"_s));
  }

  void everyEffectTableAndTooltipSaysItsAnalysis_data() {
    QTest::addColumn<QString>("id");
    for (const char* id : {"forest", "controls", "matrix", "dose", "volcano", "tests"}) QTest::newRow(id) << QString::fromLatin1(id);
  }
  void everyEffectTableAndTooltipSaysItsAnalysis() {
    QFETCH(QString, id);
    study::Results results = syntheticResults();
    for (auto& e : results.effects)
      if (e.task == "task-arithmetic") e.analysis = "confirmatory";
    const QString tooltip = effectTooltip(StudyContext(std::make_shared<FakeSession>(results)), effectOf(results, 0, "task-arithmetic", 1));
    QVERIFY(tooltip.contains(u"confirmatory"_s));
    ViewBench bench(id, std::move(results));
    bench.selection().setCondition(meanArithmetic);
    const TableData table = bench.view->model().table();
    const QStringList analyses = column(table, "analysis"), tasks = column(table, "task");
    QVERIFY(!analyses.isEmpty());
    for (qsizetype i = 0; i < analyses.size(); ++i) QCOMPARE(analyses[i], tasks[i] == u"task-arithmetic"_s ? u"confirmatory"_s : u"exploratory"_s);
  }

  void aLockedPlanIsInTheCaptions_data() {
    QTest::addColumn<QString>("lock");
    QTest::addColumn<QString>("words");
    QTest::newRow("none") << QString() << QString();
    QTest::newRow("plan") << u"{\"method\":\"mean\",\"epsilon\":0.5,\"metric\":\"margin\"}"_s
        << u" Primary analysis locked: mean ablation at ε = 0.5, outcome margin."_s;
    QTest::newRow("record") << lockRecord(u"{\"method\":\"zero\",\"epsilon\":1,\"metric\":\"acc\"}"_s)
                            << u" Primary analysis locked: zero ablation at ε = 1, outcome acc. It was locked after results existed, so they stay exploratory."_s;
    QTest::newRow("unreadable") << u"?"_s << u" Primary analysis locked."_s;
  }
  void aLockedPlanIsInTheCaptions() {
    QFETCH(QString, lock);
    QFETCH(QString, words);
    study::Results results = syntheticResults();
    results.lock = lock.toStdString();
    QCOMPARE(lockWords(results), words);
    for (const char* id : {"forest", "controls", "matrix", "dose", "volcano"}) {
      ViewBench bench(QString::fromLatin1(id), results);
      QCOMPARE(bench.view->model().caption().contains(u"Primary analysis locked"_s), !words.isEmpty());
    }
  }

  void coefficientsStandTermByTermWithoutNuisance() {
    ViewBench bench(u"regression"_s);
    const ForestFigure& figure = bench.plot<ForestPlot>().data();
    QCOMPARE(figure.rows.size(), std::size_t(15));
    for (std::size_t i = 0; i < 15; ++i) {
      QCOMPARE(figure.rows[i].group, QStringList({u"ln tokens"_s, u"similarity"_s, u"method: gradient sign"_s})[static_cast<int>(i / 5)]);
      QCOMPARE(figure.rows[i].computed, i % 5 != 4);
    }
    QCOMPARE(figure.rows[5].estimate, 0.52);
    QVERIFY(figure.rows[5].filled && !figure.rows[0].filled);
    QCOMPARE(figure.rows[7].right, u"+0.55  p < 0.001"_s);        // the wild bootstrap gives a p alone
    QCOMPARE(figure.rows[7].low, figure.rows[7].high);
    QCOMPARE(figure.rows[8].right, u"+0.57 [+0.29, +0.84]"_s);   // the meta-regression an interval alone
    QVERIFY(figure.rows[8].filled && !figure.rows[3].filled);
    const QStringList stored = column(bench.view->model().table(), "term");
    QCOMPARE(stored.count(u"intercept"_s) + stored.count(u"task:task-letters"_s), 10);
    QVERIFY(bench.view->model().subtitle().contains(u"98 cells, 7 clusters · VIF up to 1.8"_s));
    QVERIFY(bench.view->model().note().contains(u"did not converge"_s));
    QCOMPARE(plottablesOf<QCPErrorBars>(drawn(*bench.view->plot())).size(), 12);
  }

  void aRefusedRegressionSaysWhyInWords() {
    study::Results results = syntheticResults();
    for (auto& r : results.regression) r.status = "NOT_IDENTIFIED", r.reason = "n − p = 2: too few cells for 4 coefficients.", r.estimate = missing;
    ViewBench bench(u"regression"_s, results);
    QCOMPARE(bench.view->model().emptyState().why, u"Refused: n − p = 2: too few cells for 4 coefficients."_s);
    QVERIFY(bench.view->model().note().isEmpty());   // said once
    results.regression.clear();
    QVERIFY(ViewBench(u"regression"_s, results).view->model().emptyState().why.contains(u"No regression"_s));
  }

  void aLongForestScrollsInsteadOfGrowing() {
    ViewBench bench(u"forest"_s, syntheticResults(), {600, 300});
    Condition all = meanArithmetic;
    all.task.clear();
    bench.selection().setCondition(all);
    drawn(*bench.view->plot());
    QTRY_VERIFY(bench.view->plot()->height() > 800);   // 49 rows and 7 headings
    QCOMPARE(bench.view->height(), 300);
  }
};

QTEST_MAIN(ControlsTest)
#include "controls_test.moc"
