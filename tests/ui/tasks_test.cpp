#include <QComboBox>
#include <QTest>
#include <QTextBrowser>

#include "plot_driver.h"
#include "plots/forest_plot.h"
#include "view_bench.h"
#include "views/tasks/examples_view.h"
#include "views/tasks/task_library_view_models.h"
#include "widgets/table_model.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

bool idle(const ViewBench& bench) {
  return QTest::qWaitFor([&] { return bench.study.jobs().idle(); });
}

}  // namespace

/// Task library, an item as the model sees it, the example diff of a run.
class TasksTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  void everyTaskStandsBesideItsFloor() {
    ViewBench bench(u"task-scores"_s);
    QVERIFY(idle(bench));
    const ForestFigure& figure = bench.plot<ForestPlot>().data();
    QCOMPARE(figure.rows.size(), std::size_t(7));
    QCOMPARE(*figure.rows[0].mark, 0.25);
    QCOMPARE(figure.rows[0].estimate, 0.85);
    QVERIFY(std::abs(figure.rows[0].low - 0.80) < 1e-12 && std::abs(figure.rows[0].high - 0.89) < 1e-12);
    QVERIFY(bench.view->model().subtitle().contains(u"tasks/task-arithmetic.json"_s));
    QVERIFY(bench.view->model().note().isEmpty());
    click(bench.plot<ForestPlot>(), {0.5, 3});
    QCOMPARE(bench.selection().condition().task, u"task-colours"_s);
    QVERIFY(bench.view->model().subtitle().startsWith(u"task-colours"_s));
    QCOMPARE(column(bench.view->model().table(), "n_reported").front(), u"160"_s);
  }

  /// Bits a byte are no share of right answers: no place on that axis, no guessing, and the number says what it is.
  void whatIsNoAccuracyIsNotDrawnAsOne() {
    study::Results results = syntheticResults();
    results.tasks[0].metric = "bits_per_byte";
    results.tasks[0].accuracy = 3.4;
    StudyContext study(std::make_shared<FakeSession>(results));
    const TaskScoresViewModel model(study);
    const ForestFigure figure = model.figure();
    QVERIFY(!figure.rows[0].computed && figure.rows[1].computed);
    QVERIFY2(figure.rows[0].right.startsWith(u"bits_per_byte 3.4"_s), qPrintable(figure.rows[0].right));
    QVERIFY(!figure.rows[0].mark && figure.rows[1].mark == results.tasks[1].chance);
  }

  void aTaskAtItsFloorIsNamed() {
    study::Results results = syntheticResults();
    results.tasks[1].accuracy = 0.27;
    ViewBench bench(u"task-scores"_s, std::move(results));
    QVERIFY(idle(bench));
    QVERIFY(bench.view->model().note().contains(u"task-brackets"_s));
  }

  void anItemIsShownTokenByToken() {
    ViewBench bench(u"task-item"_s);
    auto& model = bench.model<TaskItemViewModel>();
    QVERIFY(!model.asked());               // the model is not loaded for a look at the page
    model.ask();
    QVERIFY(idle(bench));
    const TableData table = model.table();
    QCOMPARE(column(table, "scored").count(u"yes"_s), 6);
    QCOMPARE(column(table, "gold").count(u"yes"_s), 9);
    const QString html = bench.view->findChild<QTextBrowser*>()->toPlainText();
    QVERIFY(html.contains(u"Question"_s) && html.contains(u"✓"_s));
    QCOMPARE(html.count(u"Question"_s), 1);  // the prompt once, the answers after it
    model.setItem(3);
    QVERIFY(idle(bench));
    QCOMPARE(model.item(), 3);
    model.setItem(100000);
    QCOMPARE(model.item(), 3);
  }

  void flipsAreCountedAndFiltered() {
    ViewBench bench(u"examples"_s);
    bench.selection().setRun(4);
    QVERIFY(idle(bench));
    auto& model = bench.model<ExamplesViewModel>();
    QVERIFY(model.subtitle().contains(u"2 right answers lost"_s));
    QVERIFY(model.subtitle().contains(u"run #4"_s));
    QCOMPARE(model.table().rows.size(), std::size_t(10));
    model.setFilter(ExamplesViewModel::Filter::Down);
    QCOMPARE(column(model.table(), "flip"), QStringList({u"↓"_s, u"↓"_s}));
    QCOMPARE(dynamic_cast<ExamplesView&>(*bench.view).table()->tableModel().rowCount(), 2);
    model.setFilter(ExamplesViewModel::Filter::Up);
    QCOMPARE(column(model.table(), "item"), QStringList({u"9"_s}));
    QVERIFY(model.readerHtml().contains(u"Prompt 9 of run 4"_s));
  }

  void withoutASelectedRunTheConditionsRunIsShown() {
    ViewBench bench(u"examples"_s);
    bench.selection().setCondition({u"zero"_s, u"task-letters"_s, 0.5, Outcome::Margin});
    bench.selection().setCluster(ClusterId(3));
    QVERIFY(idle(bench));
    const QString said = bench.view->model().subtitle();
    QVERIFY2(said.contains(u"colours"_s) && said.contains(u"task-letters"_s), qPrintable(said));
  }

  void aFailureIsSaid() {
    auto session = std::make_shared<FakeSession>();
    session->failure = "LAC-1301";
    StudyContext study(session);
    const std::unique_ptr<ViewFrame> view(app::makeView(u"examples"_s, study));
    QVERIFY(QTest::qWaitFor([&] { return study.jobs().idle(); }));
    QVERIFY(view->model().note().contains(u"LAC-1301"_s));
  }

  void withoutRunsThePageSaysSo() {
    study::Results results = syntheticResults();
    results.runs.clear();
    ViewBench bench(u"examples"_s, std::move(results));
    QCOMPARE(bench.view->model().emptyState().actionId, u"study.update"_s);
  }
};

QTEST_MAIN(TasksTest)
#include "tasks_test.moc"
