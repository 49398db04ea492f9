#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <nlohmann/json.hpp>

#include "lacuna/study/spec.h"
#include "study_source.h"
#include "views/new_study/new_study_view.h"
#include "widgets/info_bar.h"
#include "window_bench.h"

using namespace lacuna;
using namespace lacuna::ui;
using namespace lacuna::test;
using namespace Qt::Literals::StringLiterals;

namespace {

const QString kData = QStringLiteral(LACUNA_TEST_DATA);
QString modelFolder() { return kData + u"/tasks/models/gpt2-trained"_s; }
QString taskFile() { return kData + u"/tasks/multiple_choice/task.json"_s; }

QString joined(const QList<InputLine>& lines, InputLine::Kind kind) {
  QStringList texts;
  for (const InputLine& line : lines)
    if (line.kind == kind) texts << line.text;
  return texts.join(u'\n');
}

}  // namespace

class NewStudyTest : public QObject {
  Q_OBJECT
  QTemporaryDir m_folder;
  QString m_corpus;

  bool looked(const NewStudyViewModel& model) const {
    const auto busy = [&] {
      QList<InputLine> all = model.modelLines() + model.corpusLines() + model.encoderLines();
      for (int i = 0; i < model.tasks().size(); ++i) all += model.taskLines(i);
      return std::any_of(all.begin(), all.end(), [](const InputLine& l) { return l.kind == InputLine::Kind::Busy; });
    };
    return QTest::qWaitFor([&] { return !busy(); });
  }

 private Q_SLOTS:
  void initTestCase() {
    useTemporarySettings();
    m_corpus = m_folder.filePath(u"corpus.jsonl"_s);
    QFile file(m_corpus);
    QVERIFY(file.open(QIODevice::WriteOnly));
    for (int i = 0; i < 40; ++i)
      file.write(QStringLiteral("{\"text\": \"the %1 sheep of hill %2 ate the grass of spring\", \"source\": \"%3\"}\n").arg(i).arg(i % 7).arg(i % 2 ? u"a"_s : u"b"_s).toUtf8());
    file.write("{broken\n");
  }

  void everyInputSaysWhatItIs() {
    JobRunner jobs;
    NewStudyViewModel model(jobs);
    QCOMPARE(model.missing(), u"Choose a model."_s);
    model.setModel(modelFolder());
    model.setCorpus(m_corpus);
    model.addTask(taskFile());
    QVERIFY(looked(model));
    QVERIFY(joined(model.modelLines(), InputLine::Kind::Good).contains(u"GPT2LMHeadModel"_s));
    QVERIFY(joined(model.modelLines(), InputLine::Kind::Good).contains(u"tokens"_s));
    QVERIFY(joined(model.corpusLines(), InputLine::Kind::Good).contains(u"found by itself: text"_s));
    QVERIFY(joined(model.corpusLines(), InputLine::Kind::Note).contains(u"1 of these rows"_s));
    QCOMPARE(model.corpusSetup().fieldChoices().size(), 1);
    QCOMPARE(model.corpusSetup().fieldChoices().front().second, u"source"_s);
    QVERIFY(model.corpusSetup().fieldChoices().front().first.startsWith(u"source – 2 "_s));
    QCOMPARE(model.sampleRows().size(), 3);
    QVERIFY(joined(model.taskLines(0), InputLine::Kind::Good).contains(u"multiple_choice"_s));
    QCOMPARE(model.missing(), u"Name the study file."_s);
    model.setFile(m_folder.filePath(u"new.lacuna"_s));
    QCOMPARE(model.missing(), QString());

    model.clusterSetup().set(u"method"_s, u"metadata"_s);
    model.clusterSetup().set(u"field"_s, u"source"_s);
    model.setDtype(u"bf16"_s);
    model.setShots(0, 2);
    QVERIFY(looked(model));
    const study::StudySpec spec = study::parseSpec(model.spec(), "/");
    QCOMPARE(spec.name, std::string("new"));
    QCOMPARE(spec.model.string(), modelFolder().toStdString());
    QCOMPARE(spec.corpus.path.string(), m_corpus.toStdString());
    QCOMPARE(spec.clusters.method, std::string("metadata"));
    QCOMPARE(spec.tasks.size(), std::size_t{1});
    QCOMPARE(spec.tasks[0].shots, 2);
    QVERIFY(spec.precision == model::Precision::Bf16);
    QVERIFY(!spec.perturbations.empty());
    QVERIFY(spec.corpus.decontaminate);   // on in studies made here
  }

