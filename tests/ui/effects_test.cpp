#include <QSignalSpy>
#include <QTest>
#include <limits>

#include "composition.h"
#include "fake_session.h"
#include "plot_driver.h"
#include "plots/cell_grid.h"
#include "plots/forest_plot.h"
#include "plots/matrix_plot.h"
#include "plots/series_plot.h"
#include "views/effects/effect_view_models.h"
#include "views/format.h"
#include "views/perturbation/panel_view.h"
#include "widgets/slider_box.h"
#include "widgets/view_frame.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

const double notComputed = std::numeric_limits<double>::quiet_NaN();

/// Beside each margin row one of accuracy, whose ACE no margin row has.
study::Results withAccuracy() {
  study::Results r = syntheticResults();
  const auto margins = r.effects;
  for (study::EffectRow e : margins) {
    e.metric = "acc";
    e.ace = e.ace / 10 + 3;
    e.low = e.ace - 0.01, e.high = e.ace + 0.02;
    e.intervalMethod = "Wilson";
    r.effects.push_back(e);
  }
  return r;
}

struct Bench {
  std::shared_ptr<FakeSession> session;
  StudyContext study;
  std::unique_ptr<ViewFrame> view;

  Bench(const QString& id, study::Results results = syntheticResults())
      : session(std::make_shared<FakeSession>(std::move(results))), study(session), view(app::makeView(id, study)) {
    view->resize(900, 700);
    view->show();
  }
  template <class Plot>
  Plot& plot() const { return dynamic_cast<Plot&>(*view->plot()); }
  void show(const QString& task, double epsilon = 1, Outcome outcome = Outcome::Margin) { study.selection().setCondition({u"mean"_s, task, epsilon, outcome}); }
  /// Straight from the results, not through the code under test.
  const study::EffectRow* effect(int cluster, const std::string& task, double epsilon = 1, const std::string& metric = "margin") const {
    for (const auto& e : study.results().effects)
      if (e.cluster.value == cluster && e.task == task && e.epsilon == epsilon && e.method == "mean" && e.metric == metric) return &e;
    return nullptr;
  }
};

study::EffectRow& effectOf(study::Results& results, int cluster, const std::string& task) {
  return *std::find_if(results.effects.begin(), results.effects.end(), [&](const auto& e) {
    return e.cluster.value == cluster && e.task == task && e.epsilon == 1 && e.method == "mean";
  });
}

std::vector<double> numbers(const TableData& table, const std::string& column) {
  std::vector<double> values;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (table.columns[c].name == column)
      for (const auto& row : table.rows) values.push_back(std::get<double>(row[c]));
  return values;
}

}  // namespace

class EffectsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void forestFallsFromTheLargest() {
    Bench bench(u"forest"_s);
    bench.show(u"task-calendar"_s);
    const auto& rows = bench.plot<ForestPlot>().data().rows;
    QCOMPARE(rows.size(), std::size_t(7));
    QCOMPARE(rows.front().label, u"calendar"_s);
    for (std::size_t i = 1; i < rows.size(); ++i) QVERIFY(rows[i - 1].estimate >= rows[i].estimate);
  }

  void dotsIntervalsAndBandsLieWhereTheNumbersAre() {
    Bench bench(u"forest"_s);
    bench.show(u"task-arithmetic"_s);
    QCustomPlot& canvas = drawn(*bench.view->plot());
    for (int k = 0; k < 7; ++k) {
      const auto* e = bench.effect(k, "task-arithmetic");
      const QCPGraph* dot = graphOf(canvas, qs(bench.study.results().clusters[static_cast<std::size_t>(k)].label));
      QVERIFY(dot && dot->dataCount() == 1);
      QCOMPARE(dot->dataMainKey(0), e->ace);
      const double y = dot->dataMainValue(0);
      const auto bars = plottablesOf<QCPErrorBars>(canvas);
      const auto bar = std::find_if(bars.begin(), bars.end(), [dot](const QCPErrorBars* b) { return b->dataPlottable() == dot; });
      QVERIFY(bar != bars.end());
      QCOMPARE((*bar)->data()->front().errorMinus, e->ace - e->low);
      QCOMPARE((*bar)->data()->front().errorPlus, e->high - e->ace);
      const auto rects = itemsOf<QCPItemRect>(canvas);
      QCOMPARE(std::count_if(rects.begin(), rects.end(), [&](const QCPItemRect* r) {
        return r->topLeft->coords().x() == e->controlLow && r->bottomRight->coords().x() == e->controlHigh && r->topLeft->coords().y() < y && r->bottomRight->coords().y() > y;
      }), 1);
      QCOMPARE(dot->scatterStyle().brush().color() == dot->scatterStyle().pen().color(), e->pAdjusted < 0.05);   // filled
      QVERIFY(canvas.xAxis->range().contains(e->low) && canvas.xAxis->range().contains(e->high));
    }
  }

  void whatWasNotComputedIsLastAndSaysWhy() {
    study::Results results = syntheticResults();
    auto& missing = effectOf(results, 0, "task-arithmetic");
    missing.ace = missing.low = missing.high = missing.p = missing.pAdjusted = notComputed;
    missing.status = "TOO_FEW_GROUPS";
    Bench bench(u"forest"_s, std::move(results));
    bench.show(u"task-arithmetic"_s);
    QCustomPlot& canvas = drawn(*bench.view->plot());
    QCOMPARE(bench.plot<ForestPlot>().data().rows.back().label, u"arithmetic"_s);
    QVERIFY(!graphOf(canvas, u"arithmetic"_s));
    QVERIFY(textsOf(canvas).contains(u"– TOO_FEW_GROUPS"_s));
    QVERIFY(bench.plot<ForestPlot>().itemText(6).contains(u"not computed: TOO_FEW_GROUPS"_s));
  }

  void allTasksAreGroupedUnderTheirNames() {
    Bench bench(u"forest"_s);
    bench.show({});
    QCustomPlot& canvas = drawn(*bench.view->plot());
    QCOMPARE(bench.plot<ForestPlot>().itemCount(), 49);
    for (const auto& task : bench.study.results().tasks) QCOMPARE(textsOf(canvas).count(qs(task.name)), 1);
  }

  void matrixCellsAreTheEffects() {
    Bench bench(u"matrix"_s);
    bench.show({});
    const MatrixFigure& figure = bench.plot<MatrixPlot>().data();
    for (int k = 0; k < 7; ++k)
      for (int t = 0; t < 7; ++t) {
        const auto* e = bench.effect(k, bench.study.results().tasks[static_cast<std::size_t>(t)].name);
        QCOMPARE(figure.grid.at(k, t), static_cast<float>(e->ace));
        QCOMPARE(bool(figure.marked[static_cast<std::size_t>(7 * k + t)]), e->pAdjusted < 0.05);
      }
    QCOMPARE(bench.view->model().table().rows.size(), std::size_t(49));
    QCOMPARE(plottablesOf<CellGrid>(drawn(*bench.view->plot())).size(), 1);
  }

  void missingCellsAreHatchedNotZero() {
    study::Results results = syntheticResults();
    std::erase_if(results.effects, [](const auto& e) { return e.cluster.value == 2 && e.task == "task-letters"; });
    effectOf(results, 3, "task-letters").ace = notComputed;
    Bench bench(u"matrix"_s, std::move(results));
    bench.show({});
    const auto& plot = bench.plot<MatrixPlot>();
    for (const int cluster : {2, 3}) {
      QVERIFY(std::isnan(plot.data().grid.at(cluster, 5)));
      QVERIFY(plot.data().texts[static_cast<std::size_t>(7 * cluster + 5)].isEmpty());
    }
    QVERIFY(plot.itemText(7 * 2 + 5).contains(u"not run"_s) && plot.itemText(7 * 3 + 5).contains(u"not computed"_s));
    QVERIFY(bench.view->model().subtitle().contains(u"hatched: not run"_s));
  }

  void matrixRangeIsSymmetric() {
    study::Results results = syntheticResults();
    effectOf(results, 1, "task-kinship").ace = -2.5;
    Bench bench(u"matrix"_s, std::move(results));
    bench.show({});
    const MatrixFigure& figure = bench.plot<MatrixPlot>().data();
    QVERIFY(figure.high == 2.5 && figure.low == -2.5 && figure.map == ColourMap::Diverging);
  }

  void smallEffectsKeepTwoDigitsInTheirCells() {
    study::Results results = syntheticResults();
    for (auto& e : results.effects) e.ace /= 100, e.low /= 100, e.high /= 100;
    Bench bench(u"matrix"_s, std::move(results));
    bench.show({});
    const auto* e = bench.effect(0, "task-arithmetic");
    QCOMPARE(bench.plot<MatrixPlot>().data().texts.front(), u'+' + QLocale().toString(e->ace, 'f', 4));
  }

  void doseBeginsAtTheOrigin() {
    Bench bench(u"dose"_s);
    bench.show(u"task-arithmetic"_s);
    QCustomPlot& canvas = drawn(*bench.view->plot());
    for (const auto& cluster : bench.study.results().clusters) {
      const QCPGraph* line = graphOf(canvas, qs(cluster.label));
      QVERIFY(line);
      QCOMPARE(line->dataCount(), 5);
      QCOMPARE(QPointF(line->dataMainKey(0), line->dataMainValue(0)), QPointF(0, 0));
      QCOMPARE(line->dataMainValue(3), bench.effect(cluster.id.value, "task-arithmetic", 0.75)->ace);
    }
    QVERIFY(canvas.xAxis->range().contains(0) && canvas.yAxis->range().contains(0));
  }

  /// The line is the panel's ε: dragging it moves the slider, moving the slider moves it, and neither changes what is shown.
  void theLineAndTheSliderAreOneStrength() {
    Bench bench(u"dose"_s);
    JobRunner jobs;
    PanelViewModel panel(bench.study, jobs);
    panel.setLive(false);
    PanelView controls(panel);
    const Condition shown = bench.study.selection().condition();
    QSignalSpy selectionChanged(&bench.study.selection(), &SelectionModel::changed);
    drawn(*bench.view->plot());
    drag(*bench.view->plot(), {{1, 0.1}, {0.8, 0.1}, {0.5, 0.12}});
    QVERIFY2(std::abs(panel.parameters().epsilon - 0.5) < 0.011, qPrintable(QString::number(panel.parameters().epsilon)));
    QCOMPARE(controls.epsilon()->value(), panel.parameters().epsilon);
    controls.epsilon()->setValue(1.6);
    const auto& lines = bench.plot<SeriesPlot>().data().lines;
    const auto movable = std::find_if(lines.begin(), lines.end(), [](const auto& line) { return line.movable; });
    QVERIFY(movable != lines.end());
    QCOMPARE(movable->at, 1.6);
    QVERIFY(drawn(*bench.view->plot()).xAxis->range().contains(1.6));
    QVERIFY(bench.study.selection().condition() == shown);
    QCOMPARE(selectionChanged.count(), 0);
  }

  void aPointUnderTheLineCanBeClicked() {
    Bench bench(u"dose"_s);
    bench.study.selection().setStrength(1);
    click(*bench.view->plot(), bench.plot<SeriesPlot>().itemPosition(4));
    QCOMPARE(bench.study.selection().cluster(), ClusterId(0));
    QCOMPARE(bench.study.selection().strength(), 1.0);
  }

  void figuresShowNoLineOfTheSlider() {
    Bench bench(u"dose"_s);
    bench.study.selection().setStrength(0.3);
    const auto screen = itemsOf<QCPItemStraightLine>(drawn(*bench.view->plot())).size();
    const auto figure = bench.view->plot()->figure(PlotStyle::forPaper(8, 6), {234, 145});
    QCOMPARE(itemsOf<QCPItemStraightLine>(*figure).size(), screen - 1);
  }

  static void ids(std::initializer_list<const char*> all) {
    QTest::addColumn<QString>("id");
    for (const char* id : all) QTest::newRow(id) << QString::fromLatin1(id);
  }
  void everyEffectAxisSaysWhatItsSignMeans_data() { ids({"forest", "matrix", "dose", "volcano"}); }
  void everyEffectAxisSaysWhatItsSignMeans() {
    QFETCH(QString, id);
    Bench bench(id);
    QCustomPlot& canvas = drawn(*bench.view->plot());
    const QStringList words = textsOf(canvas) + QStringList{canvas.xAxis->label(), canvas.yAxis->label()};
    QCOMPARE(words.filter(signHint()).size(), 1);
    QVERIFY(bench.view->model().caption().contains(u"ACE > 0: the perturbation lowers the score"_s));
  }

  void neverTwoOutcomesInOnePicture_data() { ids({"forest", "matrix", "dose", "volcano", "tests"}); }
  void neverTwoOutcomesInOnePicture() {
    QFETCH(QString, id);
    Bench bench(id, withAccuracy());
    for (const auto outcome : {Outcome::Margin, Outcome::Accuracy, Outcome::Margin}) {
      const bool accuracy = outcome == Outcome::Accuracy;
      for (const QString& task : {QString(), u"task-colours"_s}) {
        bench.show(task, 1, outcome);
        const TableData table = bench.view->model().table();
        QVERIFY(!table.rows.empty());
        for (std::size_t c = 0; c < table.columns.size(); ++c)
          if (table.columns[c].name == "metric")
            for (const auto& row : table.rows) QCOMPARE(std::get<QString>(row[c]), accuracy ? u"acc"_s : u"margin"_s);
        for (const double ace : numbers(table, id == "tests"_L1 ? "ace" : "estimate")) QCOMPARE(ace > 2, accuracy);
        if (!bench.view->plot()) continue;
        for (const QCPGraph* graph : plottablesOf<QCPGraph>(drawn(*bench.view->plot())))
          if (id == "forest"_L1 || id == "volcano"_L1) QCOMPARE(graph->dataMainKey(0) > 2, accuracy);
        const QString said = bench.view->model().caption();
        QVERIFY2(said.contains(accuracy ? u"ACE (acc)"_s : u"ACE (margin)"_s) && !said.contains(accuracy ? u"margin"_s : u"acc)"_s), qPrintable(said));
      }
    }
  }

  void captionsNameIntervalsItemsAndCorrection_data() { everyEffectAxisSaysWhatItsSignMeans_data(); }
  void captionsNameIntervalsItemsAndCorrection() {
    QFETCH(QString, id);
    study::Results results = syntheticResults();
    effectOf(results, 4, "task-arithmetic").n = 120;
    Bench bench(id, std::move(results));
    bench.show(u"task-arithmetic"_s);
    const QString caption = bench.view->model().caption();
    for (const auto& words : {u"95 % BCa intervals"_s, u"n = 120 to 160 items"_s, u"Holm over the whole family of 49 tests"_s, u"mean ablation at ε ="_s})
      QVERIFY2(caption.contains(words), qPrintable(caption));
  }
};

QTEST_MAIN(EffectsTest)
#include "effects_test.moc"
