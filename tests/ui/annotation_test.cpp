#include <QDockWidget>
#include <QFile>
#include <QInputDialog>
#include <QLineEdit>
#include <QProgressBar>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBrowser>
#include <set>

#include "plot_driver.h"
#include "plots/forest_plot.h"
#include "view_bench.h"
#include "views/annotation/agreement_view_models.h"
#include "views/annotation/annotation_view.h"
#include "views/annotation/rating_bar.h"
#include "views/annotation/sheet_exchange.h"
#include "views/format.h"
#include "widgets/info_bar.h"
#include "widgets/text_card.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

struct Sheet : ViewBench {
  Sheet() : ViewBench(u"annotate"_s) { model().setRater(u"ann"_s); }
  AnnotationViewModel& model() const { return ViewBench::model<AnnotationViewModel>(); }
  void key(int key, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(view.get(), Qt::Key(key), modifiers); }
  QLineEdit* field(const QString& name) const {
    for (QLineEdit* edit : view->findChildren<QLineEdit*>())
      if (edit->accessibleName() == name) return edit;
    return nullptr;
  }
  QStringList visibleTexts() const {
    QStringList all;
    for (const QWidget* w : view->findChildren<QWidget*>())
      if (w->isVisibleTo(view.get())) all << w->accessibleName() << w->property("text").toString();
    return all;
  }
};

/// A full disk.
class FullSession : public FakeSession {
 public:
  void annotate(std::vector<study::AnnotationRow>) override { throw Error("LAC-3002", "the disk is full", "make room"); }
};

bool settled(const StudyContext& study) {
  return QTest::qWaitFor([&] { return study.jobs().idle(); });
}

/// Results in which documents of one cluster went to another.
std::shared_ptr<const study::Results> moved(const study::Results& results, const std::function<bool(const study::DocumentRow&)>& which, std::int32_t to) {
  auto next = std::make_shared<study::Results>(results);
  for (study::DocumentRow& d : next->documents)
    if (which(d)) d.cluster = to;
  return next;
}

}  // namespace

