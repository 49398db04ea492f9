#include <QTest>
#include <set>

#include "composition.h"
#include "fake_session.h"
#include "plot_driver.h"
#include "plots/cell_grid.h"
#include "plots/matrix_plot.h"
#include "plots/neuron_plot.h"
#include "plots/series_plot.h"
#include "views/neurons/neuron_view_models.h"
#include "widgets/view_frame.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

struct Bench {
  StudyContext study;
  std::unique_ptr<ViewFrame> view;

  Bench(const QString& id, int cluster, study::Results results = syntheticResults())
      : study(std::make_shared<FakeSession>(std::move(results))), view(app::makeView(id, study)) {
    view->resize(1000, 500);
    view->show();
    study.selection().setCluster(ClusterId(cluster));
  }
  template <class Plot>
  Plot& plot() const { return dynamic_cast<Plot&>(*view->plot()); }
  template <class Model>
  Model& model() const { return dynamic_cast<Model&>(view->model()); }
  const study::ProbeRow& probe(int cluster, int layer) const { return study.results().probes[static_cast<std::size_t>(4 * cluster + layer)]; }
};

study::ProbeRow& probeOf(study::Results& results, int cluster, int layer) { return results.probes[static_cast<std::size_t>(4 * cluster + layer)]; }

}  // namespace

class NeuronsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void everyImportanceIsACell() {
    Bench bench(u"neurons"_s, 2);
    const NeuronFigure& figure = bench.plot<NeuronPlot>().data();
    QCOMPARE(figure.grid.rows, 4);
    QCOMPARE(figure.grid.columns, 512);
    for (int layer = 0; layer < 4; ++layer)
      for (int n = 0; n < 512; ++n) QCOMPARE(figure.grid.at(layer, n), bench.probe(2, layer).importance[static_cast<std::size_t>(n)]);
    QCustomPlot& canvas = drawn(bench.plot<NeuronPlot>());
    QCOMPARE(plottablesOf<CellGrid>(canvas).size(), 1);
    QCOMPARE(canvas.yAxis->range().lower, -0.5);   // the border cells are whole
    QCOMPARE(canvas.yAxis->range().upper, 3.5);
  }

  void theMarksAreExactlyTheSetOfTheProbe_data() {
    QTest::addColumn<bool>("sorted");
    QTest::newRow("by index") << false;
    QTest::newRow("by importance") << true;
  }
  void theMarksAreExactlyTheSetOfTheProbe() {
    QFETCH(bool, sorted);
    Bench bench(u"neurons"_s, 4);
    auto& model = bench.model<NeuronMapViewModel>();
    model.setSorted(sorted);
    for (int layer = 0; layer < 4; ++layer) {
      const auto columns = bench.plot<NeuronPlot>().data().selected[static_cast<std::size_t>(layer)];
      std::set<std::int32_t> ids;
      for (const std::int32_t column : columns) {
        model.activate(512 * layer + column, {});
        ids.insert(bench.study.selection().neuron()->neuron.value);
      }
      const auto& selected = bench.probe(4, layer).selected;
      QCOMPARE(ids, std::set<std::int32_t>(selected.begin(), selected.end()));
      if (sorted)   // the set is a threshold, so its members lead
        for (std::size_t i = 0; i < columns.size(); ++i) QVERIFY(columns[i] < static_cast<std::int32_t>(columns.size()));
    }
  }

  void sortingKeepsTheNeuronUnderEachCell() {
    Bench bench(u"neurons"_s, 1);
    auto& model = bench.model<NeuronMapViewModel>();
    model.setSorted(true);
    const NeuronFigure figure = bench.plot<NeuronPlot>().data();
    for (int layer = 0; layer < 4; ++layer)
      for (int c = 0; c < 512; ++c) {
        if (c > 0) QVERIFY(figure.grid.at(layer, c - 1) >= figure.grid.at(layer, c));
        if (c % 64 != 0) continue;
        model.activate(512 * layer + c, {});
        const auto neuron = *bench.study.selection().neuron();
        QCOMPARE(neuron.layer, LayerIndex(layer));
        QCOMPARE(bench.probe(1, layer).importance[neuron.neuron.index()], figure.grid.at(layer, c));
        QVERIFY(model.describe(layer, c).startsWith(u"L%1 n%2 "_s.arg(layer).arg(neuron.neuron.value)));
        QCOMPARE(bench.plot<NeuronPlot>().data().cursor, std::optional(std::pair(layer, c)));
      }
  }

  void theCursorFollowsItsNeuronWhenSorted() {
    Bench bench(u"neurons"_s, 0);
    bench.study.selection().setNeuron(NeuronRef{LayerIndex(2), NeuronIndex(100)});
    QCOMPARE(bench.plot<NeuronPlot>().data().cursor, std::optional(std::pair(2, 100)));
    bench.model<NeuronMapViewModel>().setSorted(true);
    const auto& w = bench.probe(0, 2).importance;
    const auto rank = static_cast<int>(std::count_if(w.begin(), w.end(), [&](float other) { return other > w[100]; }));
    QCOMPARE(bench.plot<NeuronPlot>().data().cursor, std::optional(std::pair(2, rank)));
  }

  void aClickTakesTheNeuronUnderIt() {
    Bench bench(u"neurons"_s, 3);
    auto& plot = bench.plot<NeuronPlot>();
    plot.setZoom(QRectF(QPointF(-0.5, -0.5), QPointF(49.5, 3.5)));   // some 17 px a cell
    click(plot, {31, 2});
    QCOMPARE(bench.study.selection().neuron(), std::optional(NeuronRef{LayerIndex(2), NeuronIndex(31)}));
  }

  void rankCurveFallsAndIsCutAtTau() {
    Bench bench(u"rank"_s, 5);
    bench.study.selection().setNeuron(NeuronRef{LayerIndex(1), NeuronIndex(0)});
    const auto& probe = bench.probe(5, 1);
    auto sorted = probe.importance;
    std::sort(sorted.begin(), sorted.end(), std::greater<>());
    QCustomPlot& canvas = drawn(*bench.view->plot());
    const QCPGraph* curve = graphOf(canvas, u"letters"_s);
    QVERIFY(curve && curve->dataCount() > 100);
    for (int i = 0; i < curve->dataCount(); ++i) {
      QCOMPARE(curve->dataMainKey(i), i + 1.0);
      QCOMPARE(curve->dataMainValue(i), static_cast<double>(sorted[static_cast<std::size_t>(i)]));
    }
    bool tau = false, size = false;
    for (const QCPItemStraightLine* line : itemsOf<QCPItemStraightLine>(canvas)) {
      tau = tau || (line->point1->coords().y() == probe.tau && line->point2->coords().y() == probe.tau);
      size = size || (line->point1->coords().x() == double(probe.selected.size()) && line->point2->coords().x() == line->point1->coords().x());
    }
    QVERIFY(tau && size);
    QVERIFY(textsOf(canvas).contains(u"τ = %1"_s.arg(QLocale().toString(0.012, 'f', 4))));
    QVERIFY(textsOf(canvas).contains(u"|S| = %1"_s.arg(probe.selected.size())));
  }

  void overlapIsTheJaccardIndex() {
    Bench bench(u"overlap"_s, 0);
    std::vector<std::vector<int>> sets(7);
    for (int k = 0; k < 7; ++k)
      for (int layer = 0; layer < 4; ++layer)
        for (const auto n : bench.probe(k, layer).selected) sets[static_cast<std::size_t>(k)].push_back(1000 * layer + n);
    for (auto& s : sets) std::sort(s.begin(), s.end());
    const auto& grid = bench.plot<MatrixPlot>().data().grid;
    for (std::size_t a = 0; a < 7; ++a)
      for (std::size_t b = 0; b < 7; ++b) {
        std::vector<int> both, either;
        std::set_intersection(sets[a].begin(), sets[a].end(), sets[b].begin(), sets[b].end(), std::back_inserter(both));
        std::set_union(sets[a].begin(), sets[a].end(), sets[b].begin(), sets[b].end(), std::back_inserter(either));
        QCOMPARE(grid.at(std::int64_t(a), std::int64_t(b)), float(double(both.size()) / double(either.size())));
      }
    QCOMPARE(grid.at(3, 3), 1.0F);
  }

  void equalImportancesAreSaidToBeEqual() {
    study::Results results = syntheticResults();
    for (int layer = 0; layer < 4; ++layer) {
      auto& probe = probeOf(results, 1, layer);
      probe.importance.assign(512, 1.0F / 512);
      probe.selected.clear();
      for (int n = 0; n < 512; ++n) probe.selected.push_back(n);
      probe.tau = 1.0 / 512;
    }
    for (const char* id : {"neurons", "rank"}) {
      Bench bench(QString::fromLatin1(id), 1, results);
      QVERIFY2(bench.view->model().note().contains(u"all importances are equal"_s), id);
      drawn(*bench.view->plot());
      bench.study.selection().setCluster(ClusterId(2));
      QVERIFY(bench.view->model().note().isEmpty());
    }
    Bench rank(u"rank"_s, 1, results);
    QCustomPlot& canvas = drawn(*rank.view->plot());
    QVERIFY(canvas.yAxis->range().contains(1.0 / 512));
  }

  void anEmptySetSaysWhy() {
    study::Results results = syntheticResults();
    for (int layer = 0; layer < 4; ++layer) probeOf(results, 3, layer).selected.clear();
    Bench map(u"neurons"_s, 3, results), rank(u"rank"_s, 3, results), overlap(u"overlap"_s, 3, results);
    QVERIFY2(map.view->model().note().contains(u"L0, L1, L2, L3: S is empty, because τ"_s), qPrintable(map.view->model().note()));
    QVERIFY(map.view->model().subtitle().contains(u"|S| = 0 of"_s));
    QVERIFY(rank.view->model().note().contains(u"S is empty"_s));
    const auto& plot = overlap.plot<MatrixPlot>();
    for (int k = 0; k < 7; ++k) QVERIFY(std::isnan(plot.data().grid.at(3, k)) && std::isnan(plot.data().grid.at(k, 3)));
    QVERIFY(!std::isnan(plot.data().grid.at(2, 4)));
    QVERIFY(plot.itemText(7 * 3 + 5).contains(u"no neuron of colours lies above τ"_s));
    QVERIFY(overlap.view->model().note().contains(u"colours"_s));
  }

  void withoutProbesThereIsOneThingToDo() {
    study::Results results = syntheticResults();
    std::erase_if(results.probes, [](const auto& p) { return p.cluster.value == 2; });
    for (const char* id : {"neurons", "rank"}) {
      Bench bench(QString::fromLatin1(id), 2, results);
      QCOMPARE(bench.view->model().emptyState().actionText, u"Train probes"_s);
      QVERIFY(bench.view->model().emptyState().why.contains(u"Needs probes"_s));
    }
  }
};

QTEST_MAIN(NeuronsTest)
#include "neurons_test.moc"
