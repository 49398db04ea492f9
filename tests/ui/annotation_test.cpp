#include <QLineEdit>
#include <QProgressBar>
#include <QSignalSpy>
#include <QTest>
#include <set>

#include "plot_driver.h"
#include "plots/forest_plot.h"
#include "view_bench.h"
#include "views/annotation/agreement_view_models.h"
#include "views/annotation/annotation_view.h"
#include "views/format.h"
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
  QStringList visibleTexts() const {
    QStringList all;
    for (const QWidget* w : view->findChildren<QWidget*>())
      if (w->isVisibleTo(view.get())) all << w->accessibleName() << w->property("text").toString();
    return all;
  }
};

}  // namespace

/// The annotation page: one key an answer, blind, kept in a log, taken back with Ctrl+Z; agreement beside it.
class AnnotationTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { useTemporarySettings(); }

  void aSheetIsAnsweredWithKeysAlone() {
    Sheet sheet;
    QCOMPARE(sheet.model().item()->kind, std::string("topic"));
    auto* topic = sheet.view->findChild<QLineEdit*>();
    for (QLineEdit* edit : sheet.view->findChildren<QLineEdit*>())
      if (edit->accessibleName() == u"Name of the topic"_s) topic = edit;
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
