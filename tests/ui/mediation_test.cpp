#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "pictures.h"
#include "plot_driver.h"
#include "plots/forest_plot.h"
#include "plots/matrix_plot.h"
#include "view_bench.h"
#include "views/mediation/mediation_view_models.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

const Condition onArithmetic{u"mean"_s, u"task-arithmetic"_s, 1, Outcome::Margin};

}  // namespace

/// The mediation page: total effect as indirect and direct, clusters by tasks, both decompositions.
class MediationTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  void theStageHasAKeyAndThreeFilledViews() {
    WindowBench bench(std::make_shared<FakeSession>());
    QAction* action = bench.window.actions().find(u"stage.mediation"_s);
    QCOMPARE(action->shortcut(), QKeySequence(u"Ctrl+Shift+M"_s));
    action->trigger();
    for (ViewFrame* view : bench.workspace().page()->views()) QVERIFY2(!view->model().emptyState().shown(), qPrintable(view->model().id()));
  }

  void everyBarIsIndirectAndDirectUpToTheTotal() {
    ViewBench bench(u"mediated"_s);
    bench.selection().setCondition(onArithmetic);
    const ForestFigure& figure = bench.plot<ForestPlot>().data();
    QCOMPARE(figure.rows.size(), std::size_t(7));
    QCOMPARE(figure.rows.front().label, u"arithmetic"_s);   // most of it first
    for (std::size_t i = 0; i < 6; ++i) {
      const ForestRow& row = figure.rows[i];
      QCOMPARE(row.bars.size(), std::size_t(2));
      QCOMPARE(row.bars[0].from, 0.0);
      QCOMPARE(row.bars[0].to, row.estimate);        // TNIE …
      QCOMPARE(row.bars[1].from, row.bars[0].to);    // … and PNDE behind it …
      QCOMPARE(row.bars[1].to, *row.mark);           // … end at TE
      QVERIFY(std::abs(*row.mark - 0.8) < 1e-12);
      QVERIFY(row.low < row.estimate && row.estimate < row.high);
    }
    QVERIFY(figure.rows.front().right.endsWith(u"60 %"_s));
    QVERIFY(!figure.rows.back().computed);
    QCOMPARE(figure.rows.back().right, u"–"_s);
    QVERIFY(figure.rows.back().tooltip.contains(u"S is empty"_s));
    QVERIFY(figure.markLabel.startsWith(u"total +0.80"_s));
    QCustomPlot& canvas = drawn(*bench.view->plot());
    QVERIFY(canvas.xAxis->range().contains(0.8));
    QCOMPARE(itemsOf<QCPItemLine>(canvas).size(), 6);
    QVERIFY(itemsOf<QCPItemRect>(canvas).size() >= 12);
    QVERIFY(bench.view->model().note().contains(u"40 of 160 items"_s));
    QVERIFY(bench.view->model().summary().contains(u"most runs through arithmetic"_s));
  }

  void anUnclearTotalHasNoShare() {
    ViewBench bench(u"mediated"_s);
    bench.selection().setCondition({u"mean"_s, u"task-brackets"_s, 1, Outcome::Margin});
    QVERIFY(bench.view->model().note().contains(u"no share of it is given"_s));
    for (const ForestRow& row : bench.plot<ForestPlot>().data().rows) QVERIFY(!row.right.contains(u'%'));
  }

  void aTaskWithoutCounterfactualsShowsOneThatHas() {
    ViewBench bench(u"mediated"_s);
    bench.selection().setCondition({u"mean"_s, u"task-recipes"_s, 1, Outcome::Margin});
    QVERIFY(bench.view->model().note().startsWith(u"task-recipes has no counterfactual prompts"_s));
    QCOMPARE(bench.plot<ForestPlot>().data().rows.size(), std::size_t(7));
  }

  void theMatrixHasTheTasksWithCounterfactuals() {
    ViewBench bench(u"mediation-matrix"_s);
    bench.selection().setCondition(onArithmetic);
    const MatrixFigure& figure = bench.plot<MatrixPlot>().data();
    QCOMPARE(figure.columnLabels, (std::vector<QString>{u"task-arithmetic"_s, u"task-brackets"_s}));
    QCOMPARE(figure.grid.values[0], 0.48F);
    QVERIFY(figure.marked[0] && !figure.marked[1]);
    QVERIFY(std::isnan(figure.grid.values[12]));
    click(*bench.view->plot(), {1, 3});
    QCOMPARE(bench.selection().condition().task, u"task-brackets"_s);
    QCOMPARE(bench.selection().cluster(), ClusterId(3));
  }

  void bothDecompositionsAreShownAndChecked() {
    ViewBench bench(u"mediation-parts"_s);
    bench.selection().setCondition(onArithmetic);
    bench.selection().setCluster(ClusterId(1));
    const ForestFigure& figure = bench.plot<ForestPlot>().data();
    QCOMPARE(figure.rows.size(), std::size_t(6));
    QVERIFY(std::abs(figure.rows[1].estimate + figure.rows[2].estimate - figure.rows[0].estimate) < 1e-12);
    QVERIFY(std::abs(figure.rows[3].estimate + figure.rows[4].estimate - figure.rows[0].estimate) < 1e-12);
    QVERIFY(std::abs(figure.rows[1].estimate - figure.rows[3].estimate - figure.rows[5].estimate) < 1e-12);
    QVERIFY(bench.view->model().subtitle().contains(u"checked: TE = TNIE + PNDE = PNIE + TNDE"_s));
    QVERIFY(bench.view->model().note().isEmpty());
    bench.selection().setCluster(ClusterId(6));
    QVERIFY(bench.view->model().note().contains(u"S is empty"_s));
  }

  void partsThatDoNotAddUpAreNamed() {
    study::Results results = syntheticResults();
    results.mediation.front().pureDirect.value += 0.1;
    ViewBench bench(u"mediation-parts"_s, std::move(results));
    bench.selection().setCondition(onArithmetic);
    bench.selection().setCluster(ClusterId(0));
    QVERIFY(!bench.view->model().subtitle().contains(u"checked"_s));
    QVERIFY(bench.view->model().note().contains(u"do not add up"_s));
  }

  void keysReachTheRows() {
    ViewBench bench(u"mediated"_s);
    bench.selection().setCondition(onArithmetic);
    bench.view->plot()->setFocus();
    for (const Qt::Key key : {Qt::Key_Down, Qt::Key_Down, Qt::Key_Return}) QTest::keyClick(bench.view->plot(), key);
    QVERIFY(bench.selection().cluster().valid());
    QVERIFY(!bench.view->plot()->accessibleDescription().isEmpty());
  }

  void withoutCounterfactualsThePageSaysWhatToDo() {
    study::Results results = syntheticResults();
    results.mediation.clear();
    for (const char* id : {"mediated", "mediation-matrix", "mediation-parts"}) {
      ViewBench bench(QString::fromLatin1(id), results);
      const EmptyState empty = bench.view->model().emptyState();
      QVERIFY(empty.why.contains(u"\"counterfactual\""_s) && empty.why.contains(u"docs/tasks.md"_s));
      QVERIFY(!empty.actionText.isEmpty());
      QVERIFY(bench.view->model().table().rows.empty());
    }
  }

  void everyFigureIsWritten_data() {
    QTest::addColumn<QString>("view");
    for (const char* id : {"mediated", "mediation-matrix", "mediation-parts"}) QTest::newRow(id) << QString::fromLatin1(id);
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
};

QTEST_MAIN(MediationTest)
#include "mediation_test.moc"
