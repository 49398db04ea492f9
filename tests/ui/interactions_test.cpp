#include <QFileInfo>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "pictures.h"
#include "plot_driver.h"
#include "plots/forest_plot.h"
#include "plots/matrix_plot.h"
#include "plots/series_plot.h"
#include "view_bench.h"
#include "views/interactions/interaction_view_models.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

const Condition meanArithmetic{u"mean"_s, u"task-arithmetic"_s, 1, Outcome::Margin};

const study::InteractionRow& rowOf(const study::Results& results, int first, int second, const std::string& task) {
  return *std::find_if(results.interactions.begin(), results.interactions.end(),
                       [&](const auto& r) { return r.first.value == first && r.second.value == second && r.task == task; });
}

}  // namespace

/// Pairs of clusters: the matrix, the two by two, and the pair task by task.
class InteractionsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  void theStageHasAKeyAndThreeFilledViews() {
    WindowBench bench(std::make_shared<FakeSession>());
    QAction* action = bench.window.actions().find(u"stage.interactions"_s);
    QCOMPARE(action->shortcut(), QKeySequence(u"Ctrl+Shift+I"_s));
    action->trigger();
    QCOMPARE(bench.workspace().stage(), u"interactions"_s);
    QCOMPARE(bench.workspace().page()->views().size(), std::size_t(3));
    for (ViewFrame* view : bench.workspace().page()->views()) QVERIFY2(!view->model().emptyState().shown(), qPrintable(view->model().id()));
  }

  void theMatrixIsSymmetricWithAnOpenDiagonal() {
    ViewBench bench(u"interactions"_s);
    bench.selection().setCondition(meanArithmetic);
    const MatrixFigure& figure = bench.plot<MatrixPlot>().data();
    QCOMPARE(figure.grid.rows, std::int64_t(7));
    for (std::size_t r = 0; r < 7; ++r)
      for (std::size_t c = 0; c < 7; ++c) {
        const float here = figure.grid.values[7 * r + c], there = figure.grid.values[7 * c + r];
        QCOMPARE(std::isnan(here), r == c);
        if (r != c) QCOMPARE(here, there);
      }
    const auto& redundant = rowOf(bench.study.results(), 0, 1, "task-arithmetic");
    QCOMPARE(figure.grid.values[1], static_cast<float>(redundant.interaction.value));
    QCOMPARE(figure.texts[1], u"+0.30"_s);
    QVERIFY(figure.marked[1] && !figure.marked[2]);
    QCOMPARE(figure.low, -figure.high);
    QVERIFY(figure.tooltips[1].contains(u"each covers for the other"_s));
    QVERIFY(figure.tooltips[0].contains(u"with itself"_s));
    QVERIFY(bench.view->model().summary().contains(u"largest interaction arithmetic + brackets, +0.30"_s));
    QVERIFY(bench.view->model().note().isEmpty());
  }

  void aCellChoosesItsPair() {
    ViewBench bench(u"interactions"_s);
    bench.selection().setCondition(meanArithmetic);
    click(*bench.view->plot(), {5, 6});   // column, row
    const auto& row = rowOf(bench.study.results(), 5, 6, "task-arithmetic");
    QCOMPARE(bench.selection().run(), row.run);
    QCOMPARE(bench.selection().cluster(), ClusterId(6));
    QCOMPARE(bench.plot<MatrixPlot>().data().highlighted, (std::vector<std::pair<int, int>>{{5, 6}, {6, 5}}));
    click(*bench.view->plot(), {3, 3});   // no pair: nothing changes
    QCOMPARE(bench.selection().run(), row.run);
  }

  void keysChooseAPairToo() {
    ViewBench bench(u"interactions"_s);
    bench.selection().setCondition(meanArithmetic);
    ViewFrame& view = *bench.view;
    view.plot()->setFocus();
    for (const Qt::Key key : {Qt::Key_Right, Qt::Key_Right, Qt::Key_Return}) QTest::keyClick(view.plot(), key);
    QVERIFY(bench.selection().run() > 0);
    QVERIFY(!view.plot()->accessibleDescription().isEmpty());
  }

  void anotherMethodIsSaidToBeShown() {
    ViewBench bench(u"interactions"_s);
    bench.selection().setCondition({u"zero"_s, u"task-arithmetic"_s, 0.5, Outcome::Margin});
    QVERIFY2(bench.view->model().note().contains(u"No pair was run under zero ablation, ε = 0.5: shown is mean ablation, ε = 1"_s), qPrintable(bench.view->model().note()));
    QCOMPARE(bench.plot<MatrixPlot>().data().texts[1], u"+0.30"_s);
  }

  void parallelLinesAreNoInteraction() {
    ViewBench bench(u"two-by-two"_s);
    bench.selection().setCondition(meanArithmetic);
    const auto& row = rowOf(bench.study.results(), 0, 1, "task-arithmetic");   // the largest: shown before anything is chosen
    const SeriesFigure& figure = bench.plot<SeriesPlot>().data();
    QCOMPARE(figure.series.size(), std::size_t(3));
    const Series &intact = figure.series[0], &sum = figure.series[1], &perturbed = figure.series[2];
    QCOMPARE(intact.y, (std::vector<double>{0, row.aceSecond.value}));
    QCOMPARE(perturbed.y, (std::vector<double>{row.aceFirst.value, row.aceJoint.value}));
    QCOMPARE(sum.y, (std::vector<double>{row.aceFirst.value, row.aceFirst.value + row.aceSecond.value}));
    QVERIFY(std::abs((sum.y[1] - sum.y[0]) - (intact.y[1] - intact.y[0])) < 1e-12);
    QVERIFY(std::abs((perturbed.y[1] - sum.y[1]) - row.interaction.value) < 1e-12);
    QCOMPARE(perturbed.high[1], row.aceJoint.high);
    QCOMPARE(figure.xTickLabels, (std::vector<QString>{u"intact"_s, u"perturbed"_s}));
    QCOMPARE(figure.xLabel, u"brackets"_s);
    QVERIFY(bench.view->model().caption().contains(u"Interaction +0.30"_s));
  }

  void thePairShowsBothTheSumAndTheInteraction() {
    ViewBench bench(u"pair"_s);
    bench.selection().setCondition(meanArithmetic);
    const auto& row = rowOf(bench.study.results(), 0, 1, "task-arithmetic");
    const ForestFigure& figure = bench.plot<ForestPlot>().data();
    QCOMPARE(figure.rows.size(), std::size_t(4));
    QCOMPARE(figure.rows[0].estimate, row.aceFirst.value);
    QCOMPARE(figure.rows[1].low, row.aceSecond.low);
    QCOMPARE(figure.rows[2].mark, std::optional(row.aceFirst.value + row.aceSecond.value));
    QCOMPARE(figure.rows[3].estimate, row.interaction.value);
    QVERIFY(figure.rows[3].filled && figure.rows[3].highlighted);
    Condition all = meanArithmetic;
    all.task.clear();
    bench.selection().setCondition(all);
    QCOMPARE(bench.plot<ForestPlot>().data().rows.size(), std::size_t(28));
    QVERIFY(!bench.plot<ForestPlot>().data().rows[7].filled);   // 0.01 ± 0.06
    Q_EMIT bench.view->plot()->activated(5, {});
    QCOMPARE(bench.selection().condition().task, u"task-brackets"_s);
    QCOMPARE(column(bench.view->model().table(), "interaction"), QStringList{u"+0.010"_s});
  }

  void whatCouldNotBeComputedIsSaid() {
    study::Results results = syntheticResults();
    for (auto& row : results.interactions) {
      for (auto* part : {&row.aceFirst, &row.aceSecond, &row.aceJoint, &row.interaction}) *part = {missing, missing, missing};
      row.status = "NOT_IDENTIFIED", row.reason = "cluster 1: S is empty: no neuron was selected";
    }
    ViewBench pair(u"pair"_s, results);
    pair.selection().setCondition(meanArithmetic);
    QVERIFY(pair.view->model().note().contains(u"S is empty"_s));
    QVERIFY(plottablesOf<QCPErrorBars>(drawn(*pair.view->plot())).isEmpty());
    ViewBench lines(u"two-by-two"_s, results);
    QVERIFY(lines.plot<SeriesPlot>().data().series.empty());
    ViewBench matrix(u"interactions"_s, results);
    QVERIFY(std::isnan(matrix.plot<MatrixPlot>().data().grid.values[1]));
  }

  void theEmptyPageRunsThePairs() {
    study::Results results = syntheticResults();
    results.interactions.clear();
    WindowBench bench(std::make_shared<FakeSession>(std::move(results)));
    ViewFrame* view = bench.workspace().view(u"interactions"_s);
    const EmptyState empty = view->model().emptyState();
    QCOMPARE(empty.actionId, u"run.pairs"_s);
    QVERIFY(bench.window.actions().find(empty.actionId));
    for (auto* button : view->findChildren<QPushButton*>())
      if (button->isVisible()) button->click();
    QTRY_VERIFY(!view->model().emptyState().shown());
    QCOMPARE(bench.workspace().study().results().interactions.size(), std::size_t(21 * 7));
  }

  void everyFigureIsWritten_data() {
    QTest::addColumn<QString>("view");
    for (const char* id : {"interactions", "two-by-two", "pair"}) QTest::newRow(id) << QString::fromLatin1(id);
  }
  void everyFigureIsWritten() {
    QFETCH(QString, view);
    const QTemporaryDir folder;
    for (const char* extension : {"pdf", "svg", "png", "csv"}) {
      const QString file = folder.filePath(u"figure.%1"_s.arg(QLatin1StringView(extension)));
      app::writeFigure(std::make_shared<FakeSession>(), view, u"icml-1col"_s, file);
      QVERIFY(QFileInfo(file).size() > 300);
    }
  }

  void aPairsRunNamesBothClusters() {
    study::Results results = syntheticResults();
    study::RunRow pair = results.runs.back();
    pair.kind = "pair", pair.cluster = ClusterId(0), pair.partner = ClusterId(3);
    ++pair.number;
    results.runs.push_back(pair);
    ViewBench bench(u"runs"_s, std::move(results));
    QCOMPARE(column(bench.view->model().table(), "cluster_label").last(), u"arithmetic + colours"_s);
  }
};

QTEST_MAIN(InteractionsTest)
#include "interactions_test.moc"
