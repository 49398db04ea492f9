#include <QCryptographicHash>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include "actions/command_palette.h"
#include "plot_driver.h"
#include "plots/cloud_plot.h"
#include "plots/knife_plot.h"
#include "views/clusters/documents_view.h"
#include "views/format.h"
#include "widgets/condition_bar.h"
#include "widgets/table_model.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

const QStringList allViews{u"map"_s, u"silhouette"_s, u"terms"_s, u"documents"_s, u"probes"_s, u"probe-matrix"_s, u"neurons"_s, u"rank"_s, u"overlap"_s, u"forest"_s,
                           u"matrix"_s, u"dose"_s, u"cka"_s, u"cka-strength"_s, u"cka-layers"_s, u"volcano"_s, u"tests"_s, u"runs"_s, u"run-details"_s};

/// All views on one selection, without a window.
struct Bench {
  std::shared_ptr<FakeSession> session = std::make_shared<FakeSession>();
  StudyContext study{session};
  std::map<QString, std::unique_ptr<ViewFrame>> views;

  Bench() {
    for (const QString& id : allViews) {
      views[id].reset(app::makeView(id, study));
      views[id]->resize(640, 420);
      views[id]->show();
    }
  }
  PlotBase& plot(const QString& id) { return *views[id]->plot(); }
  /// The table that is the view, not the table twin that every view has.
  TableView& table(const QString& id) {
    const auto tables = views[id]->findChildren<TableView*>();
    return **std::find_if(tables.begin(), tables.end(), [](const TableView* t) { return !t->accessibleName().endsWith("as a table"_L1); });
  }
  /// Changes when what the view shows changes: words, drawn objects, highlighted rows. Only ever compared with itself.
  QByteArray shown(const QString& id) {
    QCryptographicHash hash(QCryptographicHash::Md5);
    const ViewFrame& view = *views[id];
    hash.addData((view.model().subtitle() + view.model().note()).toUtf8());
    hash.addData(QByteArray::fromStdString(toCsv(view.model().table())));
    if (PlotBase* plot = view.plot()) {
      const QImage image = drawn(*plot).toPixmap(400, 300).toImage();
      hash.addData(QByteArrayView(image.constBits(), image.sizeInBytes()));
    } else {
      TableModel& rows = table(id).tableModel();
      for (int r = 0; r < rows.rowCount(); ++r) hash.addData(rows.data(rows.index(r, 0), Qt::BackgroundRole).isValid() ? "1" : "0");
      if (auto* documents = dynamic_cast<DocumentsViewModel*>(&view.model())) hash.addData(documents->readerHtml(Qt::red).toUtf8());
    }
    return hash.result();
  }
  std::map<QString, QByteArray> allShown() {
    std::map<QString, QByteArray> all;
    for (const QString& id : allViews) all[id] = shown(id);
    return all;
  }
  void clickItem(const QString& id, int item) { click(plot(id), plot(id).itemPosition(item)); }
  void activateRow(const QString& id, int row) { table(id).setCurrentIndex(table(id).tableModel().index(row, 0)); }
};

/// What a user does, by name.
void act(Bench& bench, const QString& source) {
  if (source == "map: lasso"_L1) drag(bench.plot(u"map"_s), {{0.4, -0.5}, {1.6, -0.5}, {1.6, 0.5}, {0.4, 0.5}});
  else if (source == "silhouette: label"_L1) bench.clickItem(u"silhouette"_s, 4);
  else if (source == "silhouette: bar"_L1) {
    auto& plot = static_cast<KnifePlot&>(bench.plot(u"silhouette"_s));
    const auto& values = plot.data().blades[4].values;
    click(plot, {values[values.size() / 2] / 2, plot.itemPosition(4).y()});
  } else if (source == "documents: row"_L1) bench.activateRow(u"documents"_s, 100);
  else if (source == "neurons: cell"_L1) bench.clickItem(u"neurons"_s, 512 * 1 + 200);
  else if (source == "overlap: cell"_L1) bench.clickItem(u"overlap"_s, 7 * 5 + 1);
  else if (source == "forest: row"_L1) bench.clickItem(u"forest"_s, 3);
  else if (source == "matrix: cell"_L1) bench.clickItem(u"matrix"_s, 7 * 2 + 5);
  else if (source == "dose: point"_L1) bench.clickItem(u"dose"_s, 5 * 3 + 2);
  else if (source == "volcano: point"_L1) bench.clickItem(u"volcano"_s, 48);
  else if (source == "tests: row"_L1) bench.activateRow(u"tests"_s, 20);
  else if (source == "runs: row"_L1) bench.activateRow(u"runs"_s, 50);
  else QFAIL(qPrintable(source));
}

}  // namespace

class SelectionTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  void whatFollowsWhat_data() {
    QTest::addColumn<QStringList>("follow");
    const QString cluster = u"map silhouette terms documents probes neurons rank dose cka cka-strength cka-layers forest tests"_s;
    const auto row = [](const char* source, const QString& targets) { QTest::newRow(source) << targets.split(u' '); };
    row("map: lasso", u"map silhouette terms documents"_s);
    row("silhouette: label", cluster);
    row("silhouette: bar", u"map silhouette terms documents"_s);
    row("documents: row", u"map documents"_s);
    row("neurons: cell", u"neurons rank"_s);
    row("overlap: cell", cluster);
    row("forest: row", cluster + u" matrix volcano runs run-details"_s);
    row("matrix: cell", cluster + u" matrix volcano runs run-details"_s);
    row("dose: point", cluster + u" matrix volcano runs run-details"_s);
    row("volcano: point", cluster + u" matrix volcano runs run-details"_s);
    row("tests: row", cluster + u" matrix volcano runs run-details"_s);
    row("runs: row", cluster + u" matrix volcano runs run-details"_s);
  }
  void whatFollowsWhat() {
    QFETCH(QStringList, follow);
    Bench bench;
    const auto before = bench.allShown();
    QSignalSpy changed(&bench.study.selection(), &SelectionModel::changed);
    act(bench, QString::fromLatin1(QTest::currentDataTag()));
    const auto after = bench.allShown();
    QStringList followed;
    for (const QString& id : allViews)
      if (before.at(id) != after.at(id)) followed << id;
    QSet<QString> extra(followed.begin(), followed.end()), missing(follow.begin(), follow.end());
    const QSet<QString> wanted = missing;
    missing -= extra, extra -= wanted;
    QVERIFY2(missing.isEmpty() && extra.isEmpty(), qPrintable(u"missing: %1; extra: %2"_s.arg(QStringList(missing.values()).join(u' '), QStringList(extra.values()).join(u' '))));
    QCOMPARE(changed.count(), 1);   // one act, one signal
  }

  void anUnlinkedViewKeepsWhatItShows() {
    Bench bench;
    bench.study.selection().setCluster(ClusterId(1));
    for (const QString& id : allViews) bench.views[id]->model().setLinked(false);
    const auto before = bench.allShown();
    bench.study.selection().setCluster(ClusterId(5));
    bench.study.selection().setDocuments({1, 2, 3}, DocumentId(2));
    bench.study.selection().setCondition({u"zero"_s, u"task-letters"_s, 0.5, Outcome::Margin});
    bench.study.setResults(std::make_shared<study::Results>(bench.study.results()));   // a run was stored: everything is drawn anew
    for (const QString& id : allViews) QVERIFY2(bench.shown(id) == before.at(id), qPrintable(id));
    bench.views[u"forest"_s]->model().setLinked(true);
    QVERIFY(bench.shown(u"forest"_s) != before.at(u"forest"_s));
    QVERIFY(bench.views[u"forest"_s]->model().subtitle().contains(u"task-letters"_s));
  }

  void zoomIsOfOneView() {
    Bench bench;
    const auto before = bench.allShown();
    bench.plot(u"map"_s).setZoom(QRectF(QPointF(0, 0), QPointF(0.5, 0.5)));
    for (const QString& id : allViews) QCOMPARE(bench.shown(id) != before.at(id), id == "map"_L1);
    QVERIFY(bench.study.selection().empty());
  }

  void theSelectionSurvivesNewResults() {
    Bench bench;
    SelectionModel& s = bench.study.selection();
    s.together([&] {
      s.setDocuments({3, 10, 17}, DocumentId(10));
      s.setCluster(ClusterId(3));
      s.setNeuron(NeuronRef{LayerIndex(1), NeuronIndex(7)});
      s.setRun(12);
      s.setCondition({u"zero"_s, u"task-letters"_s, 0.5, Outcome::Accuracy});
    });
    QSignalSpy changed(&s, &SelectionModel::changed);
    bench.study.setResults(std::make_shared<study::Results>(syntheticResults()));
    QCOMPARE(s.documents(), (std::vector<std::int32_t>{3, 10, 17}));
    QCOMPARE(s.primaryDocument(), DocumentId(10));
    QCOMPARE(s.cluster(), ClusterId(3));
    QCOMPARE(s.run(), std::int64_t(12));
    QCOMPARE(s.condition().method, u"zero"_s);
    QCOMPARE(changed.count(), 0);
  }

  void settersAnnounceChangesOnce() {
    SelectionModel s;
    QSignalSpy changed(&s, &SelectionModel::changed), documents(&s, &SelectionModel::documentsChanged), clusters(&s, &SelectionModel::clusterChanged);
    s.setDocuments({2, 1, 2}, DocumentId(1));
    s.setDocuments({1, 2}, DocumentId(1));   // the same set
    QCOMPARE(s.documents(), (std::vector<std::int32_t>{1, 2}));
    QCOMPARE(documents.count(), 1);
    s.together([&s] { s.setCluster(ClusterId(1)), s.setCluster(ClusterId(2)), s.setRun(4); });
    QCOMPARE(clusters.count(), 1);
    QCOMPARE(changed.count(), 2);
    s.together([&s] { s.setCluster(ClusterId(2)); });
    QCOMPARE(changed.count(), 2);
    s.clear();
    QCOMPARE(changed.count(), 3);
    QVERIFY(s.empty());
  }

  void escapeAndTheButtonClear_data() {
    QTest::addColumn<bool>("key");
    QTest::newRow("Esc") << true;
    QTest::newRow("Clear") << false;
  }
  void escapeAndTheButtonClear() {
    QFETCH(bool, key);
    WindowBench bench(std::make_shared<FakeSession>());
    bench.selection().setDocuments({1, 2, 3}, DocumentId(1));
    bench.selection().setCluster(ClusterId(2));
    bench.selection().setRun(3);
    settled(bench.window);
    auto* bar = bench.window.findChild<SelectionBar*>();
    QCOMPARE(bar->text(), u"3 of %1 documents"_s.arg(count(2000)));
    QSignalSpy changed(&bench.selection(), &SelectionModel::changed);
    if (key) {
      PlotBase* plot = bench.workspace().page()->views().front()->plot();
      plot->setFocus();
      QTest::keyClick(plot, Qt::Key_Escape);
    } else {
      for (QPushButton* button : bar->findChildren<QPushButton*>())
        if (button->accessibleName() == "Clear the selection"_L1) button->click();
    }
    QVERIFY(bench.selection().empty());
    QCOMPARE(changed.count(), 1);
    QVERIFY(bar->text().startsWith(u"%1 documents"_s.arg(count(2000))));
  }

  void escapeInThePaletteClosesItAlone() {
    WindowBench bench(std::make_shared<FakeSession>());
    bench.selection().setCluster(ClusterId(2));
    bench.window.openPalette();
    auto* palette = bench.window.findChild<CommandPalette*>();
    QVERIFY(palette->isVisible());
    QTest::keyClick(palette->findChild<QLineEdit*>(), Qt::Key_Escape);
    QVERIFY(!palette->isVisible());
    QCOMPARE(bench.selection().cluster(), ClusterId(2));
  }

  void chipsTakeOneThingAway() {
    WindowBench bench(std::make_shared<FakeSession>());
    bench.selection().setCluster(ClusterId(2));
    bench.selection().setRun(3);
    for (QPushButton* chip : bench.window.findChild<SelectionBar*>()->findChildren<QPushButton*>())
      if (chip->accessibleName() == "Deselect the run"_L1) chip->click();
    QCOMPARE(bench.selection().run(), std::int64_t(0));
    QCOMPARE(bench.selection().cluster(), ClusterId(2));
  }
};

QTEST_MAIN(SelectionTest)
#include "selection_test.moc"
