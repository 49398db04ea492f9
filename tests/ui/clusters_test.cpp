#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>
#include <limits>

#include "composition.h"
#include "fake_session.h"
#include "plot_driver.h"
#include "plots/bar_plot.h"
#include "plots/cloud_plot.h"
#include "plots/knife_plot.h"
#include "plots/point_cloud.h"
#include "views/clusters/documents_view.h"
#include "views/format.h"
#include "views/perturbation/panel_view_model.h"
#include "widgets/table_model.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

/// The views of the clusters page on one study.
struct Bench {
  StudyContext study;
  std::unique_ptr<ViewFrame> map, silhouette, terms;
  DocumentsView documents;

  explicit Bench(study::Results results = syntheticResults())
      : study(std::make_shared<FakeSession>(std::move(results))), map(app::makeView(u"map"_s, study)), silhouette(app::makeView(u"silhouette"_s, study)),
        terms(app::makeView(u"terms"_s, study)), documents(study) {
    for (ViewFrame* view : {map.get(), silhouette.get(), terms.get(), static_cast<ViewFrame*>(&documents)}) {
      view->resize(800, 600);
      view->show();
    }
  }
  CloudPlot& cloud() const { return dynamic_cast<CloudPlot&>(*map->plot()); }
  KnifePlot& knives() const { return dynamic_cast<KnifePlot&>(*silhouette->plot()); }
  BarPlot& bars() const { return dynamic_cast<BarPlot&>(*terms->plot()); }
  /// Documents inside a rectangle, by comparing numbers.
  std::vector<std::int32_t> inside(double x0, double x1, double y0, double y1) const {
    std::vector<std::int32_t> ids;
    for (const auto& d : study.results().documents)
      if (d.x > x0 && d.x < x1 && d.y > y0 && d.y < y1) ids.push_back(d.id.value);
    return ids;
  }
  void lasso(double x0, double x1, double y0, double y1, Qt::KeyboardModifiers modifiers = {}) {
    drag(cloud(), {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}, modifiers);
  }
  int highlightedRows() {
    auto& table = documents.table()->tableModel();
    int n = 0;
    for (int r = 0; r < table.rowCount(); ++r) n += table.data(table.index(r, 0), Qt::BackgroundRole).isValid() ? 1 : 0;
    return n;
  }
};

study::Results fewDocuments(std::size_t n) {
  study::Results r = syntheticResults();
  r.documents.resize(n);
  return r;
}

