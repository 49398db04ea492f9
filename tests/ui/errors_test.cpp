#include <QApplication>
#include <QDialog>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTest>

#include "lacuna/base/error.h"
#include "pictures.h"
#include "settings.h"
#include "study_source.h"
#include "views/format.h"
#include "views/perturbation/panel_view.h"
#include "widgets/info_bar.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

/// Of the widgets of a page that can be seen.
template <class Widget>
QList<Widget*> seen(const QWidget& page) {
  QList<Widget*> found;
  for (Widget* widget : page.findChildren<Widget*>())
    if (widget->isVisible()) found << widget;
  return found;
}

bool anyDialog() {
  const auto widgets = QApplication::topLevelWidgets();
  return std::any_of(widgets.begin(), widgets.end(), [](const QWidget* w) { return w->isVisible() && qobject_cast<const QDialog*>(w); });
}

QString messages(const QWidget& window) {
  QStringList texts;
  for (const InfoBar* bar : seen<InfoBar>(window)) texts << bar->text();
  return texts.join(u'\n');
}

study::Results emptyResults() {
  study::Results r;
  r.name = "empty";
  r.path = "/nowhere/empty.lacuna";
  return r;
}

}  // namespace

class ErrorsTest : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;

 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  void anEmptyViewSaysWhatWhyAndOneThingToDo_data() {
    QTest::addColumn<QString>("id");
    for (const app::Stage& stage : app::stages())
      for (const QString& id : stage.views) QTest::newRow(qPrintable(id)) << id;
  }
  void anEmptyViewSaysWhatWhyAndOneThingToDo() {
    QFETCH(QString, id);
    auto session = std::make_shared<FakeSession>(emptyResults());
    WindowBench bench(session);
    ViewFrame* view = bench.workspace().view(id);
    settled(bench.window);
    const EmptyState state = view->model().emptyState();
    QVERIFY(state.shown());
    QVERIFY(!state.why.isEmpty() && state.why != state.what);
    const auto buttons = seen<QPushButton>(*view);
    QCOMPARE(buttons.size(), 1);
    QCOMPARE(buttons.front()->text(), state.actionText);
    QVERIFY(bench.window.actions().find(state.actionId));
    buttons.front()->click();
    QVERIFY(settled(bench.window));
    QCOMPARE(session->updates.load(), 1);
  }

  void emptyFiguresAreRefusedNotWritten() {
    auto session = std::make_shared<FakeSession>(emptyResults());
    const QString file = m_folder.filePath(u"empty.pdf"_s);
    try {
      app::writeFigure(session, u"forest"_s, u"iclr"_s, file);
      QFAIL("nothing was thrown");
    } catch (const Error& error) {
      QCOMPARE(error.code(), std::string("LAC-4107"));
    }
    QVERIFY(!QFile::exists(file));
  }

  void thePanelOfAnEmptyStudyCannotRun() {
    WindowBench bench(std::make_shared<FakeSession>(emptyResults()));
    QVERIFY(!bench.workspace().panel().canRun());
    for (const QPushButton* button : seen<QPushButton>(*bench.window.findChild<PanelView*>()))
      if (button->objectName() == "primary"_L1) QVERIFY(!button->isEnabled());
    QVERIFY(!bench.window.actions().find(u"run.start"_s)->isEnabled());
    QVERIFY(messages(bench.window).isEmpty());
  }

  void aFailureShowsItsCodeInThePanel_data() {
    QTest::addColumn<bool>("run");
    QTest::newRow("preview") << false;
    QTest::newRow("run") << true;
  }
  void aFailureShowsItsCodeInThePanel() {
    QFETCH(bool, run);
    auto session = std::make_shared<FakeSession>();
    WindowBench bench(session);
    PanelViewModel& panel = bench.workspace().panel();
    panel.setLive(false);
    panel.setEpsilon(0.37);
    session->failure = "LAC-2001";
    run ? panel.run() : panel.preview();
    QVERIFY(settled(bench.window));
    QVERIFY2(messages(*bench.window.findChild<PanelView*>()).startsWith(u"LAC-2001 · scripted failure"_s), qPrintable(messages(bench.window)));
    QVERIFY(!anyDialog());
    QCOMPARE(bench.workspace().study().results().runs.size(), std::size_t(84));
    session->failure.clear();   // and it can be tried again
    run ? panel.run() : panel.preview();
    QVERIFY(settled(bench.window));
    QCOMPARE(run ? session->runs.load() : session->previewsFinished.load(), 1);
    QVERIFY2(messages(bench.window).isEmpty(), qPrintable(messages(bench.window)));
  }

  void aFileThatCannotBeOpenedLeavesTheStudyOpen_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("code");
    QTest::newRow("missing") << QByteArray() << u"LAC-3004"_s;
    QTest::newRow("text") << QByteArray("no database at all, only words that go on for a while\n").repeated(100) << u"LAC-3004"_s;
    QTest::newRow("a header and then noise") << QByteArray("SQLite format 3\0", 16) + QByteArray("\x10\x00\x01\x01\x00\x40\x20\x20", 8) + QByteArray(8000, 'x') << u"LAC-3004"_s;
  }
  void aFileThatCannotBeOpenedLeavesTheStudyOpen() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, code);
    const QString path = m_folder.filePath(QString::fromLatin1(QTest::currentDataTag()) + u".lacuna"_s);
    if (!bytes.isEmpty()) {
      QFile file(path);
      QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
    }
    WindowBench bench(std::make_shared<FakeSession>(), {1440, 900}, app::engineStudies({}));
    bench.show(u"effects"_s);
    const app::Workspace* before = bench.window.workspace();
    bench.window.openFile(path);
    QVERIFY(settled(bench.window));
    QVERIFY2(messages(bench.window).startsWith(code), qPrintable(messages(bench.window)));
    QVERIFY2(messages(bench.window).contains(path), qPrintable(messages(bench.window)));
    QVERIFY(!anyDialog());
    QCOMPARE(bench.window.workspace(), before);
    QCOMPARE(bench.workspace().stage(), u"effects"_s);
    QVERIFY(bench.workspace().isVisible());
    QVERIFY(!app::Settings().recent().contains(path));
    QCOMPARE(QFile::exists(path), !bytes.isEmpty());   // looking for a file does not make it
  }

  void theWelcomePageTakesErrorsToo() {
    app::StudySource source;
    source.demo = [](const RunContext&) -> std::filesystem::path { throw Error("LAC-4108", "The demo study was not found", "Install the package lacuna-data"); };
    WindowBench bench(nullptr, {1024, 700}, source);
    bench.window.openDemo();
    QVERIFY(settled(bench.window));
    QVERIFY(messages(bench.window).startsWith(u"LAC-4108 · The demo study was not found"_s));
    for (const QLabel* label : bench.window.statusBar()->findChildren<QLabel*>()) QVERIFY2(!label->text().contains(u"Opening"_s), qPrintable(label->text()));
    QVERIFY(!anyDialog());
  }

  void anOpenedFileIsRecentAndClosesTheError() {
    auto session = std::make_shared<FakeSession>();
    app::StudySource source;
    bool fail = true;
    source.open = [session, &fail](const std::filesystem::path& path, const RunContext&) -> std::shared_ptr<study::Session> {
      if (fail) throw Error("LAC-3001", path.string() + ": the study is open for writing in another process", "close it there");
      return session;
    };
    WindowBench bench(nullptr, {1440, 900}, source);
    const QString path = m_folder.filePath(u"good.lacuna"_s);
    bench.window.openFile(path);
    QVERIFY(settled(bench.window));
    QVERIFY(messages(bench.window).startsWith(u"LAC-3001"_s));
    fail = false;
    bench.window.openFile(path);
    QVERIFY(settled(bench.window));
    QVERIFY(bench.window.workspace());
    QVERIFY(messages(bench.window).isEmpty());
    QVERIFY(app::Settings().recent().contains(path));
  }

  void theStatusBarCountsTheRuns() {
    WindowBench bench(std::make_shared<FakeSession>());
    const auto says = [&](const QString& words) {
      const auto labels = bench.window.statusBar()->findChildren<QLabel*>();
      return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) { return label->text().contains(words); });
    };
    QVERIFY(says(u"84 run"_s));
    bench.workspace().panel().setLive(false);
    bench.workspace().panel().setEpsilon(0.37);
    bench.workspace().panel().run();
    QVERIFY(settled(bench.window));
    QVERIFY(says(u"85 run"_s));
  }
};

QTEST_MAIN(ErrorsTest)
#include "errors_test.moc"
