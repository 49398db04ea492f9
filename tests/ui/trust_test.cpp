#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "plot_driver.h"
#include "plots/bar_plot.h"
#include "plots/exporter.h"
#include "plots/forest_plot.h"
#include "plots/icicle_plot.h"
#include "plots/matrix_plot.h"
#include "plots/series_plot.h"
#include "view_bench.h"
#include "views/format.h"
#include "views/trust/clusters_dialog.h"
#include "views/trust/field_box.h"
#include "views/trust/k_curve_view.h"
#include "views/trust/metadata_view_models.h"
#include "views/trust/refine_log_view.h"
#include "views/trust/trust_view_models.h"
#include "widgets/info_bar.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

study::Results without(const std::function<void(study::Results&)>& change) {
  study::Results r = syntheticResults();
  change(r);
  return r;
}

/// The dialog that was opened last.
ClustersDialog* opened(const WindowBench& bench) {
  ClustersDialog* found = nullptr;
  for (ClustersDialog* dialog : bench.window.findChildren<ClustersDialog*>())
    if (dialog->isVisible()) found = dialog;
  return found;
}

}  // namespace

/// The pages on which somebody decides whether the clusters are real.
class TrustTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  // ---- how many clusters
  void theChosenNumberIsMarkedAndTheRuleSaid() {
    ViewBench bench(u"k-curve"_s);
    const SeriesFigure& f = bench.plot<SeriesPlot>().data();
    QCOMPARE(f.series.size(), std::size_t(3));
    QCOMPARE(f.series[0].low[1], 0.43 - 0.03);   // the ribbon of one standard error
    QVERIFY(std::any_of(f.lines.begin(), f.lines.end(), [](const ReferenceLine& line) { return line.vertical && line.at == 7; }));
    const QString said = bench.view->model().subtitle();
    for (const char* part : {"7 is the largest k", "ARI 0.83", "silhouette (0.41)", "0.43 ± 0.03 at k = 4"}) QVERIFY2(said.contains(QString::fromUtf8(part)), qPrintable(said));
    QVERIFY(graphOf(drawn(bench.plot<SeriesPlot>()), u"ARI of refits"_s));
    QCOMPARE(bench.view->model().table().rows.size(), std::size_t(5));
    QVERIFY(bench.view->plot()->accessibleDescription().contains(u"largest k"_s));
  }

  void noStableNumberIsAWarning() {
    ViewBench bench(u"k-curve"_s, without([](auto& r) { r.evidence.stable = false; }));
    QVERIFY(bench.view->model().subtitle().contains(u"No number of clusters is stable"_s));
    QVERIFY(!bench.view->model().note().isEmpty());
  }

  void withoutACurveTheWayToOneIsOffered_data() {
    QTest::addColumn<QString>("method");
    QTest::addColumn<bool>("offered");
    QTest::newRow("k-means") << u"kmeans"_s << true;
    QTest::newRow("density") << u"hdbscan"_s << false;
  }
  void withoutACurveTheWayToOneIsOffered() {
    QFETCH(QString, method);
    QFETCH(bool, offered);
    ViewBench bench(u"k-curve"_s, without([&](auto& r) { r.evidence.curve.clear(), r.evidence.method = method.toStdString(); }));
    const EmptyState empty = bench.view->model().emptyState();
    QVERIFY(empty.shown());
    QCOMPARE(empty.actionId, offered ? u"study.choose-k"_s : QString());
    QCOMPARE(empty.why.contains(u"\"choose_k\": [3, 5, 7, 10, 14]"_s), offered);
  }

  void gridsHoldNoNumberTwiceNorOne() {
    QCOMPARE(gridAround(8), (std::vector<int>{4, 6, 8, 12, 16}));
    QCOMPARE(gridAround(2), (std::vector<int>{2, 3, 4}));
    QCOMPARE(gridAround(1), (std::vector<int>{2}));
  }

  void choosingChangesTheSpecAndSaysWhatFollows() {
    auto session = std::make_shared<FakeSession>(without([](auto& r) {
      r.evidence.curve.clear(), r.evidence.rounds.clear();
      r.specJson = R"({"clusters":{"method":"kmeans","k":7,"terms":"bm25"}})";
    }));
    WindowBench bench(session);
    bench.show(u"trust"_s);
    bench.window.actions().find(u"study.choose-k"_s)->trigger();
    ClustersDialog* dialog = opened(bench);
    QVERIFY(dialog && !dialog->isModal());
    QCOMPARE(dialog->setup().text(u"grid"_s), u"3, 5, 7, 10, 14"_s);
    auto* grid = dialog->findChild<QLineEdit*>();
    grid->clear();
    QTest::keyClicks(grid, u"4-12 step 4"_s);
    QVERIFY(session->assignments.empty());   // nothing happens before its button
    dialog->findChild<QPushButton*>(u"primary"_s)->click();
    QVERIFY(settled(bench.window));
    QVERIFY(bench.workspace().infoBar().text().contains(u"chosen among 4, 8, 12"_s));
    bench.window.actions().find(u"study.refine"_s)->trigger();
    dialog = opened(bench);
    QVERIFY(dialog && dialog->setup().number(u"refine/rounds"_s) == 5);
    dialog->setup().set(u"refine/min_size"_s, 40);
    dialog->findChild<QPushButton*>(u"primary"_s)->click();
    QVERIFY(settled(bench.window));
    QCOMPARE(session->assignments.size(), std::size_t{2});
    QCOMPARE(session->assignments[0], std::string(R"(clusters={"choose_k":[4,8,12],"k":7,"method":"kmeans","stability_pairs":20,"terms":"bm25"})"));
    QCOMPARE(session->assignments[1], std::string(R"(clusters={"k":7,"method":"kmeans","refine":{"field":"source","merge_cosine":0.95,"min_size":40,"purity":0.7,"rounds":5,"silhouette":0.05},"terms":"bm25"})"));
    QVERIFY(bench.workspace().infoBar().text().contains(u"next update"_s));
  }

  void anUnsoundGridChangesNothing() {
    auto session = std::make_shared<FakeSession>();
    WindowBench bench(session);
    bench.show(u"trust"_s);
    bench.window.actions().find(u"study.choose-k"_s)->trigger();
    ClustersDialog* dialog = opened(bench);
    auto* grid = dialog->findChild<QLineEdit*>();
    grid->clear();
    QTest::keyClicks(grid, u"1, 4"_s);
    QVERIFY(!dialog->findChild<QPushButton*>(u"primary"_s)->isEnabled());
    dialog->close();
    QVERIFY(session->assignments.empty());
  }

  void whatFindsItsNumberByItselfHasNoneToChoose() {
    auto session = std::make_shared<FakeSession>(without([](auto& r) { r.specJson = R"({"clusters":{"method":"topics"}})"; }));
    WindowBench bench(session);
    bench.show(u"trust"_s);
    bench.window.actions().find(u"study.choose-k"_s)->trigger();
    ClustersDialog* dialog = opened(bench);
    QVERIFY(!dialog->findChild<QPushButton*>(u"primary"_s)->isEnabled());
    const auto labels = dialog->findChildren<QLabel*>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) { return label->text().contains(u"groups by “topics”"_s); }));
  }

  void anotherNumberOfTheCurveIsTaken() {
    auto session = std::make_shared<FakeSession>(without([](auto& r) { r.specJson = R"({"clusters":{"method":"kmeans","choose_k":[4,7],"k":7,"min_size":9}})"; }));
    WindowBench bench(session);
    bench.show(u"trust"_s);
    auto* view = dynamic_cast<KCurveView*>(bench.workspace().view(u"k-curve"_s));
    QVERIFY(view);
    auto& model = dynamic_cast<KCurveViewModel&>(view->model());
    const auto use = [&](int k) {   // the button's entry
      for (const auto* button : view->findChildren<QToolButton*>())
        if (button->menu())
          for (QAction* action : button->menu()->actions())
            if (action->text() == u"Use k = %1"_s.arg(k) || action->text().startsWith(u"k = %1 "_s.arg(k))) return action;
      return static_cast<QAction*>(nullptr);
    };
    QVERIFY(use(7) && !use(7)->isEnabled());   // the chosen one is what the study has
    QCOMPARE(model.picked(), 7);
    auto* plot = dynamic_cast<SeriesPlot*>(view->plot());
    plot->setFocus();
    QTest::keyClick(plot, Qt::Key_Home);
    QTest::keyClick(plot, Qt::Key_Return);   // the first point, by the keyboard
    const int first = model.tried().front();
    QCOMPARE(model.picked(), first);
    QVERIFY(std::any_of(plot->data().lines.begin(), plot->data().lines.end(), [&](const ReferenceLine& line) { return line.vertical && line.dashed && line.at == first; }));
    QVERIFY(use(first) && use(first)->isEnabled());
    use(first)->trigger();
    QVERIFY(settled(bench.window));
    QCOMPARE(session->assignments, std::vector<std::string>{R"(clusters={"k":)" + std::to_string(first) + R"(,"method":"kmeans","min_size":9})"});
    QVERIFY(bench.workspace().infoBar().text().contains(u"next update"_s));
    Q_EMIT plot->customContextMenuRequested(QPoint(-100, -100));   // at no point: of the one that was picked
    const auto menus = view->findChildren<QMenu*>(QString(), Qt::FindDirectChildrenOnly);
    QCOMPARE(menus.size(), 1);
    QCOMPARE(menus.front()->actions().front()->text(), u"Use k = %1"_s.arg(first));
  }

  // ---- validity of clusters
  void everyClusterHasItsRow() {
    ViewBench bench(u"cluster-validity"_s);
    const ForestFigure& f = bench.plot<ForestPlot>().data();
    QCOMPARE(f.rows.size(), std::size_t(7));
    for (std::size_t i = 0; i < f.rows.size(); ++i) {
      QCOMPARE(f.rows[i].estimate, bench.study.results().clusters[i].silhouette);
      QVERIFY(f.rows[i].low < f.rows[i].estimate && f.rows[i].estimate < f.rows[i].high);
      QCOMPARE(*f.rows[i].mark, 0.35);
    }
    std::vector<double> own;   // by hand: the middle 80 %
    for (const auto& d : bench.study.results().documents)
      if (d.cluster == 3) own.push_back(d.silhouette);
    std::sort(own.begin(), own.end());
    const auto below = std::count_if(own.begin(), own.end(), [&](double s) { return s < f.rows[3].low; });
    QVERIFY2(std::abs(static_cast<double>(below) / static_cast<double>(own.size()) - 0.1) < 0.01, qPrintable(QString::number(below)));
  }

  void purityNeverStandsAlone() {
    for (const char* id : {"cluster-validity", "contingency"}) {
      ViewBench bench(QString::fromUtf8(id));
      const QString said = bench.view->model().subtitle();
      QVERIFY2(said.contains(u"purity 0.36 (0.35 by chance, adjusted 0.01)"_s), qPrintable(said));
    }
    ViewBench bars(u"field-validity"_s);
    const BarFigure& f = bars.plot<BarPlot>().data();
    QCOMPARE(f.bars[0].label, u"purity"_s);
    QCOMPARE(*f.bars[0].mark, 0.35);
    QVERIFY(f.bars[0].right.contains(u"by chance"_s));
    QCOMPARE(f.bars[3].value, 0.0);   // AMI below 0 has no length
    QCOMPARE(f.bars[3].right, u"0.00"_s);
  }

  void aClickSelectsTheClusterAndASecondLetsGo() {
    ViewBench bench(u"cluster-validity"_s);
    ForestPlot& plot = bench.plot<ForestPlot>();
    drawn(plot);
    clickPixel(plot, pixelOf(plot, plot.itemPosition(2)));
    QCOMPARE(bench.selection().cluster(), ClusterId(2));
    QVERIFY(plot.data().rows[2].highlighted);
    clickPixel(plot, pixelOf(plot, plot.itemPosition(2)));
    QVERIFY(!bench.selection().cluster().valid());
  }

  void documentsSetAsideAreSaid() {
    ViewBench bench(u"cluster-validity"_s, without([](auto& r) { r.evidence.ambiguous = 41, r.evidence.stale = true, r.clusters[1].tooFew = true; }));
    const QString note = bench.view->model().note();
    for (const QString& part : {u"41"_s, u"Out of date"_s, u"brackets"_s}) QVERIFY2(note.contains(part), qPrintable(note));
    QVERIFY(!bench.plot<ForestPlot>().data().rows[1].filled);
  }

  void afterAnEditSilhouettesAreNotNumbers() {
    ViewBench bench(u"cluster-validity"_s, without([](auto& r) {
      r.clusters[0].silhouette = r.clusters[0].shareNegative = std::nan("");
      for (auto& d : r.documents)
        if (d.cluster == 0) d.silhouette = std::nan("");
    }));
    QVERIFY(!bench.plot<ForestPlot>().data().rows[0].computed);
    QCOMPARE(column(bench.view->model().table(), "silhouette_p10")[0], cellText({}, std::monostate()));
  }

  // ---- metadata
  void theFieldIsChosenForEveryView() {
    ViewBench bench(u"contingency"_s);
    auto* box = bench.view->findChild<FieldBox*>();
    QVERIFY(box && box->count() == 2);
    QCOMPARE(box->currentText(), u"source"_s);
    box->setCurrentIndex(1);
    Q_EMIT box->activated(1);
    QCOMPARE(bench.selection().field(), std::string("language"));
    const MatrixFigure& f = bench.plot<MatrixPlot>().data();
    QCOMPARE(f.columnLabels, (std::vector<QString>{u"en"_s, u"de"_s}));
    QCOMPARE(f.grid.values[0], 100.0F);   // cluster 0 is all English
    QCOMPARE(f.grid.values[1], 0.0F);
    QVERIFY(bench.view->model().subtitle().contains(u"purity 1.00 (0.58 by chance"_s));
  }

  void cellsAreSharesOrCountsAndSayWhatIsExpected() {
    ViewBench bench(u"contingency"_s);
    auto& model = bench.model<ContingencyViewModel>();
    std::int64_t n = 0, web = 0, all = 0;
    for (const auto& d : bench.study.results().documents) {
      n += d.cluster == 1 && d.source == "web";
      all += d.cluster == 1;
      web += d.source == "web";
    }
    QCOMPARE(bench.plot<MatrixPlot>().data().grid.values[3], static_cast<float>(100 * (static_cast<double>(n) / static_cast<double>(all))));
    auto* counts = bench.view->findChild<QCheckBox*>();
    counts->click();
    const MatrixFigure& f = bench.plot<MatrixPlot>().data();
    QCOMPARE(f.grid.values[3], static_cast<float>(n));
    QVERIFY(f.high >= 96);
    const double expected = static_cast<double>(all) * static_cast<double>(web) / 2000;
    QVERIFY2(f.tooltips[3].contains(u"expected under independence: "_s + number(expected, 1)), qPrintable(f.tooltips[3]));
    const QJsonObject state = model.state();
    model.setShowsCounts(false);
    model.restore(state);
    QVERIFY(model.showsCounts());
  }

  void documentsWithoutAValueCountNowhere() {
    const auto r = syntheticResults();
    const auto rows = study::contingencyOf(r.documents, r.evidence, *r.evidence.field("language"));
    std::int64_t all = 0;
    double expected = 0;
    for (const auto& row : rows) all += row.documents, expected += row.expected;
    QCOMPARE(all, std::int64_t{1818});
    QVERIFY(std::abs(expected - 1818) < 1e-6);
  }

  void manyValuesShareTheLastColumn() {
    ViewBench bench(u"contingency"_s, without([](auto& r) {
      study::Field many{"page", {}, {}};
      for (int v = 0; v < 20; ++v) many.values.push_back("p" + std::to_string(v));
      for (const auto& d : r.documents) many.codes.push_back(d.id.value % 20);
      r.evidence.fields = {many};
    }));
    const MatrixFigure& f = bench.plot<MatrixPlot>().data();
    QCOMPARE(f.columnLabels.size(), std::size_t(17));
    float row = 0;
    for (int k = 0; k < 17; ++k) row += f.grid.values[static_cast<std::size_t>(k)];
    QVERIFY(std::abs(row - 100) < 1e-3F);
    QVERIFY(bench.view->findChild<FieldBox*>()->isHidden());   // one field is no choice
  }

  void withoutFieldsThereIsNothingToCompare() {
    for (const char* id : {"contingency", "field-validity"}) {
      ViewBench bench(QString::fromUtf8(id), without([](auto& r) { r.evidence.fields.clear(), r.evidence.validity.clear(); }));
      QVERIFY(bench.view->model().emptyState().shown());
    }
  }

  void clustersThatShareDocumentsHaveNoPartitionMeasures() {
    const auto overlapping = without([](auto& r) {
      r.evidence.validity.clear();
      r.evidence.memberships = {{ClusterId(0), {0, 1, 2}}, {ClusterId(1), {1, 2, 3}}};
    });
    ViewBench bars(u"field-validity"_s, overlapping);
    QVERIFY(bars.view->model().emptyState().why.contains(u"not defined"_s));
    ViewBench matrix(u"contingency"_s, overlapping);
    QVERIFY(!matrix.view->model().emptyState().shown());
    const MatrixFigure& f = matrix.plot<MatrixPlot>().data();
    QCOMPARE(f.texts[0], u"33"_s);   // documents 0, 1, 2 are web, books, code
  }

  // ---- the tree of densities
  void nodesAreAsWideAsTheyAreLarge() {
    ViewBench bench(u"condensed-tree"_s);
    const IcicleFigure& f = bench.plot<IciclePlot>().data();
    QCOMPARE(f.nodes.size(), std::size_t(5));
    for (std::size_t i = 0; i < 5; ++i) QCOMPARE(f.nodes[i].right - f.nodes[i].left, static_cast<double>(bench.study.results().evidence.tree[i].size));
    QCOMPARE(f.nodes[1].left, 50.0);     // 1,900 of 2,000 go on, in the middle
    QCOMPARE(f.nodes[2].left, f.nodes[1].right);
    QCOMPARE(f.nodes[3].left, 100.0);
    QVERIFY(f.nodes[3].chosen && f.nodes[4].chosen && !f.nodes[1].chosen);
    QVERIFY(f.high > 4 && f.high < 7);   // duplicates, whose λ has no end, do not stretch it
    QVERIFY(!f.logarithmic);
    QVERIFY(plottablesOf<QCPAbstractPlottable>(drawn(bench.plot<IciclePlot>())).size() == 1);
  }

  void aClickOnANodeSelectsItsCluster() {
    ViewBench bench(u"condensed-tree"_s);
    IciclePlot& plot = bench.plot<IciclePlot>();
    click(plot, plot.itemPosition(3));
    QCOMPARE(bench.selection().cluster(), ClusterId(0));
    QVERIFY(plot.data().nodes[3].highlighted && plot.data().nodes[4].faint);
    click(plot, plot.itemPosition(1));   // above all clusters
    QCOMPARE(bench.selection().cluster(), ClusterId(0));
    click(plot, {400, 5});               // where half of node 2003 have left, its middle is still there
    QVERIFY(!bench.selection().cluster().valid());
    QCOMPARE(plot.itemAt(pixelOf(plot, {120, 5})), -1);
  }

  void hundredsOfNodesAreDrawnAndFound() {
    ViewBench bench(u"condensed-tree"_s, without([](auto& r) {
      r.evidence.tree = {{4096, -1, 4096, 0, 1, 1, missing, {}}};
      for (int i = 0; i < 600; ++i) {
        const auto& parent = r.evidence.tree[static_cast<std::size_t>(i / 2)];
        r.evidence.tree.push_back({4097 + i, parent.node, parent.size / 2, parent.end, parent.end + 1, parent.end + 1, 1, ClusterId(i >= 512 ? i % 7 : -1)});
      }
    }));
    IciclePlot& plot = bench.plot<IciclePlot>();
    drawn(plot);
    for (const int node : {0, 1, 30, 600}) QCOMPARE(plot.itemAt(pixelOf(plot, plot.itemPosition(node))), node);
  }

  void extremeDensitiesTakeALogarithmicAxis() {
    ViewBench bench(u"condensed-tree"_s, without([](auto& r) {
      for (auto& node : r.evidence.tree)
        if (node.node > 2002) node.birth = 900, node.half = 1e15, node.end = 4e15;
    }));
    IciclePlot& plot = bench.plot<IciclePlot>();
    QVERIFY(plot.data().logarithmic && plot.data().low > 0 && plot.data().high < 1e6);
    drawn(plot);
    QCOMPARE(plot.itemAt(pixelOf(plot, plot.itemPosition(4))), 4);
  }

  void kMeansHasNoTreeAndSaysSo() {
    ViewBench bench(u"condensed-tree"_s, without([](auto& r) { r.evidence.tree.clear(); }));
    QVERIFY(bench.view->model().emptyState().why.contains(u"“kmeans”, which knows no densities"_s));
  }

  // ---- merges
  void mergesSayWhatBecameOfThem() {
    ViewBench bench(u"topic-merges"_s);
    auto& model = bench.model<TopicMergesViewModel>();
    QCOMPARE(column(model.table(), "words_into"), (QStringList{u"add, plus"_s, u"bracket, open"_s}));
    QCOMPARE(column(model.table(), "cluster_label"), (QStringList{u"arithmetic"_s, u"brackets"_s}));
    model.activateRow(1);
    QCOMPARE(bench.selection().cluster(), ClusterId(1));
    QCOMPARE(model.highlightedRows(), std::vector<int>{1});
    ViewBench none(u"topic-merges"_s, without([](auto& r) { r.evidence.merges.clear(), r.evidence.method = "topics"; }));
    QVERIFY(none.view->model().emptyState().why.contains(u"merge_similarity"_s));
  }

  // ---- refining
  void everyRoundHasItsCard() {
    ViewBench bench(u"refine-log"_s);
    auto& model = bench.model<RefineLogViewModel>();
    const auto rounds = model.rounds();
    QCOMPARE(rounds.size(), std::size_t(2));
    QCOMPARE(rounds[0].did, u"1 split · 1 merged · 40 document(s) ambiguous"_s);
    QCOMPARE(rounds[0].purity, u"0.71 → 0.83"_s);
    QCOMPARE(rounds[0].changed, u"13.0 % of the labels changed"_s);
    QVERIFY(rounds[0].details.contains(u"calendar: 200 documents split off as recipes (purity 0.52, silhouette 0.22)"_s));
    QVERIFY(rounds[0].details.contains(u"cluster 8: merged into brackets"_s));   // which is no more
    QCOMPARE(rounds[1].did, u"1 dropped"_s);
    QVERIFY(model.ending().contains(u"less than 0.01"_s));
    QCOMPARE(model.table().rows.size(), std::size_t(4));
    QCOMPARE(bench.view->findChildren<QPushButton*>(Qt::FindChildrenRecursively).size() >= 2, true);
  }

  void goingBackIsAnEditWithUndo() {
    auto session = std::make_shared<FakeSession>();
    WindowBench bench(session);
    bench.show(u"trust"_s);
    auto* strip = dynamic_cast<RefineLogView*>(bench.workspace().view(u"refine-log"_s));
    QVERIFY(strip);
    QPushButton* back = nullptr;
    for (QPushButton* button : strip->findChildren<QPushButton*>())
      if (button->accessibleName().startsWith(u"Round 2"_s)) back = button;
    QVERIFY(back && back->isEnabled());
    back->click();
    QVERIFY(settled(bench.window));
    const auto edit = session->people()->edits.back();
    QCOMPARE(edit.kind, std::string("revert"));
    QCOMPARE(edit.value, std::string("2"));
    QVERIFY(bench.workspace().infoBar().text().contains(u"before round 2"_s));
    QVERIFY(!back->isEnabled());                         // that round is taken back
    QVERIFY(strip->model().note().contains(u"before round 2"_s));
    QAction* undo = bench.window.actions().find(u"edit.undo"_s);
    QCOMPARE(undo->text(), u"Undo return to the clusters before round 2"_s);
    undo->trigger();
    QVERIFY(settled(bench.window));
    QVERIFY(back->isEnabled());
    QVERIFY(strip->model().note().isEmpty());
  }

  void unrefinedClustersAreOfferedToBe() {
    ViewBench bench(u"refine-log"_s, without([](auto& r) { r.evidence.rounds.clear(); }));
    QCOMPARE(bench.view->model().emptyState().actionId, u"study.refine"_s);
  }

  // ---- all of them
  void figuresAreWritten_data() {
    QTest::addColumn<QString>("view");
    for (const char* view : {"k-curve", "cluster-validity", "condensed-tree", "contingency", "field-validity"}) QTest::newRow(view) << QString::fromUtf8(view);
  }
  void figuresAreWritten() {
    QFETCH(QString, view);
    ViewBench bench(view);
    QTemporaryDir folder;
    const auto file = (folder.path() + u"/figure.svg"_s).toStdString();
    exportFigure(*bench.view->plot(), figurePreset(u"icml-1col"_s), file, bench.view->model().title());
    QFile svg(QString::fromStdString(file));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    QVERIFY(svg.readAll().size() > 2000);
    QVERIFY(!bench.view->model().caption().isEmpty());
    QVERIFY(toCsv(bench.view->model().table()).find('\n') != std::string::npos);
  }

  void olderStudiesHaveEmptyPages() {
    const auto old = without([](auto& r) { r.evidence = {}; });
    for (const char* id : {"k-curve", "condensed-tree", "topic-merges", "refine-log", "contingency", "field-validity"}) {
      ViewBench bench(QString::fromUtf8(id), old);
      QVERIFY2(bench.view->model().emptyState().shown(), id);
    }
    ViewBench bench(u"cluster-validity"_s, old);
    QVERIFY(!bench.view->model().emptyState().shown());
    QCOMPARE(column(bench.view->model().table(), "largest_value")[0], QString());
  }
};

QTEST_MAIN(TrustTest)
#include "trust_test.moc"