/// The annotation page: one key an answer, blind, kept in a log, taken back with Ctrl+Z; agreement beside it.
class AnnotationTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  void aSheetIsAnsweredWithKeysAlone() {
    Sheet sheet;
    QCOMPARE(sheet.model().item()->kind, std::string("topic"));
    auto* topic = sheet.field(u"Name of the topic"_s);
    QTest::keyClicks(topic, u"numbers"_s);
    QTest::keyClick(topic, Qt::Key_Return);
    QCOMPARE(sheet.model().topic(), u"numbers"_s);
    QCOMPARE(sheet.model().item()->kind, std::string("fits"));
    QVERIFY(sheet.model().question().contains(u"numbers"_s));
    sheet.key(Qt::Key_1);
    sheet.key(Qt::Key_2);
    sheet.key(Qt::Key_3);
    const auto& log = sheet.study.session().people()->annotations;
    QCOMPARE(log.size(), std::size_t(4));
    QCOMPARE(log[0].kind, std::string("topic"));
    QCOMPARE(log[1].value, std::string("fits"));
    QCOMPARE(log[2].value, std::string("not"));
    QCOMPARE(log[3].value, std::string("unsure"));
    QCOMPARE(log[3].rater, std::string("ann"));
    QVERIFY(log[3].seconds >= 0);
    QCOMPARE(sheet.model().progress().done, 4);
    QCOMPARE(sheet.model().progress().total, 7 * 51);
    QCOMPARE(sheet.view->findChild<QProgressBar*>()->value(), 4);
  }

  void ctrlZWithdrawsAndGoesBack() {
    Sheet sheet;
    sheet.model().nameTopic(u"x"_s);
    const auto first = sheet.model().item()->documents;
    sheet.key(Qt::Key_2);
    sheet.key(Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(sheet.model().item()->documents == first);
    QCOMPARE(sheet.model().answered(), QString());
    const auto& log = sheet.study.session().people()->annotations;
    QCOMPARE(log.size(), std::size_t(3));     // nothing is ever taken out of the log
    QVERIFY(log.back().value.empty());
  }

  void otherKeysAnswerNothing() {
    Sheet sheet;
    sheet.model().nameTopic(u"x"_s);
    for (const int key : {Qt::Key_4, Qt::Key_5, Qt::Key_A}) sheet.key(key);
    QCOMPARE(sheet.study.session().people()->annotations.size(), std::size_t(1));
    sheet.key(Qt::Key_Right);
    sheet.key(Qt::Key_Left);
    sheet.key(Qt::Key_Left);
    QCOMPARE(sheet.model().item()->kind, std::string("topic"));
  }

  void theIntruderIsOneOfSix() {
    Sheet sheet;
    sheet.model().setTask(AnnotationViewModel::Task::Intruder);
    QCOMPARE(sheet.model().texts().size(), 6);
    const auto item = *sheet.model().item();
    const auto place = std::find(item.documents.begin(), item.documents.end(), item.intruder) - item.documents.begin();
    sheet.key(Qt::Key_1 + static_cast<int>(place));
    const auto& row = sheet.study.session().people()->annotations.back();
    QCOMPARE(row.kind, std::string("intruder"));
    QCOMPARE(row.value, row.expected);
    int shown = 0;
    for (const TextCard* card : sheet.view->findChildren<TextCard*>()) shown += card->isVisibleTo(sheet.view.get()) ? 1 : 0;
    QCOMPARE(shown, 6);
  }

  void aClickAnswersToo() {
    Sheet sheet;
    sheet.model().setTask(AnnotationViewModel::Task::Intruder);
    QTest::mouseClick(sheet.view->findChildren<TextCard*>().at(2), Qt::LeftButton);
    QCOMPARE(sheet.study.session().people()->annotations.size(), std::size_t(1));
  }

  void nothingOnTheSheetNamesACluster() {
    for (const auto task : {AnnotationViewModel::Task::Fits, AnnotationViewModel::Task::Intruder}) {
      study::Results results = syntheticResults();
      for (auto& d : results.documents) d.text = "words";
      ViewBench bench(u"annotate"_s, std::move(results));
      bench.model<AnnotationViewModel>().setTask(task);
      for (const QWidget* w : bench.view->findChildren<QWidget*>())
        for (const QString& text : {w->accessibleName(), w->property("text").toString(), w->toolTip()})
          for (const auto& c : bench.study.results().clusters) QVERIFY2(!text.contains(qs(c.label)), qPrintable(text));
    }
  }

  void everyRaterHasAnOwnPlace() {
    Sheet sheet;
    sheet.model().nameTopic(u"x"_s);
    sheet.key(Qt::Key_1);
    const ClusterId ann = sheet.model().item()->cluster;
    sheet.model().setRater(u"bob"_s);
    QCOMPARE(sheet.model().progress().done, 0);
    QVERIFY(!sheet.model().canUndo());
    std::set<std::int32_t> starts{ann.value, sheet.model().item()->cluster.value};
    for (const QString& rater : {u"carl"_s, u"dora"_s, u"eve"_s, u"fred"_s}) sheet.model().setRater(rater), starts.insert(sheet.model().item()->cluster.value);
    QVERIFY(starts.size() > 1);
    sheet.model().setRater(u"ann"_s);
    QCOMPARE(sheet.model().progress().done, 2);   // and goes on where the last answer was
    QCOMPARE(sheet.model().item()->item, std::int64_t(1));
  }

  void anAnswerBelongsToTheDocumentsItWasGivenAbout_data() {
    QTest::addColumn<int>("task");
    QTest::newRow("fits") << int(AnnotationViewModel::Task::Fits);
    QTest::newRow("intruder") << int(AnnotationViewModel::Task::Intruder);
  }
  void anAnswerBelongsToTheDocumentsItWasGivenAbout() {
    QFETCH(int, task);
    Sheet sheet;
    AnnotationViewModel& model = sheet.model();
    model.setTask(AnnotationViewModel::Task(task));
    std::set<study::Question> judged;
    for (int i = 0; i < 60; ++i) {
      judged.insert(study::questionOf(*model.item()));
      model.item()->kind == "topic" ? model.nameTopic(u"x"_s) : model.answer(1);
    }
    const std::int32_t first = judged.begin()->cluster, other = first == 0 ? 1 : 0;
    sheet.study.setResults(moved(sheet.study.results(), [&](const study::DocumentRow& d) { return d.cluster == first && d.id.value % 3 == 0; }, other));
    int answered = 0;
    model.move(-1000);
    for (int i = 0; i < model.progress().total; ++i, model.move(1)) {
      answered += !model.answered().isEmpty();
      QCOMPARE(!model.answered().isEmpty(), judged.contains(study::questionOf(*model.item())));
    }
    QVERIFY(answered > 0 && answered < 60);
    QCOMPARE(model.progress().done, answered);
    QCOMPARE(sheet.study.session().people()->annotations.size(), std::size_t(60));
  }

  void otherResultsLeaveTheItemAndItsUndo() {
    Sheet sheet;
    sheet.model().nameTopic(u"x"_s);
    sheet.key(Qt::Key_1);
    const auto shown = study::questionOf(*sheet.model().item());
    sheet.study.setResults(std::make_shared<study::Results>(sheet.study.results()));   // as when a run ended
    QVERIFY(study::questionOf(*sheet.model().item()) == shown);
    QVERIFY(sheet.model().canUndo());
  }

  void undoPutsTheFormerAnswerBack() {
    Sheet sheet;
    sheet.model().nameTopic(u"x"_s);
    sheet.key(Qt::Key_1);
    sheet.key(Qt::Key_Left);
    sheet.key(Qt::Key_2);
    sheet.key(Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(sheet.model().answered(), u"1"_s);
    QCOMPARE(sheet.study.session().people()->annotations.back().value, std::string("fits"));
    sheet.key(Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(sheet.model().answered(), QString());
  }

  void whatCannotBeStoredIsSaidAndStaysOpen() {
    StudyContext study(std::make_shared<FullSession>());
    const std::unique_ptr<ViewFrame> view(app::makeView(u"annotate"_s, study));
    auto& model = dynamic_cast<AnnotationViewModel&>(view->model());
    const QSignalSpy failed(&model, &AnnotationViewModel::failed);
    model.nameTopic(u"x"_s);
    QCOMPARE(failed.count(), 1);
    QVERIFY(failed[0][0].toString().contains(u"LAC-3002"_s));
    QCOMPARE(model.item()->kind, std::string("topic"));
    QCOMPARE(model.progress().done, 0);
    QVERIFY(!model.canUndo());
  }

  void aTopicCanBePassedOverWithKeys() {
    Sheet sheet;
    auto* topic = sheet.field(u"Name of the topic"_s);
    QTest::keyClick(topic, Qt::Key_Return);
    QCOMPARE(sheet.model().item()->kind, std::string("fits"));
    QVERIFY(sheet.study.session().people()->annotations.empty());
    sheet.key(Qt::Key_Left);
    QTest::keyClick(topic, Qt::Key_Right);
    QCOMPARE(sheet.model().item()->kind, std::string("fits"));
  }

  void textsAreReadToTheirEnds() {
    study::Results results = syntheticResults();
    for (auto& d : results.documents) d.text = "begin " + std::string(3000, 'w') + " end" + std::to_string(d.id.value);
    ViewBench bench(u"annotate"_s, std::move(results), {700, 420});
    auto& model = bench.model<AnnotationViewModel>();
    auto* reader = bench.view->findChild<QTextBrowser*>();
    const auto key = [&](Qt::Key k) { QTest::keyClick(bench.view.get(), k); };
    model.setTask(AnnotationViewModel::Task::Intruder);
    QVERIFY(!reader->isVisibleTo(bench.view.get()));
    key(Qt::Key_Space);
    QVERIFY(reader->isVisibleTo(bench.view.get()));
    for (const DocumentId id : model.item()->documents) QVERIFY(reader->toPlainText().contains(u"end%1"_s.arg(id.value)));
    key(Qt::Key_PageDown);
    const int scrolled = reader->verticalScrollBar()->value();
    QVERIFY(scrolled > 0);
    bench.study.refreshPeople();
    QCOMPARE(reader->verticalScrollBar()->value(), scrolled);
    key(Qt::Key_3);   // answers as the cards do, and the next item shows cards again
    QCOMPARE(bench.study.session().people()->annotations.size(), std::size_t(1));
    QVERIFY(!reader->isVisibleTo(bench.view.get()));
    key(Qt::Key_Down);
    QVERIFY(reader->isVisibleTo(bench.view.get()));
    key(Qt::Key_Up);
    QVERIFY(!reader->isVisibleTo(bench.view.get()));
    model.setTask(AnnotationViewModel::Task::Fits);
    model.nameTopic(u"x"_s);
    key(Qt::Key_Space);
    QVERIFY(reader->verticalScrollBar()->value() > 0);
  }

  void onePlotShowsOneMeasure() {
    auto session = std::make_shared<FakeSession>();
    std::vector<study::AnnotationRow> rows = syntheticAnswers(*session->results());
    std::erase_if(rows, [](const study::AnnotationRow& row) { return row.rater == "bob" && row.cluster == ClusterId(0); });
    study::AnnotationRow stray = rows.front();
    for (const study::AnnotationRow& row : rows)
      if (row.kind == "fits" && row.cluster == ClusterId(1)) stray = row;
    stray.rater = "zoe";
    rows.push_back(stray);
    session->annotate(rows);
    session->refreshAgreement();
    StudyContext study(session);
    const std::unique_ptr<ViewFrame> view(app::makeView(u"agreement"_s, study));
    const ForestFigure figure = dynamic_cast<AgreementViewModel&>(view->model()).figure();
    QCOMPARE(figure.axisLabel, u"Krippendorff's α"_s);
    const auto& agreement = study.people().agreement;
    for (std::size_t i = 0; i < agreement.size(); ++i) {
      QCOMPARE(figure.rows[i].computed, !std::isnan(agreement[i].alpha.value));
      if (figure.rows[i].computed) QCOMPARE(figure.rows[i].estimate, agreement[i].alpha.value);
      QVERIFY(figure.rows[i].right.startsWith(u"raw "_s) && figure.rows[i].right.contains(u"κ"_s));
    }
    QVERIFY(!figure.rows[0].computed && figure.rows[1].computed);
    QCOMPARE(agreement[1].kappaRaters, std::int64_t(2));   // zoe's one answer takes nothing away
    QVERIFY(!std::isnan(agreement[1].kappa.value) && !std::isnan(agreement.back().kappa.value));
    QVERIFY(figure.rows[1].tooltip.contains(u"ann and bob"_s) && figure.rows[1].tooltip.contains(u"Cohen's κ of 2 raters on 50 documents"_s));
    const TableData table = view->model().table();
    for (const char* name : {"kappa", "alpha", "observed", "n_kappa_raters", "n_kappa_documents", "kappa_observed", "pairs", "p_found"}) QVERIFY2(!column(table, name).isEmpty(), name);
    QVERIFY(column(table, "pairs")[1].contains(u"ann and zoe"_s));
  }

  void aSheetGoesToSomeoneElseAndComesBack() {
    Sheet sheet;
    SheetExchange exchange(sheet.study);
    const QSignalSpy said(&exchange, &SheetExchange::said), failed(&exchange, &SheetExchange::failed);
    const QTemporaryDir folder;
    const QString file = folder.filePath(exchange.fileFor(u"zoe, the \n3rd"_s));
    QCOMPARE(exchange.raterOf(file), u"zoe- the -3rd"_s);
    exchange.write(u"zoe"_s, file);
    QVERIFY(settled(sheet.study));
    QCOMPARE(said.count(), 1);
    QFile out(file);
    QVERIFY(out.open(QIODevice::ReadOnly));
    QByteArray text = out.readAll();
    for (const auto& c : sheet.study.results().clusters) QVERIFY(!text.contains("," + QByteArray::number(c.id.value) + ",0,"));   // no number of a cluster
    const qsizetype at = text.indexOf("\nfits,");
    const qsizetype end = text.indexOf(",\n", at);
    text.insert(end + 1, "not");
    const QString back = folder.filePath(u"back.csv"_s);
    QFile in(back);
    QVERIFY(in.open(QIODevice::WriteOnly) && in.write(text) == text.size());
    in.close();
    sheet.model().setRater(u"zoe"_s);
    exchange.read(u"zoe"_s, back);
    QVERIFY(settled(sheet.study));
    QCOMPARE(failed.count(), 0);
    QVERIFY2(said.back()[0].toString().contains(u"1 answer"_s), qPrintable(said.back()[0].toString()));
    QCOMPARE(sheet.model().progress().done, 1);       // the open sheet of zoe knows
    QCOMPARE(sheet.study.agreement({})->documents, std::int64_t(1));
    exchange.read(u"zoe"_s, folder.filePath(u"missing.csv"_s));
    QVERIFY(settled(sheet.study));
    QCOMPARE(failed.count(), 1);
    QVERIFY(failed[0][0].toString().startsWith(u"LAC-"_s));
  }

  void nothingInTheWindowNamesAClusterWhileRating() {
    const auto session = std::make_shared<FakeSession>();
    session->annotate(syntheticAnswers(*session->results()));
    session->refreshAgreement();
    WindowBench bench(session);
    auto* panel = bench.window.findChild<QDockWidget*>(u"dock.panel"_s);
    bench.selection().setCluster(ClusterId(2));
    QVERIFY(panel->isVisible());
    bench.show(u"annotate"_s);
    const auto named = [&] {
      QStringList found;
      for (const QWidget* w : bench.window.findChildren<QWidget*>())
        if (w->isVisible())
          for (const QString& text : {w->accessibleName(), w->accessibleDescription(), w->property("text").toString()})
            for (const auto& c : session->results()->clusters)
              if (text.contains(qs(c.label)) && !qobject_cast<const TextCard*>(w) && !qobject_cast<const QTextBrowser*>(w)) found << text;
      return found;
    };
    QVERIFY2(named().isEmpty(), qPrintable(named().join(u'\n')));
    QVERIFY(!panel->isVisible());
    const auto& views = bench.workspace().page()->views();
    QVERIFY(views[0]->isVisible() && !views[1]->isVisible() && !views[2]->isVisible());
    bench.window.actions().find(u"annotate.show-results"_s)->trigger();
    test::settled(bench.window);
    QVERIFY(!views[0]->isVisible() && views[1]->isVisible() && views[2]->isVisible());
    bench.show(u"clusters"_s);
    QVERIFY(panel->isVisible());
    bench.show(u"annotate"_s);
    QVERIFY(bench.window.findChild<RatingBar*>()->showsResults());   // as it was left
    bench.window.actions().find(u"annotate.show-results"_s)->trigger();
    QVERIFY(views[0]->isVisible() && !views[1]->isVisible());
  }

  void resultsFitTheWindow_data() {
    QTest::addColumn<QSize>("size");
    QTest::newRow("small") << QSize(1024, 700);
    QTest::newRow("default") << QSize(1440, 900);
  }
  void resultsFitTheWindow() {
    QFETCH(QSize, size);
    const auto session = std::make_shared<FakeSession>();
    session->annotate(syntheticAnswers(*session->results()));
    session->refreshAgreement();
    WindowBench bench(session, size);
    bench.show(u"annotate"_s);
    bench.window.actions().find(u"annotate.show-results"_s)->trigger();
    test::settled(bench.window);
    QCOMPARE(bench.window.size(), size);
    for (const QString& id : {u"agreement"_s, u"intruders"_s}) {
      const ViewFrame* view = bench.workspace().view(id);
      const auto* area = view->findChild<QScrollArea*>();
      QVERIFY2(area->viewport()->height() >= view->plot()->minimumSizeHint().height(), qPrintable(u"%1: %2"_s.arg(id).arg(area->viewport()->height())));   // the axis is in sight
      QVERIFY(area->viewport()->width() >= 300);
    }
  }

  void aSheetDroppedOnTheWindowIsAskedAbout() {
    WindowBench bench(std::make_shared<FakeSession>());
    const QTemporaryDir folder;
    const QString file = folder.filePath(u"sheet.csv"_s);
    QFile out(file);
    QVERIFY(out.open(QIODevice::WriteOnly) && out.write("kind,group,item,document,text,answer\nfits,0,0,0,t,1\n") > 0);
    out.close();
    bench.window.take(file);
    auto* ask = bench.window.findChild<QInputDialog*>();
    QVERIFY(ask);
    ask->setTextValue(u" zoe "_s);
    ask->accept();
    QVERIFY(test::settled(bench.window));
    const auto people = bench.workspace().study().session().people();
    QCOMPARE(people->annotations.size(), std::size_t(1));
    QCOMPARE(people->annotations[0].rater, std::string("zoe"));
    QVERIFY(bench.workspace().infoBar().text().contains(u"zoe"_s));
  }

  void agreementComesAtTheEndOfAGroup() {
    StudyContext study(std::make_shared<FakeSession>());
    const std::unique_ptr<ViewFrame> sheet(app::makeView(u"annotate"_s, study)), agreement(app::makeView(u"agreement"_s, study)), silhouette(app::makeView(u"silhouette"_s, study));
    for (ViewFrame* view : {sheet.get(), agreement.get()}) view->resize(800, 500), view->show();
    QVERIFY(agreement->model().emptyState().shown());
    auto& model = dynamic_cast<AnnotationViewModel&>(sheet->model());
    for (const QString& rater : {u"ann"_s, u"bob"_s}) {
      model.setRater(rater);
      for (int group = 0; group < 7; ++group) {
        model.nameTopic(u"topic"_s);
        for (int i = 0; i < 50; ++i) model.answer(i % 10 == 0 ? 2 : i == 5 && rater == u"bob"_s ? 2 : 1);
      }
      QCOMPARE(model.progress().done, 7 * 51);
      QVERIFY(!model.item());
    }
    QVERIFY(!agreement->model().emptyState().shown());
    const study::AgreementRow* all = study.agreement({});
    QCOMPARE(all->raters, std::int64_t(2));
    QCOMPARE(all->documents, std::int64_t(350));
    QVERIFY(all->kappa.value > 0.5 && all->kappa.value < 1);
    const ForestFigure& figure = dynamic_cast<ForestPlot&>(*agreement->plot()).data();
    QCOMPARE(figure.rows.size(), std::size_t(8));
    QCOMPARE(figure.rows.back().label, u"all clusters"_s);
    QVERIFY(figure.rows.front().low <= figure.rows.front().estimate && figure.rows.front().estimate <= figure.rows.front().high);
    QVERIFY(figure.rows.front().right.startsWith(u"raw "_s));
    QCOMPARE(column(silhouette->model().table(), "n_raters").front(), u"2"_s);
    QVERIFY(column(silhouette->model().table(), "observed").front() != u"–"_s);
  }

  void thePageHasAKeyAndItsUndoIsItsOwn() {
    WindowBench bench(std::make_shared<FakeSession>());
    QAction* action = bench.window.actions().find(u"stage.annotate"_s);
    QCOMPARE(action->shortcut(), QKeySequence(u"Ctrl+Shift+A"_s));
    action->trigger();
    settled(bench.window);
    QCOMPARE(bench.workspace().page()->views().size(), std::size_t(3));
    QKeyEvent override(QEvent::ShortcutOverride, Qt::Key_Z, Qt::ControlModifier);
    override.ignore();
    QCoreApplication::sendEvent(bench.workspace().page()->views().front(), &override);
    QVERIFY(override.isAccepted());
  }
};

QTEST_MAIN(AnnotationTest)
#include "annotation_test.moc"
