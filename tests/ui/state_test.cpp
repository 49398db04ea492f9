#include <QAbstractButton>
#include <QSplitter>
#include <QTest>

#include "views/neurons/neuron_view_models.h"
#include "views/perturbation/panel_view.h"
#include "widgets/slider_box.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

/// A session that remembers how often its view state was written.
class ReadOnlySession : public FakeSession {
 public:
  bool readOnly() const override { return true; }
  void setViewState(const std::string&, const std::string&) override { ++writes; }
  int writes = 0;
};

QList<QList<int>> splitterSizes(StagePage& page) {
  QList<QList<int>> sizes;
  for (const QSplitter* splitter : page.findChildren<QSplitter*>())
    if (qobject_cast<QSplitter*>(splitter->parentWidget()) || splitter->parentWidget() == &page) sizes << splitter->sizes();
  return sizes;
}

bool close(const QList<QList<int>>& a, const QList<QList<int>>& b) {
  if (a.size() != b.size()) return false;
  for (qsizetype i = 0; i < a.size(); ++i)
    for (qsizetype k = 0; k < a[i].size(); ++k)
      if (std::abs(a[i][k] - b[i][k]) > 2) return false;
  return true;
}

}  // namespace

/// What a user left is there again: the study file holds it, not the settings.
class StateTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  void aStudyOpensWhereItWasLeft() {
    auto session = std::make_shared<FakeSession>();
    const Condition condition{u"zero"_s, u"task-letters"_s, 0.75, Outcome::Accuracy};
    {
      WindowBench bench(session);
      bench.selection().together([&] {
        bench.selection().setDocuments({4, 8, 15}, DocumentId(8));
        bench.selection().setCluster(ClusterId(5));
        bench.selection().setNeuron(NeuronRef{LayerIndex(2), NeuronIndex(33)});
        bench.selection().setRun(42);
        bench.selection().setBaseline(7);
        bench.selection().setCondition(condition);
      });
      bench.show(u"effects"_s);
    }
    WindowBench again(session);
    QCOMPARE(again.workspace().stage(), u"effects"_s);
    const SelectionModel& s = again.selection();
    QCOMPARE(s.documents(), (std::vector<std::int32_t>{4, 8, 15}));
    QCOMPARE(s.primaryDocument(), DocumentId(8));
    QCOMPARE(s.cluster(), ClusterId(5));
    QCOMPARE(s.neuron(), std::optional(NeuronRef{LayerIndex(2), NeuronIndex(33)}));
    QCOMPARE(s.run(), std::int64_t(42));
    QCOMPARE(s.baseline(), std::int64_t(7));
    QVERIFY(s.condition() == condition);
  }

  void rangesTwinsAndLinksComeBack() {
    auto session = std::make_shared<FakeSession>();
    const QRectF range(QPointF(-0.25, 0.125), QPointF(0.5, 0.75));
    {
      WindowBench bench(session);
      bench.workspace().view(u"map"_s)->plot()->setZoom(range);
      bench.workspace().view(u"silhouette"_s)->setShowsTable(true);
      bench.workspace().view(u"terms"_s)->findChild<QAbstractButton*>(u"link"_s)->click();
      dynamic_cast<NeuronMapViewModel&>(bench.workspace().view(u"neurons"_s)->model()).setSorted(true);
      bench.workspace().view(u"dose"_s)->plot()->setZoom(range);
    }
    WindowBench again(session);
    QCOMPARE(again.workspace().view(u"map"_s)->plot()->zoom(), std::optional(range));
    QCOMPARE(again.workspace().view(u"dose"_s)->plot()->zoom(), std::optional(range));
    QVERIFY(again.workspace().view(u"silhouette"_s)->showsTable());
    QVERIFY(!again.workspace().view(u"map"_s)->showsTable());
    QVERIFY(!again.workspace().view(u"terms"_s)->model().linked());
    QVERIFY(again.workspace().view(u"map"_s)->model().linked());
    QVERIFY(dynamic_cast<NeuronMapViewModel&>(again.workspace().view(u"neurons"_s)->model()).sorted());
  }

  void thePanelComesBack() {
    auto session = std::make_shared<FakeSession>();
    QJsonObject left;
    {
      WindowBench bench(session);
      PanelViewModel& panel = bench.workspace().panel();
      panel.setLive(false);
      panel.setCluster(ClusterId(3));
      panel.setMethod(u"project"_s);
      panel.setLayer(LayerIndex(1));
      panel.setTauRule(u"topk"_s);
      panel.setTau(0.1);
      panel.setEpsilon(1.37);
      panel.setSeed(99);
      panel.setTasks({"task-kinship", "task-letters"});
      left = panel.state();
    }
    WindowBench again(session);
    QCOMPARE(again.workspace().panel().state(), left);
    QCOMPARE(again.window.findChild<PanelView*>()->epsilon()->value(), 1.37);
    QCOMPARE(again.selection().strength(), 1.37);
    QVERIFY(!again.workspace().panel().live());
  }

  void layoutsComeBack_data() {
    QTest::addColumn<QString>("stage");
    for (const char* stage : {"clusters", "effects", "runs"}) QTest::newRow(stage) << QString::fromLatin1(stage);
  }
  void layoutsComeBack() {
    QFETCH(QString, stage);
    auto session = std::make_shared<FakeSession>();
    QList<QList<int>> fresh, left;
    {
      WindowBench bench(session);
      bench.show(stage);
      fresh = splitterSizes(*bench.workspace().page());
      for (QSplitter* splitter : bench.workspace().page()->findChildren<QSplitter*>())
        if (splitter->orientation() == Qt::Horizontal && splitter->count() == 2) splitter->setSizes({350, 650});
      settled(bench.window);
      left = splitterSizes(*bench.workspace().page());
      QVERIFY(left != fresh);
    }
    WindowBench again(session);
    again.show(stage);
    QVERIFY(close(splitterSizes(*again.workspace().page()), left));
  }

  /// Pages that were never shown keep what an earlier window left of them.
  void pagesNotVisitedKeepTheirState() {
    auto session = std::make_shared<FakeSession>();
    const QRectF range(QPointF(0, 0), QPointF(1, 1));
    {
      WindowBench bench(session);
      bench.workspace().view(u"volcano"_s)->plot()->setZoom(range);
      bench.show(u"clusters"_s);
    }
    { WindowBench visit(session); }
    WindowBench again(session);
    QCOMPARE(again.workspace().stage(), u"clusters"_s);
    QCOMPARE(again.workspace().view(u"volcano"_s)->plot()->zoom(), std::optional(range));
  }

  void theSameInAnotherStudyIsUntouched() {
    auto first = std::make_shared<FakeSession>(), second = std::make_shared<FakeSession>();
    WindowBench bench(first);
    bench.selection().setCluster(ClusterId(4));
    bench.show(u"runs"_s);
    bench.window.showSession(second);
    QCOMPARE(bench.workspace().stage(), u"clusters"_s);
    QVERIFY(bench.selection().empty());
    bench.window.showSession(first);
    QCOMPARE(bench.workspace().stage(), u"runs"_s);
    QCOMPARE(bench.selection().cluster(), ClusterId(4));
  }

  void damagedViewStateIsNoState_data() {
    QTest::addColumn<QString>("json");
    QTest::newRow("no JSON") << u"{\"stage\": "_s;
    QTest::newRow("a stage of another version") << u"{\"stage\":\"atlas\",\"panel\":{\"layer\":\"x\",\"cluster\":99}}"_s;
    QTest::newRow("a list") << u"[1,2]"_s;
  }
  void damagedViewStateIsNoState() {
    QFETCH(QString, json);
    auto session = std::make_shared<FakeSession>();
    for (const char* view : {"window", "page.clusters", "view.map"}) session->setViewState(view, json.toStdString());
    WindowBench bench(session);
    QCOMPARE(bench.workspace().stage(), u"clusters"_s);
    QVERIFY(bench.workspace().page()->views().front()->isVisible());
    QVERIFY(bench.workspace().panel().canRun());
    QCOMPARE(bench.workspace().panel().parameters().method, bench.selection().condition().method.toStdString());
    QCOMPARE(bench.workspace().panel().parameters().tasks.size(), std::size_t(7));
  }

  void aReadOnlyStudyIsNotWritten() {
    auto session = std::make_shared<ReadOnlySession>();
    {
      WindowBench bench(session);
      bench.selection().setCluster(ClusterId(4));
      bench.show(u"runs"_s);
    }
    QCOMPARE(session->writes, 0);
  }
};

QTEST_MAIN(StateTest)
#include "state_test.moc"
