#include <QTest>
#include <algorithm>

#include "plot_driver.h"
#include "plots/cell_grid.h"
#include "plots/matrix_plot.h"
#include "plots/series_plot.h"
#include "view_bench.h"
#include "views/neurons/neuron_view_models.h"
#include "views/neurons/rankings_view_model.h"
#include "views/probes/validity_view_model.h"
#include "widgets/table_model.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

study::ProbeRow& probeOf(study::Results& results, int cluster, int layer) { return results.probes[static_cast<std::size_t>(4 * cluster + layer)]; }

study::RankingRow& rankingOf(study::Results& results, int cluster, int layer, const std::string& first, const std::string& second) {
  return *std::find_if(results.rankings.begin(), results.rankings.end(), [&](const auto& r) {
    return r.cluster.value == cluster && r.layer.value == layer && r.first == first && r.second == second;
  });
}

QStringList horizontalLabels(const SeriesFigure& figure) {
  QStringList labels;
  for (const ReferenceLine& line : figure.lines)
    if (!line.vertical) labels << line.label;
  return labels;
}

}  // namespace

/// May the probes be trusted, and do other ways of ranking find the same neurons?
class ProbesTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void failuresComeFirstThenWordsAlone() {
    ViewBench bench(u"validity"_s);
    const QStringList gates = column(bench.view->model().table(), "gate");
    QCOMPARE(gates.size(), 28);
    const auto passed = std::find_if(gates.begin(), gates.end(), [](const QString& gate) { return gate.startsWith(u'✓'); });
    QCOMPARE(passed - gates.begin(), 9);
    QVERIFY(std::all_of(passed, gates.end(), [](const QString& gate) { return gate == u"✓ passed"_s; }));
    QVERIFY(std::all_of(gates.begin(), passed, [](const QString& gate) { return gate == u"✕ selectivity below 0.25"_s; }));
    const QStringList gains = column(bench.view->model().table(), "gain");
    QVERIFY(gains[9].startsWith(u'−') && gains[10].startsWith(u'−') && gains[11].startsWith(u'+'));
  }

  void theNoteCountsFailuresAndShallowProbes() {
    ViewBench bench(u"validity"_s);
    QVERIFY2(bench.view->model().note().contains(u"9 of 28 probes failed"_s), qPrintable(bench.view->model().note()));
    QVERIFY(bench.view->model().note().contains(u"surface words alone do as well"_s));
    study::Results sound = syntheticResults();
    for (auto& p : sound.probes) p.passed = true, p.gain = 0.01;
    QVERIFY(ViewBench(u"validity"_s, sound).view->model().note().isEmpty());
    for (auto& p : sound.probes) p.gain = missing;   // not asked for is no failure
    QVERIFY(ViewBench(u"validity"_s, sound).view->model().note().isEmpty());
    probeOf(sound, 3, 2).gain = 0;
    QVERIFY(ViewBench(u"validity"_s, sound).view->model().note().contains(u"Gain ≤ 0 for 1"_s));
  }

  void whatWasNotComputedIsADash() {
    study::Results results = syntheticResults();
    auto& p = probeOf(results, 0, 0);
    p.gain = p.aucSet = p.selectivity = missing;
    p.reason.clear();
    p.status = "TOO_FEW";
    ViewBench bench(u"validity"_s, std::move(results));
    const TableData table = bench.view->model().table();
    for (const char* name : {"gain", "auc_set", "selectivity"}) QCOMPARE(column(table, name).front(), u"–"_s);
    QCOMPARE(column(table, "gate").front(), u"✕ TOO_FEW"_s);
  }

  void aRowSelectsItsClusterAndTheClusterItsRows() {
    ViewBench bench(u"validity"_s);
    const auto tables = bench.view->findChildren<TableView*>();
    auto* table = *std::find_if(tables.begin(), tables.end(), [](const auto* t) { return t->accessibleName() == u"Validity"_s; });
    table->setCurrentIndex(table->tableModel().index(5, 0));
    QCOMPARE(bench.selection().cluster(), ClusterId(5));
    QCOMPARE(bench.model<ValidityViewModel>().highlightedRows().size(), std::size_t(4));
  }

  void rankingsAreSymmetricWithOnesOnTheDiagonal() {
    ViewBench bench(u"rankings"_s);
    bench.selection().setCluster(ClusterId(1));
    const MatrixFigure& figure = bench.plot<MatrixPlot>().data();
    QCOMPARE(figure.grid.rows, 4);
    QCOMPARE(figure.rowLabels.front(), u"probe"_s);
    QCOMPARE(figure.rowLabels.back(), u"gradients"_s);
    for (int a = 0; a < 4; ++a)
      for (int b = 0; b < 4; ++b) {
        QCOMPARE(figure.grid.at(a, b), figure.grid.at(b, a));
        if (a == b) QCOMPARE(figure.grid.at(a, b), 1.F);
      }
    auto& results = bench.study.results();
    const auto& row = *std::find_if(results.rankings.begin(), results.rankings.end(),
                                    [](const auto& r) { return r.cluster.value == 1 && r.layer.value == 3; });
    QCOMPARE(figure.grid.at(0, 1), static_cast<float>(row.spearman));
    QCOMPARE(figure.texts[1], u"%1\nJ %2"_s.arg(row.spearman, 0, 'f', 2).arg(row.jaccard, 0, 'f', 2));
    QCOMPARE(plottablesOf<CellGrid>(drawn(*bench.view->plot())).size(), 1);
  }

  void theRankingFollowsTheNeuronsLayer() {
    ViewBench bench(u"rankings"_s);
    QVERIFY(bench.view->model().subtitle().contains(u"L3"_s));
    bench.selection().setNeuron(NeuronRef{LayerIndex(1), NeuronIndex(7)});
    QVERIFY(bench.view->model().subtitle().contains(u"L1"_s));
    QCOMPARE(column(bench.view->model().table(), "layer"), QStringList(6, u"1"_s));
  }

  void aLowJaccardIsSaidAndMarked() {
    study::Results results = syntheticResults();
    for (auto& r : results.rankings) r.jaccard = 0.3;   // the bound itself is robust
    QVERIFY(ViewBench(u"rankings"_s, results).view->model().note().isEmpty());
    rankingOf(results, 0, 3, "probe", "stability").jaccard = 0.29;
    ViewBench bench(u"rankings"_s, std::move(results));
    QCOMPARE(bench.view->model().note(), u"Ranking not method-robust: probe and stability share few leading neurons (J = 0.29)."_s);
    const auto& marked = bench.plot<MatrixPlot>().data().marked;
    QCOMPARE(std::count(marked.begin(), marked.end(), true), 2);
    QVERIFY(marked[2] && marked[8]);
  }

  void aRankingThatWasNotMadeIsHatched() {
    study::Results results = syntheticResults();
    std::erase_if(results.rankings, [](const auto& r) { return r.first == "probe" && r.second == "gradients"; });
    ViewBench bench(u"rankings"_s, std::move(results));
    const MatrixFigure& figure = bench.plot<MatrixPlot>().data();
    QVERIFY(std::isnan(figure.grid.at(0, 3)) && std::isnan(figure.grid.at(3, 0)));
    QVERIFY(figure.tooltips[3].contains(u"not computed"_s));
  }

  void noRankingsSaysWhatToDo() {
    study::Results results = syntheticResults();
    results.rankings.clear();
    const EmptyState empty = ViewBench(u"rankings"_s, std::move(results)).view->model().emptyState();
    QVERIFY(empty.shown() && !empty.why.isEmpty());
    QCOMPARE(empty.actionId, u"study.update"_s);
  }

  void theNullThresholdIsALineOnlyWhereBetaIsDrawn() {
    study::Results results = syntheticResults();
    probeOf(results, 0, 3).nullThreshold = 0.125;
    ViewBench bench(u"rank"_s, results);
    auto& model = bench.model<RankViewModel>();
    QVERIFY2(model.subtitle().contains(u"τ_β = 0.125 of |β|"_s), qPrintable(model.subtitle()));
    QCOMPARE(horizontalLabels(bench.plot<SeriesPlot>().data()), QStringList{u"τ = 0.0120"_s});
    model.setShowsBeta(true);
    const SeriesFigure& figure = bench.plot<SeriesPlot>().data();
    QCOMPARE(figure.yLabel, u"|β|"_s);
    QCOMPARE(horizontalLabels(figure), QStringList{u"null: τ_β = 0.125"_s});
    const auto& beta = probeOf(results, 0, 3).beta;
    QCOMPARE(figure.series.front().y.front(), double{*std::max_element(beta.begin(), beta.end())});
    bench.selection().setNeuron(NeuronRef{LayerIndex(1), NeuronIndex(0)});   // a probe without a null
    QVERIFY(horizontalLabels(bench.plot<SeriesPlot>().data()).isEmpty());
    QVERIFY(!model.subtitle().contains(u"τ_β"_s));
  }

  void concentrationIsInTheSubtitleAndTheChoiceIsKept() {
    study::Results results = syntheticResults();
    probeOf(results, 2, 3).effectiveCount = 41.23;
    probeOf(results, 2, 3).gini = 0.8349;
    ViewBench bench(u"rank"_s, std::move(results));
    bench.selection().setCluster(ClusterId(2));
    QVERIFY(bench.view->model().subtitle().contains(u"effective count 41.2, Gini 0.83"_s));
    bench.model<RankViewModel>().setShowsBeta(true);
    ViewBench again(u"rank"_s);
    again.view->restore(bench.view->state());
    QVERIFY(again.model<RankViewModel>().showsBeta());
  }
};

QTEST_MAIN(ProbesTest)
#include "probes_test.moc"
