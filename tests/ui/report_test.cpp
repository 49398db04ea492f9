#include <QDoubleSpinBox>
#include <QPushButton>
#include <QTest>
#include <QTextBrowser>
#include <QToolButton>
#include <algorithm>

#include "plot_driver.h"
#include "plots/bar_plot.h"
#include "plots/forest_plot.h"
#include "plots/series_plot.h"
#include "view_bench.h"
#include "views/format.h"
#include "views/report/caveats_view.h"
#include "views/report/robustness_view_model.h"
#include "views/report/strength_view.h"
#include "widgets/table_model.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

const Condition meanOn(const QString& task) { return {u"mean"_s, task, 1, Outcome::Margin}; }

const ReferenceLine* lineOf(const SeriesFigure& figure, bool vertical) {
  const auto found = std::find_if(figure.lines.begin(), figure.lines.end(), [vertical](const auto& line) { return line.vertical == vertical; });
  return found == figure.lines.end() ? nullptr : &*found;
}

}  // namespace

/// The Report stage: what follows from the effects, and what does not.
class ReportTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  void theReportIsBehindControlEight() {
    WindowBench bench(std::make_shared<FakeSession>());
    QAction* action = bench.window.actions().find(u"stage.report"_s);
    QCOMPARE(action->shortcut(), QKeySequence(u"Ctrl+8"_s));
    action->trigger();
    QCOMPARE(bench.workspace().stage(), u"report"_s);
    for (ViewFrame* view : bench.workspace().page()->views()) QVERIFY2(!view->model().emptyState().shown(), qPrintable(view->model().id()));
  }

  void itIsCalledAHypothesisWhateverItSays_data() {
    QTest::addColumn<bool>("verdicts");
    QTest::newRow("verdicts") << true;
    QTest::newRow("none") << false;
  }
  void itIsCalledAHypothesisWhateverItSays() {
    QFETCH(bool, verdicts);
    study::Results results = syntheticResults();
    if (!verdicts)
      for (auto& row : results.curation) row.verdict = "no change";
    ViewBench bench(u"curation"_s, std::move(results));
    const QString words = u"HYPOTHESIS: an effect on a representation is not the effect of retraining."_s;
    QCOMPARE(bench.view->model().note(), words);
    QVERIFY(bench.view->model().caption().startsWith(words));
    QCOMPARE(bench.view->model().summary().contains(u"No cluster has enough evidence"_s), !verdicts);
  }

  void barsAreProposedSharesAndLinesTheSharesNow() {
    study::Results results = syntheticResults();
    std::reverse(results.curation.begin(), results.curation.end());
    ViewBench bench(u"curation"_s, results);
    const BarFigure& figure = bench.plot<BarPlot>().data();
    QCOMPARE(figure.bars.size(), std::size_t(7));
    QCOMPARE(figure.bars.front().label, u"arithmetic"_s);   // largest utility first, whatever the file's order
    for (std::size_t i = 0; i < 7; ++i) {
      const auto& row = results.curation[6 - i];
      QCOMPARE(figure.bars[i].value, row.newShare);
      QCOMPARE(figure.bars[i].mark, std::optional(row.share));
      QVERIFY(figure.bars[i].tooltip.contains(qs(row.reason)));
      QCOMPARE(figure.bars[i].tone == toneMuted, row.verdict == "no change");
    }
    QVERIFY(figure.bars[0].right.endsWith(u"▲ up"_s) && figure.bars[3].right.endsWith(u"no change"_s) && figure.bars[6].right.endsWith(u"▼ down"_s));
    QCustomPlot& canvas = drawn(*bench.view->plot());
    QCOMPARE(itemsOf<QCPItemLine>(canvas).size(), 7);
    QVERIFY(canvas.xAxis->range().upper >= results.curation.front().share);   // a mark beyond its bar is inside
  }

  void aBarSelectsItsCluster() {
    ViewBench bench(u"curation"_s);
    Q_EMIT bench.view->plot()->activated(2, {});
    QCOMPARE(bench.selection().cluster(), ClusterId(2));
    QVERIFY(bench.plot<BarPlot>().data().bars[2].highlighted);
  }

  void everyCaveatIsThereToRead() {
    study::Results results = syntheticResults();
    results.caveats.push_back("a < b & c");
    results.lock = R"({"method":"mean","epsilon":1,"metric":"margin"})";
    ViewBench bench(u"caveats"_s, results);
    const QString text = dynamic_cast<CaveatsView&>(*bench.view).text();
    for (const std::string& caveat : results.caveats) QVERIFY2(text.contains(qs(caveat)), caveat.c_str());
    QVERIFY(text.contains(u"Primary analysis locked: mean ablation"_s));
    QCOMPARE(bench.view->model().table().rows.size(), results.caveats.size() + 1);
  }

  void toleranceIsALineAndTheKneeADot() {
    ViewBench bench(u"robustness"_s);
    bench.selection().setCondition(meanOn(u"task-brackets"_s));
    const ForestFigure& figure = bench.plot<ForestPlot>().data();
    QCOMPARE(figure.rows.size(), std::size_t(7));
    const ForestRow& own = figure.rows[1];
    QCOMPARE(own.mark, std::optional(0.25));
    QCOMPARE(own.estimate, 0.47);
    QCOMPARE(own.right, u"to 0.25 · knee 0.47"_s);
    QCOMPARE(figure.rows[2].right, u"to 0.80 · no knee"_s);
    QVERIFY(own.computed && !figure.rows[2].computed);
    QVERIFY(figure.rows[2].tooltip.contains(u"a straight line does as well"_s));
    QCustomPlot& canvas = drawn(*bench.view->plot());
    QCOMPARE(itemsOf<QCPItemLine>(canvas).size(), 7);   // a tolerance without a knee is drawn all the same
    QCOMPARE(plottablesOf<QCPErrorBars>(canvas).size(), 1);
    QVERIFY(canvas.xAxis->range().contains(0.9));
  }

  void whatCouldNotBeComputedIsSaid_data() {
    QTest::addColumn<QString>("status");
    QTest::addColumn<QString>("words");
    QTest::newRow("floor") << u"AT_FLOOR"_s << u"– · clean score at its floor"_s;
    QTest::newRow("few") << u"TOO_FEW"_s << u"– · too few doses"_s;
  }
  void whatCouldNotBeComputedIsSaid() {
    QFETCH(QString, status);
    QFETCH(QString, words);
    study::Results results = syntheticResults();
    for (auto& row : results.robustness) row.status = status.toStdString(), row.tolerance = row.knee = missing;
    ViewBench bench(u"robustness"_s, std::move(results));
    bench.selection().setCondition(meanOn(u"task-brackets"_s));
    QCOMPARE(bench.plot<ForestPlot>().data().rows.front().right, words);
    QVERIFY(itemsOf<QCPItemLine>(drawn(*bench.view->plot())).isEmpty());
  }

  void allTasksAreGroupsAndARowChoosesOne() {
    ViewBench bench(u"robustness"_s);
    bench.selection().setCondition(meanOn({}));
    QCOMPARE(bench.plot<ForestPlot>().data().rows.size(), std::size_t(49));
    QCOMPARE(bench.plot<ForestPlot>().data().rows[8].group, u"task-brackets"_s);
    Q_EMIT bench.view->plot()->activated(8, {});
    QCOMPARE(bench.selection().condition().task, u"task-brackets"_s);
    QCOMPARE(bench.selection().cluster(), ClusterId(1));
    Condition other = bench.selection().condition();
    other.method = u"leace"_s;
    bench.selection().setCondition(other);
    QVERIFY(bench.view->model().emptyState().why.contains(u"LEACE"_s));
  }

  void theCurveIsWhatWasMeasured() {
    ViewBench bench(u"strength"_s);
    bench.selection().setCluster(ClusterId(1));
    const auto& row = bench.study.results().strengths[1];
    const SeriesFigure& figure = bench.plot<SeriesPlot>().data();
    QCOMPARE(figure.series.size(), std::size_t(3));
    QCOMPARE(figure.series[0].x, (std::vector<double>{0.05, 0.1, 0.2, 0.4, 0.8, 1}));
    QVERIFY(std::abs(figure.series[0].y[3] - 0.07 * 0.16) < 1e-6);
    QVERIFY(std::abs(figure.series[1].y[3] - figure.series[0].y[3] - 0.004) < 1e-6);
    QCOMPARE(figure.series[0].high, figure.series[1].y);
    QCOMPARE(figure.series[2].name, u"fresh half"_s);   // no point of the tuned curve
    QVERIFY(std::abs(figure.series[2].x.front() - row.epsilon) < 1e-6 && std::abs(figure.series[2].y.front() - 0.019) < 1e-6);
    QCOMPARE(lineOf(figure, false)->at, 0.02);
    QCOMPARE(lineOf(figure, true)->at, row.epsilon);
    QVERIFY(drawn(*bench.view->plot()).yAxis->range().contains(0.02));
    QVERIFY(bench.view->model().summary().contains(u"held-out loss binds"_s));
  }

  void theBudgetIsABandThatMovesWithItsControl() {
    ViewBench bench(u"strength"_s);
    auto& view = dynamic_cast<StrengthView&>(*bench.view);
    bench.selection().setCluster(ClusterId(1));
    QCOMPARE(view.budget()->value(), 0.02);
    QCOMPARE(bench.plot<SeriesPlot>().data().band, (std::optional<std::pair<double, double>>({0, 0.02})));
    QVERIFY(!bench.view->model().note().contains(u"budget"_s));
    view.budget()->setValue(0.05);
    QCOMPARE(bench.selection().lossBudget(), 0.05);
    const SeriesFigure& figure = bench.plot<SeriesPlot>().data();
    QCOMPARE(figure.band->second, 0.05);
    QCOMPARE(lineOf(figure, false)->at, 0.02);   // what was tuned stays where it is
    QVERIFY(std::any_of(figure.lines.begin(), figure.lines.end(), [](const auto& line) { return line.movable && line.at == 0.05; }));
    // 0.07 ε² + 0.004 stays below 0.05 up to 0.8
    QVERIFY2(bench.view->model().note().contains(u"up to ε = 0.80: tune to confirm"_s), qPrintable(bench.view->model().note()));
    QCustomPlot& canvas = drawn(*view.plot());
    QCOMPARE(itemsOf<QCPItemRect>(canvas).size(), 1);
    QCOMPARE(itemsOf<QCPItemRect>(canvas).front()->topLeft->coords().y(), 0.05);
    QVERIFY(canvas.yAxis->range().contains(0.05));
    QVERIFY(itemsOf<QCPItemRect>(*view.plot()->figure(PlotStyle::forPaper(8, 6), {300, 200})).isEmpty());   // no plan in a paper
  }

  void theBandsEdgeCanBeDragged() {
    ViewBench bench(u"strength"_s);
    auto& view = dynamic_cast<StrengthView&>(*bench.view);
    bench.selection().setCluster(ClusterId(1));
    drag(*view.plot(), {{0.5, 0.02}, {0.5, 0.03}, {0.5, 0.04}});
    QVERIFY2(std::abs(bench.selection().lossBudget() - 0.04) < 0.0021, qPrintable(QString::number(bench.selection().lossBudget())));
    QCOMPARE(view.budget()->value(), bench.selection().lossBudget());
    QCOMPARE(bench.plot<SeriesPlot>().data().band->second, bench.selection().lossBudget());
  }

  void theBudgetReachesTheStudy() {
    WindowBench bench(std::make_shared<FakeSession>());
    bench.workspace().panel().setLive(false);
    auto* view = dynamic_cast<StrengthView*>(bench.workspace().view(u"strength"_s));
    const std::size_t before = bench.workspace().study().results().strengths.size();
    view->budget()->setFocus();
    view->budget()->selectAll();
    QTest::keyClicks(view->budget(), QLocale().toString(0.037));
    QTest::keyClick(view->budget(), Qt::Key_Return);
    QCOMPARE(bench.selection().lossBudget(), 0.037);
    view->findChild<QToolButton*>(u"tune"_s)->click();
    QTRY_COMPARE(bench.workspace().study().results().strengths.size(), before + 1);
    QCOMPARE(bench.workspace().study().results().strengths.back().budget, 0.037);
    QCOMPARE(bench.workspace().panel().state()[u"loss_budget"_s].toDouble(), 0.037);
  }

  void withoutASafeStrengthThereIsNoMarker() {
    ViewBench bench(u"strength"_s);
    bench.selection().setCluster(ClusterId(6));
    QVERIFY(!lineOf(bench.plot<SeriesPlot>().data(), true));
    QVERIFY(bench.view->model().note().contains(u"no safe strength"_s));
    QCOMPARE(column(bench.model<StrengthViewModel>().strengths(), "status").last(), u"no safe strength"_s);
  }

  void whatCouldNotBeTunedIsNotCalledUnsafe() {
    study::Results results = syntheticResults();
    results.strengths.front().epsilon = missing;
    results.strengths.front().status = "TOO_FEW";
    ViewBench bench(u"strength"_s, std::move(results));
    QCOMPARE(column(bench.model<StrengthViewModel>().strengths(), "status").front(), u"not computed"_s);
    QCOMPARE(column(bench.model<StrengthViewModel>().strengths(), "epsilon_star").front(), u"–"_s);
    QVERIFY(!bench.view->model().summary().contains(u"no strength"_s));
    QVERIFY(!lineOf(bench.plot<SeriesPlot>().data(), true));
  }

  void theEmptyViewsButtonTunesThePanelsPerturbation() {
    study::Results results = syntheticResults();
    results.strengths.clear();
    WindowBench bench(std::make_shared<FakeSession>(std::move(results)));
    bench.workspace().panel().setLive(false);
    bench.selection().setCluster(ClusterId(3));
    ViewFrame* view = bench.workspace().view(u"strength"_s);
    QCOMPARE(view->model().emptyState().actionId, u"run.tune"_s);
    for (auto* button : view->findChildren<QPushButton*>()) button->click();
    QTRY_COMPARE(bench.workspace().study().results().strengths.size(), std::size_t(1));
    QCOMPARE(bench.workspace().study().results().strengths.front().budget, 0.02);
    QTRY_VERIFY(!view->model().emptyState().shown());
    QVERIFY2(view->model().summary().startsWith(u"colours may be perturbed up to ε = 0.40"_s), qPrintable(view->model().summary()));
  }

  void aDamagedCurveLeavesTheTable_data() {
    QTest::addColumn<QString>("probes");
    QTest::addColumn<int>("points");
    QTest::newRow("empty") << QString() << 0;
    QTest::newRow("no JSON") << u"[{"_s << 0;
    QTest::newRow("a point without mean") << QString::fromLatin1(R"([{"epsilon":0.1},{"epsilon":0.2,"mean":0.01}])") << 1;
    QTest::newRow("in the order of the search") << QString::fromLatin1(R"([{"epsilon":0.4,"mean":0.02,"upper":0.03},{"epsilon":0.2,"mean":0.01,"upper":0.02}])") << 2;
  }
  void aDamagedCurveLeavesTheTable() {
    QFETCH(QString, probes);
    QFETCH(int, points);
    study::Results results = syntheticResults();
    results.strengths.front().probes = probes.toStdString();
    ViewBench bench(u"strength"_s, std::move(results));
    const SeriesFigure& figure = bench.plot<SeriesPlot>().data();
    QCOMPARE(figure.series.empty() ? 0 : static_cast<int>(figure.series[0].x.size()), points);
    if (points > 0) QVERIFY(std::is_sorted(figure.series[0].x.begin(), figure.series[0].x.end()));
    QCOMPARE(bench.model<StrengthViewModel>().strengths().rows.size(), std::size_t(7));
    QCOMPARE(column(bench.view->model().table(), "epsilon").size(), 5 * 7 + 6 + std::max(1, points));
  }

  void theTableChoosesTheCurve() {
    study::Results results = syntheticResults();
    auto second = results.strengths[2];
    second.method = "project";
    second.epsilon = 0.123;
    results.strengths.push_back(second);
    ViewBench bench(u"strength"_s, std::move(results));
    TableView* table = dynamic_cast<StrengthView&>(*bench.view).table();
    table->setCurrentIndex(table->tableModel().index(7, 0));
    QCOMPARE(bench.selection().cluster(), ClusterId(2));
    QCOMPARE(lineOf(bench.plot<SeriesPlot>().data(), true)->at, 0.123);
    QCOMPARE(bench.model<StrengthViewModel>().highlightedRows(), std::vector<int>{7});
    table->setCurrentIndex(table->tableModel().index(2, 0));   // the same cluster, the other method
    QVERIFY(lineOf(bench.plot<SeriesPlot>().data(), true)->at > 0.2);
  }

  void anEmptyStudySaysWhatIsMissing_data() {
    QTest::addColumn<QString>("id");
    for (const char* id : {"curation", "caveats", "robustness", "strength", "validity", "rankings", "controls", "regression"}) QTest::newRow(id)
        << QString::fromLatin1(id);
  }
  void anEmptyStudySaysWhatIsMissing() {
    QFETCH(QString, id);
    ViewBench bench(id, study::Results());
    const EmptyState empty = bench.view->model().emptyState();
    QVERIFY(!empty.what.isEmpty() && !empty.why.isEmpty() && !empty.actionText.isEmpty());
    QCOMPARE(empty.actionId, u"study.update"_s);
    int buttons = 0;
    for (const auto* button : bench.view->findChildren<QPushButton*>()) buttons += button->isVisible() ? 1 : 0;
    QCOMPARE(buttons, 1);
    QVERIFY(bench.view->model().table().rows.empty());
  }
};

QTEST_MAIN(ReportTest)
#include "report_test.moc"