  void aStudyIsStartedFromAnother() {
    const std::string spec = QStringLiteral(R"({"name":"old","model":"%1","dtype":"bf16","seed":7,"corpus":{"path":["%2","%4"],"filter":"source == a","sampling":{"size":30,"floor":2}},
      "clusters":{"method":"topics","topics":6,"terms":"bm25"},"probes":{"folds":3},"perturbations":[{"method":"zero","epsilons":[1]}],
      "tasks":[{"file":"%3","shots":2,"generate":"never"}]})").arg(modelFolder(), m_corpus, taskFile(), m_folder.filePath(u"more.jsonl"_s)).toStdString();
    QVERIFY(QFile::copy(m_corpus, m_folder.filePath(u"more.jsonl"_s)));
    const QString old = m_folder.filePath(u"old.lacuna"_s);
    study::createStudy(spec, old.toStdString());
    JobRunner jobs;
    NewStudyViewModel model(jobs);
    model.startFrom(old);
    QVERIFY(QTest::qWaitFor([&] { return !model.model().isEmpty(); }));
    QVERIFY(looked(model));
    model.setFile(m_folder.filePath(u"like.lacuna"_s));
    QCOMPARE(model.missing(), QString());
    QCOMPARE(model.moreCorpora().size(), 1);
    study::StudySpec expected = study::parseSpec(spec, "/");
    expected.name = "like";
    QCOMPARE(QString::fromStdString(study::toJson(study::parseSpec(model.spec(), "/"))), QString::fromStdString(study::toJson(expected)));   // nothing was lost
    model.startFrom(m_folder.filePath(u"nothing.lacuna"_s));
    QVERIFY(QTest::qWaitFor([&] { return !joined(model.startLines(), InputLine::Kind::Problem).isEmpty(); }));
    QCOMPARE(model.tasks().size(), 1);   // and what was there stays
  }

  void whatIsWrongIsSaidWithItsCodeAndBlocks_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("code");
    QTest::newRow("nothing there") << u"/nowhere/at/all"_s << u"LAC-1105"_s;
    QTest::newRow("no decoder") << kData + u"/models/bert_model"_s << u"LAC-1002"_s;
    QTest::newRow("no tokenizer") << kData + u"/models/gpt2_untied_upcast"_s << u"LAC-1003"_s;
  }
  void whatIsWrongIsSaidWithItsCodeAndBlocks() {
    QFETCH(QString, model);
    QFETCH(QString, code);
    JobRunner jobs;
    NewStudyViewModel inputs(jobs);
    inputs.setModel(model);
    inputs.setCorpus(m_folder.filePath(u"missing.jsonl"_s));
    inputs.addTask(m_corpus);
    inputs.setFile(m_folder.filePath(u"blocked.lacuna"_s));
    QVERIFY(looked(inputs));
    QVERIFY2(joined(inputs.modelLines(), InputLine::Kind::Problem).contains(code), qPrintable(joined(inputs.modelLines(), InputLine::Kind::Problem)));
    QVERIFY(joined(inputs.modelLines(), InputLine::Kind::Problem).contains(u"→"_s));
    QVERIFY(joined(inputs.corpusLines(), InputLine::Kind::Problem).contains(u"LAC-1105"_s));
    QVERIFY(joined(inputs.taskLines(0), InputLine::Kind::Problem).contains(u"LAC-1301"_s));
    QCOMPARE(inputs.missing(), u"The model cannot be used."_s);
  }

  void droppedPathsGoWhereTheyBelong() {
    WindowBench bench(nullptr, {1440, 900}, app::engineStudies({}));
    bench.window.take(modelFolder());
    bench.window.take(m_corpus);
    bench.window.take(taskFile());
    bench.window.take(kData + u"/models/bert_model"_s);
    auto* view = bench.window.findChild<NewStudyView*>();
    QVERIFY(view && view->isVisible());
    QStringList texts;
    for (const QLineEdit* edit : view->findChildren<QLineEdit*>()) texts << edit->text();
    QVERIFY(texts.contains(modelFolder()) && texts.contains(m_corpus) && texts.contains(kData + u"/models/bert_model"_s));
    const auto labels = view->findChildren<QLabel*>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [](const QLabel* label) { return label->text() == taskFile(); }));
  }

  void aStudyIsMadeAndOpened() {
    WindowBench bench(nullptr, {1440, 900}, app::engineStudies({}));
    const QString file = m_folder.filePath(u"made.lacuna"_s);
    bench.window.take(modelFolder());
    bench.window.take(m_corpus);
    bench.window.take(taskFile());
    auto* view = bench.window.findChild<NewStudyView*>();
    QPushButton* create = nullptr;
    for (QPushButton* button : view->findChildren<QPushButton*>())
      if (button->text() == "Create only"_L1) create = button;
    QVERIFY(create && !create->isEnabled());
    for (QLineEdit* edit : view->findChildren<QLineEdit*>())
      if (edit->accessibleName() == "Study file"_L1) QTest::keyClicks(edit, file);
    QVERIFY(QTest::qWaitFor([&] { return create->isEnabled(); }));
    create->click();
    QVERIFY(QTest::qWaitFor([&] { return bench.window.workspace() != nullptr; }));
    QVERIFY(QFile::exists(file));
    QCOMPARE(bench.workspace().study().results().name, std::string("made"));
    QVERIFY(settled(bench.window));
    QVERIFY(!bench.window.findChild<NewStudyView*>());
    QVERIFY_EXCEPTION_THROWN(study::createStudy(R"({"model":"m","corpus":{"path":"c"}})", file.toStdString()), Error);
  }

  // The whole way: inputs, a study file, its run with the session that the window holds, results in the views.
  void aStudyIsRunInTheWindow() {
    WindowBench bench(nullptr, {1440, 900}, app::engineStudies({}));
    const QString file = m_folder.filePath(u"run.lacuna"_s), spec = QStringLiteral(R"({"name":"run","model":"%1","corpus":{"path":"%2"},
      "clusters":{"method":"metadata","min_size":5},"probes":{"layers":[0],"folds":2,"lambdas":[0.1],"rankings":[]},"controls":{"draws":2},
      "tau":{"rule":"topk","value":4},"statistics":{"bootstrap_draws":200},"similarity":{"documents":20},
      "perturbations":[{"method":"mean","epsilons":[1],"layer":0}],"tasks":[{"file":"%3"}]})").arg(modelFolder(), m_corpus, taskFile());
    study::createStudy(spec.toStdString(), file.toStdString());
    bench.window.openFile(file);
    QVERIFY(settled(bench.window));
    QVERIFY(bench.workspace().study().results().clusters.empty());
    QSignalSpy renewed(&bench.workspace().study(), &StudyContext::resultsChanged);
    bench.window.actions().find(u"study.update"_s)->trigger();
    QVERIFY(QTest::qWaitFor([&] { return bench.window.jobs().idle(); }, 120000));
    for (const InfoBar* bar : bench.window.findChildren<InfoBar*>()) QVERIFY2(bar->isHidden(), qPrintable(bar->text()));
    QVERIFY(renewed.count() >= 1);
    QCOMPARE(bench.workspace().study().results().clusters.size(), std::size_t{2});
    QVERIFY(!bench.workspace().study().results().effects.empty());
    aTaskIsAddedToIt(bench, file);
  }

  /// A second task, dropped on the study that was just run: in the spec, scored by the next update, the old one's numbers unchanged.
  void aTaskIsAddedToIt(WindowBench& bench, const QString& file) {
    const QString second = m_folder.filePath(u"second.json"_s);
    QVERIFY(QFile::copy(taskFile(), second));
    QFile sidecar(second);
    QVERIFY(sidecar.setPermissions(QFile::ReadOwner | QFile::WriteOwner) && sidecar.open(QFile::ReadOnly));
    const nlohmann::json before = nlohmann::json::parse(sidecar.readAll().toStdString());
    nlohmann::json task = before;
    sidecar.close();
    task["name"] = "second";
    task["file"] = QFileInfo(QFileInfo(taskFile()).dir(), QString::fromStdString(before["file"])).absoluteFilePath().toStdString();
    if (task.contains("fewshot")) task.erase("fewshot");
    QVERIFY(sidecar.open(QFile::WriteOnly) && sidecar.write(task.dump().c_str()) > 0);
    sidecar.close();
    const double clean = bench.workspace().study().results().tasks.front().margin;
    bench.window.take(second);
    QVERIFY(settled(bench.window));
    const auto bars = bench.window.findChildren<InfoBar*>();
    QVERIFY(std::any_of(bars.begin(), bars.end(), [](const InfoBar* bar) { return bar->text().contains(u"“second”"_s); }));
    QVERIFY(bench.workspace().study().results().specJson.find("second.json") != std::string::npos);
    QCOMPARE(bench.workspace().study().results().tasks.size(), std::size_t{1});   // not scored yet
    bench.window.take(second);                                                    // a second time: refused by its name
    QVERIFY(settled(bench.window));
    QVERIFY(std::any_of(bars.begin(), bars.end(), [](const InfoBar* bar) { return bar->text().contains(u"LAC-1401"_s); }));
    bench.window.actions().find(u"study.update"_s)->trigger();
    QVERIFY(QTest::qWaitFor([&] { return bench.window.jobs().idle(); }, 120000));
    const study::Results& after = bench.workspace().study().results();
    QCOMPARE(after.tasks.size(), std::size_t{2});
    QCOMPARE(after.tasks.front().margin, clean);
    QVERIFY(std::any_of(after.effects.begin(), after.effects.end(), [](const auto& e) { return e.task == "second"; }));
    QVERIFY(QFile::exists(file));
  }
};

QTEST_MAIN(NewStudyTest)
#include "new_study_test.moc"
