#include <QInputDialog>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

#include "views/clusters/cluster_editor.h"
#include "widgets/info_bar.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

/// Edits of clusters from the window: a dialog where something must be said, a message with what follows, undo and redo by name.
class ClusterEditsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  void renamingUndoingAndDoingAgain() {
    WindowBench bench(std::make_shared<FakeSession>());
    auto& actions = bench.window.actions();
    QVERIFY(!actions.find(u"edit.undo"_s)->isEnabled());
    bench.selection().setCluster(ClusterId(2));
    actions.find(u"edit.rename"_s)->trigger();
    auto* dialog = bench.window.findChild<QInputDialog*>();
    QVERIFY(dialog && dialog->isVisible());
    dialog->setTextValue(u"months"_s);
    dialog->accept();
    QVERIFY(settled(bench.window));
    QCOMPARE(bench.workspace().study().clusterLabel(ClusterId(2)), u"months"_s);
    QVERIFY(bench.workspace().infoBar().text().contains(u"months"_s));
    QCOMPARE(actions.find(u"edit.undo"_s)->text(), u"Undo rename of cluster 2"_s);
    actions.find(u"edit.undo"_s)->trigger();
    QVERIFY(settled(bench.window));
    QCOMPARE(bench.workspace().study().clusterLabel(ClusterId(2)), u"calendar"_s);
    QVERIFY(!actions.find(u"edit.undo"_s)->isEnabled());
    actions.find(u"edit.redo"_s)->trigger();
    QVERIFY(settled(bench.window));
    QCOMPARE(bench.workspace().study().clusterLabel(ClusterId(2)), u"months"_s);
    QCOMPARE(bench.workspace().study().people().edits.size(), std::size_t(3));
  }

  void aColourGivenByHandIsTheClustersEverywhere() {
    WindowBench bench(std::make_shared<FakeSession>());
    bench.workspace().clusterEditor().recolour(ClusterId(0), 5);
    QVERIFY(settled(bench.window));
    QCOMPARE(bench.workspace().study().clusterTone(ClusterId(0)), 5);
    QCOMPARE(bench.workspace().study().clusterTone(ClusterId(1)), 1);
  }

  void whatIsMissingIsSaidInWords_data() {
    QTest::addColumn<QString>("action");
    QTest::addColumn<QString>("said");
    QTest::newRow("rename") << u"edit.rename"_s << u"Select a cluster first"_s;
    QTest::newRow("merge") << u"edit.merge"_s << u"Select a cluster first"_s;
    QTest::newRow("exclude") << u"edit.exclude"_s << u"Select a cluster first"_s;
    QTest::newRow("split") << u"edit.split"_s << u"Select documents first"_s;
  }
  void whatIsMissingIsSaidInWords() {
    QFETCH(QString, action);
    QFETCH(QString, said);
    WindowBench bench(std::make_shared<FakeSession>());
    bench.selection().clear();
    bench.window.actions().find(action)->trigger();
    QVERIFY(bench.workspace().infoBar().text().contains(said));
    QVERIFY(bench.workspace().study().people().edits.empty());
  }

  void movingDocumentsSaysWhatIsOutOfDate() {
    WindowBench bench(std::make_shared<FakeSession>());
    bench.selection().setDocuments({1, 2, 3}, DocumentId(1));
    bench.window.actions().find(u"edit.split"_s)->trigger();
    bench.window.findChild<QInputDialog*>()->accept();
    QVERIFY(settled(bench.window));
    QVERIFY(bench.workspace().infoBar().text().contains(u"out of date"_s));
    QCOMPARE(bench.workspace().study().people().edits.back().kind, std::string("split"));
  }

  void aRefusedEditSaysWhy() {
    auto session = std::make_shared<FakeSession>();
    session->failure = "LAC-3005";
    WindowBench bench(session);
    bench.workspace().clusterEditor().rename(ClusterId(0), u"x"_s);
    QVERIFY(settled(bench.window));
    QVERIFY(bench.workspace().infoBar().text().contains(u"LAC-3005"_s));
  }
};

QTEST_MAIN(ClusterEditsTest)
#include "cluster_edits_test.moc"