/// How often a blade's outline lies left of `s`, and how far left it goes.
double leftmost(QCustomPlot& canvas, const QString& blade) {
  for (const QCPCurve* curve : plottablesOf<QCPCurve>(canvas)) {
    if (curve->name() != blade) continue;
    double least = 1;
    for (const auto& point : *curve->data()) least = std::min(least, point.key);
    return least;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

class ClustersTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void theLassoTakesExactlyTheDocumentsInside() {
    Bench bench;
    QSignalSpy changed(&bench.study.selection(), &SelectionModel::documentsChanged);
    bench.lasso(0.4, 1.6, -0.5, 0.5);
    const auto expected = bench.inside(0.4, 1.6, -0.5, 0.5);
    QVERIFY(expected.size() > 100);
    std::vector<std::int32_t> wrong;   // a pixel's width of the edge is nobody's fault
    const auto wide = bench.inside(0.39, 1.61, -0.51, 0.51), narrow = bench.inside(0.41, 1.59, -0.49, 0.49);
    const auto& got = bench.study.selection().documents();
    std::set_difference(narrow.begin(), narrow.end(), got.begin(), got.end(), std::back_inserter(wrong));
    std::set_difference(got.begin(), got.end(), wide.begin(), wide.end(), std::back_inserter(wrong));
    QCOMPARE(wrong.size(), std::size_t(0));
    QCOMPARE(changed.count(), 1);
  }

  void aLassoIsAPolygonNotItsBox() {
    Bench bench;
    drawn(bench.cloud());
    drag(bench.cloud(), {{-1.5, -1.5}, {1.5, -1.5}, {0, 1.5}, {-0.5, 0.5}});
    for (const std::int32_t id : bench.study.selection().documents()) {
      const auto& d = bench.study.results().documents[static_cast<std::size_t>(id)];
      QVERIFY2(d.y < 1.52 && std::abs(d.x) < (1.52 - d.y) / 2 + 0.02, qPrintable(u"%1 %2"_s.arg(d.x).arg(d.y)));
    }
    QVERIFY(!bench.study.selection().documents().empty());
  }

  void modifiersAddToggleAndIntersect() {
    Bench bench;
    const auto size = [&] { return bench.study.selection().documents().size(); };
    bench.lasso(0, 2, -2, 2);
    const std::size_t right = size();
    bench.lasso(-2, 0, -2, 2, Qt::ShiftModifier);
    const std::size_t both = size();
    QVERIFY(both > right + 500);
    bench.lasso(-2, 2, 0, 2, Qt::AltModifier);
    const std::size_t upper = size();
    QVERIFY(upper < both && upper > 500);
    bench.lasso(-3, 3, -3, 3, Qt::ControlModifier);
    QVERIFY(size() < 2000 - upper + 60 && size() > 0);
  }

  void thePrimaryOfASelectionBelongsToIt_data() {
    QTest::addColumn<int>("modifiers");
    QTest::newRow("toggle") << int(Qt::ControlModifier);
    QTest::newRow("intersect") << int(Qt::AltModifier);
  }
  void thePrimaryOfASelectionBelongsToIt() {
    QFETCH(int, modifiers);
    Bench bench;
    bench.lasso(0, 2, -2, 2);
    bench.lasso(-2, 1, -2, 2, Qt::KeyboardModifiers(modifiers));
    const auto& chosen = bench.study.selection().documents();
    QVERIFY(std::binary_search(chosen.begin(), chosen.end(), bench.study.selection().primaryDocument().value));
  }

  void theSelectionShowsInEveryView() {
    Bench bench;
    bench.lasso(0.4, 1.6, -0.5, 0.5);
    const std::size_t n = bench.study.selection().documents().size();
    const auto& strong = bench.cloud().data().selected;
    QCOMPARE(std::count(strong.begin(), strong.end(), true), std::ptrdiff_t(n));
    QCOMPARE(bench.highlightedRows(), int(n));
    QVERIFY(bench.map->model().subtitle().startsWith(u"%1 selected of "_s.arg(n)));
    double marked = 0;
    for (const auto& blade : bench.knives().data().blades) marked += static_cast<double>(blade.marked.size());
    QCOMPARE(marked, double(n));
    QVERIFY2(bench.terms->model().subtitle().contains(u"selection, n = %1"_s.arg(n)), qPrintable(bench.terms->model().subtitle()));
    bench.study.selection().clear();
    QCOMPARE(bench.highlightedRows(), 0);
    QVERIFY(bench.cloud().data().selected.empty());
  }

  /// Where clusters share documents, a chosen cluster lights all of its own, whatever else they are in.
  void aClusterThatSharesDocumentsLightsAllOfThem() {
    study::Results results = syntheticResults();
    std::vector<std::int32_t> members;
    for (const auto& d : results.documents)
      if (d.cluster == 2 || d.id.value % 5 == 0) members.push_back(d.id.value);
    for (const auto& c : results.clusters) results.evidence.memberships.push_back({c.id, c.id == ClusterId(2) ? members : std::vector<std::int32_t>{0}});
    Bench bench(std::move(results));
    bench.study.selection().setCluster(ClusterId(2));
    const auto& strong = bench.cloud().data().selected;
    QCOMPARE(std::count(strong.begin(), strong.end(), 1), std::ptrdiff_t(members.size()));
    for (const std::int32_t id : members) QVERIFY(strong[static_cast<std::size_t>(id)]);
  }

  void termsOfASelectionAreThoseThatSetItApart() {
    Bench bench;
    std::vector<std::int32_t> recipes;
    for (const auto& d : bench.study.results().documents)
      if (d.cluster == 6 && recipes.size() < 40) recipes.push_back(d.id.value);
    bench.study.selection().setDocuments(recipes, DocumentId(recipes.front()));
    QCOMPARE(bench.terms->model().note(), u"Reading the selected documents…"_s);   // thousands of them may be long
    QTRY_VERIFY(!bench.bars().data().bars.empty());
    QVERIFY(bench.terms->model().note().isEmpty());
    const auto& first = bench.bars().data().bars.front();
    std::size_t holding = 0;
    for (const auto& d : bench.study.results().documents) holding += d.cluster == 6 ? 1 : 0;
    QCOMPARE(first.label, u"flour"_s);
    QVERIFY(std::abs(first.value - (1 - static_cast<double>(holding - 40) / 1960)) < 1e-12);
    QCOMPARE(bench.bars().data().bars.size(), std::size_t(1));   // no other word of a cluster is in these texts
  }

  void aClickOnALabelTakesTheClusterAndThePanelFollows() {
    Bench bench;
    JobRunner jobs;
    PanelViewModel panel(bench.study, jobs);
    panel.setLive(false);
    QCustomPlot& canvas = drawn(bench.knives());
    clickPixel(bench.knives(), {canvas.xAxis->axisRect()->left() - 20.0, pixelOf(bench.knives(), bench.knives().itemPosition(3)).y()});
    QCOMPARE(bench.study.selection().cluster(), ClusterId(3));
    QCOMPARE(panel.parameters().cluster, ClusterId(3));
    QCOMPARE(bench.bars().data().bars.front().label, u"red"_s);
    for (std::size_t i = 0; i < 7; ++i) QCOMPARE(bench.knives().data().blades[i].faint, i != 3);
    const auto& strong = bench.cloud().data().selected;
    for (std::size_t i = 0; i < strong.size(); ++i) QCOMPARE(bool(strong[i]), bench.study.results().documents[i].cluster == 3);
  }

  void readerShowsThePrimaryDocumentWithItsTerms() {
    Bench bench;
    drawn(bench.cloud());
    const auto& d = bench.study.results().documents[42];
    click(bench.cloud(), {d.x, d.y});
    const std::int32_t primary = bench.study.selection().primaryDocument().value;
    const auto& shown = bench.study.results().documents[static_cast<std::size_t>(primary)];
    QVERIFY(std::hypot(shown.x - d.x, shown.y - d.y) < 0.05);
    const auto& model = dynamic_cast<DocumentsViewModel&>(bench.documents.model());
    QVERIFY(model.readerHtml(Qt::red).contains(u"<b>Document %1</b>"_s.arg(primary)));
    QVERIFY(model.readerHtml(Qt::red).contains(u"<b style=\"color:#ff0000\">"_s));
  }

  void allPointsEqualIsSaidAndDrawn() {
    study::Results r = syntheticResults();
    for (auto& d : r.documents) d.x = d.y = 0.25;
    Bench bench(std::move(r));
    QCustomPlot& canvas = drawn(bench.cloud());
    QVERIFY(canvas.xAxis->range().size() > 0.5 && canvas.xAxis->range().contains(0.25));
    QVERIFY2(bench.map->model().note().contains(u"identical"_s), qPrintable(bench.map->model().note()));
  }

  void oneClusterHasNoSilhouetteAndSaysSo() {
    study::Results r = syntheticResults();
    r.clusters.resize(1);
    for (auto& d : r.documents) d.cluster = 0;
    Bench bench(std::move(r));
    QVERIFY(bench.silhouette->model().emptyState().why.contains(u"there is one"_s));
    QCOMPARE(bench.cloud().data().labels.size(), std::size_t(1));
  }

  void fewDocumentsAreNoMap_data() {
    QTest::addColumn<int>("n");
    QTest::addColumn<bool>("shown");
    for (const int n : {0, 1, 4, 5}) QTest::addRow("%d", n) << n << (n >= 5);
  }
  void fewDocumentsAreNoMap() {
    QFETCH(int, n);
    QFETCH(bool, shown);
    Bench bench(fewDocuments(static_cast<std::size_t>(n)));
    const EmptyState state = bench.map->model().emptyState();
    QCOMPARE(state.shown(), !shown);
    if (n > 0 && !shown) QVERIFY2(state.why.contains(u"5"_s) && !state.why.contains(u"no embeddings"_s), qPrintable(state.why));
    drawn(bench.cloud());
  }

  void noiseIsGreyUnnamedAndOnNoBlade() {
    study::Results r = syntheticResults();
    for (std::size_t i = 0; i < 50; ++i) r.documents[i].cluster = -1, r.documents[i].silhouette = std::nan("");
    Bench bench(std::move(r));
    for (std::size_t i = 0; i < 50; ++i) QCOMPARE(bench.cloud().data().points->tone()[i], int(toneMuted));
    QCOMPARE(bench.cloud().data().labels.size(), std::size_t(7));
    std::size_t values = 0;
    for (const auto& blade : bench.knives().data().blades) values += blade.values.size();
    QCOMPARE(values, std::size_t(1950));
    QVERIFY(dynamic_cast<MapViewModel&>(bench.map->model()).describe(3).contains(u"noise"_s));
  }

  /// 24,000 documents on some 500 pixels: each row of pixels spans its documents, so one bad document in thousands shows.
  void silhouetteOfManyNeverDropsANegative() {
    study::Results r = syntheticResults();
    r.documents.resize(0);
    for (int i = 0; i < 24000; ++i) {
      study::DocumentRow d;
      d.id = DocumentId(i);
      d.cluster = i % 7;
      d.silhouette = i < 7 ? -0.9 + 0.05 * i : 0.2 + 0.5 * ((i * 7919) % 24000) / 24000.0;   // one negative a cluster
      r.documents.push_back(d);
    }
    Bench bench(std::move(r));
    QCustomPlot& canvas = drawn(bench.knives());
    QVERIFY(canvas.xAxis->range().contains(-0.9));
    for (int k = 0; k < 7; ++k) QCOMPARE(leftmost(canvas, qs(bench.study.results().clusters[static_cast<std::size_t>(k)].label)), -0.9 + 0.05 * k);
    for (const QCPCurve* curve : plottablesOf<QCPCurve>(canvas)) QVERIFY2(curve->dataCount() < 2500, qPrintable(QString::number(curve->dataCount())));
  }

  void manyPointsAreADensityThatCanStillBeLassoed() {
    study::Results r = syntheticResults();
    Rng rng(5, "many");
    for (int i = 2000; i < 60000; ++i) {
      study::DocumentRow d = r.documents[static_cast<std::size_t>(i % 2000)];
      d.id = DocumentId(i);
      d.x += 0.1 * rng.normal(), d.y += 0.1 * rng.normal();
      r.documents.push_back(d);
    }
    Bench bench(std::move(r));
    QCustomPlot& canvas = drawn(bench.cloud());
    QVERIFY(plottablesOf<PointCloud>(canvas).front()->drawsDensity());
    bench.lasso(0.4, 1.6, -0.5, 0.5);
    const auto n = static_cast<double>(bench.study.selection().documents().size());
    QVERIFY(std::abs(n / static_cast<double>(bench.inside(0.4, 1.6, -0.5, 0.5).size()) - 1) < 0.02);
  }

  // ---- the documents' filter
  void aFilterSaysHowManyMatch() {
    Bench bench;
    auto* filter = bench.documents.findChild<QLineEdit*>();
    QTest::keyClicks(filter, u"vowel document"_s);
    QVERIFY(QTest::qWaitFor([&] { return bench.documents.table()->tableModel().rowCount() < 2000; }));
    const auto expected = std::count_if(bench.study.results().documents.begin(), bench.study.results().documents.end(),
                                        [](const auto& d) { return d.text.find("vowel") != std::string::npos; });
    QVERIFY(QTest::qWaitFor([&] { return bench.documents.model().subtitle() == u"%1 of %2 match"_s.arg(count(expected), count(2000)); }));
    filter->clear();
    QVERIFY(QTest::qWaitFor([&] { return bench.documents.model().subtitle().endsWith(u"documents"_s); }));
  }

  void anExpressionThatIsNoneIsSaid() {
    Bench bench;
    auto* filter = bench.documents.findChild<QLineEdit*>();
    QTest::keyClicks(filter, u"/open|(red/"_s);
    QVERIFY2(bench.documents.model().note().contains(u"/open|(red/ is not a regular expression"_s), qPrintable(bench.documents.model().note()));
    QVERIFY(filter->property("wrong").toBool());
    QVERIFY(QTest::qWaitFor([&] { return bench.documents.table()->tableModel().rowCount() == 2000; }));   // nothing is filtered
    QVERIFY(bench.documents.model().subtitle().endsWith(u"documents"_s));
    filter->setText(u"/open|(red)/"_s);
    QVERIFY(bench.documents.model().note().isEmpty() && !filter->property("wrong").toBool());
    QVERIFY(QTest::qWaitFor([&] { return bench.documents.model().subtitle().contains(u"match"_s); }));
  }
};

QTEST_MAIN(ClustersTest)
#include "clusters_test.moc"
